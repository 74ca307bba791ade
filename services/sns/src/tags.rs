//! Tags of topics.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use crate::errors::{ResourceNotFoundException, TagLimitExceededException, invalid};
use crate::policy;
use crate::topic::{Address, Topic, TopicArn};

/// Tags of a topic at most.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html>
const MOST: usize = 50;

/// A tag as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: String,
    value: String,
}

/// Tags by their keys.
///
/// # Errors
/// `InvalidParameter` if a key is there twice.
pub(crate) fn map(tags: &[Tag]) -> Result<BTreeMap<String, String>> {
    let map: BTreeMap<_, _> = tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    if map.len() == tags.len() { Ok(map) } else { Err(invalid("Duplicated keys are not allowed.")) }
}

/// Holds the tags of a topic against the rules.
///
/// # Errors
/// `TagLimitExceeded`, `InvalidParameter`
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<()> {
    if tags.len() > MOST {
        return Err(TagLimitExceededException.into());
    }
    // UNVERIFIED: the wording.
    match tags.keys().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        Some(_) => Err(invalid("Tags Reason: aws: prefixed tag key names are not allowed for external use.")),
        None => Ok(()),
    }
}

/// The topic that is to have tags.
async fn tagged(cx: &mut Cx, address: &Address) -> Result<Topic> {
    address.find(cx).await?.ok_or_else(|| ResourceNotFoundException.into())
}

/// Adds tags to a topic.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource {
    resource_arn: TopicArn,
    tags: Vec<Tag>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.resource_arn.address(cx)?;
        let access = policy::access(cx, &address, "sns:TagResource").await?;
        Ok(access.request_tags(&map(&self.tags)?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.resource_arn.address(cx)?;
        let mut topic = tagged(cx, &address).await?;
        topic.tags.extend(map(&self.tags)?);
        check(&topic.tags)?;
        cx.put(address.place, &topic).await?;
        Ok(Empty {})
    }
}

/// Removes tags from a topic.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_UntagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagResource {
    resource_arn: TopicArn,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.resource_arn.address(cx)?;
        let access = policy::access(cx, &address, "sns:UntagResource").await?;
        Ok(access.tag_keys(self.tag_keys.clone()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.resource_arn.address(cx)?;
        let mut topic = tagged(cx, &address).await?;
        topic.tags.retain(|key, _| !self.tag_keys.contains(key));
        cx.put(address.place, &topic).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of a topic.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_ListTagsForResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResource {
    resource_arn: TopicArn,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResourceResponse {
    tags: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Output = ListTagsForResourceResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.resource_arn.address(cx)?, "sns:ListTagsForResource").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTagsForResourceResponse> {
        let address = self.resource_arn.address(cx)?;
        let tags = tagged(cx, &address).await?.tags;
        Ok(ListTagsForResourceResponse { tags: tags.into_iter().map(|(key, value)| Tag { key, value }).collect() })
    }
}
