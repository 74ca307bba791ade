//! Making alarms of metrics.

use serde::Deserialize;
use serde::de::IgnoredAny;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::put::Given;
use super::verdict::Missing;
use super::{Comparison, Subject, Threshold, Watches, wake};
use crate::errors::{invalid, not_implemented};
use crate::get_metric_statistics::check_period;
use crate::metric::{Dimension, Metric, check_text};
use crate::query::{self, MetricDataQuery, What};
use crate::statistic::Statistic;
use crate::tags::{self, Tag};
use crate::unit::Unit;

/// Seconds that an alarm may look at: a day, with periods of an hour or more a week.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;

/// Makes an alarm of a metric, or changes it.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutMetricAlarm {
    alarm_name: String,
    alarm_description: Option<String>,
    actions_enabled: Option<bool>,
    #[serde(default, rename = "OKActions")]
    ok_actions: Vec<String>,
    #[serde(default)]
    alarm_actions: Vec<String>,
    #[serde(default)]
    insufficient_data_actions: Vec<String>,
    metric_name: Option<String>,
    namespace: Option<String>,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    period: Option<i64>,
    unit: Option<Unit>,
    evaluation_periods: Option<u32>,
    datapoints_to_alarm: Option<u32>,
    threshold: Option<f64>,
    comparison_operator: Option<String>,
    treat_missing_data: Option<String>,
    evaluate_low_sample_count_percentile: Option<String>,
    #[serde(default)]
    metrics: Vec<MetricDataQuery>,
    #[serde(default)]
    tags: Vec<Tag>,
    threshold_metric_id: Option<String>,
    evaluation_window: Option<IgnoredAny>,
    warm_up_configuration: Option<IgnoredAny>,
    evaluation_criteria: Option<IgnoredAny>,
    evaluation_interval: Option<IgnoredAny>,
    action_configuration: Option<IgnoredAny>,
}

impl Operation for PutMetricAlarm {
    const NAME: &'static str = "PutMetricAlarm";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tags = tags::map(&self.tags)?;
        Ok(super::access(cx, "cloudwatch:PutMetricAlarm", [&self.alarm_name]).request_tags(&tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        for (member, given) in [
            ("EvaluationWindow", &self.evaluation_window),
            ("WarmUpConfiguration", &self.warm_up_configuration),
            ("EvaluationCriteria", &self.evaluation_criteria),
            ("EvaluationInterval", &self.evaluation_interval),
            ("ActionConfiguration", &self.action_configuration),
        ] {
            if given.is_some() {
                return Err(not_implemented(format_args!("{member} of alarms")));
            }
        }
        let threshold = self.threshold()?;
        let given = Given {
            name: &self.alarm_name,
            description: self.alarm_description.as_ref(),
            actions_enabled: self.actions_enabled,
            ok_actions: &self.ok_actions,
            alarm_actions: &self.alarm_actions,
            insufficient_data_actions: &self.insufficient_data_actions,
            tags: &self.tags,
        };
        given.put(cx, Watches::Metrics(threshold.clone())).await?;
        let place = cx.here();
        wake::begin(cx, place, &self.alarm_name, &threshold).await?;
        Ok(Empty {})
    }
}

impl PutMetricAlarm {
    fn threshold(&self) -> Result<Threshold> {
        let comparison = match self.comparison_operator.as_deref() {
            Some("GreaterThanOrEqualToThreshold") => Comparison::AtLeast,
            Some("GreaterThanThreshold") => Comparison::Above,
            Some("LessThanThreshold") => Comparison::Below,
            Some("LessThanOrEqualToThreshold") => Comparison::AtMost,
            Some(band) => return Err(not_implemented(format_args!("alarms of anomaly detection ({band})"))),
            None => return Err(missing("ComparisonOperator")),
        };
        if self.threshold_metric_id.is_some() {
            return Err(not_implemented("alarms of anomaly detection (ThresholdMetricId)"));
        }
        let threshold = Threshold {
            subject: self.subject()?,
            evaluation_periods: self.evaluation_periods.ok_or_else(|| missing("EvaluationPeriods"))?,
            datapoints_to_alarm: self.datapoints_to_alarm,
            threshold: self.threshold.ok_or_else(|| missing("Threshold"))?,
            comparison,
            treat_missing: self.treat_missing_data.clone(),
            low_samples: self.evaluate_low_sample_count_percentile.clone(),
        };
        self.check(&threshold)?;
        Ok(threshold)
    }

