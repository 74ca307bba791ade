//! The caller as policies see it, and the `Principal` element that names callers.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::statement::Effect;

/// Everything a policy can say about who calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrincipalFacts {
    /// The account of the caller; `None` for services, federated callers and anonymous ones.
    pub account: Option<String>,
    /// The canonical user id of that account, for S3's `CanonicalUser`.
    pub canonical_user: Option<String>,
    /// What kind of principal, and its names.
    pub identity: Identity,
}

/// The kinds of principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Identity {
    /// The root user of the account.
    Root {
        /// `arn:aws:iam::111122223333:root`.
        arn: String,
    },
    /// An IAM user, with long-term keys or a session from `GetSessionToken`.
    User {
        /// `arn:aws:iam::111122223333:user/path/name`.
        arn: String,
        /// `AIDA…`.
        id: String,
    },
    /// A session of a role.
    RoleSession {
        /// `arn:aws:iam::111122223333:role/path/name`.
        role_arn: String,
        /// `AROA…`.
        role_id: String,
        /// `arn:aws:sts::111122223333:assumed-role/name/session`.
        session_arn: String,
        /// The role is linked to a service: SCPs and RCPs do not restrict it.
        service_linked: bool,
        /// The identity provider the session came from, if any.
        federated_provider: Option<String>,
    },
    /// A session from `GetFederationToken`.
    FederatedUser {
        /// `arn:aws:sts::111122223333:federated-user/name`.
        arn: String,
        /// Who asked for the session.
        issuer: Issuer,
    },
    /// A caller known only to an identity provider: `AssumeRoleWithSAML`, `AssumeRoleWithWebIdentity`.
    Federated {
        /// Provider ARN, or a name such as `accounts.google.com`.
        provider: String,
    },
    /// An AWS service acting for itself.
    Service {
        /// All its names, `s3.amazonaws.com` and any regional ones.
        names: Vec<String>,
    },
    /// Nobody signed the request.
    Anonymous,
}

/// Who asked for a federated user session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Issuer {
    /// The root user.
    Root,
    /// An IAM user.
    User {
        /// Its ARN.
        arn: String,
        /// `AIDA…`.
        id: String,
    },
}

impl PrincipalFacts {
    /// The root user of `account`, in the partition `aws`.
    pub fn root(account: &str) -> Self {
        Self::of(account, Identity::Root { arn: format!("arn:aws:iam::{account}:root") })
    }

    /// An IAM user.
    pub fn user(account: &str, arn: &str, id: &str) -> Self {
        Self::of(account, Identity::User { arn: arn.into(), id: id.into() })
    }

    /// A session of an ordinary role.
    pub fn role_session(account: &str, role_arn: &str, role_id: &str, session_arn: &str) -> Self {
        let identity = Identity::RoleSession {
            role_arn: role_arn.into(),
            role_id: role_id.into(),
            session_arn: session_arn.into(),
            service_linked: false,
            federated_provider: None,
        };
        Self::of(account, identity)
    }

    /// A service principal with all its names.
    pub fn service<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        Self { account: None, canonical_user: None, identity: Identity::Service { names } }
    }

    /// A caller that only an identity provider vouches for.
    pub fn federated(provider: &str) -> Self {
        Self { account: None, canonical_user: None, identity: Identity::Federated { provider: provider.into() } }
    }

    /// An unsigned caller.
    pub fn anonymous() -> Self {
        Self { account: None, canonical_user: None, identity: Identity::Anonymous }
    }

    fn of(account: &str, identity: Identity) -> Self {
        Self { account: Some(account.into()), canonical_user: None, identity }
    }

    /// The name of the caller in messages: its ARN, its service name, or `anonymous`.
    pub fn name(&self) -> &str {
        match &self.identity {
            Identity::Root { arn } | Identity::User { arn, .. } | Identity::FederatedUser { arn, .. } => arn,
            Identity::RoleSession { session_arn, .. } => session_arn,
            Identity::Federated { provider } => provider,
            Identity::Service { names } => names.first().map_or("service", String::as_str),
            Identity::Anonymous => "anonymous",
        }
    }

    /// Whether identity-based policies exist for this kind of caller.
    pub(crate) fn has_identity_policies(&self) -> bool {
        !matches!(self.identity, Identity::Federated { .. } | Identity::Service { .. } | Identity::Anonymous)
    }

    /// Whether identity-based policies are not needed: the root user may do everything.
    pub(crate) fn is_root(&self) -> bool {
        matches!(self.identity, Identity::Root { .. } | Identity::FederatedUser { issuer: Issuer::Root, .. })
    }

    pub(crate) fn is_service_linked(&self) -> bool {
        matches!(self.identity, Identity::RoleSession { service_linked: true, .. })
    }

    pub(crate) fn is_federated_user(&self) -> bool {
        matches!(self.identity, Identity::FederatedUser { .. })
    }
}

/// How closely a statement names the caller. The order is that of strength: what a resource-based
/// policy grants depends on it. Same account:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html#reference_policies_evaluation-logic_policies_evaluation_example>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Naming {
    /// By its account: the account's own policies must allow it too.
    Account,
    /// By its role, or by the user a federated session belongs to: boundary and session policies limit it.
    Role,
    /// As itself, or as everyone: nothing but an explicit deny limits it.
    Direct,
}

/// A `Principal` or `NotPrincipal` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalElement {
    /// Whether it is `NotPrincipal`.
    pub negated: bool,
    /// The principals listed.
    pub entries: Vec<PrincipalEntry>,
    /// Where each of them stands in the source, quotation marks included.
    pub(crate) places: Vec<Range<usize>>,
    /// Whether it stands in the trust policy of a role.
    pub(crate) of_trust: bool,
}

