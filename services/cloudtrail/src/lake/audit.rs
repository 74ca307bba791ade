//! `PutAuditEvents`, the one operation of the service `cloudtrail-data`.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-integration-event-schema.html>

use std::collections::HashSet;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use welkin_kernel::{Access, AccountId, Cx, Event, Operation, Place, Result, Service, Timestamp};

use super::channel::{Channel, Ingestion};
use super::event::StoredEvent;
use super::store::EventDataStore;
use crate::time::iso;

mod errors {
    welkin_kernel::errors! {
        /// There is no such channel.
        ChannelNotFound: "The channel could not be found.";
        /// Two events have one id.
        DuplicatedAuditEventId: "Two or more entries in the request have the same event ID.";
        /// The ARN is not one of a channel.
        InvalidChannelARN: "The specified channel ARN is not a valid channel ARN.";
    }
}
use errors::{ChannelNotFound, DuplicatedAuditEventId, InvalidChannelARN};

/// The service.
pub(crate) fn service() -> Service {
    Service::new("cloudtrail-data").errors(errors::ERRORS).operation::<PutAuditEvents>()
}

/// Takes events of other sources in through a channel.
/// <https://docs.aws.amazon.com/awscloudtraildata/latest/APIReference/API_PutAuditEvents.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutAuditEvents {
    audit_events: Vec<AuditEvent>,
    channel_arn: String,
    external_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuditEvent {
    id: String,
    event_data: String,
    event_data_checksum: Option<String>,
}

/// What was taken in, and what was not.
#[derive(Serialize, Deserialize)]
pub(crate) struct PutAuditEventsResponse {
    failed: Vec<Failed>,
    successful: Vec<Successful>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failed {
    id: String,
    error_code: String,
    error_message: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Successful {
    id: String,
    #[serde(rename = "eventID")]
    event_id: String,
}

/// Why an event is not taken in: code and message.
type Refusal = (&'static str, String);

/// Fields that an event must have: "Required" in the schema above.
const REQUIRED: &[&str] =
    &["version", "userIdentity", "eventSource", "eventName", "eventTime", "UID", "recipientAccountId"];

/// The version of the format around an event's own data.
// UNVERIFIED: which one AWS writes.
const EVENT_VERSION: &str = "1.08";

impl AuditEvent {
    /// The event's data and its time.
    // UNVERIFIED: the wordings.
    fn read(&self, owner: AccountId) -> std::result::Result<(Value, Timestamp), Refusal> {
        if let Some(checksum) = &self.event_data_checksum
            && *checksum != STANDARD.encode(digest(&SHA256, self.event_data.as_bytes()))
        {
            return Err(("InvalidChecksum", "The checksum is not that of the event data.".to_owned()));
        }
        let invalid = |what: &str| ("InvalidData", format!("{what} is not valid."));
        let data: Value = serde_json::from_str(&self.event_data).map_err(|_| invalid("The event data"))?;
        if let Some(missing) = REQUIRED.iter().find(|field| data.get(**field).is_none()) {
            return Err(("FieldNotFound", format!("The field {missing} is required.")));
        }
        for field in ["type", "principalId"] {
            if data["userIdentity"].get(field).is_none() {
                return Err(("FieldNotFound", format!("The field userIdentity.{field} is required.")));
            }
        }
        if data["recipientAccountId"].as_str() != Some(&owner.to_string()) {
            let message = "The field recipientAccountId is not the account that has the channel.";
            return Err(("InvalidRecipient", message.to_owned()));
        }
        let time = data["eventTime"].as_str().and_then(|time| time.parse::<jiff::Timestamp>().ok());
        let time = time.ok_or_else(|| invalid("The field eventTime"))?;
        Ok((data, Timestamp::from_micros(time.as_microsecond())))
    }
}

impl PutAuditEvents {
    /// The channel, with the account that has it.
    async fn channel(&self, cx: &mut Cx) -> Result<(AccountId, Channel)> {
        Channel::find(cx, &self.channel_arn).await.map_err(|error| {
            if error.is("ChannelNotFoundException") {
                ChannelNotFound.into()
            } else if error.is("ChannelARNInvalidException") {
                InvalidChannelARN.into()
            } else {
                error
            }
        })
    }
}

/// Keeps an event in the stores that the channel leads to.
fn keep(
    cx: &Cx,
    (owner, arn): (AccountId, &str),
    stores: &[EventDataStore],
    (data, time): (Value, Timestamp),
) -> Vec<(Place, StoredEvent)> {
    let event_id = cx.chance().uuid();
    let event = json!({
        "eventVersion": EVENT_VERSION,
        "eventCategory": "ActivityAuditLog",
        "eventType": "ActivityLog",
        "eventID": event_id,
        "eventTime": iso(time),
        "awsRegion": cx.region().name(),
        "recipientAccountId": owner.to_string(),
        "metadata": { "ingestionTime": iso(cx.now()), "channelARN": arn },
        "eventData": data,
    });
    let stored = |store: &EventDataStore| StoredEvent {
        store: store.id.clone(),
        time,
        event_id: event_id.clone(),
        json: event.to_string(),
    };
    stores.iter().map(|store| (Place::new(owner, store.home), stored(store))).collect()
}

impl Operation for PutAuditEvents {
    const NAME: &'static str = "PutAuditEvents";
    const EVENT: Event = Event::Data("AWS::CloudTrail::Channel");
    type Output = PutAuditEventsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let (owner, channel) = self.channel(cx).await?;
        let access = Access::to("cloudtrail-data:PutAuditEvents").on(channel.arn(owner)).owned_by(owner);
        let access = access.policy(channel.policy.as_deref()).resource_tags(&channel.tags);
        Ok(match &self.external_id {
            Some(id) => access.key("cloudtrail:ExternalId", id),
            None => access,
        })
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutAuditEventsResponse> {
        let (owner, channel) = self.channel(cx).await?;
        let mut ids = HashSet::new();
        if !self.audit_events.iter().all(|event| ids.insert(&event.id)) {
            return Err(DuplicatedAuditEventId.into());
        }
        let (arn, stores) = (String::from(channel.arn(owner)), channel.stores(cx).await?);
        let place = Place::new(owner, cx.region());
        let mut ingestion =
            cx.get::<Ingestion>(place, &channel.id).await?.unwrap_or_else(|| Ingestion::of(&channel.id));
        let mut answer = PutAuditEventsResponse { failed: Vec::new(), successful: Vec::new() };
        for event in &self.audit_events {
            match event.read(owner) {
                Ok(read) => {
                    let kept = keep(cx, (owner, &arn), &stores, read);
                    let event_id = kept.first().map_or_else(|| cx.chance().uuid(), |(_, event)| event.event_id.clone());
                    for (place, stored) in kept {
                        cx.insert(place, &stored)?;
                    }
                    ingestion.attempted = Some((cx.now(), event_id.clone()));
                    ingestion.succeeded.clone_from(&ingestion.attempted);
                    ingestion.error = None;
                    answer.successful.push(Successful { id: event.id.clone(), event_id });
                }
                Err((code, error_message)) => {
                    ingestion.attempted = Some((cx.now(), cx.chance().uuid()));
                    ingestion.error = Some(code.to_owned());
                    answer.failed.push(Failed { id: event.id.clone(), error_code: code.to_owned(), error_message });
                }
            }
        }
        cx.put(place, &ingestion).await?;
        Ok(answer)
    }
}
