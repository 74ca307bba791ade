//! Roles: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html>.

mod create;
mod delete;
mod get;
mod list;
mod tags;
mod trust;
mod update;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::boundary::AttachedBoundary;
use crate::document;
use crate::entity::{Entity, Head, Kind};
use crate::errors::UnmodifiableEntityException;
use crate::tag::{self, Tag, Tags};
use crate::usage;

pub(crate) use create::CreateRole;
pub(crate) use delete::DeleteRole;
pub(crate) use get::GetRole;
pub(crate) use list::ListRoles;
pub(crate) use tags::{ListRoleTags, TagRole, UntagRole};
pub(crate) use trust::{TrustPolicy, UpdateAssumeRolePolicy};
pub(crate) use update::{UpdateRole, UpdateRoleDescription};

/// Longest session unless the role says otherwise, in seconds.
pub(crate) const USUAL_SESSION: u32 = 3_600;

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) head: Head,
    pub(crate) description: Option<String>,
    pub(crate) trust: TrustPolicy,
    /// Longest session, in seconds.
    pub(crate) max_session: u32,
    pub(crate) boundary: Option<String>,
    pub(crate) tags: Tags,
}

impl Resource for Role {
    const KIND: &'static str = "iam/role";
    const SCOPE: Scope = Scope::Account;
    const INDEXES: &'static [&'static str] = &["id", "boundary"];

    fn key(&self) -> Key {
        self.head.key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        let mut indexes = vec![("id", (&self.head.id).into_key())];
        indexes.extend(self.boundary.as_ref().map(|arn| ("boundary", arn.into_key())));
        indexes
    }
}

impl Entity for Role {
    const WHAT: Kind = Kind::Role;

    fn head(&self) -> &Head {
        &self.head
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn boundary(&self) -> Option<&String> {
        self.boundary.as_ref()
    }

    /// Only the service that a role is linked to may change it.
    fn hold_modifiable(&self) -> Result<()> {
        if !self.is_service_linked() {
            return Ok(());
        }
        Err(UnmodifiableEntityException::because(format!(
            "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
            self.head.name
        )))
    }
}

impl Role {
    /// Whether it is linked to a service, which alone may change it.
    pub(crate) fn is_service_linked(&self) -> bool {
        self.head.path.starts_with("/aws-service-role/")
    }
}

/// When and where a role was used last, in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleLastUsed {
    last_used_date: Timestamp,
    region: String,
}

impl RoleLastUsed {
    /// Of the role with this unique id, if it was used.
    pub(crate) async fn of(cx: &mut Cx, role: &str) -> Result<Option<Self>> {
        let last = usage::last(cx, cx.here(), role).await?;
        Ok(last.map(|used| Self { last_used_date: used.at, region: used.region.name().to_owned() }))
    }
}

/// A role in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleView {
    path: String,
    role_name: String,
    role_id: String,
    arn: String,
    create_date: Timestamp,
    assume_role_policy_document: String,
    description: Option<String>,
    max_session_duration: Option<u32>,
    permissions_boundary: Option<AttachedBoundary>,
    tags: Option<Vec<Tag>>,
    role_last_used: Option<RoleLastUsed>,
}

impl RoleView {
    /// With boundary and tags, as answers about one role show it.
    pub(crate) async fn whole(cx: &mut Cx, role: &Role) -> Result<Self> {
        Ok(Self {
            permissions_boundary: role.boundary.clone().map(AttachedBoundary::of),
            tags: tag::some(&role.tags),
            role_last_used: RoleLastUsed::of(cx, &role.head.id).await?,
            ..Self::brief(role, &role.trust.current(cx).await?, cx.here())
        })
    }

    /// Within an instance profile: who it is and whom it trusts.
    pub(crate) async fn embedded(cx: &mut Cx, role: &Role) -> Result<Self> {
        let brief = Self::brief(role, &role.trust.current(cx).await?, cx.here());
        Ok(Self { description: None, max_session_duration: None, ..brief })
    }

    /// Without boundary and tags, as listings show it.
    fn brief(role: &Role, trust: &str, place: Place) -> Self {
        Self {
            path: role.head.path.clone(),
            role_name: role.head.name.clone(),
            role_id: role.head.id.clone(),
            arn: role.head.arn(Kind::Role, place).into(),
            create_date: role.head.created,
            assume_role_policy_document: document::encode(trust),
            description: role.description.clone(),
            max_session_duration: Some(role.max_session),
            permissions_boundary: None,
            tags: None,
            role_last_used: None,
        }
    }
}
