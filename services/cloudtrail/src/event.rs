//! An event: the JSON of one record, in files and in LookupEvents.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use serde::Serialize;
use serde_json::value::RawValue;
use welkin_kernel::{CallRecord, Error, RecordKind, RecordedResource, Result};

use crate::identity::UserIdentity;
use crate::time::iso;

/// The version of the format: the current one by the reference above.
const EVENT_VERSION: &str = "1.11";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    event_version: &'static str,
    user_identity: UserIdentity,
    event_time: String,
    event_source: &'a str,
    event_name: &'a str,
    aws_region: &'static str,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: &'a str,
    user_agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
    request_parameters: Option<&'a RawValue>,
    response_elements: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_event_data: Option<&'a RawValue>,
    #[serde(rename = "requestID", skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(rename = "eventID")]
    event_id: &'a str,
    read_only: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<Resource<'a>>,
    event_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_version: Option<&'a str>,
    management_event: bool,
    recipient_account_id: String,
    #[serde(rename = "sharedEventID", skip_serializing_if = "Option::is_none")]
    shared_event_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_event_details: Option<&'a RawValue>,
    event_category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_details: Option<TlsDetails<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(rename = "ARN", skip_serializing_if = "Option::is_none")]
    arn: Option<&'a str>,
    #[serde(rename = "ARNPrefix", skip_serializing_if = "Option::is_none")]
    arn_prefix: Option<&'a str>,
}

impl<'a> Resource<'a> {
    /// Objects of S3 have no account: their bucket has.
    fn of(resource: &'a RecordedResource) -> Self {
        let arn = Some(resource.arn.as_str());
        Self {
            account_id: (resource.kind != "AWS::S3::Object").then(|| resource.account.to_string()),
            kind: &resource.kind,
            arn: arn.filter(|_| !resource.is_prefix),
            arn_prefix: arn.filter(|_| resource.is_prefix),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TlsDetails<'a> {
    tls_version: &'a str,
    cipher_suite: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_provided_host_header: Option<&'a str>,
}

/// Writes a record as an event.
///
/// # Errors
/// When the record's own JSON is not: a fault of Welkin's.
pub(crate) fn render(record: &CallRecord) -> Result<String> {
    serde_json::to_string(&Event::of(record)?).map_err(Error::internal)
}

impl<'a> Event<'a> {
    fn of(record: &'a CallRecord) -> Result<Self> {
        Ok(Self {
            event_version: EVENT_VERSION,
            user_identity: UserIdentity::of(record),
            event_time: iso(record.time),
            event_source: &record.source,
            event_name: &record.name,
            aws_region: record.place.region.name(),
            source_ip_address: &record.source_ip,
            user_agent: &record.user_agent,
            error_code: record.error_code.as_deref().map(error_code),
            error_message: record.error_message.as_deref(),
            request_parameters: raw(record.request_parameters.as_deref())?,
            response_elements: raw(record.response_elements.as_deref())?,
            additional_event_data: raw(record.additional.as_deref())?,
            request_id: Some(record.request_id.as_str()).filter(|id| !id.is_empty()),
            event_id: &record.event_id,
            read_only: record.read_only,
            resources: record.resources.iter().map(Resource::of).collect(),
            event_type: event_type(record),
            api_version: record.api_version.as_deref(),
            management_event: !record.kind.is_data(),
            recipient_account_id: record.recipient.to_string(),
            shared_event_id: record.shared_event_id.as_deref(),
            service_event_details: raw(record.details.as_deref())?,
            event_category: event_category(record),
            tls_details: record.tls.as_ref().map(|tls| TlsDetails {
                tls_version: &tls.version,
                cipher_suite: &tls.cipher_suite,
                client_provided_host_header: record.host.as_deref(),
            }),
        })
    }
}

/// `eventType`.
pub(crate) fn event_type(record: &CallRecord) -> &'static str {
    if record.kind == RecordKind::Service { "AwsServiceEvent" } else { "AwsApiCall" }
}

/// `eventCategory`.
pub(crate) fn event_category(record: &CallRecord) -> &'static str {
    if record.kind.is_data() { "Data" } else { "Management" }
}

/// Denials have one code, whatever the service calls them.
// UNVERIFIED: that this holds for every service; the events in the guides of KMS, S3 and SSM show it.
pub(crate) fn error_code(code: &str) -> &str {
    match code {
        "AccessDeniedException" => "AccessDenied",
        other => other,
    }
}

