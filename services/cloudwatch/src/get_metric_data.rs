//! Data of many metrics and expressions.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp, page};

use crate::errors::{InvalidNextToken, invalid};
use crate::label::{self, Naming};
use crate::math::value::Points;
use crate::query::{self, MetricDataQuery, Query};

/// Points in one answer, and queries in one call.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>
const MOST: usize = 100_800;
const MOST_QUERIES: usize = 500;

/// Gets data of metrics, and what expressions make of them.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMetricData {
    metric_data_queries: Vec<MetricDataQuery>,
    start_time: Timestamp,
    end_time: Timestamp,
    next_token: Option<String>,
    scan_by: Option<ScanBy>,
    max_datapoints: Option<i64>,
    label_options: Option<LabelOptions>,
}

/// Which points come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum ScanBy {
    TimestampDescending,
    TimestampAscending,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LabelOptions {
    timezone: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMetricDataOutput {
    metric_data_results: Vec<MetricDataResult>,
    next_token: Option<String>,
    messages: Vec<MessageData>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MessageData {
    code: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricDataResult {
    id: String,
    label: String,
    timestamps: Vec<Timestamp>,
    values: Vec<f64>,
    status_code: String,
}

impl Operation for GetMetricData {
    const NAME: &'static str = "GetMetricData";
    type Output = GetMetricDataOutput;

    async fn access(&self, _cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudwatch:GetMetricData"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetMetricDataOutput> {
        let (from, to) = (self.start_time.secs(), self.end_time.secs());
        if from >= to {
            return Err(invalid("The parameter StartTime must be less than the parameter EndTime."));
        }
        if self.metric_data_queries.len() > MOST_QUERIES {
            return Err(invalid(format_args!(
                "The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}."
            )));
        }
        let zone = self.label_options.as_ref().and_then(|options| options.timezone.as_deref()).unwrap_or("+0000");
        let zone = label::zone(zone).ok_or_else(|| invalid("The value for parameter Timezone is not valid."))?;
        let queries = query::read(&self.metric_data_queries)?;
        if !queries.iter().any(|query| query.is_returned) {
            // UNVERIFIED: the wording.
            return Err(invalid("At least one query must have ReturnData set to true."));
        }
        let mut values = query::evaluate(cx, &queries, (from, to), true).await?;
        let mut all: Vec<(&Query, String, Points)> = Vec::new();
        for query in queries.iter().filter(|query| query.is_returned) {
            let Some(value) = values.remove(&query.id) else { continue };
            let series = value.into_series();
            let refusal = |fault| invalid(format_args!("Error in expression '{}': {fault}", query.id));
            for points in series.map_err(refusal)? {
                let label = Naming { query, points: &points, place: cx.here(), zone: &zone }.label();
                all.push((query, label, points));
            }
        }
        self.cut(&all)
    }
}

impl GetMetricData {
    /// Cuts a page out of all points.
    fn cut(&self, all: &[(&Query, String, Points)]) -> Result<GetMetricDataOutput> {
        let before: usize = page::read(self.next_token.as_deref(), || InvalidNextToken.into())?.unwrap_or_default();
        let most = self.max_datapoints.and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0);
        let (mut skipped, mut left) = (before, most.unwrap_or(MOST).min(MOST));
        let mut results = Vec::new();
        for (query, label, points) in all {
            let count = points.values.len();
            // What the pages before had whole; results without points are on the first page.
            if skipped >= count && (count > 0 || before > 0) {
                skipped -= count;
                continue;
            }
            if left == 0 && count > 0 {
                break;
            }
            let pairs: Vec<(&i64, &f64)> = match self.scan_by {
                Some(ScanBy::TimestampAscending) => points.values.iter().skip(skipped).take(left).collect(),
                _ => points.values.iter().rev().skip(skipped).take(left).collect(),
            };
            let is_whole = skipped + pairs.len() == count;
            left -= pairs.len();
            skipped = 0;
            results.push(MetricDataResult {
                id: query.id.clone(),
                label: label.clone(),
                timestamps: pairs.iter().map(|(at, _)| Timestamp::from_secs(**at)).collect(),
                values: pairs.iter().map(|(_, value)| **value).collect(),
                status_code: if is_whole { "Complete" } else { "PartialData" }.to_owned(),
            });
        }
        let given = before + results.iter().map(|result| result.values.len()).sum::<usize>();
        let total: usize = all.iter().map(|(_, _, points)| points.values.len()).sum();
        let next_token = (given < total).then(|| page::token(&given)).transpose()?;
        Ok(GetMetricDataOutput { metric_data_results: results, next_token, messages: Vec::new() })
    }
}
