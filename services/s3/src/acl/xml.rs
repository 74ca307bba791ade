//! Lists as the API has them.

use serde::{Deserialize, Serialize};
use welkin_kernel::Result;

use super::headers::{by_email, by_id, by_uri};
use super::{Acl, Grant, Grantee, Permission, User};
use crate::bucket::Owner;
use crate::errors::{AccessDenied, MalformedACLError};

/// A list as answers have it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccessControlPolicy {
    owner: Owner,
    grants: Vec<ShownGrant>,
}

/// A grant.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShownGrant {
    grantee: ShownGrantee,
    permission: String,
}

/// Who is granted.
#[derive(Debug, Default, Serialize, Deserialize)]
struct ShownGrantee {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "ID")]
    id: Option<String>,
    #[serde(rename = "URI")]
    uri: Option<String>,
}

impl AccessControlPolicy {
    /// The list of what `owner` owns.
    pub(crate) fn of(owner: User, acl: Option<&Acl>) -> Self {
        let private = Acl::private(owner);
        let grants = &acl.unwrap_or(&private).0;
        Self { owner: Owner::named(owner), grants: grants.iter().map(ShownGrant::of).collect() }
    }
}

impl ShownGrant {
    pub(crate) fn of(grant: &Grant) -> Self {
        let grantee = match grant.grantee {
            Grantee::User(user) => ShownGrantee { kind: "CanonicalUser".to_owned(), id: Some(user.id()), uri: None },
            Grantee::Group(group) => {
                ShownGrantee { kind: "Group".to_owned(), id: None, uri: Some(group.uri().to_owned()) }
            }
        };
        Self { grantee, permission: grant.permission.name().to_owned() }
    }
}

/// A list that a request brings.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Policy {
    owner: Option<GivenOwner>,
    grants: Option<Vec<GivenGrant>>,
}

/// Its owner.
#[derive(Debug, Deserialize)]
struct GivenOwner {
    #[serde(rename = "ID")]
    id: Option<String>,
}

/// A grant.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GivenGrant {
    grantee: Option<GivenGrantee>,
    permission: Option<String>,
}

/// Who is granted.
#[derive(Debug, Deserialize)]
struct GivenGrantee {
    #[serde(rename = "Type")]
    kind: Option<String>,
    #[serde(rename = "ID")]
    id: Option<String>,
    #[serde(rename = "URI")]
    uri: Option<String>,
}

impl Policy {
    /// The grants, of what `owner` owns.
    ///
    /// # Errors
    /// `MalformedACLError`, `InvalidArgument`; `AccessDenied` if the request names another owner
    pub(crate) fn read(&self, owner: User) -> Result<Acl> {
        let named = self.owner.as_ref().and_then(|owner| owner.id.as_deref()).ok_or(MalformedACLError)?;
        // UNVERIFIED: that the owner cannot be changed is documented, not the error for trying.
        if named != owner.id() {
            return Err(AccessDenied.into());
        }
        let grants = self.grants.as_deref().ok_or(MalformedACLError)?;
        grants.iter().map(GivenGrant::read).collect::<Result<_>>().map(Acl)
    }
}

impl GivenGrant {
    pub(crate) fn read(&self) -> Result<Grant> {
        let permission = self.permission.as_deref().and_then(Permission::by_name).ok_or(MalformedACLError)?;
        let grantee = self.grantee.as_ref().ok_or(MalformedACLError)?.read()?;
        Ok(Grant { grantee, permission })
    }
}

impl GivenGrantee {
    fn read(&self) -> Result<Grantee> {
        match (self.kind.as_deref(), self.id.as_deref(), self.uri.as_deref()) {
            (Some("CanonicalUser"), Some(id), _) => by_id(id),
            (Some("Group"), _, Some(uri)) => by_uri(uri),
            (Some("AmazonCustomerByEmail"), ..) => Err(by_email()),
            _ => Err(MalformedACLError.into()),
        }
    }
}
