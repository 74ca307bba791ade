//! Tags of a managed policy.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{demand, own};
use crate::account;
use crate::page::Wanted;
use crate::tag::{self, Tag};

/// Adds tags to a managed policy, or gives those that it has other values.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagPolicy {
    policy_arn: String,
    tags: Vec<Tag>,
}

impl Operation for TagPolicy {
    const NAME: &'static str = "TagPolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = demand(cx, "iam:TagPolicy", &self.policy_arn).await?;
        Ok(access.request_tags(&tag::read(Some(&self.tags))?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut policy = own(cx, &self.policy_arn).await?;
        tag::add(&mut policy.tags, tag::read(Some(&self.tags))?)?;
        cx.put(cx.here(), &policy).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

/// Removes tags from a managed policy.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagPolicy {
    policy_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagPolicy {
    const NAME: &'static str = "UntagPolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = demand(cx, "iam:UntagPolicy", &self.policy_arn).await?;
        Ok(access.tag_keys(self.tag_keys.iter().cloned()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut policy = own(cx, &self.policy_arn).await?;
        tag::remove(&mut policy.tags, &self.tag_keys);
        cx.put(cx.here(), &policy).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of a managed policy, by key.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPolicyTags {
    policy_arn: String,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPolicyTagsResponse {
    tags: Vec<Tag>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListPolicyTags {
    const NAME: &'static str = "ListPolicyTags";
    type Output = ListPolicyTagsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:ListPolicyTags", &self.policy_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListPolicyTagsResponse> {
        let policy = own(cx, &self.policy_arn).await?;
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(tag::list(&policy.tags), |tag| tag.key.clone())?;
        Ok(ListPolicyTagsResponse { is_truncated: page.is_truncated(), tags: page.items, marker: page.marker })
    }
}
