//! The archive of a FIFO topic: its messages, kept for a time in which subscriptions can have them again.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/dg/fifo-message-archiving-replay.html>

pub(crate) mod replay;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use welkin_kernel::{Cx, Fraction, IntoKey, Job, Key, Resource, Result, Schedule, Scope, Timestamp};

use crate::delivery::Notification;
use crate::errors::invalid;
use crate::topic::{Address, Topic};

/// That a topic has an archive, and how long a message stays in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Archive {
    days: u16,
    /// Whether the policy has the days as a text rather than as a number.
    as_text: bool,
    /// Since when.
    since: Timestamp,
}

/// Most days that a message is kept.
///
/// Source: "up to 365 days":
/// <https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-topic-owner.html>
const MOST_DAYS: u16 = 365;

const DAY: u64 = 24 * 60 * 60;

// UNVERIFIED: the wording.
fn refused(what: impl std::fmt::Display) -> welkin_kernel::Error {
    invalid(format_args!("ArchivePolicy: {what}"))
}

impl Archive {
    /// Reads the policy of an archive that begins at `now`, unless the topic has one already.
    ///
    /// # Errors
    /// `InvalidParameter`
    pub(crate) fn parse(text: &str, existing: Option<Self>, now: Timestamp) -> Result<Self> {
        let policy: Value = serde_json::from_str(text).map_err(|_| refused("failed to parse JSON."))?;
        let period = match policy.as_object() {
            Some(members) if members.len() == 1 => members.get("MessageRetentionPeriod"),
            _ => None,
        };
        let period = period.ok_or_else(|| refused("MessageRetentionPeriod, and nothing else, is required"))?;
        let days = period.as_u64().or_else(|| period.as_str()?.parse().ok());
        let days = days.and_then(|days| u16::try_from(days).ok()).filter(|days| (1..=MOST_DAYS).contains(days));
        let days = days.ok_or_else(|| {
            refused(format_args!("MessageRetentionPeriod must be a number of days from 1 to {MOST_DAYS}"))
        })?;
        let since = existing.map_or(Timestamp::from_millis(now.millis()), |existing| existing.since);
        Ok(Self { days, as_text: period.is_string(), since })
    }

    pub(crate) fn to_text(self) -> String {
        let days = if self.as_text { Value::from(self.days.to_string()) } else { Value::from(self.days) };
        json!({ "MessageRetentionPeriod": days }).to_string()
    }

    /// The earliest time from which there are messages.
    pub(crate) fn beginning(self, now: Timestamp) -> Timestamp {
        self.since.max(Timestamp::from_millis(now.minus(self.patience()).millis()))
    }

    /// The same, as attributes have it.
    pub(crate) fn beginning_text(self, now: Timestamp) -> String {
        self.beginning(now).to_iso8601(Fraction::Millis)
    }

    fn patience(self) -> Duration {
        Duration::from_secs(u64::from(self.days) * DAY)
    }
}

/// A message in the archive of its topic.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Archived {
    topic: u64,
    notification: Notification,
}

impl Resource for Archived {
    const KIND: &'static str = "sns/archived";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        let number = self.notification.place.as_ref().map_or(0, |place| place.sequence.number());
        (self.topic, self.notification.published, number).into_key()
    }
}

/// The first key after all messages of a topic.
fn end(topic: u64) -> Key {
    (topic, Timestamp::from_micros(i64::MAX)).into_key()
}

/// Puts a message into the archive of its topic.
///
/// # Errors
/// When the store fails.
pub(crate) async fn keep(cx: &mut Cx, address: &Address, topic: &Topic, notification: Notification) -> Result<()> {
    let Some(archive) = topic.archive() else { return Ok(()) };
    let until = notification.published.plus(archive.patience());
    cx.insert(address.place, &Archived { topic: topic.id, notification })?;
    prune_later(cx, address, topic.id, until).await
}

