//! Deleting a queue.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Resource, Result, Schedule, Scope, Timestamp};

use crate::clear::Clear;
use crate::expiry;
use crate::policy::{self, Sharing};
use crate::queue::{Queue, QueueUrl};

/// How long a name cannot be taken again.
pub(crate) const NAME_REST: Duration = Duration::from_secs(60);

/// A name that a queue had.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deleted {
    pub(crate) name: String,
    pub(crate) at: Timestamp,
}

impl Resource for Deleted {
    const KIND: &'static str = "sqs/deleted-queue";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

/// Deletes a queue with all that is in it.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteQueue {
    queue_url: QueueUrl,
}

impl Operation for DeleteQueue {
    const NAME: &'static str = "DeleteQueue";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.queue_url.address(cx)?, "sqs:DeleteQueue", Sharing::Owner).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.queue_url.address(cx)?;
        let queue = address.queue(cx).await?;
        cx.delete::<Queue>(address.place, &address.name).await?;
        expiry::forget(cx, address.place, &queue).await?;
        cx.enqueue_at(address.place, &Clear::queue(queue.contents), Schedule::now()).await?;
        let deleted = Deleted { name: queue.name, at: cx.now() };
        cx.put(address.place, &deleted).await?;
        Ok(Empty {})
    }
}
