//! `userIdentity`: who called.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use std::collections::BTreeMap;

use serde::Serialize;
use welkin_kernel::{AccountId, Arn, CallRecord, Partition, Principal, RecordKind, Role, Session, SessionOf, User};

use crate::time::iso;

/// Who called, as the event shows it. Members that do not apply are left out.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserIdentity {
    #[serde(rename = "type", skip_serializing_if = "str::is_empty")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_context: Option<SessionContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoked_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_provider: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionContext {
    #[serde(skip_serializing_if = "Option::is_none")]
    session_issuer: Option<SessionIssuer>,
    /// Of sessions by OpenID Connect: the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    web_id_federation_data: Option<WebIdFederationData>,
    /// Of sessions by `AssumeRoot`.
    #[serde(skip_serializing_if = "Option::is_none")]
    assumed_root: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
    attributes: Attributes,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WebIdFederationData {
    federated_provider: String,
    attributes: BTreeMap<String, String>,
}

impl WebIdFederationData {
    fn of(session: &Session) -> Option<Self> {
        let provider = session.provider.as_ref().filter(|provider| !provider.contains(":saml-provider/"))?;
        Some(Self { federated_provider: provider.clone(), attributes: BTreeMap::new() })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionIssuer {
    #[serde(rename = "type")]
    kind: &'static str,
    principal_id: String,
    arn: String,
    account_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    creation_date: String,
    mfa_authenticated: String,
}

impl UserIdentity {
    /// The caller of the recorded call. The owner of a resource who is not the caller's account learns the
    /// caller's account and principal id, and no more.
    pub(crate) fn of(record: &CallRecord) -> Self {
        let partition = record.place.region.partition();
        let mut identity = match &record.principal {
            // Source: the entry of RotateKey in the guide of KMS.
            _ if record.kind == RecordKind::Service => {
                Self { account_id: Some(record.recipient.to_string()), ..Self::default() }
            }
            Principal::Service(_) => Self { kind: "AWSService", ..Self::default() },
            // Source: the record of an anonymous request in the S3 user guide, "CloudTrail log file entries".
            Principal::Anonymous => Self {
                kind: "AWSAccount",
                principal_id: Some(String::new()),
                account_id: Some("anonymous".to_owned()),
                ..Self::default()
            },
            Principal::Federated(federated) => Self {
                kind: if federated.saml { "SAMLUser" } else { "WebIdentityUser" },
                principal_id: Some(federated.id.clone()),
                user_name: Some(federated.subject.clone()),
                identity_provider: Some(federated.provider_name.clone()),
                ..Self::default()
            },
            principal if principal.account() != Some(record.recipient) => Self {
                kind: "AWSAccount",
                principal_id: principal.user_id(),
                account_id: principal.account().map(|account| account.to_string()),
                ..Self::default()
            },
            principal => Self {
                access_key_id: record.access_key_id.clone(),
                arn: principal.arn(partition).map(String::from),
                principal_id: principal.user_id(),
                account_id: principal.account().map(|account| account.to_string()),
                ..Self::own(principal, partition)
            },
        };
        identity.invoked_by.clone_from(&record.invoked_by);
        identity
    }

    /// What a principal's own account learns beside ids and ARN.
    fn own(principal: &Principal, partition: Partition) -> Self {
        let context = |session: &Session, session_issuer| {
            Some(SessionContext {
                session_issuer,
                web_id_federation_data: WebIdFederationData::of(session),
                assumed_root: session.task.as_ref().map(|_| "true"),
                source_identity: session.source_identity.clone(),
                attributes: Attributes {
                    creation_date: iso(session.issued),
                    mfa_authenticated: session.mfa.is_some().to_string(),
                },
            })
        };
        match principal {
            Principal::User(user) => Self { kind: "IAMUser", user_name: Some(user.name.clone()), ..Self::default() },
            Principal::Session(session) => match &session.of {
                SessionOf::Role { role, .. } => Self {
                    kind: "AssumedRole",
                    session_context: context(session, Some(role_issuer(role, session.account, partition))),
                    ..Self::default()
                },
                SessionOf::Federated { by, .. } => Self {
                    kind: "FederatedUser",
                    session_context: context(session, Some(user_issuer(by.as_ref(), session.account, partition))),
                    ..Self::default()
                },
                SessionOf::User(user) => Self {
                    kind: "IAMUser",
                    user_name: Some(user.name.clone()),
                    session_context: context(session, None),
                    ..Self::default()
                },
                SessionOf::Root => Self { kind: "Root", session_context: context(session, None), ..Self::default() },
            },
            Principal::Root { .. } | Principal::Anonymous | Principal::Federated(_) | Principal::Service(_) => {
                Self { kind: "Root", ..Self::default() }
            }
        }
    }
}

fn iam(partition: Partition, account: AccountId, resource: &str) -> String {
    Arn::from_parts(partition, "iam", None, Some(account), resource).into()
}

fn role_issuer(role: &Role, account: AccountId, partition: Partition) -> SessionIssuer {
    SessionIssuer {
        kind: "Role",
        principal_id: role.id.clone(),
        arn: iam(partition, account, &role.resource()),
        account_id: account.to_string(),
        user_name: Some(role.name.clone()),
    }
}

fn user_issuer(user: Option<&User>, account: AccountId, partition: Partition) -> SessionIssuer {
    match user {
        Some(user) => SessionIssuer {
            kind: "IAMUser",
            principal_id: user.id.clone(),
            arn: iam(partition, account, &user.resource()),
            account_id: account.to_string(),
            user_name: Some(user.name.clone()),
        },
        None => SessionIssuer {
            kind: "Root",
            principal_id: account.to_string(),
            arn: iam(partition, account, "root"),
            account_id: account.to_string(),
            user_name: None,
        },
    }
}

/// The name under which LookupEvents knows the caller: `Username`.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events-console.html>
// UNVERIFIED: for a role it is the session's name, for root "root"; for a foreign account there is none.
pub(crate) fn username(record: &CallRecord) -> Option<&str> {
    if let Principal::Federated(federated) = &record.principal {
        return Some(&federated.subject);
    }
    if record.principal.account() != Some(record.recipient) {
        return None;
    }
    match &record.principal {
        Principal::Root { .. } => Some("root"),
        Principal::User(user) => Some(&user.name),
        Principal::Session(session) => match &session.of {
            SessionOf::Role { session, .. } => Some(session),
            SessionOf::Federated { name, .. } => Some(name),
            SessionOf::User(user) => Some(&user.name),
            SessionOf::Root => Some("root"),
        },
        Principal::Anonymous | Principal::Federated(_) | Principal::Service(_) => None,
    }
}
