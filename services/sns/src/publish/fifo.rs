//! FIFO topics: deduplication, and the order within a group.
//!
//! References: <https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html>,
//! <https://docs.aws.amazon.com/sns/latest/dg/fifo-topic-message-ordering.html>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use welkin_kernel::{Cx, IntoKey, Job, Key, Resource, Result, Schedule, Scope, Timestamp};

use super::PublishResponse;
use super::draft::Draft;
use crate::attributes::FifoAttributes;
use crate::errors::invalid;
use crate::topic::{Address, Topic};

/// How long an id is remembered.
const INTERVAL: Duration = Duration::from_secs(300);

/// A message's place on a FIFO topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) message_id: String,
    pub(crate) deduplication_id: String,
    pub(crate) sequence: SequenceNumber,
}

impl Place {
    /// That of a question to a queue, which takes none without.
    pub(crate) fn of_question(message_id: String) -> Self {
        Self { deduplication_id: message_id.clone(), message_id, sequence: SequenceNumber(0) }
    }
}

/// A number that increases within a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SequenceNumber(u64);

impl SequenceNumber {
    /// The number after `last`, in step with the time, so that numbers keep increasing when a group was forgotten.
    fn next(last: Option<Self>, now: Timestamp) -> Self {
        let by_time = u64::try_from(now.micros()).unwrap_or_default().saturating_mul(1000);
        Self(last.map_or(by_time, |last| by_time.max(last.0.saturating_add(1))))
    }

    /// It as a part of keys.
    pub(crate) fn number(self) -> u64 {
        self.0
    }

    /// As callers see it: 20 digits.
    pub(crate) fn to_text(self) -> String {
        (10_000_000_000_000_000_000 + u128::from(self.0)).to_string()
    }
}

/// The last message of a group. Those who publish to one group follow one another by it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Group {
    topic: u64,
    name: String,
    last: SequenceNumber,
    at: Timestamp,
}

impl Resource for Group {
    const KIND: &'static str = "sns/group";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &[BY_TIME];

    fn key(&self) -> Key {
        (self.topic, &self.name).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![(BY_TIME, (self.topic, self.at).into_key())]
    }
}

/// A deduplication id that was seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Seen {
    topic: u64,
    /// The group, if ids count within a group.
    scope: String,
    at: Timestamp,
    place: Place,
}

impl Resource for Seen {
    const KIND: &'static str = "sns/seen";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &[BY_TIME];

    fn key(&self) -> Key {
        (self.topic, &self.scope, &self.place.deduplication_id).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![(BY_TIME, (self.topic, self.at).into_key())]
    }
}

/// Index of groups and ids by their time.
const BY_TIME: &str = "time";

/// Whether a message is new.
pub(super) enum Accepted {
    /// One with its id was accepted in the last five minutes; it is answered as that one was, and not delivered.
    Before(PublishResponse),
    Now(Place),
}

/// Gives a message its place, unless it is one that was accepted before.
///
/// # Errors
/// `InvalidParameter`
pub(super) async fn accept(
    cx: &mut Cx,
    address: &Address,
    topic: &Topic,
    rules: FifoAttributes,
    draft: &Draft<'_>,
) -> Result<Accepted> {
    let group = draft.group.ok_or_else(|| invalid("The MessageGroupId parameter is required for FIFO topics"))?;
    let deduplication_id = match draft.deduplication_id {
        Some(id) => id.to_owned(),
        None if rules.content_based_deduplication => hex::encode(Sha256::digest(draft.message)),
        None => {
            return Err(invalid(
                "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                 explicitly",
            ));
        }
    };
    let scope = if rules.deduplication_by_group { group } else { "" };
    let seen = cx.get::<Seen>(address.place, (topic.id, scope, &deduplication_id)).await?;
    if let Some(Seen { place, .. }) = seen.filter(|seen| cx.now() < seen.at.plus(INTERVAL)) {
        let sequence_number = Some(place.sequence.to_text());
        return Ok(Accepted::Before(PublishResponse { message_id: place.message_id, sequence_number }));
    }
    let last = cx.get::<Group>(address.place, (topic.id, group)).await?.map(|group| group.last);
    let (now, message_id) = (cx.now(), cx.chance().uuid());
    let place = Place { message_id, deduplication_id, sequence: SequenceNumber::next(last, now) };
    let group = Group { topic: topic.id, name: group.to_owned(), last: place.sequence, at: now };
    let seen = Seen { topic: topic.id, scope: scope.to_owned(), at: now, place: place.clone() };
    cx.put(address.place, &group).await?;
    cx.put(address.place, &seen).await?;
    forget_later(cx, address, topic.id).await?;
    Ok(Accepted::Now(place))
}

/// Sees to it that what has had its time goes.
async fn forget_later(cx: &mut Cx, address: &Address, topic: u64) -> Result<()> {
    // Messages of the same minute have the same job.
    let minute = cx.now().secs().div_euclid(60);
    let at = Timestamp::from_secs(minute.saturating_add(6).saturating_mul(60));
    let schedule = Schedule::at(at).same(format!("sns/forget/{topic:016x}/{minute}"));
    cx.enqueue_at(address.place, &Forget { topic }, schedule).await.map(|_| ())
}

/// Removes ids and groups of a topic that have had their time.
#[derive(Serialize, Deserialize)]
pub(crate) struct Forget {
    topic: u64,
}

/// Rows of a kind that one run removes at most.
const BATCH: usize = 200;

impl Job for Forget {
    const NAME: &'static str = "sns/forget";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let now = cx.now();
        let seen = cx.find::<Seen>(here, BY_TIME, self.topic, BATCH).await?;
        let groups = cx.find::<Group>(here, BY_TIME, self.topic, BATCH).await?;
        let is_old = |at: Timestamp| at.plus(INTERVAL) <= now;
        for seen in seen.iter().filter(|seen| is_old(seen.at)) {
            cx.delete::<Seen>(here, seen.key()).await?;
        }
        for group in groups.iter().filter(|group| is_old(group.at)) {
            cx.delete::<Group>(here, group.key()).await?;
        }
        let more = seen.len() == BATCH && seen.iter().all(|seen| is_old(seen.at))
            || groups.len() == BATCH && groups.iter().all(|group| is_old(group.at));
        if more {
            cx.enqueue(self, Schedule::now()).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_increase_also_when_the_clock_stands_or_a_group_was_forgotten() {
        let at = Timestamp::from_secs;
        let first = SequenceNumber::next(None, at(100));
        let second = SequenceNumber::next(Some(first), at(100));
        let later = SequenceNumber::next(None, at(101));
        assert!(first < second && second < later);
        assert_eq!(first.to_text().len(), 20);
        assert!(first.to_text() < second.to_text());
    }
}
