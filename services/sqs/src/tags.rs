//! Tags of queues.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Event, Operation, Result};

use crate::errors::InvalidParameterValue;
use crate::policy::{self, Sharing};
use crate::queue::QueueUrl;

/// Tags of a queue at most.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html>
const MOST: usize = 50;

/// Holds tags against the rules.
///
/// # Errors
/// `InvalidParameterValue`
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<()> {
    if tags.len() > MOST {
        return Err(InvalidParameterValue::because(format!(
            "Too many tags added for queue: at most {MOST} are allowed."
        )));
    }
    for (key, value) in tags {
        let reserved = key.to_ascii_lowercase().starts_with("aws:");
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 || reserved {
            return Err(InvalidParameterValue::because(format!(
                "Tag '{key}' is invalid: a key has 1 to 128 characters and does not begin with aws:, a value has at \
                 most 256."
            )));
        }
    }
    Ok(())
}

/// Adds tags to a queue.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_TagQueue.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagQueue {
    queue_url: QueueUrl,
    tags: BTreeMap<String, String>,
}

impl Operation for TagQueue {
    const NAME: &'static str = "TagQueue";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = policy::access(cx, &self.queue_url.address(cx)?, "sqs:TagQueue", Sharing::Owner).await?;
        Ok(access.request_tags(&self.tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.queue_url.address(cx)?;
        let mut queue = address.queue(cx).await?;
        queue.tags.extend(self.tags.clone());
        check(&queue.tags)?;
        cx.put(address.place, &queue).await?;
        Ok(Empty {})
    }
}

/// Removes tags from a queue.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_UntagQueue.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagQueue {
    queue_url: QueueUrl,
    tag_keys: Vec<String>,
}

impl Operation for UntagQueue {
    const NAME: &'static str = "UntagQueue";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = policy::access(cx, &self.queue_url.address(cx)?, "sqs:UntagQueue", Sharing::Owner).await?;
        Ok(access.tag_keys(self.tag_keys.clone()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.queue_url.address(cx)?;
        let mut queue = address.queue(cx).await?;
        queue.tags.retain(|key, _| !self.tag_keys.contains(key));
        cx.put(address.place, &queue).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of a queue.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueueTags.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListQueueTags {
    queue_url: QueueUrl,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListQueueTagsResult {
    tags: Option<BTreeMap<String, String>>,
}

impl Operation for ListQueueTags {
    const NAME: &'static str = "ListQueueTags";
    const EVENT: Event = Event::Data("AWS::SQS::Queue");
    type Output = ListQueueTagsResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.queue_url.address(cx)?, "sqs:ListQueueTags", Sharing::Owner).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListQueueTagsResult> {
        let tags = self.queue_url.address(cx)?.queue(cx).await?.tags;
        Ok(ListQueueTagsResult { tags: (!tags.is_empty()).then_some(tags) })
    }
}
