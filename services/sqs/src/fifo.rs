//! FIFO queues: groups, their order, and one batch of a group in flight at a time.
//!
//! Reference: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html>

pub(crate) mod attempt;
pub(crate) mod dedup;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Page, Place, Resource, Result, Scope, Timestamp};

use crate::message::{Contents, Message, MessageId};

/// What a message has beside on a FIFO queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) sequence: SequenceNumber,
    /// `MessageDeduplicationId`
    pub(crate) deduplication_id: String,
}

/// A number that increases within a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SequenceNumber(u64);

impl SequenceNumber {
    /// The number after `last`, in step with the time, so that numbers keep increasing when a group was empty and
    /// forgotten.
    fn next(last: Option<Self>, now: Timestamp) -> Self {
        let by_time = u64::try_from(now.micros()).unwrap_or_default().saturating_mul(1000);
        Self(last.map_or(by_time, |last| by_time.max(last.0.saturating_add(1))))
    }

    /// As callers see it: 20 digits.
    pub(crate) fn to_text(self) -> String {
        (10_000_000_000_000_000_000 + u128::from(self.0)).to_string()
    }
}

/// A group that has messages.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Group {
    contents: Contents,
    name: String,
    last: SequenceNumber,
    /// When its first message can be received: none of it is in flight then.
    ready_at: Timestamp,
}

impl Resource for Group {
    const KIND: &'static str = "sqs/group";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.contents.key(), &self.name).into_key()
    }
}

/// A group's place in the order in which groups become ready.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ready {
    contents: Contents,
    pub(crate) at: Timestamp,
    pub(crate) group: String,
}

impl Resource for Ready {
    const KIND: &'static str = "sqs/ready";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.contents.key(), self.at, &self.group).into_key()
    }
}

/// A message's place in its group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Member {
    contents: Contents,
    group: String,
    sequence: SequenceNumber,
    id: MessageId,
}

impl Resource for Member {
    const KIND: &'static str = "sqs/member";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.contents.key(), &self.group, self.sequence.0).into_key()
    }
}

/// Messages of a group in flight at most: one batch.
const BATCH: usize = 10;

impl Group {
    /// Its place among the groups of the queue.
    pub(crate) fn ready(&self) -> Ready {
        Ready { contents: self.contents, at: self.ready_at, group: self.name.clone() }
    }

    /// The group of this name, if it has messages.
    pub(crate) async fn find(cx: &mut Cx, place: Place, contents: Contents, name: &str) -> Result<Option<Self>> {
        cx.get::<Self>(place, (contents.key(), name)).await
    }

    /// Its first messages that can be received, in order; none while one of it is in flight.
    pub(crate) async fn visible(&self, cx: &mut Cx, place: Place) -> Result<Vec<Message>> {
        let now = cx.now();
        if self.ready_at > now {
            return Ok(Vec::new());
        }
        let mut first = self.first(cx, place).await?;
        let visible = first.iter().take_while(|message| message.visible_at <= now).count();
        first.truncate(visible);
        Ok(first)
    }

    /// Its first messages in order, as many as can be in flight.
    async fn first(&self, cx: &mut Cx, place: Place) -> Result<Vec<Message>> {
        let members = cx.list::<Member>(place, (self.contents.key(), &self.name), Page::of(BATCH, None)).await?;
        let mut messages = Vec::with_capacity(members.len());
        for member in members {
            messages.extend(cx.get::<Message>(place, (self.contents.key(), member.id.key())).await?);
        }
        Ok(messages)
    }

    /// Takes note of what became of its first messages: it is ready when none of them is in flight and the first
    /// one is not delayed, and is forgotten when it has none.
    pub(crate) async fn settle(mut self, cx: &mut Cx, place: Place) -> Result<()> {
        let first = self.first(cx, place).await?;
        cx.discard::<Ready>(place, self.ready().key())?;
        match ready_at(&first) {
            None => cx.discard::<Self>(place, self.key()),
            Some(ready_at) => {
                self.ready_at = ready_at;
                cx.insert(place, &self.ready())?;
                cx.insert(place, &self)
            }
        }
    }
}

