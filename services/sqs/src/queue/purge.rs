//! Purging a queue.

use std::time::Duration;

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result, Schedule};

use crate::clear::Clear;
use crate::errors::PurgeQueueInProgress;
use crate::message::Contents;
use crate::policy::{self, Sharing};
use crate::queue::QueueUrl;

/// How long a queue cannot be purged again.
const REST: Duration = Duration::from_secs(60);

/// Deletes all messages of a queue, those in flight included.
///
/// They are out of reach at once; a job removes them.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PurgeQueue {
    queue_url: QueueUrl,
}

impl Operation for PurgeQueue {
    const NAME: &'static str = "PurgeQueue";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.queue_url.address(cx)?, "sqs:PurgeQueue", Sharing::Anyone).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.queue_url.address(cx)?;
        let mut queue = address.queue(cx).await?;
        if queue.purged.is_some_and(|purged| cx.now() < purged.plus(REST)) {
            return Err(PurgeQueueInProgress::because(format!(
                "Only one PurgeQueue operation on {} is allowed every 60 seconds.",
                queue.name
            )));
        }
        cx.enqueue_at(address.place, &Clear::messages(queue.contents), Schedule::now()).await?;
        queue.contents = Contents { purges: queue.contents.purges.wrapping_add(1), ..queue.contents };
        queue.purged = Some(cx.now());
        cx.put(address.place, &queue).await?;
        Ok(Empty {})
    }
}
