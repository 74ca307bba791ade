//! Rules that go by the clock: a job for the next time of each.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, Job, Result, Timestamp};
use welkin_schedules::Schedule;

use super::{Rule, RuleAddress, State};
use crate::delivery;
use crate::errors::invalid;
use crate::event::Event;

/// # Errors
/// `ValidationException`
pub(crate) fn parse(text: &str) -> Result<Schedule> {
    let invalid = || invalid("Parameter ScheduleExpression is not valid.");
    // What comes once is for EventBridge Scheduler.
    text.parse().ok().filter(|schedule| !matches!(schedule, Schedule::At(_))).ok_or_else(invalid)
}

/// Sends a rule's targets their event at its time.
#[derive(Serialize, Deserialize)]
pub(crate) struct Tick {
    rule: RuleAddress,
    id: u64,
}

fn job_id(rule: &RuleAddress) -> String {
    format!("events/tick {}", rule.arn())
}

/// Sees to it that the rule comes next when it says, or not at all.
pub(crate) async fn set(cx: &mut Cx, address: &RuleAddress, rule: &Rule) -> Result<()> {
    match next(rule, cx.now())? {
        Some(at) => {
            let job = Tick { rule: address.clone(), id: rule.id };
            let schedule = welkin_kernel::Schedule::at(at).id(job_id(address));
            cx.enqueue_at(address.bus.place, &job, schedule).await.map(|_| ())
        }
        None => cancel(cx, address).await,
    }
}

/// The rule comes no more.
pub(crate) async fn cancel(cx: &mut Cx, address: &RuleAddress) -> Result<()> {
    cx.cancel(&job_id(address)).await.map(|_| ())
}

fn next(rule: &Rule, now: Timestamp) -> Result<Option<Timestamp>> {
    let Some(text) = rule.schedule.as_deref().filter(|_| rule.state != State::Disabled) else { return Ok(None) };
    let schedule: Schedule =
        text.parse().map_err(|_| Error::internal(format_args!("a stored schedule expression: {text}")))?;
    Ok(schedule.next(now.secs(), rule.since.secs()).map(Timestamp::from_secs))
}

impl Job for Tick {
    const NAME: &'static str = "events/tick";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let rule = self.rule.find(cx).await?.filter(|rule| rule.id == self.id && rule.state != State::Disabled);
        let Some(rule) = rule.filter(|rule| rule.schedule.is_some()) else { return Ok(()) };
        let event = event(cx, &self.rule);
        delivery::send(cx, &self.rule, &rule, &event).await?;
        set(cx, &self.rule, &rule).await
    }
}

/// Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html>
fn event(cx: &Cx, rule: &RuleAddress) -> Event {
    let place = rule.bus.place;
    Event {
        id: cx.chance().uuid(),
        source: "aws.events".to_owned(),
        detail_type: "Scheduled Event".to_owned(),
        account: place.account,
        region: place.region,
        time: cx.now(),
        resources: vec![rule.arn().into()],
        detail: "{}".to_owned(),
        ingested: cx.now(),
        replay: None,
        hopped: false,
        read_only: false,
    }
}
