//! Tags of a user.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::User;
use crate::entity::named;
use crate::page::Wanted;
use crate::tag::{self, Tag};
use crate::{access, account};

/// Adds tags to a user, or gives those that it has other values.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagUser {
    user_name: String,
    tags: Vec<Tag>,
}

impl Operation for TagUser {
    const NAME: &'static str = "TagUser";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = access::on::<User>(cx, "iam:TagUser", &self.user_name).await?;
        Ok(access.request_tags(&tag::read(Some(&self.tags))?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut user = named::<User>(cx, &self.user_name).await?;
        tag::add(&mut user.tags, tag::read(Some(&self.tags))?)?;
        cx.put(cx.here(), &user).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

/// Removes tags from a user.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagUser {
    user_name: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagUser {
    const NAME: &'static str = "UntagUser";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = access::on::<User>(cx, "iam:UntagUser", &self.user_name).await?;
        Ok(access.tag_keys(self.tag_keys.iter().cloned()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut user = named::<User>(cx, &self.user_name).await?;
        tag::remove(&mut user.tags, &self.tag_keys);
        cx.put(cx.here(), &user).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of a user, by key.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListUserTags {
    user_name: String,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListUserTagsResponse {
    tags: Vec<Tag>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListUserTags {
    const NAME: &'static str = "ListUserTags";
    type Output = ListUserTagsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<User>(cx, "iam:ListUserTags", &self.user_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListUserTagsResponse> {
        let user = named::<User>(cx, &self.user_name).await?;
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(tag::list(&user.tags), |tag| tag.key.clone())?;
        Ok(ListUserTagsResponse { is_truncated: page.is_truncated(), tags: page.items, marker: page.marker })
    }
}
