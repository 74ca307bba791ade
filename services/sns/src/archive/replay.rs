//! Replays: a subscription gets messages of its topic's archive again.
//!
//! While a replay runs, what is published waits for it in the archive: the replay ends when it has caught up, and
//! each group's messages come in order. Reference:
//! <https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-subscriber.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Result, Schedule, Timestamp};

use super::{Archived, end};
use crate::delivery::{Deliver, Letter, Notification};
use crate::errors::invalid;
use crate::subscription::Subscription;
use crate::topic::{Address, Topic};

/// Which messages a subscription is to get again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReplayPolicy {
    start: Timestamp,
    end: Option<Timestamp>,
    /// As it was written.
    text: String,
}

/// How far a replay is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Which replay it is: another one takes its place.
    turn: u64,
    /// What was published since waits for the replay.
    began: Timestamp,
    /// The message that was looked at last, by time and number.
    last: Option<(Timestamp, u64)>,
    status: Status,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Status {
    Pending,
    InProgress,
    Completed,
    Failed,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct WrittenPolicy {
    point_type: String,
    starting_point: String,
    ending_point: Option<String>,
}

// UNVERIFIED: the wording of the refusals.
fn refused(what: impl std::fmt::Display) -> welkin_kernel::Error {
    invalid(format_args!("ReplayPolicy: {what}"))
}

impl ReplayPolicy {
    /// # Errors
    /// `InvalidParameter`
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let written: WrittenPolicy =
            serde_json::from_str(text).map_err(|error| refused(format_args!("the JSON is not a policy: {error}")))?;
        if written.point_type != "Timestamp" {
            return Err(refused("PointType must be Timestamp"));
        }
        let time = |name: &str, text: &str| {
            Timestamp::parse_iso8601(text).ok_or_else(|| refused(format_args!("{name} must be a time of ISO 8601")))
        };
        let start = time("StartingPoint", &written.starting_point)?;
        let end = written.ending_point.as_deref().map(|text| time("EndingPoint", text)).transpose()?;
        if end.is_some_and(|end| end <= start) {
            return Err(refused("EndingPoint must be after StartingPoint"));
        }
        Ok(Self { start, end, text: text.to_owned() })
    }

    /// Holds it against the archive of the topic.
    ///
    /// # Errors
    /// `InvalidParameter`
    pub(crate) fn check(&self, topic: &Topic, now: Timestamp) -> Result<()> {
        let archive = topic.archive().ok_or_else(|| refused("the topic has no ArchivePolicy"))?;
        if self.start < archive.beginning(now) {
            let beginning = archive.beginning_text(now);
            return Err(refused(format_args!("StartingPoint must not be before BeginningArchiveTime, {beginning}")));
        }
        Ok(())
    }

    pub(crate) fn to_text(&self) -> String {
        self.text.clone()
    }

    fn covers(&self, published: Timestamp) -> bool {
        self.start <= published && self.end.is_none_or(|end| published <= end)
    }
}

impl Progress {
    fn is_running(&self) -> bool {
        matches!(self.status, Status::Pending | Status::InProgress)
    }

    /// As attributes have it.
    // UNVERIFIED: the spelling, which is that of the console.
    pub(crate) fn status(&self) -> &'static str {
        match self.status {
            Status::Pending => "Pending",
            Status::InProgress => "In progress",
            Status::Completed => "Completed",
            Status::Failed => "Failed",
        }
    }
}

/// Whether a message that is published now reaches the subscription by its replay.
pub(crate) fn catches_up(subscription: &Subscription, published: Timestamp) -> bool {
    subscription.replay.as_ref().is_some_and(|replay| replay.is_running() && published >= replay.began)
}

/// Begins the replay that the policy of a confirmed subscription asks for, or ends the one that it no longer asks
/// for. The subscription is to be saved afterwards.
///
/// # Errors
/// When the store fails.
pub(crate) async fn begin(cx: &mut Cx, topic: &Address, subscription: &mut Subscription) -> Result<()> {
    let running = subscription.replay.take().filter(Progress::is_running);
    if subscription.attributes.replay.is_none() && running.is_none() {
        return Ok(());
    }
    // What waits for a replay that is broken off waits for the next one, or is delivered by the same without the rest.
    let began = running.map_or(cx.now(), |running| running.began);
    let turn = u64::from_le_bytes(cx.chance().bytes());
    subscription.replay = Some(Progress { turn, began, last: None, status: Status::Pending });
    let job =
        Replay { topic: topic.clone(), topic_id: subscription.topic, subscription: subscription.id.clone(), turn };
    cx.enqueue_at(topic.place, &job, Schedule::now()).await.map(|_| ())
}

