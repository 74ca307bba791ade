//! The record of a call: what CloudTrail tells of it.

use serde::{Deserialize, Serialize};
use welkin_model::{Kind, Service, ShapeId};
use welkin_wire::Value;

use crate::{AccountId, IntoKey, Key, Place, Principal, Region, Resource, Scope, Timestamp};

/// The record of one call, as it lies in the account and Region of a recipient.
///
/// The chain writes one for every management call, in the call's transaction; the CloudTrail service
/// renders and delivers them. Fields follow
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// `eventID`.
    pub event_id: String,
    /// `requestID`.
    pub request_id: String,
    /// `eventTime`.
    pub time: Timestamp,
    /// `eventSource`, e.g. `kms.amazonaws.com`.
    pub source: String,
    /// `eventName`.
    pub name: String,
    /// Who called: `userIdentity`.
    pub principal: Principal,
    /// Access key of the caller.
    pub access_key_id: Option<String>,
    /// Service that called for the principal: `invokedBy`.
    pub invoked_by: Option<String>,
    /// Where the call ran.
    pub place: Place,
    /// `sourceIPAddress`.
    pub source_ip: String,
    /// `userAgent`.
    pub user_agent: String,
    /// `errorCode`.
    pub error_code: Option<String>,
    /// `errorMessage`.
    pub error_message: Option<String>,
    /// `requestParameters`, as JSON.
    pub request_parameters: Option<String>,
    /// `responseElements`, as JSON.
    pub response_elements: Option<String>,
    /// `resources`.
    pub resources: Vec<RecordedResource>,
    /// `readOnly`.
    pub read_only: bool,
    /// `apiVersion`.
    pub api_version: Option<String>,
    /// `recipientAccountId`.
    pub recipient: AccountId,
    /// `sharedEventID`, when several accounts get the record.
    pub shared_event_id: Option<String>,
    /// Whether the request came over TLS.
    pub secure: bool,
    /// `Host` header of the request.
    pub host: Option<String>,
}

/// A resource in a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedResource {
    /// ARN.
    pub arn: String,
    /// Owner.
    pub account: AccountId,
    /// Type, e.g. `AWS::KMS::Key`.
    pub kind: String,
}

impl Resource for CallRecord {
    const KIND: &'static str = "kernel/call";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.time, &self.event_id).into_key()
    }
}

impl CallRecord {
    /// Where the record of a recipient lies.
    pub fn recipient_place(recipient: AccountId, region: Region) -> Place {
        Place::new(recipient, region)
    }
}

/// Longest `requestParameters` and `responseElements`, in bytes of JSON.
///
/// Source: CloudTrail truncates at 100 KB: record contents reference, `requestParameters`.
const LONGEST: usize = 100 * 1024;

/// What stands for a member that the model marks sensitive.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// A value as the record shows it: lower camel case, no bytes, nothing sensitive; `None` if it is empty.
pub(crate) fn render(service: &'static Service, shape: Option<ShapeId>, value: &Value) -> Option<String> {
    let json = json(service, shape?, value)?;
    if json.as_object().is_some_and(serde_json::Map::is_empty) {
        return None;
    }
    let text = json.to_string();
    if text.len() > LONGEST {
        return Some(
            serde_json::json!({ "omitted": true, "originalSize": text.len(), "reason": "input too large" }).to_string(),
        );
    }
    Some(text)
}

fn json(service: &'static Service, id: ShapeId, value: &Value) -> Option<serde_json::Value> {
    let shape = service.shape(id);
    if matches!(value, Value::Null | Value::Blob(_) | Value::Stream(_)) {
        return None;
    }
    if shape.sensitive {
        return Some(HIDDEN.into());
    }
    Some(match (value, &shape.kind) {
        (Value::Map(map), Kind::Structure(structure)) => map
            .iter()
            .filter_map(|(name, value)| {
                let member = structure.member(name)?;
                Some((lower_camel(name), json(service, member.shape, value)?))
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        (Value::Map(map), Kind::Map { value: item, .. }) => map
            .iter()
            .filter_map(|(name, value)| Some((name.to_owned(), json(service, item.shape, value)?)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        (Value::List(list), Kind::List { member, .. }) => {
            list.iter().filter_map(|value| json(service, member.shape, value)).collect()
        }
        (Value::Timestamp(time), _) => {
            let at = jiff::Timestamp::from_microsecond(time.micros()).ok()?;
            at.strftime("%b %-d, %Y, %-I:%M:%S %p").to_string().into()
        }
        (other, _) => plain(other)?,
    })
}

/// A value without a shape: a document or a scalar.
fn plain(value: &Value) -> Option<serde_json::Value> {
    Some(match value {
        Value::Null | Value::Blob(_) | Value::Stream(_) => return None,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Decimal(value) => value.as_ref().into(),
        Value::String(value) => value.as_str().into(),
        Value::Timestamp(value) => value.micros().into(),
        Value::List(list) => list.iter().filter_map(plain).collect(),
        Value::Map(map) => {
            map.iter().filter_map(|(n, v)| Some((n.to_owned(), plain(v)?))).collect::<serde_json::Map<_, _>>().into()
        }
        Value::Document(value) => plain(value)?,
    })
}

/// `KeyId` → `keyId`, `SSEAlgorithm` → `sSEAlgorithm`, as CloudTrail writes them.
fn lower_camel(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
