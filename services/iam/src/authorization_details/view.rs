//! Users, groups and roles with all that belongs to them.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Page, Result, Timestamp};

use crate::attachment::AttachedPolicy;
use crate::boundary::AttachedBoundary;
use crate::entity::{Kind, by_id};
use crate::group::{Group, Membership};
use crate::instance_profile::{self, InstanceProfileView};
use crate::role::{Role, RoleLastUsed};
use crate::tag::{self, Tag};
use crate::user::User;
use crate::{attachment, document, inline_policy};

/// An inline policy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InlineDetail {
    policy_name: String,
    policy_document: String,
}

async fn inline(cx: &mut Cx, entity: &str) -> Result<Vec<InlineDetail>> {
    let policies = inline_policy::of(cx, cx.here(), entity).await?.into_iter();
    let detail = |policy: inline_policy::InlinePolicy| InlineDetail {
        policy_document: document::encode(&policy.document),
        policy_name: policy.name,
    };
    Ok(policies.map(detail).collect())
}

async fn attached(cx: &mut Cx, entity: &str) -> Result<Vec<AttachedPolicy>> {
    Ok(attachment::of(cx, cx.here(), entity).await?.into_iter().map(AttachedPolicy::from).collect())
}

/// A user.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UserDetail {
    path: String,
    user_name: String,
    user_id: String,
    arn: String,
    create_date: Timestamp,
    user_policy_list: Vec<InlineDetail>,
    group_list: Vec<String>,
    attached_managed_policies: Vec<AttachedPolicy>,
    permissions_boundary: Option<AttachedBoundary>,
    tags: Vec<Tag>,
}

impl UserDetail {
    pub(super) async fn of(cx: &mut Cx, user: User) -> Result<Self> {
        let place = cx.here();
        let mut group_list = Vec::new();
        for membership in cx.list::<Membership>(place, (&user.head.id,), Page::ALL).await? {
            group_list.extend(by_id::<Group>(cx, place, &membership.group).await?.map(|group| group.head.name));
        }
        group_list.sort_unstable();
        Ok(Self {
            arn: user.head.arn(Kind::User, place).into(),
            user_policy_list: inline(cx, &user.head.id).await?,
            attached_managed_policies: attached(cx, &user.head.id).await?,
            group_list,
            permissions_boundary: user.boundary.map(AttachedBoundary::of),
            tags: tag::list(&user.tags),
            path: user.head.path,
            user_name: user.head.name,
            user_id: user.head.id,
            create_date: user.head.created,
        })
    }
}

/// A group.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupDetail {
    path: String,
    group_name: String,
    group_id: String,
    arn: String,
    create_date: Timestamp,
    group_policy_list: Vec<InlineDetail>,
    attached_managed_policies: Vec<AttachedPolicy>,
}

impl GroupDetail {
    pub(super) async fn of(cx: &mut Cx, group: Group) -> Result<Self> {
        Ok(Self {
            arn: group.head.arn(Kind::Group, cx.here()).into(),
            group_policy_list: inline(cx, &group.head.id).await?,
            attached_managed_policies: attached(cx, &group.head.id).await?,
            path: group.head.path,
            group_name: group.head.name,
            group_id: group.head.id,
            create_date: group.head.created,
        })
    }
}

/// A role.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RoleDetail {
    path: String,
    role_name: String,
    role_id: String,
    arn: String,
    create_date: Timestamp,
    assume_role_policy_document: String,
    instance_profile_list: Vec<InstanceProfileView>,
    role_policy_list: Vec<InlineDetail>,
    attached_managed_policies: Vec<AttachedPolicy>,
    permissions_boundary: Option<AttachedBoundary>,
    tags: Vec<Tag>,
    role_last_used: Option<RoleLastUsed>,
}

impl RoleDetail {
    pub(super) async fn of(cx: &mut Cx, role: Role) -> Result<Self> {
        let mut instance_profile_list = Vec::new();
        for profile in instance_profile::of_role(cx, &role.head.id).await? {
            instance_profile_list.push(InstanceProfileView::brief(cx, &profile).await?);
        }
        Ok(Self {
            arn: role.head.arn(Kind::Role, cx.here()).into(),
            assume_role_policy_document: document::encode(&role.trust.current(cx).await?),
            instance_profile_list,
            role_policy_list: inline(cx, &role.head.id).await?,
            attached_managed_policies: attached(cx, &role.head.id).await?,
            role_last_used: RoleLastUsed::of(cx, &role.head.id).await?,
            permissions_boundary: role.boundary.map(AttachedBoundary::of),
            tags: tag::list(&role.tags),
            path: role.head.path,
            role_name: role.head.name,
            role_id: role.head.id,
            create_date: role.head.created,
        })
    }
}