fn raw(json: Option<&str>) -> Result<Option<&RawValue>> {
    json.map(|json| serde_json::from_str(json).map_err(Error::internal)).transpose()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests {
    use serde_json::{Value, json};
    use welkin_kernel::{AccountId, Place, Principal, Region, ServicePrincipal, Timestamp, Tls, User};

    use super::*;

    pub(crate) fn account(number: u64) -> AccountId {
        AccountId::new(number).unwrap()
    }

    /// Alice of 444455556666 decrypts through S3 with a key of 111122223333, which gets this record.
    pub(crate) fn record() -> CallRecord {
        let (owner, caller) = (account(111_122_223_333), account(444_455_556_666));
        CallRecord {
            event_id: "e".to_owned(),
            request_id: "r".to_owned(),
            time: Timestamp::from_secs(1_689_802_421),
            source: "kms.amazonaws.com".to_owned(),
            name: "Decrypt".to_owned(),
            principal: Principal::User(User {
                account: caller,
                id: "AIDAALICE".to_owned(),
                path: "/".to_owned(),
                name: "alice".to_owned(),
            }),
            access_key_id: Some("AKIA".to_owned()),
            invoked_by: Some("s3.amazonaws.com".to_owned()),
            place: Place::new(caller, Region::US_EAST_1),
            source_ip: "s3.amazonaws.com".to_owned(),
            user_agent: "s3.amazonaws.com".to_owned(),
            error_code: None,
            error_message: None,
            request_parameters: Some(r#"{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::b/k"}}"#.to_owned()),
            response_elements: None,
            resources: vec![RecordedResource {
                arn: "arn:aws:kms:us-east-1:111122223333:key/k".to_owned(),
                account: owner,
                kind: "AWS::KMS::Key".to_owned(),
                is_prefix: false,
            }],
            read_only: true,
            api_version: None,
            recipient: owner,
            shared_event_id: Some("s".to_owned()),
            host: Some("kms.us-east-1.amazonaws.com".to_owned()),
            kind: RecordKind::Call,
            additional: None,
            details: None,
            tls: Some(Tls { version: "TLSv1.3".into(), cipher_suite: "TLS_AES_256_GCM_SHA384".into() }),
            wanted_by: Vec::new(),
        }
    }

    fn rendered(record: &CallRecord) -> Value {
        serde_json::from_str(&render(record).unwrap()).unwrap()
    }

    #[test]
    fn the_owner_of_a_resource_learns_account_and_principal_id_of_a_foreign_caller() {
        let event = rendered(&record());
        let expected = json!({
            "type": "AWSAccount", "principalId": "AIDAALICE", "accountId": "444455556666",
            "invokedBy": "s3.amazonaws.com",
        });
        assert_eq!(event["userIdentity"], expected);
        assert_eq!(event["resources"][0]["ARN"], "arn:aws:kms:us-east-1:111122223333:key/k");
        assert_eq!(event["resources"][0]["accountId"], "111122223333");
        assert_eq!(event["requestParameters"]["encryptionContext"]["aws:s3:arn"], "arn:aws:s3:::b/k");
        assert_eq!((&event["responseElements"], &event["sharedEventID"]), (&Value::Null, &json!("s")));
        let tls = json!({
            "tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_256_GCM_SHA384",
            "clientProvidedHostHeader": "kms.us-east-1.amazonaws.com",
        });
        assert_eq!((&event["tlsDetails"], event.get("apiVersion")), (&tls, None));
        assert_eq!(
            (&event["recipientAccountId"], &event["eventTime"]),
            (&json!("111122223333"), &json!("2023-07-19T21:33:41Z"))
        );
    }

    #[test]
    fn the_callers_own_account_learns_everything() {
        let own = CallRecord { recipient: account(444_455_556_666), ..record() };
        let identity = &rendered(&own)["userIdentity"];
        assert_eq!(identity["arn"], "arn:aws:iam::444455556666:user/alice");
        assert_eq!((&identity["userName"], &identity["accessKeyId"]), (&json!("alice"), &json!("AKIA")));
    }

    #[test]
    fn a_service_is_known_by_its_name() {
        let principal = Principal::Service(ServicePrincipal {
            name: "cloudtrail.amazonaws.com".to_owned(),
            account: account(111_122_223_333),
            source_arn: None,
        });
        let by_service = CallRecord { principal, invoked_by: Some("cloudtrail.amazonaws.com".to_owned()), ..record() };
        let expected = json!({ "type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com" });
        assert_eq!(rendered(&by_service)["userIdentity"], expected);
    }

    #[test]
    fn what_a_service_does_by_itself_is_an_event_of_its_own_kind() {
        let event = rendered(&CallRecord {
            kind: RecordKind::Service,
            request_id: String::new(),
            invoked_by: Some("AWS Internal".to_owned()),
            details: Some(r#"{"keyId":"k"}"#.to_owned()),
            ..record()
        });
        assert_eq!(event["userIdentity"], json!({ "accountId": "111122223333", "invokedBy": "AWS Internal" }));
        assert_eq!(
            (&event["eventType"], &event["serviceEventDetails"]["keyId"]),
            (&json!("AwsServiceEvent"), &json!("k"))
        );
        assert_eq!((&event["managementEvent"], event.get("requestID")), (&json!(true), None));
    }

    #[test]
    fn a_data_event_shows_objects_without_and_buckets_with_their_account() {
        let resource = |kind: &str, arn: &str, is_prefix| RecordedResource {
            arn: arn.to_owned(),
            account: account(111_122_223_333),
            kind: kind.to_owned(),
            is_prefix,
        };
        let event = rendered(&CallRecord {
            kind: RecordKind::Data("AWS::S3::Object".to_owned()),
            resources: vec![
                resource("AWS::S3::Object", "arn:aws:s3:::b/", true),
                resource("AWS::S3::Bucket", "arn:aws:s3:::b", false),
            ],
            ..record()
        });
        assert_eq!((&event["eventCategory"], &event["managementEvent"]), (&json!("Data"), &json!(false)));
        assert_eq!(
            event["resources"],
            json!([
                { "type": "AWS::S3::Object", "ARNPrefix": "arn:aws:s3:::b/" },
                { "accountId": "111122223333", "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::b" },
            ])
        );
    }
}
