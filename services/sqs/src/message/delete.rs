//! Deleting messages.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Event, Operation, Place, Result};

use crate::errors::invalid;
use crate::fifo;
use crate::message::receipt::Receipt;
use crate::message::{Message, batch};
use crate::metric;
use crate::policy::{self, Sharing};
use crate::queue::{Queue, QueueUrl};

/// Deletes a message that was received.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteMessage {
    queue_url: QueueUrl,
    receipt_handle: String,
}

impl Operation for DeleteMessage {
    const NAME: &'static str = "DeleteMessage";
    const EVENT: Event = Event::Data("AWS::SQS::Queue");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.queue_url.address(cx)?, "sqs:DeleteMessage", Sharing::Anyone).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.queue_url.address(cx)?;
        let queue = address.queue(cx).await?;
        delete(cx, address.place, &queue, &self.receipt_handle).await?;
        Ok(Empty {})
    }
}

/// Deletes up to ten messages that were received.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteMessageBatch {
    queue_url: QueueUrl,
    entries: Vec<DeleteMessageBatchRequestEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteMessageBatchRequestEntry {
    id: String,
    receipt_handle: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteMessageBatchResult {
    successful: Vec<DeleteMessageBatchResultEntry>,
    failed: Vec<batch::Failed>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteMessageBatchResultEntry {
    id: String,
}

impl Operation for DeleteMessageBatch {
    const NAME: &'static str = "DeleteMessageBatch";
    const EVENT: Event = Event::Data("AWS::SQS::Queue");
    type Output = DeleteMessageBatchResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.queue_url.address(cx)?, "sqs:DeleteMessage", Sharing::Anyone).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DeleteMessageBatchResult> {
        let address = self.queue_url.address(cx)?;
        let queue = address.queue(cx).await?;
        batch::check("DeleteMessageBatchRequestEntry", self.entries.iter().map(|entry| entry.id.as_str()))?;
        let mut result = DeleteMessageBatchResult::default();
        for entry in &self.entries {
            match delete(cx, address.place, &queue, &entry.receipt_handle).await {
                Ok(()) => result.successful.push(DeleteMessageBatchResultEntry { id: entry.id.clone() }),
                Err(error) => result.failed.push(batch::Failed::of(&entry.id, error)?),
            }
        }
        Ok(result)
    }
}

/// Deletes the message of a handle.
///
/// It succeeds when the message is gone already; on standard queues also when the message was received again since,
/// and then does not delete it. On FIFO queues the handle must still hold.
async fn delete(cx: &mut Cx, place: Place, queue: &Queue, handle: &str) -> Result<()> {
    let Some(receipt) = Receipt::open(cx, handle, queue.contents)? else { return Ok(()) };
    let key = (queue.contents.key(), receipt.id().key());
    let Some(message) = cx.get::<Message>(place, key).await? else { return Ok(()) };
    if queue.is_fifo() && !(receipt.is_latest(&message) && message.is_in_flight(cx.now())) {
        return Err(invalid(handle, "ReceiptHandle", "The receipt handle has expired."));
    }
    if !receipt.is_latest(&message) {
        return Ok(());
    }
    message.remove(cx, place)?;
    fifo::leave(cx, place, &message)?;
    metric::count(cx, place, queue, "NumberOfMessagesDeleted", 1);
    fifo::settle(cx, place, &message).await
}
