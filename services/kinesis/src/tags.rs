//! Tags of streams and consumers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use crate::errors::invalid;
use crate::policy::Target;
use crate::stream::{self, Address};

/// Tags of a resource at most.
const MOST: usize = 50;

/// A tag as the API has it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: String,
    value: Option<String>,
}

fn shown(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag { key, value: Some(value) }).collect()
}

/// Holds the tags of a resource against the rules.
///
/// # Errors
/// `InvalidArgumentException`
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<()> {
    if tags.len() > MOST {
        // UNVERIFIED: the wording.
        return Err(invalid(format!("A resource can have at most {MOST} tags.")));
    }
    match tags.keys().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        // UNVERIFIED: the wording.
        Some(key) => Err(invalid(format!("Tag keys that begin with aws: are reserved: {key}"))),
        None => Ok(()),
    }
}

impl Target {
    async fn tags(&self, cx: &mut Cx) -> Result<BTreeMap<String, String>> {
        Ok(match self {
            Self::Stream(address) => address.stream(cx).await?.tags,
            Self::Consumer(address) => address.consumer(cx).await?.tags,
        })
    }

    async fn set_tags(&self, cx: &mut Cx, tags: BTreeMap<String, String>) -> Result<()> {
        check(&tags)?;
        match self {
            Self::Stream(address) => {
                let mut stream = address.stream(cx).await?;
                stream.tags = tags;
                cx.put(address.place, &stream).await
            }
            Self::Consumer(address) => {
                let mut consumer = address.consumer(cx).await?;
                consumer.tags = tags;
                cx.put(address.stream.place, &consumer).await
            }
        }
    }

    async fn add(&self, cx: &mut Cx, more: &BTreeMap<String, String>) -> Result<Empty> {
        let mut tags = self.tags(cx).await?;
        tags.extend(more.clone());
        self.set_tags(cx, tags).await?;
        Ok(Empty {})
    }

    async fn remove(&self, cx: &mut Cx, keys: &[String]) -> Result<Empty> {
        let mut tags = self.tags(cx).await?;
        tags.retain(|key, _| !keys.contains(key));
        self.set_tags(cx, tags).await?;
        Ok(Empty {})
    }
}

/// Adds tags to a stream.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_AddTagsToStream.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddTagsToStream {
    stream_name: Option<String>,
    tags: BTreeMap<String, String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

impl Operation for AddTagsToStream {
    const NAME: &'static str = "AddTagsToStream";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        Ok(stream::access(cx, &address, "kinesis:AddTagsToStream").await?.request_tags(&self.tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        Target::Stream(address).add(cx, &self.tags).await
    }
}

/// Removes tags from a stream.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RemoveTagsFromStream.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveTagsFromStream {
    stream_name: Option<String>,
    tag_keys: Vec<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

impl Operation for RemoveTagsFromStream {
    const NAME: &'static str = "RemoveTagsFromStream";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        Ok(stream::access(cx, &address, "kinesis:RemoveTagsFromStream").await?.tag_keys(self.tag_keys.clone()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        Target::Stream(address).remove(cx, &self.tag_keys).await
    }
}

/// Lists the tags of a stream.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForStream.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForStream {
    stream_name: Option<String>,
    exclusive_start_tag_key: Option<String>,
    limit: Option<usize>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForStreamOutput {
    tags: Vec<Tag>,
    has_more_tags: bool,
}

impl Operation for ListTagsForStream {
    const NAME: &'static str = "ListTagsForStream";
    type Output = ListTagsForStreamOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        stream::access(cx, &address, "kinesis:ListTagsForStream").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTagsForStreamOutput> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        let mut tags = address.stream(cx).await?.tags;
        if let Some(after) = &self.exclusive_start_tag_key {
            tags.retain(|key, _| key > after);
        }
        let mut tags = shown(tags);
        let limit = self.limit.unwrap_or(MOST);
        let has_more_tags = tags.len() > limit;
        tags.truncate(limit);
        Ok(ListTagsForStreamOutput { tags, has_more_tags })
    }
}

/// Adds tags to a stream or consumer.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_TagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource {
    tags: BTreeMap<String, String>,
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = Target::of(&self.resource_arn)?.access(cx, "kinesis:TagResource").await?;
        Ok(access.request_tags(&self.tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        Target::of(&self.resource_arn)?.add(cx, &self.tags).await
    }
}

/// Removes tags from a stream or consumer.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UntagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagResource {
    tag_keys: Vec<String>,
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = Target::of(&self.resource_arn)?.access(cx, "kinesis:UntagResource").await?;
        Ok(access.tag_keys(self.tag_keys.clone()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        Target::of(&self.resource_arn)?.remove(cx, &self.tag_keys).await
    }
}

/// Lists the tags of a stream or consumer.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResource {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResourceOutput {
    tags: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Output = ListTagsForResourceOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Target::of(&self.resource_arn)?.access(cx, "kinesis:ListTagsForResource").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTagsForResourceOutput> {
        let tags = Target::of(&self.resource_arn)?.tags(cx).await?;
        Ok(ListTagsForResourceOutput { tags: shown(tags) })
    }
}