/// Replays some messages of an archive to a subscription.
#[derive(Serialize, Deserialize)]
pub(crate) struct Replay {
    topic: Address,
    topic_id: u64,
    subscription: String,
    turn: u64,
}

/// Messages that one run replays at most.
const BATCH: usize = 20;

impl Job for Replay {
    const NAME: &'static str = "sns/replay";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let Some(topic) = self.topic.find(cx).await?.filter(|topic| topic.id == self.topic_id) else { return Ok(()) };
        let key = (self.topic_id, &self.subscription);
        let Some(mut subscription) = cx.get::<Subscription>(self.topic.place, key).await? else { return Ok(()) };
        let current = subscription.replay.clone().filter(|replay| replay.is_running() && replay.turn == self.turn);
        let Some(mut progress) = current else { return Ok(()) };
        if topic.archive().is_none() {
            progress.status = Status::Failed;
        } else {
            progress.status = if self.some(cx, &subscription, &mut progress).await? {
                cx.enqueue(self, Schedule::now()).await?;
                Status::InProgress
            } else {
                Status::Completed
            };
        }
        subscription.replay = Some(progress);
        subscription.save(cx, &self.topic).await
    }
}

impl Replay {
    /// Delivers the next messages; `false` if there were no more of them.
    async fn some(&self, cx: &mut Cx, subscription: &Subscription, progress: &mut Progress) -> Result<bool> {
        let policy = subscription.attributes.replay.as_ref();
        let first = policy.map_or(progress.began, |policy| policy.start.min(progress.began));
        let (time, number) = progress.last.map_or((first, 0), |(time, number)| (time, number.saturating_add(1)));
        let from = (self.topic_id, time, number);
        let next = cx.between::<Archived>(self.topic.place, from, end(self.topic_id), BATCH, false).await?;
        for Archived { notification, .. } in &next {
            let again = notification.published < progress.began;
            if !again || policy.is_some_and(|policy| policy.covers(notification.published)) {
                self.deliver(cx, subscription, notification, again).await?;
            }
            let number = notification.place.as_ref().map_or(0, |place| place.sequence.number());
            progress.last = Some((notification.published, number));
        }
        Ok(next.len() == BATCH)
    }

    async fn deliver(
        &self,
        cx: &mut Cx,
        subscription: &Subscription,
        notification: &Notification,
        replayed: bool,
    ) -> Result<()> {
        let rules = &subscription.attributes;
        if let Some(filter) = &rules.filter
            && !filter.passes(rules.scope, &notification.text.open(cx)?, &notification.attributes)?
        {
            return Ok(());
        }
        let notification = Box::new(Notification { replayed, ..notification.clone() });
        let deliver = Deliver::new(&self.topic, subscription, Letter::Notification(notification));
        deliver.enqueue(cx, subscription.protocol).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_names_a_span_of_time() {
        let parse = |text: &str| ReplayPolicy::parse(text);
        let open = r#"{"PointType":"Timestamp","StartingPoint":"2026-01-01T00:00:00.000Z"}"#;
        let policy = parse(open).expect("a policy");
        assert!(policy.covers(policy.start) && !policy.covers(policy.start.minus(std::time::Duration::from_millis(1))));
        for bad in [
            "{}",
            r#"{"PointType":"Sequence","StartingPoint":"2026-01-01T00:00:00Z"}"#,
            r#"{"PointType":"Timestamp","StartingPoint":"yesterday"}"#,
            r#"{"PointType":"Timestamp","StartingPoint":"2026-01-02T00:00:00Z","EndingPoint":"2026-01-01T00:00:00Z"}"#,
        ] {
            assert!(parse(bad).is_err_and(|error| error.is("InvalidParameterException")), "{bad}");
        }
    }
}
