//! What alarms publish.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html>; members
//! are those of messages of the real service that are public.

use serde_json::{Value as Json, json};
use welkin_kernel::Place;

use super::reason::time;
use super::{Alarm, State, Subject, Threshold, Watches};
use crate::query::MetricDataQuery;

/// Names of Regions in messages.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/rande.html>
const REGIONS: [(&str, &str); 17] = [
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
    ("ca-central-1", "Canada (Central)"),
    ("sa-east-1", "South America (Sao Paulo)"),
    ("eu-central-1", "EU (Frankfurt)"),
    ("eu-west-1", "EU (Ireland)"),
    ("eu-west-2", "EU (London)"),
    ("eu-west-3", "EU (Paris)"),
    ("eu-north-1", "EU (Stockholm)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
];

fn region(place: Place) -> &'static str {
    let name = place.region.name();
    REGIONS.iter().find(|(known, _)| *known == name).map_or(name, |(_, shown)| shown)
}

/// The subject: SNS takes a hundred letters of it.
pub(super) fn subject(alarm: &Alarm, place: Place) -> String {
    // UNVERIFIED: that letters which SNS does not take in subjects are left out.
    let text = format!("{}: \"{}\" in {}", alarm.state.name(), alarm.name, region(place));
    text.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).take(100).collect()
}

/// The message.
pub(super) fn message(alarm: &Alarm, place: Place, before: State) -> Json {
    let mut message = json!({
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": place.account.to_string(),
        "AlarmConfigurationUpdatedTimestamp": time(alarm.configured),
        "NewStateValue": alarm.state.name(),
        "NewStateReason": alarm.reason,
        "StateChangeTime": time(alarm.transitioned),
        "Region": region(place),
        "AlarmArn": alarm.arn(place),
        "OldStateValue": before.name(),
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
    });
    let Some(members) = message.as_object_mut() else { return Json::Null };
    match &alarm.watches {
        Watches::Metrics(threshold) => {
            members.insert("Trigger".to_owned(), trigger(threshold));
        }
        Watches::Alarms(composite) => {
            members.insert("AlarmRule".to_owned(), json!(composite.rule));
            let data = alarm.reason_data.as_deref().and_then(|data| serde_json::from_str::<Json>(data).ok());
            let children = data.and_then(|data| data.get("triggeringAlarms").cloned()).unwrap_or_else(|| json!([]));
            members.insert("TriggeringChildren".to_owned(), children);
        }
    }
    message
}

fn trigger(threshold: &Threshold) -> Json {
    let mut trigger = match &threshold.subject {
        Subject::Metric { metric, statistic, period, unit } => {
            let dimensions = metric.dimensions.iter().map(|(name, value)| json!({ "name": name, "value": value }));
            let is_extended = !["SampleCount", "Average", "Sum", "Minimum", "Maximum"].contains(&statistic.as_str());
            let kind = if is_extended { "ExtendedStatistic" } else { "Statistic" };
            let shown = if is_extended { statistic.clone() } else { statistic.to_uppercase() };
            json!({
                "MetricName": metric.name,
                "Namespace": metric.namespace,
                "StatisticType": kind,
                kind: shown,
                "Unit": unit,
                "Dimensions": dimensions.collect::<Vec<_>>(),
                "Period": period,
            })
        }
        Subject::Queries(queries) => json!({
            "Period": threshold.period(),
            "Metrics": queries.iter().map(query).collect::<Vec<_>>(),
        }),
    };
    let missing = threshold.treat_missing.as_deref().unwrap_or("missing");
    let rest = [
        ("EvaluationPeriods", json!(threshold.evaluation_periods)),
        ("DatapointsToAlarm", json!(threshold.needed())),
        ("ComparisonOperator", json!(threshold.comparison.name())),
        ("Threshold", json!(threshold.threshold)),
        ("TreatMissingData", json!(missing)),
        ("EvaluateLowSampleCountPercentile", json!(threshold.low_samples.as_deref().unwrap_or_default())),
    ];
    if let Some(members) = trigger.as_object_mut() {
        members.extend(rest.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
    trigger
}

fn query(query: &MetricDataQuery) -> Json {
    match &query.metric_stat {
        Some(stat) => json!({
            "Id": query.id,
            "MetricStat": {
                "Metric": {
                    "Dimensions": stat.metric.dimensions.iter()
                        .map(|it| json!({ "value": it.value, "name": it.name })).collect::<Vec<_>>(),
                    "MetricName": stat.metric.metric_name,
                    "Namespace": stat.metric.namespace,
                },
                "Period": stat.period,
                "Stat": stat.stat,
            },
            "ReturnData": query.return_data.unwrap_or(true),
        }),
        None => json!({
            "Expression": query.expression,
            "Id": query.id,
            "Label": query.label,
            "ReturnData": query.return_data.unwrap_or(true),
        }),
    }
}
