//! `LookupEvents`: the event history.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, CallRecord, Cx, Limit, Operation, Result, Timestamp};

use crate::errors::{InvalidLookupAttributesException, InvalidNextTokenException, InvalidTimeRangeException};
use crate::event;
use crate::identity::username;
use crate::insight::{self, event::InsightEvent};
use crate::retention::KEPT;

/// Finds management events of the last 90 days, the latest first.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LookupEvents {
    #[serde(default)]
    lookup_attributes: Vec<LookupAttribute>,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    event_category: Option<EventCategory>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum EventCategory {
    #[serde(rename = "insight")]
    Insight,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LookupAttribute {
    attribute_key: AttributeKey,
    attribute_value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum AttributeKey {
    EventId,
    EventName,
    ReadOnly,
    Username,
    ResourceType,
    ResourceName,
    EventSource,
    AccessKeyId,
}

/// A page of events.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LookupEventsResponse {
    events: Vec<Event>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    event_id: String,
    event_name: String,
    read_only: Option<String>,
    access_key_id: Option<String>,
    event_time: Timestamp,
    event_source: String,
    username: Option<String>,
    resources: Vec<Resource>,
    cloud_trail_event: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    resource_type: String,
    resource_name: String,
}

/// Events of a page unless the caller says.
const DEFAULT: usize = 50;

/// Records read at once.
const CHUNK: usize = 500;

/// Where the next page begins: before this record.
type Before = (Timestamp, String);

impl LookupAttribute {
    fn fits(&self, record: &CallRecord) -> bool {
        let value = self.attribute_value.as_str();
        match self.attribute_key {
            AttributeKey::EventId => record.event_id == value,
            AttributeKey::EventName => record.name == value,
            AttributeKey::ReadOnly => record.read_only.to_string() == value,
            AttributeKey::Username => username(record) == Some(value),
            AttributeKey::ResourceType => record.resources.iter().any(|resource| resource.kind == value),
            AttributeKey::ResourceName => {
                record.resources.iter().any(|resource| resource.arn == value || name_of(&resource.arn) == value)
            }
            AttributeKey::EventSource => record.source == value,
            AttributeKey::AccessKeyId => {
                record.principal.account() == Some(record.recipient) && record.access_key_id.as_deref() == Some(value)
            }
        }
    }
}

impl LookupAttribute {
    /// Whether Insights events can be looked up by it: the reference of LookupEvents.
    fn is_of_insights(&self) -> bool {
        matches!(self.attribute_key, AttributeKey::EventId | AttributeKey::EventName | AttributeKey::EventSource)
    }

    fn fits_insight(&self, event: &InsightEvent) -> bool {
        let of = match self.attribute_key {
            AttributeKey::EventId => &event.event_id,
            AttributeKey::EventName => &event.name,
            _ => &event.source,
        };
        *of == self.attribute_value
    }
}

/// The last part of an ARN, by which a resource may be looked up as well.
fn name_of(arn: &str) -> &str {
    arn.rsplit([':', '/']).next().unwrap_or(arn)
}

impl LookupEvents {
    /// The range of time, the end included.
    fn range(&self, now: Timestamp) -> Result<(Timestamp, Timestamp)> {
        let oldest = now.minus(KEPT);
        let start = self.start_time.unwrap_or(oldest).max(oldest);
        // Times of events have seconds; an event within the last one belongs to it.
        let end = self.end_time.unwrap_or(now).whole_secs().plus(Duration::from_secs(1));
        if self.start_time.is_some_and(|start| self.end_time.is_some_and(|end| start > end)) {
            return Err(InvalidTimeRangeException.into());
        }
        Ok((start.whole_secs(), end))
    }

    /// A page of Insights events.
    async fn find_insights(&self, cx: &mut Cx) -> Result<LookupEventsResponse> {
        if self.lookup_attributes.iter().any(|attribute| !attribute.is_of_insights()) {
            // UNVERIFIED: the wording.
            let message = "Insights events are looked up by EventId, EventName and EventSource.";
            return Err(InvalidLookupAttributesException::because(message));
        }
        let (start, end) = self.range(cx.now())?;
        let before = match &self.next_token {
            Some(token) => read_token(token)?,
            None => (end, String::new()),
        };
        let fits = |event: &InsightEvent| self.lookup_attributes.iter().all(|attribute| attribute.fits_insight(event));
        let most = self.max_results.unwrap_or(DEFAULT);
        let (found, more) = insight::lookup::page(cx, start, &before, fits, most).await?;
        let next_token = found.last().filter(|_| more).map(|last| token(&(last.time, last.event_id.clone())));
        Ok(LookupEventsResponse { events: found.into_iter().map(Event::of_insight).collect(), next_token })
    }

    async fn find(&self, cx: &mut Cx) -> Result<(Vec<CallRecord>, bool)> {
        let (start, end) = self.range(cx.now())?;
        let most = self.max_results.unwrap_or(DEFAULT);
        let mut before = match &self.next_token {
            Some(token) => read_token(token)?,
            None => (end, String::new()),
        };
        let (mut found, here) = (Vec::new(), cx.here());
        loop {
            let to = (before.0, &before.1);
            let chunk = cx.between::<CallRecord>(here, (start,), to, CHUNK, true).await?;
            let whole = chunk.len() < CHUNK;
            if let Some(last) = chunk.last() {
                before = (last.time, last.event_id.clone());
            }
            for record in chunk {
                if self.lookup_attributes.iter().all(|attribute| attribute.fits(&record)) {
                    if found.len() == most {
                        return Ok((found, true));
                    }
                    found.push(record);
                }
            }
            if whole {
                return Ok((found, false));
            }
        }
    }
}

impl Operation for LookupEvents {
    const NAME: &'static str = "LookupEvents";
    type Output = LookupEventsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudtrail:LookupEvents"))
    }

    /// Source: the reference above: two a second for each account and Region.
    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(Limit::per_second("cloudtrail LookupEvents", 2.0))
    }

    async fn run(&self, cx: &mut Cx) -> Result<LookupEventsResponse> {
        if self.lookup_attributes.len() > 1 {
            return Err(InvalidLookupAttributesException.into());
        }
        if self.event_category == Some(EventCategory::Insight) {
            return self.find_insights(cx).await;
        }
        let (found, more) = self.find(cx).await?;
        let next_token = found.last().filter(|_| more).map(|last| token(&(last.time, last.event_id.clone())));
        let events = found.into_iter().map(Event::of).collect::<Result<_>>()?;
        Ok(LookupEventsResponse { events, next_token })
    }
}

