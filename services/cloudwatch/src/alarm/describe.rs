//! Describing alarms.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Operation, Page, Place, Result, Timestamp, page};

use super::{Alarm, BY_ALARM, BY_METRIC, State, Subject, SuppressedBy, Watches};
use crate::errors::{InvalidNextToken, invalid};
use crate::metric::{Dimension, Metric};
use crate::query::MetricDataQuery;
use crate::unit::Unit;

/// Tells of alarms.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeAlarms {
    #[serde(default)]
    alarm_names: Vec<String>,
    alarm_name_prefix: Option<String>,
    #[serde(default)]
    alarm_types: Vec<String>,
    children_of_alarm_name: Option<String>,
    parents_of_alarm_name: Option<String>,
    state_value: Option<State>,
    action_prefix: Option<String>,
    max_records: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeAlarmsOutput {
    composite_alarms: Vec<CompositeAlarm>,
    metric_alarms: Vec<MetricAlarm>,
    next_token: Option<String>,
}

/// An alarm of a metric as the API has it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricAlarm {
    alarm_name: String,
    alarm_arn: Arn,
    alarm_description: Option<String>,
    alarm_configuration_updated_timestamp: Timestamp,
    actions_enabled: bool,
    #[serde(rename = "OKActions")]
    ok_actions: Vec<String>,
    alarm_actions: Vec<String>,
    insufficient_data_actions: Vec<String>,
    state_value: State,
    state_reason: String,
    state_reason_data: Option<String>,
    state_updated_timestamp: Timestamp,
    state_transitioned_timestamp: Timestamp,
    metric_name: Option<String>,
    namespace: Option<String>,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    dimensions: Vec<Dimension>,
    period: Option<i64>,
    unit: Option<Unit>,
    evaluation_periods: u32,
    datapoints_to_alarm: Option<u32>,
    threshold: f64,
    comparison_operator: String,
    treat_missing_data: Option<String>,
    evaluate_low_sample_count_percentile: Option<String>,
    metrics: Vec<MetricDataQuery>,
}

/// An alarm of other alarms as the API has it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CompositeAlarm {
    alarm_name: String,
    alarm_arn: Arn,
    alarm_description: Option<String>,
    alarm_configuration_updated_timestamp: Timestamp,
    alarm_rule: String,
    actions_enabled: bool,
    #[serde(rename = "OKActions")]
    ok_actions: Vec<String>,
    alarm_actions: Vec<String>,
    insufficient_data_actions: Vec<String>,
    state_value: State,
    state_reason: String,
    state_reason_data: Option<String>,
    state_updated_timestamp: Timestamp,
    state_transitioned_timestamp: Timestamp,
    actions_suppressor: Option<String>,
    actions_suppressor_wait_period: Option<u32>,
    actions_suppressor_extension_period: Option<u32>,
    actions_suppressed_by: Option<SuppressedBy>,
}

impl Operation for DescribeAlarms {
    const NAME: &'static str = "DescribeAlarms";
    type Output = DescribeAlarmsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        // Alarms that are not named are all alarms.
        let all = vec!["*".to_owned()];
        let names = if self.alarm_names.is_empty() { &all } else { &self.alarm_names };
        Ok(super::access(cx, "cloudwatch:DescribeAlarms", names))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeAlarmsOutput> {
        if !self.alarm_names.is_empty() && self.alarm_name_prefix.is_some() {
            return Err(invalid("AlarmNamePrefix and AlarmNames must not be specified together."));
        }
        let place = cx.here();
        let relatives = self.children_of_alarm_name.is_some() || self.parents_of_alarm_name.is_some();
        let mut alarms = self.candidates(cx).await?;
        // Without AlarmTypes, only alarms of metrics are told; of relatives, both.
        let wanted = |alarm: &Alarm| match self.alarm_types.is_empty() {
            true => relatives || matches!(alarm.watches, Watches::Metrics(_)),
            false => self.alarm_types.iter().any(|kind| kind == alarm.kind()),
        };
        alarms.retain(|alarm| {
            let actions = [&alarm.ok_actions, &alarm.alarm_actions, &alarm.insufficient_data_actions];
            let acts = |prefix: &String| actions.iter().any(|list| list.iter().any(|it| it.starts_with(prefix)));
            wanted(alarm)
                && self.state_value.is_none_or(|state| state == alarm.state)
                && self.action_prefix.as_ref().is_none_or(acts)
        });
        let size = self.max_records.unwrap_or(50);
        let refusal = || InvalidNextToken.into();
        let (alarms, next_token) = page::cut(alarms, size, self.next_token.as_deref(), |it| &it.name, refusal)?;
        let mut output = DescribeAlarmsOutput { composite_alarms: vec![], metric_alarms: vec![], next_token };
        for alarm in &alarms {
            output.metric_alarms.extend(metric_alarm(alarm, place));
            output.composite_alarms.extend(composite_alarm(alarm, place));
        }
        Ok(output)
    }
}

impl DescribeAlarms {
    async fn candidates(&self, cx: &mut Cx) -> Result<Vec<Alarm>> {
        let place = cx.here();
        if let Some(name) = &self.parents_of_alarm_name {
            let mut parents = cx.find::<Alarm>(place, BY_ALARM, name.as_str(), 0).await?;
            parents.retain(|it| matches!(&it.watches, Watches::Alarms(rule) if rule.children.contains(name)));
            return Ok(parents);
        }
        let mut names = self.alarm_names.clone();
        if let Some(name) = &self.children_of_alarm_name {
            match Alarm::named(cx, name).await?.watches {
                Watches::Alarms(composite) => names = composite.children,
                Watches::Metrics(_) => return Ok(Vec::new()),
            }
        } else if names.is_empty() {
            let mut all: Vec<Alarm> = cx.list(place, (), Page::ALL).await?;
            all.retain(|it| self.alarm_name_prefix.as_ref().is_none_or(|prefix| it.name.starts_with(prefix)));
            return Ok(all);
        }
        names.sort_unstable();
        names.dedup();
        let mut found = Vec::new();
        for name in names {
            found.extend(cx.get::<Alarm>(place, name.as_str()).await?);
        }
        Ok(found)
    }
}