/// Sees to it that the archive of a topic is as its policy says after a change of it.
///
/// # Errors
/// When the store fails.
pub(crate) async fn follow(cx: &mut Cx, address: &Address, before: Option<Archive>, topic: &Topic) -> Result<()> {
    match (before, topic.archive()) {
        (Some(_), None) => cx.delete_all::<Archived>(address.place, topic.id),
        (Some(before), Some(now)) if before.days != now.days => {
            let prune = Prune { topic: address.clone(), topic_id: topic.id };
            cx.enqueue_at(address.place, &prune, Schedule::now()).await.map(|_| ())
        }
        _ => Ok(()),
    }
}

/// Sees to it that what has had its time at `until` goes.
async fn prune_later(cx: &mut Cx, address: &Address, topic: u64, until: Timestamp) -> Result<()> {
    // Messages of the same day have the same job.
    let day = until.secs().div_euclid(DAY.cast_signed()).saturating_add(1);
    let schedule = Schedule::at(Timestamp::from_secs(day.saturating_mul(DAY.cast_signed())));
    let schedule = schedule.same(format!("sns/prune/{topic:016x}/{day}"));
    let prune = Prune { topic: address.clone(), topic_id: topic };
    cx.enqueue_at(address.place, &prune, schedule).await.map(|_| ())
}

/// Removes messages that have had their time from the archive of a topic.
#[derive(Serialize, Deserialize)]
pub(crate) struct Prune {
    topic: Address,
    topic_id: u64,
}

/// Messages that one run removes at most.
const BATCH: usize = 100;

impl Job for Prune {
    const NAME: &'static str = "sns/prune";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = self.topic.place;
        let topic = self.topic.find(cx).await?.filter(|topic| topic.id == self.topic_id);
        let Some(archive) = topic.and_then(|topic| topic.archive()) else { return Ok(()) };
        let beginning = cx.now().minus(archive.patience());
        let first = (self.topic_id, Timestamp::from_micros(0));
        let old = cx.glance_between::<Archived>(place, first, (self.topic_id, beginning), BATCH).await?;
        for archived in &old {
            cx.discard::<Archived>(place, archived.key())?;
        }
        if old.len() == BATCH {
            return cx.enqueue(self, Schedule::now()).await.map(|_| ());
        }
        // They may be kept longer than the policy said when they came.
        let left = cx.glance_between::<Archived>(place, (self.topic_id, beginning), end(self.topic_id), 1).await?;
        match left.first() {
            Some(oldest) => {
                let until = oldest.notification.published.plus(archive.patience());
                prune_later(cx, &self.topic, self.topic_id, until).await
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_has_a_number_of_days_and_shows_it_as_it_was_written() {
        let now = Timestamp::from_secs(1_000_000_000);
        for text in [r#"{"MessageRetentionPeriod":"30"}"#, r#"{"MessageRetentionPeriod":365}"#] {
            assert_eq!(Archive::parse(text, None, now).map(Archive::to_text).ok().as_deref(), Some(text));
        }
        for text in ["", "{}", "[]", r#"{"MessageRetentionPeriod":0}"#, r#"{"MessageRetentionPeriod":"366"}"#] {
            assert!(Archive::parse(text, None, now).is_err(), "{text}");
        }
    }

    #[test]
    fn an_archive_begins_with_its_policy_and_moves_on_with_time() {
        let at = Timestamp::from_secs;
        let first = Archive::parse(r#"{"MessageRetentionPeriod":1}"#, None, at(1_000_000)).expect("a policy");
        assert_eq!(first.beginning(at(1_000_100)), at(1_000_000));
        assert_eq!(first.beginning(at(1_100_000)), at(1_013_600));
        let longer = Archive::parse(r#"{"MessageRetentionPeriod":2}"#, Some(first), at(1_100_000)).expect("a policy");
        assert_eq!(longer.beginning(at(1_100_000)), at(1_000_000), "it is the same archive");
    }
}
