//! Changing how long a message stays hidden.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Event, Operation, Place, Result};

use crate::attributes::LONGEST_VISIBILITY;
use crate::errors::{MessageNotInflight, invalid};
use crate::fifo;
use crate::message::receipt::Receipt;
use crate::message::{Message, batch};
use crate::policy::{self, Sharing};
use crate::queue::{Queue, QueueUrl};

/// Changes the visibility timeout of a message that was received, counted from now.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChangeMessageVisibility {
    queue_url: QueueUrl,
    receipt_handle: String,
    visibility_timeout: i64,
}

impl Operation for ChangeMessageVisibility {
    const NAME: &'static str = "ChangeMessageVisibility";
    const EVENT: Event = Event::Data("AWS::SQS::Queue");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.queue_url.address(cx)?, "sqs:ChangeMessageVisibility", Sharing::Anyone).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.queue_url.address(cx)?;
        let queue = address.queue(cx).await?;
        change(cx, address.place, &queue, &self.receipt_handle, self.visibility_timeout).await?;
        Ok(Empty {})
    }
}

/// Changes the visibility timeouts of up to ten messages.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChangeMessageVisibilityBatch {
    queue_url: QueueUrl,
    entries: Vec<ChangeMessageVisibilityBatchRequestEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeMessageVisibilityBatchRequestEntry {
    id: String,
    receipt_handle: String,
    visibility_timeout: Option<i64>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChangeMessageVisibilityBatchResult {
    successful: Vec<ChangeMessageVisibilityBatchResultEntry>,
    failed: Vec<batch::Failed>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeMessageVisibilityBatchResultEntry {
    id: String,
}

impl Operation for ChangeMessageVisibilityBatch {
    const NAME: &'static str = "ChangeMessageVisibilityBatch";
    const EVENT: Event = Event::Data("AWS::SQS::Queue");
    type Output = ChangeMessageVisibilityBatchResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.queue_url.address(cx)?, "sqs:ChangeMessageVisibility", Sharing::Anyone).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ChangeMessageVisibilityBatchResult> {
        let address = self.queue_url.address(cx)?;
        let queue = address.queue(cx).await?;
        batch::check("ChangeMessageVisibilityBatchRequestEntry", self.entries.iter().map(|entry| entry.id.as_str()))?;
        let mut result = ChangeMessageVisibilityBatchResult::default();
        for entry in &self.entries {
            // UNVERIFIED: an entry without a time-out; taken as the queue's own.
            let timeout = entry.visibility_timeout.unwrap_or(queue.attributes.visibility_timeout.into());
            match change(cx, address.place, &queue, &entry.receipt_handle, timeout).await {
                Ok(()) => result.successful.push(ChangeMessageVisibilityBatchResultEntry { id: entry.id.clone() }),
                Err(error) => result.failed.push(batch::Failed::of(&entry.id, error)?),
            }
        }
        Ok(result)
    }
}

/// Hides the message of a handle for `timeout` seconds from now.
async fn change(cx: &mut Cx, place: Place, queue: &Queue, handle: &str, timeout: i64) -> Result<()> {
    let timeout =
        u64::try_from(timeout).ok().filter(|timeout| *timeout <= LONGEST_VISIBILITY.into()).ok_or_else(|| {
            invalid(timeout, "VisibilityTimeout", "VisibilityTimeout must be an integer between 0 and 43200.")
        })?;
    let gone = || {
        let reason = "Message does not exist or is not available for visibility timeout change.";
        invalid(handle, "ReceiptHandle", reason)
    };
    let receipt = Receipt::open(cx, handle, queue.contents)?.ok_or_else(gone)?;
    let key = (queue.contents.key(), receipt.id().key());
    let message = cx.get::<Message>(place, key).await?.filter(|message| receipt.is_latest(message)).ok_or_else(gone)?;
    let (now, Some(received)) = (cx.now(), message.received) else { return Err(gone()) };
    if !message.is_in_flight(now) {
        return Err(MessageNotInflight.into());
    }
    let visible_at = now.plus(Duration::from_secs(timeout));
    if visible_at.since(received.last) > Duration::from_secs(LONGEST_VISIBILITY.into()) {
        let reason = "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].";
        return Err(invalid(timeout, "VisibilityTimeout", reason));
    }
    let changed = Message { visible_at, ..message.clone() };
    changed.replace(cx, place, &message)?;
    fifo::settle(cx, place, &changed).await
}
