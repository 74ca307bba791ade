//! Who permissions are granted to, and whom they reach.
//!
//! <https://docs.aws.amazon.com/lake-formation/latest/dg/granting-catalog-permissions.html>

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{AccountId, Arn, Cx, Principal, Result, SessionOf};

use crate::errors::{invalid, not_implemented};

/// Whoever IAM allows: what makes Lake Formation stand back.
pub(crate) const IAM_ALLOWED: &str = "IAM_ALLOWED_PRINCIPALS";

/// A principal as the API has it.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_DataLakePrincipal.html>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DataLakePrincipal {
    #[serde(rename = "DataLakePrincipalIdentifier")]
    pub(crate) identifier: Option<String>,
}

impl DataLakePrincipal {
    pub(crate) fn of(identifier: impl Into<String>) -> Self {
        Self { identifier: Some(identifier.into()) }
    }

    pub(crate) fn is(&self, identifier: &str) -> bool {
        self.identifier.as_deref() == Some(identifier)
    }

    /// Whom it names.
    ///
    /// # Errors
    /// `InvalidInputException`, `NotImplemented`
    pub(crate) fn grantee(&self) -> Result<Grantee> {
        let identifier = self.identifier.as_deref().unwrap_or_default();
        Grantee::read(identifier)?.ok_or_else(|| invalid(format!("Invalid principal, {identifier}")))
    }
}

/// Who can be granted something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Grantee {
    IamAllowed,
    /// A user, a role or a root user.
    Identity(AccountId),
    /// All users and roles of an account.
    Everyone(AccountId),
    Account(AccountId),
    /// An organization, or a unit of it.
    Organization {
        /// The organization's id.
        organization: String,
        /// The id of what is meant.
        id: String,
    },
}

impl Grantee {
    fn read(identifier: &str) -> Result<Option<Self>> {
        if identifier == IAM_ALLOWED {
            return Ok(Some(Self::IamAllowed));
        }
        if let Ok(account) = identifier.parse() {
            return Ok(Some(Self::Account(account)));
        }
        if let Some(account) = identifier.strip_suffix(":IAMPrincipals") {
            return Ok(account.parse().ok().map(Self::Everyone));
        }
        let Ok(arn) = identifier.parse::<Arn>() else { return Ok(None) };
        let (kind, rest) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
        Ok(match (arn.service(), kind, arn.account()) {
            ("iam", "user" | "role", Some(account)) if !rest.is_empty() => Some(Self::Identity(account)),
            ("iam", "root", Some(account)) => Some(Self::Identity(account)),
            ("iam", "saml-provider", _) => return Err(not_implemented("users and groups of SAML providers")),
            ("quicksight", ..) => return Err(not_implemented("users and groups of QuickSight")),
            ("identitystore", ..) => return Err(not_implemented("users and groups of IAM Identity Center")),
            ("organizations", "organization" | "ou", _) if rest.starts_with("o-") => {
                let (organization, id) = rest.split_once('/').unwrap_or((rest, rest));
                Some(Self::Organization { organization: organization.to_owned(), id: id.to_owned() })
            }
            _ => None,
        })
    }

    /// The account that it is in, if it is in one.
    pub(crate) fn account(&self) -> Option<AccountId> {
        match self {
            Self::Identity(account) | Self::Everyone(account) | Self::Account(account) => Some(*account),
            Self::IamAllowed | Self::Organization { .. } => None,
        }
    }
}

/// A caller as grants name it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Who {
    pub(crate) account: Option<AccountId>,
    /// The ARN of the user or role.
    pub(crate) identity: Option<String>,
    /// Ids of the organization and its units that the account is in.
    organization: BTreeSet<String>,
    is_iam: bool,
}

impl Who {
    /// A caller as grants name it; `foreign` if it may be of another account than the catalog.
    pub(crate) async fn of(cx: &mut Cx, principal: &Principal, foreign: bool) -> Result<Self> {
        let account = principal.account();
        let mut organization = BTreeSet::new();
        if let Some(account) = account.filter(|_| foreign)
            && let Some(membership) = cx.membership(account).await?
        {
            organization.insert(membership.organization.clone());
            organization.extend(membership.levels.iter().cloned());
        }
        let is_iam = principal.user().is_some() || principal.role().is_some();
        Ok(Self { account, identity: identity(cx, principal), organization, is_iam })
    }

