//! Calls, as EventBridge is told of them: on the default bus of whoever has a trail that logs them.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>

use welkin_kernel::{CallRecord, Cx, Error, Place, Principal, RecordKind, Result, ServiceEvent};

use crate::event;

/// As whom EventBridge calls others. Of those calls it is not told: a rule for all calls would chase its own tail.
const EVENT_BRIDGE: &str = "events.amazonaws.com";

/// What every such event is called.
const DETAIL_TYPE: &str = "AWS API Call via CloudTrail";

/// Tells EventBridge of a call that a trail wants, in the transaction that records it.
///
/// # Errors
/// When the store fails.
pub(crate) async fn tell(cx: &mut Cx, place: Place, record: &CallRecord) -> Result<()> {
    // What services do by themselves they tell themselves.
    if record.kind == RecordKind::Service || is_of_event_bridge(record) {
        return Ok(());
    }
    let service = record.source.strip_suffix(".amazonaws.com").unwrap_or(&record.source);
    let source = format!("aws.{service}");
    // Most calls have nobody who listens, and rendering is a good part of what a record costs.
    if !cx.is_listened_to(place, &source, DETAIL_TYPE).await? {
        return Ok(());
    }
    let detail = serde_json::from_str(&event::render(record)?).map_err(Error::internal)?;
    let event = ServiceEvent::new(cx, &source, DETAIL_TYPE, detail).at(place);
    // Data events that a trail was asked for come whether they read or write.
    let read_only = record.read_only && record.kind == RecordKind::Call;
    cx.emit(ServiceEvent { time: record.time, read_only, ..event }).await
}

fn is_of_event_bridge(record: &CallRecord) -> bool {
    let is_service = matches!(&record.principal, Principal::Service(service) if service.name == EVENT_BRIDGE);
    is_service || record.invoked_by.as_deref() == Some(EVENT_BRIDGE)
}