fn metric_alarm(alarm: &Alarm, place: Place) -> Option<MetricAlarm> {
    let Watches::Metrics(it) = &alarm.watches else { return None };
    let (mut metric, mut statistic, mut period, mut unit, mut metrics) = (None, None, None, None, Vec::new());
    match &it.subject {
        Subject::Metric { metric: its, statistic: stat, period: seconds, unit: measure } => {
            (metric, statistic, period, unit) = (Some(its), Some(stat.clone()), Some(*seconds), *measure);
        }
        Subject::Queries(queries) => metrics.clone_from(queries),
    }
    let plain = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
    let (statistic, extended_statistic) = match statistic {
        Some(name) if !plain.contains(&name.as_str()) => (None, Some(name)),
        other => (other, None),
    };
    Some(MetricAlarm {
        alarm_name: alarm.name.clone(),
        alarm_arn: alarm.arn(place),
        alarm_description: alarm.description.clone(),
        alarm_configuration_updated_timestamp: alarm.configured,
        actions_enabled: alarm.actions_enabled,
        ok_actions: alarm.ok_actions.clone(),
        alarm_actions: alarm.alarm_actions.clone(),
        insufficient_data_actions: alarm.insufficient_data_actions.clone(),
        state_value: alarm.state,
        state_reason: alarm.reason.clone(),
        state_reason_data: alarm.reason_data.clone(),
        state_updated_timestamp: alarm.updated,
        state_transitioned_timestamp: alarm.transitioned,
        metric_name: metric.map(|metric| metric.name.clone()),
        namespace: metric.map(|metric| metric.namespace.clone()),
        statistic,
        extended_statistic,
        dimensions: metric.map(Metric::dimensions).unwrap_or_default(),
        period,
        unit,
        evaluation_periods: it.evaluation_periods,
        datapoints_to_alarm: it.datapoints_to_alarm,
        threshold: it.threshold,
        comparison_operator: it.comparison.name().to_owned(),
        treat_missing_data: it.treat_missing.clone(),
        evaluate_low_sample_count_percentile: it.low_samples.clone(),
        metrics,
    })
}

fn composite_alarm(alarm: &Alarm, place: Place) -> Option<CompositeAlarm> {
    let Watches::Alarms(it) = &alarm.watches else { return None };
    let suppressor = it.suppressor.as_ref();
    Some(CompositeAlarm {
        alarm_name: alarm.name.clone(),
        alarm_arn: alarm.arn(place),
        alarm_description: alarm.description.clone(),
        alarm_configuration_updated_timestamp: alarm.configured,
        alarm_rule: it.rule.clone(),
        actions_enabled: alarm.actions_enabled,
        ok_actions: alarm.ok_actions.clone(),
        alarm_actions: alarm.alarm_actions.clone(),
        insufficient_data_actions: alarm.insufficient_data_actions.clone(),
        state_value: alarm.state,
        state_reason: alarm.reason.clone(),
        state_reason_data: alarm.reason_data.clone(),
        state_updated_timestamp: alarm.updated,
        state_transitioned_timestamp: alarm.transitioned,
        actions_suppressor: suppressor.map(|it| it.alarm.clone()),
        actions_suppressor_wait_period: suppressor.map(|it| it.wait),
        actions_suppressor_extension_period: suppressor.map(|it| it.extension),
        actions_suppressed_by: it.suppressed_by,
    })
}

/// Tells of the alarms of one metric.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmsForMetric.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeAlarmsForMetric {
    metric_name: String,
    namespace: String,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    period: Option<i64>,
    unit: Option<Unit>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeAlarmsForMetricOutput {
    metric_alarms: Vec<MetricAlarm>,
}

impl Operation for DescribeAlarmsForMetric {
    const NAME: &'static str = "DescribeAlarmsForMetric";
    type Output = DescribeAlarmsForMetricOutput;

    async fn access(&self, _cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudwatch:DescribeAlarmsForMetric"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeAlarmsForMetricOutput> {
        let place = cx.here();
        let id = Metric::new(&self.namespace, &self.metric_name, &self.dimensions)?.id();
        let mut alarms = cx.find::<Alarm>(place, BY_METRIC, &id.0[..], 0).await?;
        alarms.retain(|alarm| match &alarm.watches {
            Watches::Metrics(it) => match &it.subject {
                Subject::Metric { statistic, period, unit, .. } => {
                    let wanted = self.statistic.as_ref().or(self.extended_statistic.as_ref());
                    wanted.is_none_or(|wanted| wanted == statistic)
                        && self.period.is_none_or(|wanted| wanted == *period)
                        && self.unit.is_none_or(|wanted| Some(wanted) == *unit)
                }
                // Alarms of expressions are not told, as documented.
                Subject::Queries(_) => false,
            },
            Watches::Alarms(_) => false,
        });
        Ok(DescribeAlarmsForMetricOutput {
            metric_alarms: alarms.iter().filter_map(|it| metric_alarm(it, place)).collect(),
        })
    }
}
