//! Delivery: a job for each event and target.
//!
//! What a target does not take for now is tried again, by the target's policy; what it will never take, or has not taken
//! in time, goes to the dead-letter queue of the target, if it has one, or is lost.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html>

mod bus;
pub(crate) mod dead_letter;
mod destination;
mod queue;
pub(crate) mod role;
mod stream;
mod topic;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, Job, Result, Schedule, Timestamp, Unit};

use crate::event::Event;
use crate::metric;
use crate::rule::{Rule, RuleAddress};
use crate::target::kind::Kind;
use crate::target::{RetryPolicy, Target};
use crate::transform::{self, NotJson};
use dead_letter::Letter;
use role::Bearer;

/// Delivers an event to a target of a rule that wanted it, as the rule was then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deliver {
    rule: RuleAddress,
    target: Target,
    event: Event,
    /// How often it has been tried.
    tried: u32,
    /// Whether the target's rate lets it in now.
    #[serde(default)]
    has_turn: bool,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Delivered,
    /// It will not be taken: the target is gone, or refuses it.
    Refused(Trouble),
    /// It may be taken later, and not before the time that the target asks for.
    Failed(Trouble, Option<Duration>),
    /// The target's rate lets it in then.
    InTurn(Timestamp),
}

/// Why something was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// Of those in <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// Attempts beside the first one, and the age of an event at which they end, unless the target has a policy of its own.
///
/// Source: "EventBridge retries sending the event for 24 hours and up to 185 times"
const MOST_RETRIES: u32 = 185;
const OLDEST: u32 = 24 * 60 * 60;

/// The longest pause between attempts: 185 of them are 24 hours.
// UNVERIFIED: the pauses. AWS says that they grow exponentially, with jitter.
const LONGEST_PAUSE: Duration = Duration::from_secs(480);

/// Has an event delivered to all targets of a rule, in the transaction of the call.
///
/// # Errors
/// When the store fails.
pub(crate) async fn send(cx: &mut Cx, address: &RuleAddress, rule: &Rule, event: &Event) -> Result<()> {
    metric::rule(cx, address, "MatchedEvents");
    metric::rule(cx, address, "TriggeredRules");
    for target in &rule.targets {
        let job =
            Deliver { rule: address.clone(), target: target.clone(), event: event.clone(), tried: 0, has_turn: false };
        cx.enqueue_at(address.bus.place, &job, Schedule::now()).await?;
    }
    Ok(())
}

impl Job for Deliver {
    const NAME: &'static str = "events/deliver";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let outcome = match transform::body(&self.target, &self.rule, &self.event) {
            Ok(body) => self.attempt(cx, &body).await?,
            Err(NotJson) => Outcome::Refused(Trouble {
                code: "INVALID_JSON",
                message: "The input template with the values of the event is not valid JSON.".to_owned(),
            }),
        };
        match outcome {
            Outcome::Delivered => {
                metric::rule(cx, &self.rule, "Invocations");
                let late = cx.now().since(self.event.ingested).as_secs_f64() * 1_000.0;
                metric::measure(cx, &self.rule, "IngestionToInvocationSuccessLatency", late, Unit::Milliseconds);
                Ok(())
            }
            Outcome::Refused(trouble) => self.give_up(cx, &trouble, None).await,
            Outcome::InTurn(at) => {
                let then = Self { has_turn: true, ..self.clone() };
                cx.enqueue(&then, Schedule::at(at)).await.map(|_| ())
            }
            Outcome::Failed(trouble, wish) => {
                let pause = pause(cx, self.tried).max(wish.unwrap_or_default());
                match exhausted(
                    self.target.retry_policy.as_ref(),
                    self.tried,
                    cx.after(pause).since(self.event.ingested),
                ) {
                    Some(condition) => self.give_up(cx, &trouble, Some(condition)).await,
                    None => {
                        metric::rule(cx, &self.rule, "RetryInvocationAttempts");
                        let again = Self { tried: self.tried.saturating_add(1), has_turn: false, ..self.clone() };
                        let at = cx.after(pause);
                        cx.enqueue(&again, Schedule::at(at)).await.map(|_| ())
                    }
                }
            }
        }
    }
}

impl Deliver {
    async fn attempt(&self, cx: &mut Cx, body: &str) -> Result<Outcome> {
        let Ok(kind) = Kind::of(&self.target.arn) else {
            return Err(Error::internal("the ARN of a target was checked when it was set"));
        };
        match kind {
            Kind::Queue => queue::send(cx, self, body).await,
            Kind::Topic => topic::send(cx, self, body).await,
            Kind::Bus => bus::send(cx, self).await,
            Kind::Stream => stream::send(cx, self, body).await,
            Kind::ApiDestination => destination::send(cx, self, body).await,
        }
    }

