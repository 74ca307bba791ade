//! Who calls.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{AccountId, Arn, Partition, Timestamp};

/// Who makes a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Principal {
    /// Nobody: the request carries no signature.
    Anonymous,
    /// The root user of an account.
    Root {
        /// The account.
        account: AccountId,
    },
    /// An IAM user.
    User(User),
    /// Someone with temporary credentials.
    Session(Arc<Session>),
    /// Someone for whom only an identity provider vouches: who asks STS for a role by a token or an assertion.
    Federated(Arc<Federated>),
    /// An AWS service.
    Service(ServicePrincipal),
}

/// An IAM user as a caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its account.
    pub account: AccountId,
    /// Unique id, `AIDA…`.
    pub id: String,
    /// Path, `/` or `/…/`.
    pub path: String,
    /// Name.
    pub name: String,
}

/// A caller whom an identity provider vouches for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Federated {
    /// ARN of the provider.
    pub provider: Arn,
    /// Whether it vouched by a SAML assertion; else by an OpenID Connect token.
    pub saml: bool,
    /// What CloudTrail calls the caller: provider and subject.
    pub id: String,
    /// What CloudTrail calls the provider.
    pub provider_name: String,
    /// The subject of the token or assertion.
    pub subject: String,
}

/// An IAM role as the owner of sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Unique id, `AROA…`.
    pub id: String,
    /// Path, `/` or `/…/`.
    pub path: String,
    /// Name.
    pub name: String,
}

/// Temporary credentials: what the session token says of its holder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Account of the holder.
    pub account: AccountId,
    /// Whose session it is.
    pub of: SessionOf,
    /// Access key id, `ASIA…`.
    pub access_key_id: String,
    /// When it was issued, by the kernel's clock.
    pub issued: Timestamp,
    /// When it expires, by the kernel's clock.
    pub expires: Timestamp,
    /// Inline session policies, as JSON.
    pub policies: Vec<String>,
    /// Managed session policies.
    pub policy_arns: Vec<Arn>,
    /// Session tags.
    pub tags: BTreeMap<String, String>,
    /// Keys of session tags that pass on to the next session of a chain.
    pub transitive_tags: Vec<String>,
    /// Source identity.
    pub source_identity: Option<String>,
    /// When the holder authenticated with a second factor.
    pub mfa: Option<Timestamp>,
    /// Identity provider of a federated session.
    pub provider: Option<String>,
    /// Condition keys that the provider's token or assertion gives the session, such as `saml:sub`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub federation: BTreeMap<String, Vec<String>>,
    /// Whether it was made with another role's session (role chaining).
    pub chained: bool,
    /// Of a root user's session that an administrator of the organization has: the policy of the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Arn>,
}

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionOf {
    /// An assumed role and the name of the session.
    Role {
        /// The role.
        role: Role,
        /// `RoleSessionName`.
        session: String,
    },
    /// A federated user (`GetFederationToken`), made by a user or root.
    Federated {
        /// Name of the federated user.
        name: String,
        /// The user who made the session; `None` for root.
        by: Option<User>,
    },
    /// A user with `GetSessionToken`.
    User(User),
    /// The root user with `GetSessionToken`.
    Root,
}

/// An AWS service as a caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePrincipal {
    /// Name, e.g. `cloudtrail.amazonaws.com`.
    pub name: String,
    /// Account for which it acts: `aws:SourceAccount`.
    pub account: AccountId,
    /// Resource for which it acts: `aws:SourceArn`.
    pub source_arn: Option<Arn>,
}

impl Principal {
    /// The account the principal belongs to; for a service the account for which it acts.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Anonymous | Self::Federated(_) => None,
            Self::Root { account } => Some(*account),
            Self::User(user) => Some(user.account),
            Self::Session(session) => Some(session.account),
            Self::Service(service) => Some(service.account),
        }
    }

    /// The principal's ARN, as `GetCallerIdentity` shows it.
    pub fn arn(&self, partition: Partition) -> Option<Arn> {
        let arn = |service: &str, account, resource: &dyn fmt::Display| {
            Some(Arn::from_parts(partition, service, None, Some(account), resource))
        };
        match self {
            Self::Anonymous | Self::Federated(_) | Self::Service(_) => None,
            Self::Root { account } => arn("iam", *account, &"root"),
            Self::User(user) => arn("iam", user.account, &user.resource()),
            Self::Session(session) => match &session.of {
                SessionOf::Role { role, session: name } => {
                    arn("sts", session.account, &format_args!("assumed-role/{}/{name}", role.name))
                }
                SessionOf::Federated { name, .. } => {
                    arn("sts", session.account, &format_args!("federated-user/{name}"))
                }
                SessionOf::User(user) => arn("iam", user.account, &user.resource()),
                SessionOf::Root => arn("iam", session.account, &"root"),
            },
        }
    }

    /// The unique id, as `GetCallerIdentity` and `aws:userid` show it.
    pub fn user_id(&self) -> Option<String> {
        match self {
            Self::Anonymous | Self::Service(_) => None,
            Self::Federated(federated) => Some(federated.id.clone()),
            Self::Root { account } => Some(account.to_string()),
            Self::User(user) => Some(user.id.clone()),
            Self::Session(session) => Some(match &session.of {
                SessionOf::Role { role, session: name } => format!("{}:{name}", role.id),
                SessionOf::Federated { name, .. } => format!("{}:{name}", session.account),
                SessionOf::User(user) => user.id.clone(),
                SessionOf::Root => session.account.to_string(),
            }),
        }
    }

    /// The session, if the caller has temporary credentials.
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::Session(session) => Some(session),
            _ => None,
        }
    }

    /// The role whose session it is.
    pub fn role(&self) -> Option<&Role> {
        match &self.session()?.of {
            SessionOf::Role { role, .. } => Some(role),
            _ => None,
        }
    }

    /// The IAM user, also with a session token.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) => Some(user),
            Self::Session(session) => match &session.of {
                SessionOf::User(user) => Some(user),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it is the root user of its account.
    pub fn is_root(&self) -> bool {
        match self {
            Self::Root { .. } => true,
            Self::Session(session) => session.of == SessionOf::Root,
            _ => false,
        }
    }
}

impl User {
    /// The resource part of its ARN, `user/path/name`.
    pub fn resource(&self) -> String {
        format!("user{}{}", self.path, self.name)
    }
}

impl Role {
    /// The resource part of its ARN, `role/path/name`.
    pub fn resource(&self) -> String {
        format!("role{}{}", self.path, self.name)
    }
}

/// A principal in the circumstances of one call.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who calls.
    pub principal: Principal,
    /// Access key that signed the request.
    pub access_key_id: Option<String>,
    /// Services that called on the principal's behalf, first one first, e.g. `s3.amazonaws.com`.
    pub via: Vec<&'static str>,
}

impl Caller {
    /// The principal itself, without credentials: for services and jobs.
    pub fn of(principal: Principal) -> Self {
        Self { principal, access_key_id: None, via: Vec::new() }
    }
}
