//! A change of an alarm's state, and what follows it.

use serde_json::{Value as Json, json};
use welkin_kernel::{Cx, Place, Result, ServiceEvent};

use super::reason::time;
use super::{Alarm, State, Subject, Watches, act, composite, history};

/// Gives an alarm another state: its history, the event and the alarms over it are told, and it acts.
///
/// # Errors
/// When the store fails.
pub(crate) async fn change(
    cx: &mut Cx,
    place: Place,
    mut alarm: Alarm,
    state: State,
    reason: String,
    data: Option<String>,
) -> Result<()> {
    let before = alarm.clone();
    let now = cx.now();
    (alarm.state, alarm.reason, alarm.reason_data) = (state, reason, data);
    (alarm.updated, alarm.transitioned) = (now, now);
    let summary = format!("Alarm updated from {} to {}", before.state.name(), state.name());
    let facts = json!({ "version": "1.0", "oldState": state_of(&before, false), "newState": state_of(&alarm, false) });
    history::write(cx, place, &alarm, "StateUpdate", &summary, &facts).await?;
    let detail = json!({
        "alarmName": alarm.name,
        "state": state_of(&alarm, true),
        "previousState": state_of(&before, true),
        "configuration": configuration(&alarm),
    });
    let event = ServiceEvent::new(cx, "aws.cloudwatch", "CloudWatch Alarm State Change", detail);
    cx.emit(event.at(place).about([alarm.arn(place)])).await?;
    let may_act = alarm.actions_enabled && composite::may_act(cx, place, &mut alarm).await?;
    cx.put(place, &alarm).await?;
    if may_act {
        act::all(cx, place, &alarm, before.state).await?;
    }
    composite::tell(cx, place, &alarm.name, state).await
}

/// A state as events and histories have it.
fn state_of(alarm: &Alarm, is_event: bool) -> Json {
    let data = alarm.reason_data.as_deref();
    if !is_event {
        let data = data.and_then(|data| serde_json::from_str::<Json>(data).ok());
        return json!({ "stateValue": alarm.state.name(), "stateReason": alarm.reason, "stateReasonData": data });
    }
    let mut state = json!({
        "value": alarm.state.name(),
        "reason": alarm.reason,
        "timestamp": time(alarm.transitioned),
    });
    if let (Some(data), Some(members)) = (data, state.as_object_mut()) {
        members.insert("reasonData".to_owned(), json!(data));
    }
    if let (Watches::Alarms(rule), Some(members)) = (&alarm.watches, state.as_object_mut())
        && let Some(by) = rule.suppressed_by
    {
        members.insert("actionsSuppressedBy".to_owned(), json!(by));
    }
    state
}

/// What an alarm watches, as events have it.
pub(super) fn configuration(alarm: &Alarm) -> Json {
    let mut it = match &alarm.watches {
        Watches::Alarms(composite) => json!({ "alarmRule": composite.rule }),
        Watches::Metrics(threshold) => match &threshold.subject {
            Subject::Metric { metric, statistic, period, unit } => json!({ "metrics": [{
                "id": "m1",
                "metricStat": {
                    "metric": { "namespace": metric.namespace, "name": metric.name, "dimensions": metric.dimensions },
                    "period": period,
                    "stat": statistic,
                    "unit": unit,
                },
                "returnData": true,
            }] }),
            Subject::Queries(queries) => {
                let one = |query: &crate::query::MetricDataQuery| match &query.metric_stat {
                    Some(stat) => json!({
                        "id": query.id,
                        "metricStat": {
                            "metric": {
                                "namespace": stat.metric.namespace,
                                "name": stat.metric.metric_name,
                                "dimensions": stat.metric.dimensions.iter()
                                    .map(|it| (it.name.clone(), json!(it.value))).collect::<serde_json::Map<_, _>>(),
                            },
                            "period": stat.period,
                            "stat": stat.stat,
                        },
                        "returnData": query.return_data.unwrap_or(true),
                    }),
                    None => json!({
                        "id": query.id,
                        "expression": query.expression,
                        "label": query.label,
                        "returnData": query.return_data.unwrap_or(true),
                    }),
                };
                json!({ "metrics": queries.iter().map(one).collect::<Vec<_>>() })
            }
        },
    };
    if let (Some(description), Some(members)) = (&alarm.description, it.as_object_mut()) {
        members.insert("description".to_owned(), json!(description));
    }
    it
}
