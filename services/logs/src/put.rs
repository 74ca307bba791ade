//! Putting events.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use crate::batch::{Entry, store};
use crate::errors::{invalid, not_implemented};
use crate::group::Address;
use crate::stream::Stream;
use crate::{DAY, OVERHEAD};

/// Bytes of a batch at most, with those that each event counts beside its message.
const MOST_BYTES: usize = 1_048_576;

/// Bytes of one event at most.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
const MOST_OF_AN_EVENT: usize = 1_048_576;

/// How far in the past and in the future an event may be, in milliseconds.
const PAST: i64 = 14 * DAY;
const FUTURE: i64 = 2 * 3_600_000;

/// Puts events into a log stream.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutLogEvents {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<InputLogEvent>,
    entity: Option<serde_json::Value>,
}

/// An event that is put.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct InputLogEvent {
    timestamp: i64,
    message: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutLogEventsResponse {
    next_sequence_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_log_events_info: Option<Rejected>,
}

/// Which events were not taken: all from the first one that is too new on, and all before those that are not too old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rejected {
    #[serde(skip_serializing_if = "Option::is_none")]
    too_new_log_event_start_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    too_old_log_event_end_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_log_event_end_index: Option<usize>,
}

impl Operation for PutLogEvents {
    const NAME: &'static str = "PutLogEvents";
    const EVENT: welkin_kernel::Event = welkin_kernel::Event::Data("AWS::Logs::LogGroup");
    type Output = PutLogEventsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::here(cx, &self.log_group_name);
        address.access(cx, "logs:PutLogEvents", &self.log_stream_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutLogEventsResponse> {
        if self.entity.is_some() {
            return Err(not_implemented("entities of PutLogEvents"));
        }
        check(&self.log_events)?;
        let address = Address::here(cx, &self.log_group_name);
        let group = address.group(cx).await?;
        let stream = Stream::of(cx, address.place, &group, &self.log_stream_name).await?;
        let now = cx.now().millis();
        let (taken, rejected) = choose(&self.log_events, now, group.horizon(now));
        store(cx, address.place, &group.id, &stream.id, &taken)?;
        // Tokens are answered, and never needed: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
        let next_sequence_token = format!("496{:053}", cx.now().micros());
        let rejected_log_events_info = (rejected != Rejected::default()).then_some(rejected);
        Ok(PutLogEventsResponse { next_sequence_token, rejected_log_events_info })
    }
}

/// Holds a batch against the rules that refuse all of it.
fn check(events: &[InputLogEvent]) -> Result<()> {
    let sizes = || events.iter().map(|event| event.message.len() + OVERHEAD);
    if let Some(size) = sizes().find(|size| *size > MOST_OF_AN_EVENT) {
        return Err(invalid(format!("Log event too large: {size} bytes exceeds limit of {MOST_OF_AN_EVENT}")));
    }
    let bytes: usize = sizes().sum();
    if bytes > MOST_BYTES {
        return Err(invalid(format!("Upload too large: {bytes} bytes exceeds limit of {MOST_BYTES}")));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(invalid("Log events in a single PutLogEvents request must be in chronological order."));
    }
    match (events.first(), events.last()) {
        (Some(first), Some(last)) if last.timestamp - first.timestamp > DAY => {
            Err(invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours."))
        }
        _ => Ok(()),
    }
}

/// The events that are taken, and which are not: they are in order, so those are a beginning and an end.
fn choose(events: &[InputLogEvent], now: i64, horizon: i64) -> (Vec<Entry>, Rejected) {
    let before = |time: i64| events.partition_point(|event| event.timestamp < time);
    let (old, expired) = (before(now - PAST), before(horizon));
    let new = before(now + FUTURE + 1);
    let rejected = Rejected {
        too_new_log_event_start_index: (new < events.len()).then_some(new),
        too_old_log_event_end_index: (old > 0).then_some(old),
        expired_log_event_end_index: (expired > old).then_some(expired),
    };
    let taken = events.get(old.max(expired)..new).unwrap_or_default();
    (taken.iter().map(|event| Entry(event.timestamp, event.message.clone())).collect(), rejected)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn at(times: &[i64]) -> Vec<InputLogEvent> {
        times.iter().map(|&timestamp| InputLogEvent { timestamp, message: "m".into() }).collect()
    }

    #[test]
    fn a_batch_is_in_order_spans_a_day_and_has_a_size() {
        assert!(check(&at(&[1, 1, DAY + 1])).is_ok());
        assert!(check(&at(&[2, 1])).is_err());
        assert!(check(&at(&[1, DAY + 2])).is_err());
        let mut long = at(&[1]);
        long[0].message = "x".repeat(MOST_BYTES - OVERHEAD);
        assert!(check(&long).is_ok());
        long[0].message.push('x');
        assert!(check(&long).is_err());
    }

    #[test]
    fn what_is_too_old_expired_or_too_new_is_rejected_and_the_rest_taken() {
        let now = 100 * DAY;
        let events = at(&[now - 15 * DAY, now - 14 * DAY, now - 3 * DAY, now, now + FUTURE, now + FUTURE + 1]);
        let (taken, rejected) = choose(&events, now, 0);
        assert_eq!(taken.len(), 4);
        assert_eq!(rejected.too_old_log_event_end_index, Some(1));
        assert_eq!(rejected.expired_log_event_end_index, None);
        assert_eq!(rejected.too_new_log_event_start_index, Some(5));
        let (taken, rejected) = choose(&events, now, now - DAY);
        assert_eq!(taken.len(), 2);
        assert_eq!(rejected.expired_log_event_end_index, Some(3));
    }
}
