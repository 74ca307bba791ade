//! Reading groups.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result};

use super::{Group, GroupView, Membership};
use crate::entity::{by_id, named};
use crate::page::{Paged, Wanted};
use crate::user::{User, UserView};
use crate::{access, entity};

/// Tells of a group and lists its users, by name.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetGroup {
    group_name: String,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetGroupResponse {
    group: GroupView,
    users: Vec<UserView>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for GetGroup {
    const NAME: &'static str = "GetGroup";
    type Output = GetGroupResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<Group>(cx, "iam:GetGroup", &self.group_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetGroupResponse> {
        let place = cx.here();
        let group = named::<Group>(cx, &self.group_name).await?;
        let mut users = Vec::new();
        for membership in cx.find::<Membership>(place, "group", &group.head.id, 0).await? {
            users.extend(by_id::<User>(cx, place, &membership.user).await?);
        }
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page =
            wanted.of(users, |user| user.head.name.to_ascii_lowercase())?.map(|user| UserView::brief(&user, place));
        Ok(GetGroupResponse {
            group: GroupView::of(&group, place),
            is_truncated: page.is_truncated(),
            users: page.items,
            marker: page.marker,
        })
    }
}

/// Groups in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Groups {
    groups: Vec<GroupView>,
    is_truncated: bool,
    marker: Option<String>,
}

impl From<Paged<GroupView>> for Groups {
    fn from(page: Paged<GroupView>) -> Self {
        Self { is_truncated: page.is_truncated(), groups: page.items, marker: page.marker }
    }
}

/// Lists the groups of the account, by name.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListGroups {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<u32>,
}

impl Operation for ListGroups {
    const NAME: &'static str = "ListGroups";
    type Output = Groups;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let path = self.path_prefix.as_deref().unwrap_or("/");
        Ok(access::to(cx, "iam:ListGroups")?.on(cx.here().global_arn("iam", format_args!("group{path}"))))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Groups> {
        let place = cx.here();
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let page = Wanted { marker: self.marker.as_deref(), max_items: self.max_items }
            .rows::<Group>(
                cx,
                place,
                (),
                |group| group.head.name.clone(),
                entity::key,
                |group| group.head.path.starts_with(prefix),
            )
            .await?;
        Ok(page.map(|group| GroupView::of(&group, place)).into())
    }
}

/// Lists the groups that a user is in, by name.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListGroupsForUser {
    user_name: String,
    marker: Option<String>,
    max_items: Option<u32>,
}

impl Operation for ListGroupsForUser {
    const NAME: &'static str = "ListGroupsForUser";
    type Output = Groups;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<User>(cx, "iam:ListGroupsForUser", &self.user_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Groups> {
        let place = cx.here();
        let user = named::<User>(cx, &self.user_name).await?.head.id;
        let mut groups = Vec::new();
        for membership in cx.list::<Membership>(place, (&user,), Page::ALL).await? {
            groups.extend(by_id::<Group>(cx, place, &membership.group).await?);
        }
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(groups, |group| group.head.name.to_ascii_lowercase())?;
        Ok(page.map(|group| GroupView::of(&group, place)).into())
    }
}