impl Event {
    fn of_insight(event: InsightEvent) -> Self {
        Self {
            event_id: event.event_id,
            event_name: event.name,
            read_only: None,
            access_key_id: None,
            event_time: event.time,
            event_source: event.source,
            username: None,
            resources: Vec::new(),
            cloud_trail_event: event.json,
        }
    }

    fn of(record: CallRecord) -> Result<Self> {
        let own = record.principal.account() == Some(record.recipient);
        let resource = |resource: &welkin_kernel::RecordedResource| Resource {
            resource_type: resource.kind.clone(),
            resource_name: resource.arn.clone(),
        };
        Ok(Self {
            cloud_trail_event: event::render(&record)?,
            username: username(&record).map(str::to_owned),
            resources: record.resources.iter().map(resource).collect(),
            read_only: Some(record.read_only.to_string()),
            event_time: record.time.whole_secs(),
            access_key_id: record.access_key_id.filter(|_| own),
            event_id: record.event_id,
            event_name: record.name,
            event_source: record.source,
        })
    }
}

fn token((time, event_id): &Before) -> String {
    URL_SAFE_NO_PAD.encode(format!("{} {event_id}", time.micros()))
}

fn read_token(token: &str) -> Result<Before> {
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (time, event_id) = text.split_once(' ')?;
        Some((Timestamp::from_micros(time.parse().ok()?), event_id.to_owned()))
    };
    read().ok_or_else(|| InvalidNextTokenException.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::tests::record;

    #[test]
    fn every_attribute_tells_events_apart() {
        use AttributeKey as K;
        let own = CallRecord { recipient: record().principal.account().unwrap(), ..record() };
        for (key, fitting) in [
            (K::EventId, "e"),
            (K::EventName, "Decrypt"),
            (K::ReadOnly, "true"),
            (K::Username, "alice"),
            (K::ResourceType, "AWS::KMS::Key"),
            (K::ResourceName, "arn:aws:kms:us-east-1:111122223333:key/k"),
            (K::ResourceName, "k"),
            (K::EventSource, "kms.amazonaws.com"),
            (K::AccessKeyId, "AKIA"),
        ] {
            let attribute = |value: &str| LookupAttribute { attribute_key: key, attribute_value: value.to_owned() };
            assert!(attribute(fitting).fits(&own), "{key:?}");
            assert!(!attribute("other").fits(&own), "{key:?}");
        }
    }

    #[test]
    fn a_token_is_read_back_and_nothing_else_is() {
        let before = (Timestamp::from_micros(7), "id".to_owned());
        assert_eq!(read_token(&token(&before)).unwrap(), before);
        assert!(read_token("x").is_err_and(|e| e.is("InvalidNextTokenException")));
    }
}
