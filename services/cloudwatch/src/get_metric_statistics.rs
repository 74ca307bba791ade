//! Statistics of one metric.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use crate::errors::{MissingRequiredParameterException, combination, invalid_value};
use crate::metric::{Dimension, Metric};
use crate::read::{self, Span};
use crate::statistic::Statistic;
use crate::summary::Summary;
use crate::unit::Unit;

/// Points in an answer.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html>
const MOST: i64 = 1_440;

/// Gets statistics of a metric.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMetricStatistics {
    namespace: String,
    metric_name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    start_time: Timestamp,
    end_time: Timestamp,
    period: i64,
    #[serde(default)]
    statistics: Vec<String>,
    #[serde(default)]
    extended_statistics: Vec<String>,
    unit: Option<Unit>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMetricStatisticsOutput {
    label: String,
    datapoints: Vec<Datapoint>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Datapoint {
    timestamp: Timestamp,
    sample_count: Option<f64>,
    average: Option<f64>,
    sum: Option<f64>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    unit: Unit,
    extended_statistics: Option<BTreeMap<String, f64>>,
}

impl Operation for GetMetricStatistics {
    const NAME: &'static str = "GetMetricStatistics";
    type Output = GetMetricStatisticsOutput;

    async fn access(&self, _cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudwatch:GetMetricStatistics"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetMetricStatisticsOutput> {
        let metric = Metric::new(&self.namespace, &self.metric_name, &self.dimensions)?;
        let extended = self.extended()?;
        let span = self.span(cx.now())?;
        let mut datapoints = Vec::new();
        for ((at, unit), samples) in read::read(cx, cx.here(), &metric, span, self.unit).await? {
            datapoints.extend(self.point(at, unit, &samples, &extended));
        }
        // UNVERIFIED: their order; "datapoints are not returned in chronological order".
        Ok(GetMetricStatisticsOutput { label: self.metric_name.clone(), datapoints })
    }
}

impl GetMetricStatistics {
    fn extended(&self) -> Result<Vec<(&str, Statistic)>> {
        match (self.statistics.is_empty(), self.extended_statistics.is_empty()) {
            (true, true) => {
                Err(MissingRequiredParameterException::because("Must specify either Statistics or ExtendedStatistics"))
            }
            (false, false) => {
                // UNVERIFIED: the wording; that both may not be given is documented.
                Err(combination("Must specify either Statistics or ExtendedStatistics, but not both."))
            }
            _ => self
                .extended_statistics
                .iter()
                .map(|name| {
                    let statistic = Statistic::parse(name).filter(|it| it.is_extended());
                    let refusal = || {
                        invalid_value(format_args!(
                            "The value {name} for parameter ExtendedStatistics is not supported."
                        ))
                    };
                    statistic.map(|it| (name.as_str(), it)).ok_or_else(refusal)
                })
                .collect(),
        }
    }

    /// The periods that are asked for: the start is rounded down, the more the longer ago it is.
    fn span(&self, now: Timestamp) -> Result<Span> {
        let (from, to, period) = (self.start_time.secs(), self.end_time.secs(), self.period);
        if from == to {
            return Err(invalid_value("The parameter StartTime must not equal parameter EndTime."));
        }
        if from > to {
            return Err(invalid_value("The parameter StartTime must be less than the parameter EndTime."));
        }
        check_period(period)?;
        let age = now.secs() - from;
        // UNVERIFIED: the wordings of the two.
        if period < 60 && age > 3 * 3_600 {
            return Err(invalid_value(
                "The parameter Period must be at least 60 for a StartTime of more than 3 hours ago.",
            ));
        }
        let step = match age {
            ..=1_296_000 => period.min(60),
            1_296_001..=5_443_200 => 300,
            _ => 3_600,
        };
        if (to - from) / period > MOST {
            let points = (to - from) / period;
            return Err(combination(format_args!(
                "You have requested up to {points} datapoints, which exceeds the limit of {MOST}. You may reduce the \
                 datapoints requested by increasing Period, or decreasing the time range."
            )));
        }
        Ok(Span { from: from.div_euclid(step) * step, to, period })
    }

    fn point(&self, at: i64, unit: Unit, samples: &Summary, extended: &[(&str, Statistic)]) -> Option<Datapoint> {
        let wants = |name: &str| self.statistics.iter().any(|wanted| wanted == name);
        let values: BTreeMap<String, f64> =
            extended.iter().filter_map(|(name, it)| Some(((*name).to_owned(), it.of(samples)?))).collect();
        if self.statistics.is_empty() && values.is_empty() {
            return None;
        }
        Some(Datapoint {
            timestamp: Timestamp::from_secs(at),
            sample_count: wants("SampleCount").then_some(samples.count),
            average: wants("Average").then(|| samples.average()),
            sum: wants("Sum").then_some(samples.sum),
            minimum: wants("Minimum").then_some(samples.min),
            maximum: wants("Maximum").then_some(samples.max),
            unit,
            extended_statistics: (!values.is_empty()).then_some(values),
        })
    }
}

/// Holds a period against the rules: 1, 5, 10, 20, 30 seconds, or minutes.
///
/// # Errors
/// `InvalidParameterValue`
pub(crate) fn check_period(period: i64) -> Result<()> {
    if matches!(period, 1 | 5 | 10 | 20 | 30) || (period > 0 && period % 60 == 0) {
        return Ok(());
    }
    Err(invalid_value("The parameter Period must be 1, 5, 10, 30 or a multiple of 60."))
}
