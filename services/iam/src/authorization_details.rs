//! All of an account's users, groups, roles and policies at once.

mod view;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Resource, Result};

use crate::entity::{Entity, by_id};
use crate::group::Group;
use crate::page::Wanted;
use crate::role::Role;
use crate::user::User;
use crate::{access, policy};
use view::{GroupDetail, RoleDetail, UserDetail};

/// Shows the users, groups, roles and policies of the account with all that belongs to them.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccountAuthorizationDetails {
    filter: Option<Vec<Item>>,
    max_items: Option<u32>,
    marker: Option<String>,
}

/// What can be shown, in the order in which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
enum Item {
    User,
    Group,
    Role,
    LocalManagedPolicy,
    #[serde(rename = "AWSManagedPolicy")]
    AwsManagedPolicy,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccountAuthorizationDetailsResponse {
    user_detail_list: Vec<UserDetail>,
    group_detail_list: Vec<GroupDetail>,
    role_detail_list: Vec<RoleDetail>,
    policies: Vec<policy::PolicyDetail>,
    is_truncated: bool,
    marker: Option<String>,
}

impl GetAccountAuthorizationDetails {
    fn wants(&self, item: Item) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.is_empty() || filter.contains(&item))
    }

    /// What there is to show: ids of entities, ARNs of policies.
    async fn items(&self, cx: &mut Cx) -> Result<Vec<(Item, String)>> {
        let mut items = Vec::new();
        if self.wants(Item::User) {
            items.extend(ids::<User>(cx).await?.into_iter().map(|id| (Item::User, id)));
        }
        if self.wants(Item::Group) {
            items.extend(ids::<Group>(cx).await?.into_iter().map(|id| (Item::Group, id)));
        }
        if self.wants(Item::Role) {
            items.extend(ids::<Role>(cx).await?.into_iter().map(|id| (Item::Role, id)));
        }
        if self.wants(Item::LocalManagedPolicy) {
            let arns = policy::own_arns(cx).await?;
            items.extend(arns.into_iter().map(|arn| (Item::LocalManagedPolicy, arn)));
        }
        if self.wants(Item::AwsManagedPolicy) {
            let arns = policy::used_arns_of_aws(cx).await?;
            items.extend(arns.into_iter().map(|arn| (Item::AwsManagedPolicy, arn)));
        }
        Ok(items)
    }
}

async fn ids<E: Entity + Resource>(cx: &mut Cx) -> Result<Vec<String>> {
    let all = cx.list::<E>(cx.here(), (), Page::ALL).await?;
    Ok(all.into_iter().map(|entity| entity.head().id.clone()).collect())
}

impl Operation for GetAccountAuthorizationDetails {
    const NAME: &'static str = "GetAccountAuthorizationDetails";
    type Output = GetAccountAuthorizationDetailsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:GetAccountAuthorizationDetails")
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetAccountAuthorizationDetailsResponse> {
        let place = cx.here();
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(self.items(cx).await?, |(item, name)| format!("{} {name}", *item as u8))?;
        let mut response =
            GetAccountAuthorizationDetailsResponse { is_truncated: page.is_truncated(), ..Default::default() };
        for (item, name) in &page.items {
            match item {
                Item::User => {
                    if let Some(user) = by_id::<User>(cx, place, name).await? {
                        response.user_detail_list.push(UserDetail::of(cx, user).await?);
                    }
                }
                Item::Group => {
                    if let Some(group) = by_id::<Group>(cx, place, name).await? {
                        response.group_detail_list.push(GroupDetail::of(cx, group).await?);
                    }
                }
                Item::Role => {
                    if let Some(role) = by_id::<Role>(cx, place, name).await? {
                        response.role_detail_list.push(RoleDetail::of(cx, role).await?);
                    }
                }
                Item::LocalManagedPolicy | Item::AwsManagedPolicy => {
                    response.policies.push(policy::PolicyDetail::of(cx, name).await?);
                }
            }
        }
        response.marker = page.marker;
        Ok(response)
    }
}
