//! Tags of a role.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::Role;
use crate::entity::named;
use crate::page::Wanted;
use crate::tag::{self, Tag};
use crate::{access, account};

/// Adds tags to a role, or gives those that it has other values.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagRole {
    role_name: String,
    tags: Vec<Tag>,
}

impl Operation for TagRole {
    const NAME: &'static str = "TagRole";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = access::on::<Role>(cx, "iam:TagRole", &self.role_name).await?;
        Ok(access.request_tags(&tag::read(Some(&self.tags))?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut role = named::<Role>(cx, &self.role_name).await?;
        tag::add(&mut role.tags, tag::read(Some(&self.tags))?)?;
        cx.put(cx.here(), &role).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

/// Removes tags from a role.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagRole {
    role_name: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagRole {
    const NAME: &'static str = "UntagRole";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = access::on::<Role>(cx, "iam:UntagRole", &self.role_name).await?;
        Ok(access.tag_keys(self.tag_keys.iter().cloned()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut role = named::<Role>(cx, &self.role_name).await?;
        tag::remove(&mut role.tags, &self.tag_keys);
        cx.put(cx.here(), &role).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of a role, by key.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRoleTags {
    role_name: String,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRoleTagsResponse {
    tags: Vec<Tag>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListRoleTags {
    const NAME: &'static str = "ListRoleTags";
    type Output = ListRoleTagsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<Role>(cx, "iam:ListRoleTags", &self.role_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListRoleTagsResponse> {
        let role = named::<Role>(cx, &self.role_name).await?;
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(tag::list(&role.tags), |tag| tag.key.clone())?;
        Ok(ListRoleTagsResponse { is_truncated: page.is_truncated(), tags: page.items, marker: page.marker })
    }
}
