//! Sending events of one's own.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html>

use serde::{Deserialize, Serialize};
use serde_json::Value;
use welkin_kernel::{Access, Cx, Event as EventKind, Operation, Result, Timestamp};

use crate::bus::{BusAddress, BusName};
use crate::errors::{invalid, not_implemented};
use crate::event::Event;
use crate::listening;

/// Bytes of all entries of a call.
///
/// Source: <https://aws.amazon.com/about-aws/whats-new/2026/01/>: events grew from 256 KB to 1 MB.
const LARGEST: usize = 1_048_576;

/// Characters of a detail type.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html>
const LONGEST_DETAIL_TYPE: usize = 128;

/// Sends events to buses.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutEvents {
    entries: Vec<Entry>,
    endpoint_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    time: Option<Timestamp>,
    source: Option<String>,
    #[serde(default)]
    resources: Vec<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    #[serde(default)]
    event_bus_name: BusName,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutEventsResponse {
    failed_entry_count: u32,
    entries: Vec<Put>,
}

/// What became of an entry.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    event_id: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
}

/// Why an entry was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotTaken {
    code: &'static str,
    message: String,
}

impl PutEventsResponse {
    /// Of the id of each event, or why it was not taken.
    pub(crate) fn of(entries: Vec<std::result::Result<String, NotTaken>>) -> Self {
        let failed = entries.iter().filter(|entry| entry.is_err()).count();
        let entries = entries.into_iter().map(|entry| match entry {
            Ok(id) => Put { event_id: Some(id), ..Put::default() },
            Err(NotTaken { code, message }) => {
                Put { error_code: Some(code.to_owned()), error_message: Some(message), ..Put::default() }
            }
        });
        Self { failed_entry_count: u32::try_from(failed).unwrap_or(u32::MAX), entries: entries.collect() }
    }
}

impl Entry {
    /// Its bytes, as <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html> counts them.
    fn size(&self) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail];
        let texts = texts.into_iter().flatten().chain(&self.resources).map(String::len).sum::<usize>();
        texts + if self.time.is_some() { 14 } else { 0 }
    }

    /// Its source, detail type and detail, if they are what they must be.
    fn check(&self) -> std::result::Result<(&str, &str, &str), NotTaken> {
        let source = required("Source", self.source.as_deref())?;
        let detail_type = required("DetailType", self.detail_type.as_deref())?;
        let detail = required("Detail", self.detail.as_deref())?;
        if source.starts_with("aws.") {
            let message = "Not authorized for the source.".to_owned();
            return Err(NotTaken { code: "NotAuthorizedForSourceException", message });
        }
        // UNVERIFIED: the wording.
        if detail_type.chars().count() > LONGEST_DETAIL_TYPE {
            let reason = format!("DetailType must not be longer than {LONGEST_DETAIL_TYPE} characters.");
            return Err(argument("DetailType", reason));
        }
        match serde_json::from_str::<Value>(detail) {
            Ok(Value::Object(_)) => Ok((source, detail_type, detail)),
            _ => Err(NotTaken { code: "MalformedDetail", message: "Detail is malformed.".to_owned() }),
        }
    }

    /// The event that it becomes.
    fn event(&self, cx: &Cx) -> std::result::Result<Event, NotTaken> {
        let (source, detail_type, detail) = self.check()?;
        // Source: "account" is that of the caller, wherever the bus is.
        let account = cx.principal().account().unwrap_or(cx.account());
        Ok(Event {
            id: cx.chance().uuid(),
            source: source.to_owned(),
            detail_type: detail_type.to_owned(),
            account,
            region: cx.region(),
            time: self.time.unwrap_or(cx.now()),
            resources: self.resources.clone(),
            detail: detail.to_owned(),
            ingested: cx.now(),
            replay: None,
            hopped: false,
            read_only: false,
        })
    }
}

fn required<'a>(name: &str, text: Option<&'a str>) -> std::result::Result<&'a str, NotTaken> {
    text.filter(|text| !text.is_empty()).ok_or_else(|| argument(name, format!("{name} is a required argument.")))
}

fn argument(name: &str, reason: String) -> NotTaken {
    NotTaken { code: "InvalidArgument", message: format!("Parameter {name} is not valid. Reason: {reason}") }
}

impl Operation for PutEvents {
    const NAME: &'static str = "PutEvents";
    const EVENT: EventKind = EventKind::Data("AWS::Events::EventBus");
    type Output = PutEventsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let mut access: Option<Access> = None;
        let mut seen: Vec<(BusAddress, &Option<String>, &Option<String>)> = Vec::new();
        for entry in &self.entries {
            let wanted = (entry.event_bus_name.address(cx)?, &entry.source, &entry.detail_type);
            if seen.contains(&wanted) {
                continue;
            }
            let mut demand = wanted.0.access(cx, "events:PutEvents").await?.key("events:eventBusInvocation", "false");
            for (name, value) in [("events:source", wanted.1), ("events:detail-type", wanted.2)] {
                if let Some(value) = value {
                    demand = demand.key(name, value.clone());
                }
            }
            seen.push(wanted);
            access = Some(match access {
                Some(access) => access.and(demand),
                None => demand,
            });
        }
        Ok(access.unwrap_or_else(|| Access::to("events:PutEvents")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutEventsResponse> {
        if self.endpoint_id.is_some() {
            return Err(not_implemented("global endpoints (EndpointId)"));
        }
        if self.entries.iter().map(Entry::size).sum::<usize>() > LARGEST {
            return Err(invalid("Total size of the entries in the request is over the limit."));
        }
        let mut put = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            let bus = entry.event_bus_name.address(cx)?;
            put.push(match entry.event(cx) {
                Ok(event) => {
                    // At a bus that is not there nobody listens, and the event is dropped, as in AWS:
                    // <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html>
                    listening::bring(cx, &bus, &event).await?;
                    Ok(event.id)
                }
                Err(not_taken) => Err(not_taken),
            });
        }
        Ok(PutEventsResponse::of(put))
    }
}