    fn check(&self, threshold: &Threshold) -> Result<()> {
        // UNVERIFIED: the wordings.
        if threshold.needed() > threshold.evaluation_periods {
            return Err(invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods"));
        }
        let (period, count) = (threshold.period(), i64::from(threshold.evaluation_periods));
        let (most, words) = if period >= 3_600 { (WEEK, "7 days") } else { (DAY, "1 day") };
        if period.saturating_mul(count) > most {
            return Err(invalid(format_args!(
                "Metrics cannot be checked across more than {words} (EvaluationPeriods * Period must be <= {most})"
            )));
        }
        if Missing::parse(self.treat_missing_data.as_deref()).is_none() {
            let options = "[breaching, notBreaching, ignore, missing]";
            return Err(invalid(format_args!(
                "The value {} for parameter TreatMissingData is not supported: it is one of {options}",
                self.treat_missing_data.as_deref().unwrap_or_default()
            )));
        }
        match self.evaluate_low_sample_count_percentile.as_deref() {
            None => Ok(()),
            Some("evaluate" | "ignore") if self.extended_statistic.is_some() => Ok(()),
            Some("evaluate" | "ignore") => {
                Err(invalid("EvaluateLowSampleCountPercentile can only be used with ExtendedStatistic"))
            }
            Some(other) => Err(invalid(format_args!(
                "Option {other} is not supported. Supported options for parameter \
                 EvaluateLowSampleCountPercentile are evaluate and ignore."
            ))),
        }
    }

    fn subject(&self) -> Result<Subject> {
        if self.metrics.is_empty() {
            return self.metric();
        }
        let extra = self.metric_name.is_some() || self.namespace.is_some() || self.statistic.is_some();
        if extra || self.extended_statistic.is_some() || self.period.is_some() || !self.dimensions.is_empty() {
            return Err(invalid(
                "Metrics cannot be specified together with MetricName, Namespace, Dimensions, Period, Unit, Statistic or ExtendedStatistic",
            ));
        }
        let queries = query::read(&self.metrics)?;
        if queries.iter().filter(|query| query.is_returned).count() != 1 {
            return Err(invalid("Exactly one element of the metrics list should return data."));
        }
        for query in &queries {
            if let What::Expression(expression) = &query.what
                && expression.calls("SEARCH")
            {
                return Err(invalid("SEARCH is not supported on Metric Alarms."));
            }
        }
        if !queries.iter().any(|query| matches!(query.what, What::Metric { .. })) {
            return Err(invalid("At least one element of the metrics list should be a metric."));
        }
        Ok(Subject::Queries(self.metrics.clone()))
    }

    fn metric(&self) -> Result<Subject> {
        let namespace = self.namespace.as_deref().ok_or_else(|| missing("Namespace"))?;
        let name = self.metric_name.as_deref().ok_or_else(|| missing("MetricName"))?;
        check_text("MetricName", name)?;
        let period = self.period.ok_or_else(|| missing("Period"))?;
        check_period(period).map_err(|_| invalid("Period must be 10, 20, 30 or a multiple of 60"))?;
        let statistic = match (&self.statistic, &self.extended_statistic) {
            (Some(statistic), None) => statistic,
            (None, Some(extended)) => {
                let known = Statistic::parse(extended).filter(|it| it.is_extended());
                known.map(|_| extended).ok_or_else(|| {
                    invalid(format_args!("The value {extended} for parameter ExtendedStatistic is not supported."))
                })?
            }
            _ => return Err(invalid("Exactly one of Statistic and ExtendedStatistic must be specified.")),
        };
        let metric = Metric::new(namespace, name, &self.dimensions)?;
        Ok(Subject::Metric { metric, statistic: statistic.clone(), period, unit: self.unit })
    }
}

/// UNVERIFIED: the wording.
fn missing(parameter: &str) -> welkin_kernel::Error {
    invalid(format_args!("The parameter {parameter} is required."))
}