    /// Whether a grant to this principal reaches the caller itself, and not its account as a whole.
    pub(crate) fn is(&self, principal: &str) -> bool {
        if self.identity.as_deref() == Some(principal) {
            return true;
        }
        let everyone = |account: AccountId| principal == format!("{account}:IAMPrincipals");
        self.is_iam && self.account.is_some_and(everyone)
    }

    /// Whether a grant to this principal shares something with the caller's account.
    pub(crate) fn is_shared_with(&self, principal: &str) -> bool {
        match Grantee::read(principal) {
            Ok(Some(Grantee::Account(account))) => self.account == Some(account),
            Ok(Some(Grantee::Organization { organization, id })) => {
                self.organization.contains(&organization) && self.organization.contains(&id)
            }
            _ => false,
        }
    }

    /// Whether the caller made what this ARN's holder made. A role's sessions are one.
    pub(crate) fn made(&self, created_by: Option<&str>) -> bool {
        let made = created_by.and_then(owner);
        made.is_some() && made == self.identity.as_deref().and_then(owner)
    }
}

/// The ARN of the user or role behind a caller.
fn identity(cx: &Cx, principal: &Principal) -> Option<String> {
    let partition = cx.region().partition();
    let arn = |account, resource: &str| {
        Some(Arn::from_parts(partition, "iam", None, Some(account), resource).as_str().to_owned())
    };
    if let (Some(session), Some(role)) = (principal.session(), principal.role()) {
        return arn(session.account, &role.resource());
    }
    if let Some(user) = principal.user() {
        return arn(user.account, &user.resource());
    }
    match principal {
        Principal::Session(session) => match &session.of {
            SessionOf::Federated { by: Some(user), .. } => arn(session.account, &user.resource()),
            _ => arn(session.account, "root"),
        },
        Principal::Root { account } => arn(*account, "root"),
        _ => None,
    }
}

/// Account, kind and name of a user or role: the same for a role and for its sessions, whose ARNs have no path.
fn owner(arn: &str) -> Option<(AccountId, &'static str, String)> {
    let arn: Arn = arn.parse().ok()?;
    let mut parts = arn.resource().split('/');
    let (kind, name) = match (parts.next()?, parts.next()) {
        ("assumed-role", name) => ("role", name),
        ("role", name) => ("role", parts.next_back().or(name)),
        ("user", name) => ("user", parts.next_back().or(name)),
        ("root", _) => ("root", Some("")),
        _ => return None,
    };
    Some((arn.account()?, kind, name?.to_owned()))
}

/// Who made something, as grants name it: a session's ARN becomes its role's.
pub(crate) fn maker(created_by: &str) -> String {
    match created_by.parse::<Arn>() {
        Ok(arn) if arn.service() == "sts" => match (owner(created_by), arn.partition()) {
            (Some((account, "role", name)), partition) => format!("arn:{partition}:iam::{account}:role/{name}"),
            _ => created_by.to_owned(),
        },
        _ => created_by.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn identifiers_are_read() {
        let of = |text: &str| DataLakePrincipal::of(text).grantee();
        assert_eq!(of(IAM_ALLOWED).unwrap(), Grantee::IamAllowed);
        assert!(matches!(of("111122223333").unwrap(), Grantee::Account(_)));
        assert!(matches!(of("111122223333:IAMPrincipals").unwrap(), Grantee::Everyone(_)));
        assert!(matches!(of("arn:aws:iam::111122223333:user/a/b").unwrap(), Grantee::Identity(_)));
        let unit = of("arn:aws:organizations::111122223333:ou/o-abcdefghij/ou-abcd-12345678").unwrap();
        let (organization, id) = ("o-abcdefghij".to_owned(), "ou-abcd-12345678".to_owned());
        assert_eq!(unit, Grantee::Organization { organization, id });
        assert!(of("arn:aws:iam::111122223333:group/g").unwrap_err().is("InvalidInputException"));
        assert!(of("somebody").unwrap_err().is("InvalidInputException"));
        assert!(of("arn:aws:iam::111122223333:saml-provider/x:group/g").unwrap_err().is("NotImplemented"));
    }

    #[test]
    fn a_roles_sessions_made_what_the_role_has() {
        let session = "arn:aws:sts::111122223333:assumed-role/etl/run-1";
        assert_eq!(owner(session), owner("arn:aws:iam::111122223333:role/jobs/etl"));
        assert_eq!(maker(session), "arn:aws:iam::111122223333:role/etl");
        assert_ne!(owner(session), owner("arn:aws:iam::111122223333:user/etl"));
    }
}