/// One principal of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalEntry {
    /// `*`.
    Everyone,
    /// An account, by id or root ARN.
    Account(Box<str>),
    /// The ARN of a user, role or session.
    Arn(Box<str>),
    /// The unique id of a user or role (`AIDA…`, `AROA…`).
    UniqueId(Box<str>),
    /// A service name, or `*` for any service.
    Service(Box<str>),
    /// An identity provider, or `*` for any.
    Federated(Box<str>),
    /// An S3 canonical user id.
    CanonicalUser(Box<str>),
}

impl fmt::Display for PrincipalEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PrincipalEntry::Everyone => "*",
            PrincipalEntry::Account(name)
            | PrincipalEntry::Arn(name)
            | PrincipalEntry::UniqueId(name)
            | PrincipalEntry::Service(name)
            | PrincipalEntry::Federated(name)
            | PrincipalEntry::CanonicalUser(name) => name,
        })
    }
}

impl PrincipalEntry {
    /// How the entry names the caller, if it does.
    fn names(&self, facts: &PrincipalFacts) -> Option<Naming> {
        let found = |yes: bool, naming| yes.then_some(naming);
        match self {
            PrincipalEntry::Everyone => Some(Naming::Direct),
            PrincipalEntry::Account(id) => found(facts.account.as_deref() == Some(id), account_naming(facts)),
            PrincipalEntry::CanonicalUser(id) => {
                found(facts.canonical_user.as_deref() == Some(id), account_naming(facts))
            }
            PrincipalEntry::Arn(arn) => match &facts.identity {
                Identity::Root { arn: own } | Identity::User { arn: own, .. } => found(**arn == **own, Naming::Direct),
                Identity::RoleSession { session_arn, .. } if **arn == **session_arn => Some(Naming::Direct),
                Identity::RoleSession { role_arn, .. } => found(**arn == **role_arn, Naming::Role),
                Identity::FederatedUser { arn: own, .. } if **arn == **own => Some(Naming::Direct),
                Identity::FederatedUser { issuer: Issuer::User { arn: user, .. }, .. } => {
                    found(**arn == **user, Naming::Role)
                }
                _ => None,
            },
            PrincipalEntry::UniqueId(id) => match &facts.identity {
                Identity::User { id: own, .. } => found(**id == **own, Naming::Direct),
                Identity::RoleSession { role_id, .. } => found(**id == **role_id, Naming::Role),
                Identity::FederatedUser { issuer: Issuer::User { id: user, .. }, .. } => {
                    found(**id == **user, Naming::Role)
                }
                _ => None,
            },
            PrincipalEntry::Service(name) => match &facts.identity {
                Identity::Service { names } => {
                    found(&**name == "*" || names.iter().any(|own| **own == **name), Naming::Direct)
                }
                _ => None,
            },
            PrincipalEntry::Federated(name) => match &facts.identity {
                Identity::Federated { provider } => found(&**name == "*" || **provider == **name, Naming::Direct),
                Identity::RoleSession { federated_provider: Some(provider), .. } => {
                    found(**provider == **name, Naming::Role)
                }
                _ => None,
            },
        }
    }
}

/// An account names its root user directly and everybody else by delegation.
fn account_naming(facts: &PrincipalFacts) -> Naming {
    if matches!(facts.identity, Identity::Root { .. }) { Naming::Direct } else { Naming::Account }
}

impl PrincipalElement {
    /// How a statement with this element applies to the caller, if it does. `bounded` tells that
    /// the caller has a permissions boundary.
    pub(crate) fn applies(&self, facts: &PrincipalFacts, effect: Effect, bounded: bool) -> Option<Naming> {
        if self.negated {
            return (!self.exempts(facts, effect, bounded)).then_some(Naming::Direct);
        }
        let named = self.entries.iter().filter_map(|entry| entry.names(facts)).max();
        // UNVERIFIED: "everyone" includes callers that only an identity provider vouches for when
        // it denies, but a role is not opened to every provider by `"AWS": "*"`.
        if self.of_trust && effect == Effect::Allow && matches!(facts.identity, Identity::Federated { .. }) {
            return self
                .entries
                .iter()
                .filter(|entry| **entry != PrincipalEntry::Everyone)
                .filter_map(|entry| entry.names(facts))
                .max();
        }
        named
    }

    /// Whether `NotPrincipal` spares the caller.
    ///
    /// A `Deny` spares it only if every one of its levels is listed: the account, the role, and
    /// the session or user itself; and it never spares a caller with a permissions boundary:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>.
    /// UNVERIFIED: AWS says an unlisted account or role *might* be denied; here it always is. An
    /// `Allow` spares the caller as soon as any level is listed.
    fn exempts(&self, facts: &PrincipalFacts, effect: Effect, bounded: bool) -> bool {
        if self.entries.contains(&PrincipalEntry::Everyone) {
            return true;
        }
        let listed = |naming| self.entries.iter().any(|entry| entry.names(facts) == Some(naming));
        if effect == Effect::Allow {
            return self.entries.iter().any(|entry| entry.names(facts).is_some());
        }
        match &facts.identity {
            Identity::Root { .. } | Identity::Federated { .. } | Identity::Service { .. } => listed(Naming::Direct),
            _ if bounded => false,
            Identity::User { .. } => listed(Naming::Account) && listed(Naming::Direct),
            Identity::RoleSession { .. } => listed(Naming::Account) && listed(Naming::Role) && listed(Naming::Direct),
            Identity::FederatedUser { issuer, .. } => {
                let issuer_listed = *issuer == Issuer::Root || listed(Naming::Role);
                listed(Naming::Account) && issuer_listed && listed(Naming::Direct)
            }
            Identity::Anonymous => false,
        }
    }
}
