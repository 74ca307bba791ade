//! Deduplication: a message with an id that was seen in the last five minutes is accepted and not delivered.
//!
//! Reference: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use welkin_kernel::{Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::attributes::FifoAttributes;
use crate::errors::InvalidParameterValue;
use crate::fifo::SequenceNumber;

/// How long an id is remembered, also after its message was deleted.
pub(crate) const INTERVAL: Duration = Duration::from_secs(300);

/// An id that was seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) queue: u64,
    /// The group, if ids count within a group.
    pub(crate) scope: String,
    pub(crate) deduplication_id: String,
    pub(crate) at: Timestamp,
    /// What the first message was answered with.
    pub(crate) public_id: String,
    pub(crate) sequence: SequenceNumber,
}

impl Resource for Seen {
    const KIND: &'static str = "sqs/seen";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &[BY_TIME];

    fn key(&self) -> Key {
        (self.queue, &self.scope, &self.deduplication_id).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![(BY_TIME, (self.queue, self.at).into_key())]
    }
}

/// Index of ids by the time they were seen.
pub(crate) const BY_TIME: &str = "time";

/// The deduplication id of a message: the sender's, or made of the body.
///
/// # Errors
/// `InvalidParameterValue` when there is neither.
pub(crate) fn id_of(given: Option<&str>, body: &str, fifo: FifoAttributes) -> Result<String> {
    match given {
        Some(id) => Ok(id.to_owned()),
        None if fifo.content_based_deduplication => Ok(hex::encode(Sha256::digest(body))),
        None => Err(InvalidParameterValue::because(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
             explicitly",
        )),
    }
}

/// Within what an id counts.
pub(crate) fn scope(fifo: FifoAttributes, group: &str) -> &str {
    if fifo.deduplication_by_group { group } else { "" }
}

/// The message that had this id in the last five minutes.
pub(crate) async fn find(cx: &mut Cx, place: Place, queue: u64, scope: &str, id: &str) -> Result<Option<Seen>> {
    let seen = cx.get::<Seen>(place, (queue, scope, id)).await?;
    Ok(seen.filter(|seen| cx.now() < seen.at.plus(INTERVAL)))
}