    /// On whose behalf the target is reached.
    fn bearer(&self) -> Bearer<'_> {
        Bearer {
            place: self.rule.bus.place,
            source: self.rule.arn(),
            role: self.target.role_arn.as_deref(),
            session: format!("EventBridge-{}", self.event.id),
            service: crate::PRINCIPAL,
        }
    }

    /// The event goes to the dead-letter queue, if there is one; or it is lost.
    async fn give_up(&self, cx: &mut Cx, trouble: &Trouble, condition: Option<&'static str>) -> Result<()> {
        let (rule, target) = (self.rule.arn(), &self.target.arn);
        metric::rule(cx, &self.rule, "Invocations");
        metric::rule(cx, &self.rule, "FailedInvocations");
        let Some(queue) = self.target.dead_letter() else {
            tracing::info!(trouble.code, trouble.message, %rule, target, "an event could not be delivered");
            return Ok(());
        };
        let letter = Letter {
            place: self.rule.bus.place,
            source: rule.clone(),
            service: crate::PRINCIPAL,
            body: self.event.document().to_string(),
            attributes: vec![
                ("RULE_ARN", rule.to_string()),
                ("TARGET_ARN", target.clone()),
                ("ERROR_CODE", trouble.code.to_owned()),
                ("ERROR_MESSAGE", trouble.message.clone()),
                ("RETRY_ATTEMPTS", self.tried.to_string()),
                ("EXHAUSTED_RETRY_CONDITION", condition.unwrap_or_default().to_owned()),
            ],
        };
        match letter.send(cx, queue).await? {
            Outcome::Delivered => {
                metric::rule(cx, &self.rule, "InvocationsSentToDlq");
                Ok(())
            }
            other => {
                metric::rule(cx, &self.rule, "InvocationsFailedToBeSentToDlq");
                tracing::info!(?trouble, ?other, %rule, target, "an event is lost: its dead-letter queue does not take it");
                Ok(())
            }
        }
    }
}

/// Which limit of a policy another attempt would exceed, of something that will be of this age then.
pub(crate) fn exhausted(policy: Option<&RetryPolicy>, tried: u32, age: Duration) -> Option<&'static str> {
    let retries = policy.and_then(|policy| policy.maximum_retry_attempts).unwrap_or(MOST_RETRIES);
    let oldest = policy.and_then(|policy| policy.maximum_event_age_in_seconds).unwrap_or(OLDEST);
    if tried >= retries {
        return Some("MaximumRetryAttempts");
    }
    (age > Duration::from_secs(oldest.into())).then_some("MaximumEventAgeInSeconds")
}

/// The pause before the next attempt: twice as long each time, and by chance up to a half shorter.
pub(crate) fn pause(cx: &Cx, tried: u32) -> Duration {
    let whole = Duration::from_secs(1 << tried.min(9)).min(LONGEST_PAUSE);
    let half = u64::try_from(whole.as_millis() / 2).unwrap_or(u64::MAX);
    whole - Duration::from_millis(cx.chance().below(half.max(1)))
}

impl Outcome {
    /// What a service's answer to a call means.
    ///
    /// # Errors
    /// Faults of Welkin's.
    pub(crate) fn of<T>(answered: Result<T>) -> Result<Self> {
        let Err(error) = answered else { return Ok(Self::Delivered) };
        let Some(answer) = error.answer() else { return Err(error) };
        let (code, message) = (answer.code.as_ref(), format!("{}: {}", answer.code, answer.message));
        let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
        let refused = |code| Ok(Self::Refused(Trouble { code, message: message.clone() }));
        if has(&["Throttl", "SlowDown", "RequestLimitExceeded"]) {
            return Ok(Self::Failed(Trouble { code: "THROTTLING", message }, None));
        }
        if answer.status.is_some_and(|status| status >= 500 && status != 501) {
            return Ok(Self::Failed(Trouble { code: "INTERNAL_ERROR", message }, None));
        }
        if has(&["AccessDenied", "AuthorizationError", "Unauthorized"]) {
            return refused("NO_PERMISSIONS");
        }
        if has(&["NonExistent", "DoesNotExist", "NotFound"]) {
            return refused("NO_RESOURCE");
        }
        refused("SDK_CLIENT_ERROR")
    }
}