/// When a group with these first messages is ready; `None` if it has none.
fn ready_at(first: &[Message]) -> Option<Timestamp> {
    let head = first.first()?;
    let received = first.iter().filter(|message| message.received.is_some());
    Some(received.map(|message| message.visible_at).fold(head.visible_at, Timestamp::max))
}

/// The number of the next message of a group. The call then follows every other one that changes the group.
pub(crate) async fn next_number(
    cx: &mut Cx,
    place: Place,
    contents: Contents,
    group: &str,
) -> Result<(Option<Group>, SequenceNumber)> {
    let group = Group::find(cx, place, contents, group).await?;
    let number = SequenceNumber::next(group.as_ref().map(|group| group.last), cx.now());
    Ok((group, number))
}

/// Puts a new message at the end of its group, which [`next_number`] found.
pub(crate) fn append(cx: &mut Cx, place: Place, message: &Message, found: Option<Group>) -> Result<()> {
    let (Some(name), Some(membership)) = (&message.group, &message.membership) else { return Ok(()) };
    let Message { contents, id, visible_at, .. } = *message;
    let member = Member { contents, group: name.clone(), sequence: membership.sequence, id };
    cx.insert(place, &member)?;
    let group = match found {
        Some(group) => Group { last: membership.sequence, ..group },
        None => {
            let group = Group { contents, name: name.clone(), last: membership.sequence, ready_at: visible_at };
            cx.insert(place, &group.ready())?;
            group
        }
    };
    cx.insert(place, &group)
}

/// Removes a message from the order of its group.
pub(crate) fn leave(cx: &mut Cx, place: Place, message: &Message) -> Result<()> {
    match (&message.group, &message.membership) {
        (Some(group), Some(membership)) => {
            cx.discard::<Member>(place, (message.contents.key(), group, membership.sequence.0))
        }
        _ => Ok(()),
    }
}

/// After a message was changed or removed: settles its group, if it has one.
pub(crate) async fn settle(cx: &mut Cx, place: Place, message: &Message) -> Result<()> {
    let (Some(name), Some(_)) = (&message.group, &message.membership) else { return Ok(()) };
    match Group::find(cx, place, message.contents, name).await? {
        Some(group) => group.settle(cx, place).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Received;

    fn message(visible_at: i64, received: bool) -> Message {
        let (now, at) = (Timestamp::from_secs(0), Timestamp::from_secs(visible_at));
        Message {
            contents: Contents { queue: 1, purges: 0 },
            id: MessageId { sent: now, tail: 0 },
            public_id: String::new(),
            sender: String::new(),
            visible_at: at,
            received: received.then_some(Received { count: 1, first: now, last: now }),
            group: Some("g".to_owned()),
            membership: Some(Membership { sequence: SequenceNumber(1), deduplication_id: String::new() }),
            dead_letter_source: None,
        }
    }

    #[test]
    fn a_group_is_ready_when_none_of_it_is_in_flight_and_its_head_is_not_delayed() {
        let secs = |messages: &[Message]| ready_at(messages).map(Timestamp::secs);
        assert_eq!(secs(&[]), None);
        assert_eq!(secs(&[message(5, false), message(9, false)]), Some(5), "later delays do not count");
        assert_eq!(secs(&[message(5, true), message(30, true), message(0, false)]), Some(30));
        assert_eq!(secs(&[message(0, false), message(30, true)]), Some(30), "the rest of a batch is in flight");
    }

    #[test]
    fn numbers_increase_also_when_the_clock_stands_or_a_group_was_forgotten() {
        let at = Timestamp::from_secs;
        let first = SequenceNumber::next(None, at(100));
        let second = SequenceNumber::next(Some(first), at(100));
        let third = SequenceNumber::next(Some(second), at(50));
        let later = SequenceNumber::next(None, at(101));
        assert!(first < second && second < third && third < later);
        assert_eq!(first.to_text().len(), 20);
        assert!(first.to_text() < second.to_text());
    }
}
