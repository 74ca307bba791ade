//! Messages, and how they lie in the store.
//!
//! All keys of a queue's contents begin with its [`Contents`], which a purge replaces: what was there before is
//! then out of reach at once, and removed by a job.
//!
//! | row | key after the contents | what it holds |
//! | --- | --- | --- |
//! | [`Message`] | time sent, tail | what changes: when it is visible, how often it was received |
//! | [`Content`] | time sent, tail | what does not: body and attributes |
//! | [`Turn`] | received before?, visible at, time sent, tail | nothing: the order in which messages become visible |
//! | [`Member`](crate::fifo::Member) | group, sequence number | FIFO: the order within a group |
//! | [`Group`](crate::fifo::Group) | group | FIFO: its last sequence number, when it is ready |
//! | [`Ready`](crate::fifo::Ready) | ready at, group | FIFO: the order in which groups become ready |
//!
//! Delay, visibility timeout and redelivery are one thing: a message's turn comes at `visible_at`. Nothing needs to
//! happen at that time; a receiver looks for turns that have come. A message of a FIFO queue has a turn only while
//! it is hidden, for the counts; whether it is delivered is a matter of its group.
//!
//! What makes it scale under serialisable transactions:
//! - A send writes keys of its own and reads only what hardly ever changes, so sends do not conflict.
//! - A receive glances at turns without depending on them, then gets the messages that it takes: it conflicts only
//!   with another one that takes the same message. It then looks further down, at random (see [`receive`]).
//! - Nothing counts: the approximate numbers are counted when they are asked for.
//! - A FIFO group is one row that sends, receives and deletes of that group write: they follow one another, which
//!   is what the order of a group means.

pub(crate) mod attribute;
pub(crate) mod batch;
pub(crate) mod body;
pub(crate) mod delete;
pub(crate) mod receipt;
pub(crate) mod receive;
pub(crate) mod send;
pub(crate) mod visibility;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::encryption::Sealed;
use crate::fifo::Membership;
use crate::message::attribute::MessageAttributes;

/// Where the messages of a queue are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contents {
    /// Drawn when the queue is created, so that a later queue of the same name begins empty.
    pub(crate) queue: u64,
    /// How often the queue was purged.
    pub(crate) purges: u32,
}

impl Contents {
    /// The beginning of the keys of all that is in the queue.
    pub(crate) fn key(self) -> (u64, u32) {
        (self.queue, self.purges)
    }
}

/// Tells messages of a queue apart, in the order in which they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MessageId {
    /// When it was sent. Retention counts from here.
    pub(crate) sent: Timestamp,
    /// Its place in its batch, and chance.
    pub(crate) tail: u64,
}

impl MessageId {
    /// An id for the message at `place` of its batch.
    pub(crate) fn draw(cx: &Cx, place: usize) -> Self {
        Self::at(cx, cx.now(), place)
    }

    /// An id for a message that was sent at another time.
    pub(crate) fn at(cx: &Cx, sent: Timestamp, place: usize) -> Self {
        let chance = u64::from_le_bytes(cx.chance().bytes()) >> 8;
        Self { sent, tail: (place.min(255) as u64) << 56 | chance }
    }

    pub(crate) fn key(self) -> (Timestamp, u64) {
        (self.sent, self.tail)
    }
}

/// What changes of a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) contents: Contents,
    pub(crate) id: MessageId,
    /// `MessageId` as callers see it. It stays when the message goes to a dead-letter queue.
    pub(crate) public_id: String,
    /// `SenderId`
    pub(crate) sender: String,
    pub(crate) visible_at: Timestamp,
    pub(crate) received: Option<Received>,
    /// `MessageGroupId`, on standard queues too.
    pub(crate) group: Option<String>,
    /// What it has beside on a FIFO queue.
    pub(crate) membership: Option<Membership>,
    /// The queue from which it came here, a dead-letter queue.
    pub(crate) dead_letter_source: Option<Arn>,
}

