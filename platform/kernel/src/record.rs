//! The record of a call: what CloudTrail tells of it.

mod http;
pub(crate) mod shown;

use serde::{Deserialize, Serialize};

use crate::{AccountId, Cx, IntoKey, Key, Place, Principal, Region, Resource, Scope, ServicePrincipal, Timestamp};

/// The record of one call, as it lies in the account and Region of a recipient.
///
/// The chain writes one for every management call, in the call's transaction, and draws one of each data event that
/// anybody wants; the CloudTrail service renders and delivers them. Fields follow
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
    /// `Host` header of the request.
    pub host: Option<String>,
    /// What kind of event it is.
    #[serde(default)]
    pub kind: RecordKind,
    /// `additionalEventData`, as JSON.
    #[serde(default)]
    pub additional: Option<String>,
    /// `serviceEventDetails`, as JSON.
    #[serde(default)]
    pub details: Option<String>,
    /// The TLS by which the request came, if it did.
    #[serde(default)]
    pub tls: Option<Tls>,
    /// Who is to get it, as a [`Recorder`](crate::Recorder) said: ARNs of trails. It is no part of the event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wanted_by: Vec<String>,
}

/// What kind of event a record tells of: `eventType` and `eventCategory`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordKind {
    /// A call that manages resources.
    #[default]
    Call,
    /// A call on what is in a resource of this type, e.g. `AWS::S3::Object`.
    Data(String),
    /// Something that a service did by itself.
    Service,
}

impl RecordKind {
    /// Whether it is a data event.
    pub fn is_data(&self) -> bool {
        matches!(self, Self::Data(_))
    }
}

/// The TLS of a connection: `tlsDetails`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// Version, e.g. `TLSv1.3`.
    pub version: String,
    /// Cipher suite, by its name in OpenSSL.
    pub cipher_suite: String,
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
    /// Whether the ARN is only how those of the resources begin: `ARNPrefix`.
    #[serde(default)]
    pub is_prefix: bool,
}

impl Resource for CallRecord {
    const KIND: &'static str = "kernel/call";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.time, &self.event_id).into_key()
    }
}

/// The record of a data event, which is kept only for those who want it: it is not in the event history.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DataRecord(pub CallRecord);

impl Resource for DataRecord {
    const KIND: &'static str = "kernel/data-call";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.0.key()
    }
}

impl CallRecord {
    /// Where the record of a recipient lies.
    pub fn recipient_place(recipient: AccountId, region: Region) -> Place {
        Place::new(recipient, region)
    }
}

/// What a service did by itself, to be recorded: an `AwsServiceEvent`.
///
/// Reference: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/non-api-aws-service-events.html>
#[derive(Clone, Debug)]
pub struct ServiceRecord {
    /// `eventSource`, e.g. `kms.amazonaws.com`.
    pub source: &'static str,
    /// `eventName`, e.g. `RotateKey`.
    pub name: &'static str,
    /// The account that it concerns, and where.
    pub place: Place,
    /// Resources concerned.
    pub resources: Vec<RecordedResource>,
    /// `serviceEventDetails`; null for none.
    pub details: serde_json::Value,
}

impl Cx {
    /// Records what a service did by itself, when the call or job commits.
    pub fn record_service_event(&mut self, event: ServiceRecord) {
        let principal =
            ServicePrincipal { name: event.source.to_owned(), account: event.place.account, source_arn: None };
        let record = CallRecord {
            event_id: self.chance().uuid(),
            request_id: String::new(),
            time: self.now(),
            source: event.source.to_owned(),
            name: event.name.to_owned(),
            principal: Principal::Service(principal),
            access_key_id: None,
            invoked_by: Some(INTERNAL.to_owned()),
            place: event.place,
            source_ip: INTERNAL.to_owned(),
            user_agent: INTERNAL.to_owned(),
            error_code: None,
            error_message: None,
            request_parameters: None,
            response_elements: None,
            resources: event.resources,
            read_only: false,
            api_version: None,
            recipient: event.place.account,
            shared_event_id: None,
            host: None,
            kind: RecordKind::Service,
            additional: None,
            details: Some(event.details).filter(|details| !details.is_null()).map(|details| details.to_string()),
            tls: None,
            wanted_by: Vec::new(),
        };
        self.run.records.push(record);
    }
}

/// Who calls when a service does something by itself.
///
/// Source: the entries of <https://docs.aws.amazon.com/kms/latest/developerguide/ct-rotatekey.html>
const INTERNAL: &str = "AWS Internal";
