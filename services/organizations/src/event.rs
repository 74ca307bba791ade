//! What Organizations tells CloudTrail and EventBridge of what it does by itself.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_security_incident-response.html>

use serde_json::{Value, json};
use welkin_kernel::{AccountId, Cx, Result, ServiceRecord};

use crate::account::Joined;
use crate::organization::Organization;

/// Publishes a service event in the call's place, and has it recorded in the management account.
pub(crate) async fn publish(
    cx: &mut Cx,
    organization: &Organization,
    name: &'static str,
    details: Value,
) -> Result<()> {
    cx.record_service_event(ServiceRecord {
        source: "organizations.amazonaws.com",
        name,
        place: organization.place(),
        resources: Vec::new(),
        details: details.clone(),
    });
    let event = json!({
        "eventSource": "organizations.amazonaws.com",
        "eventName": name,
        "eventType": "AwsServiceEvent",
        "readOnly": false,
        "serviceEventDetails": details,
    });
    cx.publish("aws.organizations", "AWS Service Event via CloudTrail", event).await
}

/// An account has joined.
pub(crate) async fn joined(cx: &mut Cx, organization: &Organization, account: AccountId, how: Joined) -> Result<()> {
    let details = json!({
        "organizationId": organization.id,
        "accountId": account,
        "joinedMethod": how,
        "joinedTime": cx.now().secs(),
    });
    publish(cx, organization, "AccountJoinedOrganization", details).await
}

/// How an account departs.
#[derive(Clone, Copy)]
pub(crate) enum Departure {
    /// By its own wish.
    Left,
    /// The management account removed it.
    Removed,
    /// It was closed for longer than it can be opened again.
    Cleaned,
}

/// An account has departed.
pub(crate) async fn departed(
    cx: &mut Cx,
    organization: &Organization,
    account: AccountId,
    how: Departure,
) -> Result<()> {
    let details = json!({
        "organizationId": organization.id,
        "accountId": account,
        "departureMethod": match how {
            Departure::Left => "LEFT",
            Departure::Removed => "REMOVED",
            Departure::Cleaned => "CLEANED",
        },
        "departureTime": cx.now().secs(),
    });
    publish(cx, organization, "AccountDepartedOrganization", details).await
}