/// That a message was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Received {
    /// How often.
    pub(crate) count: u32,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
}

impl Resource for Message {
    const KIND: &'static str = "sqs/message";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.contents.key(), self.id.key()).into_key()
    }
}

/// What does not change of a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) contents: Contents,
    pub(crate) id: MessageId,
    pub(crate) body: Sealed,
    pub(crate) attributes: MessageAttributes,
    /// `AWSTraceHeader`
    pub(crate) trace_header: Option<String>,
}

impl Resource for Content {
    const KIND: &'static str = "sqs/content";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.contents.key(), self.id.key()).into_key()
    }
}

/// A message's place in the order of visibility.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Turn {
    pub(crate) contents: Contents,
    pub(crate) received: bool,
    pub(crate) visible_at: Timestamp,
    pub(crate) id: MessageId,
}

impl Resource for Turn {
    const KIND: &'static str = "sqs/turn";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.contents.key(), self.received, self.visible_at, self.id.key()).into_key()
    }
}

impl Message {
    pub(crate) fn is_in_flight(&self, now: Timestamp) -> bool {
        self.received.is_some() && self.visible_at > now
    }

    /// How often it was received.
    pub(crate) fn receive_count(&self) -> u32 {
        self.received.map_or(0, |received| received.count)
    }

    /// Its turn, if it has one: see the top of this module.
    fn turn(&self) -> Option<Turn> {
        let Self { contents, id, visible_at, .. } = *self;
        let received = self.received.is_some();
        let has_turn = self.membership.is_none() || received || visible_at > id.sent;
        has_turn.then_some(Turn { contents, received, visible_at, id })
    }

    /// Stores a new message.
    pub(crate) fn add(&self, cx: &mut Cx, place: Place) -> Result<()> {
        cx.insert(place, self)?;
        match &self.turn() {
            Some(turn) => cx.insert(place, turn),
            None => Ok(()),
        }
    }

    /// Stores it in place of `before`.
    pub(crate) fn replace(&self, cx: &mut Cx, place: Place, before: &Self) -> Result<()> {
        if let Some(turn) = before.turn() {
            cx.discard::<Turn>(place, turn.key())?;
        }
        self.add(cx, place)
    }

    /// Removes it. Its content stays.
    pub(crate) fn take_out(&self, cx: &mut Cx, place: Place) -> Result<()> {
        if let Some(turn) = self.turn() {
            cx.discard::<Turn>(place, turn.key())?;
        }
        cx.discard::<Self>(place, self.key())
    }

    /// Removes it and its content.
    pub(crate) fn remove(&self, cx: &mut Cx, place: Place) -> Result<()> {
        self.take_out(cx, place)?;
        cx.discard::<Content>(place, self.key())
    }
}

/// How many messages a queue has, about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) visible: u64,
    pub(crate) in_flight: u64,
    pub(crate) delayed: u64,
}

impl Counts {
    /// Counts the messages of a queue. It takes time in proportion to their number.
    pub(crate) async fn of(cx: &mut Cx, place: Place, contents: Contents) -> Result<Self> {
        let all =
            cx.count::<Message>(place, contents.key(), (contents.key(), Timestamp::from_micros(i64::MAX))).await?;
        let in_flight = hidden(cx, place, contents, true).await?;
        let delayed = hidden(cx, place, contents, false).await?;
        Ok(Self { visible: all.saturating_sub(in_flight + delayed), in_flight, delayed })
    }
}

/// How many messages have a turn that has not come.
async fn hidden(cx: &mut Cx, place: Place, contents: Contents, received: bool) -> Result<u64> {
    let from = (contents.key(), received, cx.after(INSTANT));
    cx.count::<Turn>(place, from, (contents.key(), received, Timestamp::from_micros(i64::MAX))).await
}

/// The shortest time that the clock tells apart.
pub(crate) const INSTANT: std::time::Duration = std::time::Duration::from_micros(1);
