//! Making, changing and removing a group.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Group, GroupView, Membership};
use crate::entity::{Head, find, key, named};
use crate::errors::{DeleteConflictException, EntityAlreadyExistsException};
use crate::{access, account, attachment, inline_policy, quota};

fn taken(name: &str) -> welkin_kernel::Error {
    EntityAlreadyExistsException::because(format!("Group with name {name} already exists."))
}

/// Makes a group.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateGroup {
    path: Option<String>,
    group_name: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateGroupResponse {
    group: GroupView,
}

impl Operation for CreateGroup {
    const NAME: &'static str = "CreateGroup";
    type Output = CreateGroupResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let path = self.path.as_deref().unwrap_or("/");
        let arn = cx.here().global_arn("iam", format_args!("group{path}{}", self.group_name));
        Ok(access::to(cx, "iam:CreateGroup")?.on(arn))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateGroupResponse> {
        if find::<Group>(cx, &self.group_name).await?.is_some() {
            return Err(taken(&self.group_name));
        }
        quota::hold("GroupsPerAccount", account::read(cx).await?.groups as usize, quota::GROUPS)?;
        let group = Group { head: Head::new(cx, "AGPA", &self.group_name, self.path.as_deref()) };
        cx.put(cx.here(), &group).await?;
        account::changed_with(cx, |account| account.groups += 1).await?;
        Ok(CreateGroupResponse { group: GroupView::of(&group, cx.here()) })
    }
}

/// Gives a group another name or path. Its users and policies stay with it.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateGroup {
    group_name: String,
    new_path: Option<String>,
    new_group_name: Option<String>,
}

impl Operation for UpdateGroup {
    const NAME: &'static str = "UpdateGroup";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let mut access = access::on::<Group>(cx, "iam:UpdateGroup", &self.group_name).await?;
        if let Some(name) = &self.new_group_name {
            let path = match &self.new_path {
                Some(path) => path.clone(),
                None => find::<Group>(cx, &self.group_name).await?.map_or("/".to_owned(), |group| group.head.path),
            };
            let target = cx.here().global_arn("iam", format_args!("group{path}{name}"));
            access = access.and(access::to(cx, "iam:UpdateGroup")?.on(target));
        }
        Ok(access)
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut group = named::<Group>(cx, &self.group_name).await?;
        if let Some(name) = &self.new_group_name {
            let other = find::<Group>(cx, name).await?.filter(|other| other.head.id != group.head.id);
            if other.is_some() {
                return Err(taken(name));
            }
            cx.delete::<Group>(cx.here(), key(&self.group_name)).await?;
            group.head.name.clone_from(name);
        }
        if let Some(path) = &self.new_path {
            group.head.path.clone_from(path);
        }
        cx.put(cx.here(), &group).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

/// Removes a group that has neither users nor policies any more.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteGroup {
    group_name: String,
}

impl Operation for DeleteGroup {
    const NAME: &'static str = "DeleteGroup";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<Group>(cx, "iam:DeleteGroup", &self.group_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let id = named::<Group>(cx, &self.group_name).await?.head.id;
        let conflict =
            |what| Err(DeleteConflictException::because(format!("Cannot delete entity, must {what} first.")));
        if !cx.find::<Membership>(cx.here(), "group", &id, 1).await?.is_empty() {
            return conflict("remove users from group");
        }
        if inline_policy::any(cx, &id).await? {
            return conflict("delete policies");
        }
        if attachment::any(cx, &id).await? {
            return conflict("detach all policies");
        }
        cx.delete::<Group>(cx.here(), key(&self.group_name)).await?;
        account::changed_with(cx, |account| account.groups = account.groups.saturating_sub(1)).await?;
        Ok(Empty {})
    }
}
