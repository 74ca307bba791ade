//! `ListInsightsMetricData`: the tallies, as a series.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::{InsightType, Subject, tally};
use crate::delivery::Window;
use crate::errors::{InvalidParameterException, NotImplemented};

/// Shows how often an API was called, or failed, as Insights have counted it.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListInsightsMetricData.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInsightsMetricData {
    trail_name: Option<String>,
    event_source: String,
    event_name: String,
    insight_type: InsightType,
    error_code: Option<String>,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    period: Option<i64>,
    #[serde(default)]
    data_type: DataType,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
enum DataType {
    FillWithZeros,
    #[default]
    NonZeroData,
}

/// The series.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInsightsMetricDataResponse {
    event_source: String,
    event_name: String,
    insight_type: InsightType,
    error_code: Option<String>,
    timestamps: Vec<Timestamp>,
    values: Vec<f64>,
    next_token: Option<String>,
}

/// Points of a page unless the caller says, and at most.
const MOST: usize = 21_600;

const DAY: u64 = 24 * 60 * 60;

/// Periods in seconds, and for how many days each is there: the reference above.
const PERIODS: [(i64, u64); 3] = [(60, 15), (300, 63), (3600, 90)];

impl ListInsightsMetricData {
    fn subject(&self) -> Result<Subject> {
        let error = match (self.insight_type, &self.error_code) {
            (InsightType::CallRate, _) => None,
            (InsightType::ErrorRate, Some(code)) => Some(code.clone()),
            (InsightType::ErrorRate, None) => {
                return Err(InvalidParameterException::because("ErrorCode is required for ApiErrorRateInsight."));
            }
        };
        Ok(Subject { source: self.event_source.clone(), name: self.event_name.clone(), error })
    }

    /// The period in seconds, and the numbers of the first point and the one after the last.
    fn range(&self, now: Timestamp) -> Result<(i64, i64, i64)> {
        let period = self.period.unwrap_or(3600);
        let Some((_, days)) = PERIODS.into_iter().find(|(known, _)| *known == period) else {
            return Err(InvalidParameterException::because("Valid values of Period are 60, 300 and 3600."));
        };
        let oldest = now.minus(Duration::from_secs(days * DAY));
        let (start, end) = (self.start_time.unwrap_or(oldest).max(oldest), self.end_time.unwrap_or(now));
        if self.start_time.is_some_and(|start| start > end) {
            return Err(InvalidParameterException::because("The start time occurs after the end time."));
        }
        let up = |time: Timestamp| time.secs().saturating_add(period - 1).div_euclid(period);
        let first = match &self.next_token {
            Some(token) => read_token(token)?,
            None => up(start),
        };
        Ok((period, first, up(end)))
    }

    /// Calls by the number of the period in which they were.
    async fn points(&self, cx: &mut Cx, (period, first, end): (i64, i64, i64)) -> Result<BTreeMap<i64, u64>> {
        let at = |point: i64| Timestamp::from_secs(point.saturating_mul(period));
        let (from, to) = (Window::of(at(first)), Window::of(at(end)).after(1));
        let (here, subject) = (cx.here(), self.subject()?);
        let mut points = BTreeMap::new();
        if self.data_type == DataType::FillWithZeros {
            points.extend((first..end).take(MOST + 1).map(|point| (point, 0)));
        }
        for tally in tally::between(cx, here, &subject, from, to).await? {
            for (minute, count) in tally.by_minute().filter(|(_, count)| count.calls > 0) {
                let point = minute.secs().div_euclid(period);
                if (first..end).contains(&point) {
                    *points.entry(point).or_default() += count.calls;
                }
            }
        }
        Ok(points)
    }
}

impl Operation for ListInsightsMetricData {
    const NAME: &'static str = "ListInsightsMetricData";
    type Output = ListInsightsMetricDataResponse;

    /// Source: "access to the ListInsightsMetricData API operation is linked to the cloudtrail:LookupEvents action".
    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudtrail:LookupEvents"))
    }

    // UNVERIFIED: that a value is the number of calls in its period, and not their average by the minute.
    #[allow(clippy::cast_precision_loss)]
    async fn run(&self, cx: &mut Cx) -> Result<ListInsightsMetricDataResponse> {
        if self.trail_name.is_some() {
            // The reference: "only … to fetch Insights metrics data generated on trails logging data events".
            return Err(NotImplemented::because(
                "Welkin does not implement Insights of Data events of CloudTrail yet.",
            ));
        }
        let range = self.range(cx.now())?;
        let points = self.points(cx, range).await?;
        let most = self.max_results.unwrap_or(MOST);
        let next_token = points.keys().nth(most).map(|point| URL_SAFE_NO_PAD.encode(point.to_string()));
        let page: Vec<(i64, u64)> = points.into_iter().take(most).collect();
        Ok(ListInsightsMetricDataResponse {
            event_source: self.event_source.clone(),
            event_name: self.event_name.clone(),
            insight_type: self.insight_type,
            error_code: self.subject()?.error,
            timestamps: page.iter().map(|(point, _)| Timestamp::from_secs(point.saturating_mul(range.0))).collect(),
            values: page.iter().map(|(_, calls)| *calls as f64).collect(),
            next_token,
        })
    }
}

fn read_token(token: &str) -> Result<i64> {
    let invalid = || InvalidParameterException::because("The NextToken is not valid.");
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
    String::from_utf8(bytes).ok().and_then(|text| text.parse().ok()).ok_or_else(invalid)
}
