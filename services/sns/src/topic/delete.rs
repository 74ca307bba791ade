//! Deleting a topic.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result, Schedule};

use super::{Topic, TopicArn};
use crate::errors::InvalidStateException;
use crate::policy;
use crate::subscription::expire::Clear;

/// Deletes a topic with its subscriptions; not while it has an archive. One that does not exist is as good as deleted.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteTopic {
    topic_arn: TopicArn,
}

impl Operation for DeleteTopic {
    const NAME: &'static str = "DeleteTopic";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.topic_arn.address(cx)?, "sns:DeleteTopic").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.topic_arn.address(cx)?;
        if address.find(cx).await?.is_some_and(|topic| topic.archive().is_some()) {
            // UNVERIFIED: the wording.
            return Err(InvalidStateException::because("A topic with an active ArchivePolicy cannot be deleted"));
        }
        if let Some(topic) = cx.delete::<Topic>(address.place, &address.name).await? {
            let clear = Clear { topic: address.clone(), topic_id: topic.id };
            cx.enqueue_at(address.place, &clear, Schedule::now()).await?;
        }
        Ok(Empty {})
    }
}
