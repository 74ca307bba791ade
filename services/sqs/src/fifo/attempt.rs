//! Attempts to receive: one that is made again gets the same messages.
//!
//! Reference: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-receiverequestattemptid-request-parameter.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::fifo::dedup::INTERVAL;
use crate::message::{Contents, Message, MessageId};

/// What a `ReceiveRequestAttemptId` was answered with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) contents: Contents,
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    pub(crate) deliveries: Vec<Delivery>,
}

/// A message as it was delivered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) id: MessageId,
    pub(crate) count: u32,
    pub(crate) visible_at: Timestamp,
    pub(crate) receipt_handle: String,
}

impl Resource for Attempt {
    const KIND: &'static str = "sqs/attempt";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &[BY_TIME];

    fn key(&self) -> Key {
        (self.contents.key(), &self.id).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![(BY_TIME, (self.contents.queue, self.at).into_key())]
    }
}

/// Index of attempts by the time they were made.
pub(crate) const BY_TIME: &str = "time";

impl Attempt {
    /// The attempt with this id, with its messages, if it was made in the last five minutes and none of them was
    /// deleted, received again or had its visibility changed.
    pub(crate) async fn find(
        cx: &mut Cx,
        place: Place,
        contents: Contents,
        id: &str,
    ) -> Result<Option<(Self, Vec<Message>)>> {
        let found = cx.get::<Self>(place, (contents.key(), id)).await?;
        let Some(attempt) = found.filter(|attempt| cx.now() < attempt.at.plus(INTERVAL)) else { return Ok(None) };
        let mut messages = Vec::with_capacity(attempt.deliveries.len());
        for delivery in &attempt.deliveries {
            match cx.get::<Message>(place, (contents.key(), delivery.id.key())).await? {
                Some(message) if delivery.is_untouched(&message, cx.now()) => messages.push(message),
                _ => return Ok(None),
            }
        }
        Ok(Some((attempt, messages)))
    }
}

impl Delivery {
    fn is_untouched(&self, message: &Message, now: Timestamp) -> bool {
        message.receive_count() == self.count && message.visible_at == self.visible_at && message.is_in_flight(now)
    }
}
