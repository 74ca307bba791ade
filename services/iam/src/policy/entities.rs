//! What a managed policy is attached to.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Resource, Result};

use super::list::PolicyUse;
use super::{demand, known};
use crate::attachment;
use crate::entity::{Entity, Head, Kind, by_id};
use crate::group::Group;
use crate::page::Wanted;
use crate::role::Role;
use crate::user::User;

/// Lists the users, groups and roles that a managed policy is attached to, also as a boundary.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEntitiesForPolicy {
    policy_arn: String,
    entity_filter: Option<String>,
    path_prefix: Option<String>,
    policy_usage_filter: Option<PolicyUse>,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEntitiesForPolicyResponse {
    policy_groups: Vec<PolicyGroup>,
    policy_users: Vec<PolicyUser>,
    policy_roles: Vec<PolicyRole>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyGroup {
    group_name: String,
    group_id: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyUser {
    user_name: String,
    user_id: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyRole {
    role_name: String,
    role_id: String,
}

impl Operation for ListEntitiesForPolicy {
    const NAME: &'static str = "ListEntitiesForPolicy";
    type Output = ListEntitiesForPolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:ListEntitiesForPolicy", &self.policy_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListEntitiesForPolicyResponse> {
        known(cx, &self.policy_arn).await?;
        let mut found = Vec::new();
        if self.policy_usage_filter != Some(PolicyUse::PermissionsBoundary) {
            for attachment in attachment::of_policy(cx, &self.policy_arn).await? {
                found.extend(match attachment.kind {
                    Kind::User => head::<User>(cx, &attachment.entity).await?,
                    Kind::Group => head::<Group>(cx, &attachment.entity).await?,
                    Kind::Role => head::<Role>(cx, &attachment.entity).await?,
                });
            }
        }
        if self.policy_usage_filter != Some(PolicyUse::PermissionsPolicy) {
            found.extend(bounded::<User>(cx, &self.policy_arn).await?);
            found.extend(bounded::<Role>(cx, &self.policy_arn).await?);
        }
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        found.retain(|(kind, head)| self.admits(*kind) && head.path.starts_with(prefix));
        let order = |(kind, head): &(Kind, Head)| format!("{} {}", kind.word(), head.id);
        found.sort_by_cached_key(order);
        found.dedup_by_key(|(_, head)| head.id.clone());
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(found, order)?;
        let mut response = ListEntitiesForPolicyResponse { is_truncated: page.is_truncated(), ..Default::default() };
        for (kind, Head { id, name, .. }) in page.items {
            match kind {
                Kind::Group => response.policy_groups.push(PolicyGroup { group_name: name, group_id: id }),
                Kind::User => response.policy_users.push(PolicyUser { user_name: name, user_id: id }),
                Kind::Role => response.policy_roles.push(PolicyRole { role_name: name, role_id: id }),
            }
        }
        response.marker = page.marker;
        Ok(response)
    }
}

impl ListEntitiesForPolicy {
    fn admits(&self, kind: Kind) -> bool {
        // The model's other values, `LocalManagedPolicy` and `AWSManagedPolicy`, are no entities that a
        // policy is attached to.
        self.entity_filter.as_deref().is_none_or(|filter| filter == kind.title())
    }
}

async fn head<E: Entity>(cx: &mut Cx, id: &str) -> Result<Option<(Kind, Head)>> {
    Ok(by_id::<E>(cx, cx.here(), id).await?.map(|entity| (E::WHAT, entity.head().clone())))
}

async fn bounded<E: Entity + Resource>(cx: &mut Cx, arn: &str) -> Result<Vec<(Kind, Head)>> {
    let found = cx.find::<E>(cx.here(), "boundary", arn, 0).await?;
    Ok(found.into_iter().map(|entity| (E::WHAT, entity.head().clone())).collect())
}
