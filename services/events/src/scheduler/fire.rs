//! Schedules at their times: one job for the next time of each, and one for each invocation.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Cx, Error, Fraction, Job, Result, Schedule as When, Timestamp};

use super::input::Context;
use super::schedule::{After, Schedule, State};
use super::{PRINCIPAL, delete};
use crate::delivery::dead_letter::Letter;
use crate::delivery::role::{self, Bearer};
use crate::delivery::{Outcome, Trouble, exhausted, pause};
use crate::metric;

/// Invokes a schedule's target, and sees to its next time.
#[derive(Serialize, Deserialize)]
pub(crate) struct Fire {
    group: String,
    name: String,
    id: u64,
    /// The time at which it comes, without what the window adds.
    scheduled: Timestamp,
}

fn job_id(cx: &Cx, schedule: &Schedule) -> String {
    format!("scheduler/fire {}", schedule.arn(cx.here()))
}

/// Sees to it that the schedule comes when it says, after a time; or not at all.
pub(super) async fn set(cx: &mut Cx, schedule: &Schedule, after: Option<Timestamp>) -> Result<()> {
    let next = if schedule.settings.state == State::Enabled { schedule.next(after)? } else { None };
    let Some(scheduled) = next else { return cancel(cx, schedule).await };
    let window = schedule.settings.flexible_time_window.maximum_window_in_minutes.unwrap_or_default();
    let most = u64::from(window) * 60;
    let later = Duration::from_secs(if most == 0 { 0 } else { cx.chance().below(most) });
    let (group, name) = (schedule.group.clone(), schedule.name.clone());
    let job = Fire { group, name, id: schedule.id, scheduled };
    let id = job_id(cx, schedule);
    cx.enqueue(&job, When::at(scheduled.plus(later)).id(id)).await.map(|_| ())
}

/// The schedule comes no more.
pub(super) async fn cancel(cx: &mut Cx, schedule: &Schedule) -> Result<()> {
    let id = job_id(cx, schedule);
    cx.cancel(&id).await.map(|_| ())
}

impl Job for Fire {
    const NAME: &'static str = "scheduler/fire";
    const PRINCIPAL: &'static str = PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let found = cx.get::<Schedule>(here, (&self.group, &self.name)).await?;
        let found = found.filter(|schedule| schedule.id == self.id && schedule.settings.state == State::Enabled);
        let Some(schedule) = found else { return Ok(()) };
        let invoke = Invoke {
            schedule: schedule.clone(),
            scheduled: self.scheduled,
            execution: cx.chance().hex(16),
            tried: 0,
            since: cx.now(),
        };
        cx.enqueue(&invoke, When::now()).await?;
        let is_last = schedule.next(Some(self.scheduled))?.is_none();
        if is_last && schedule.settings.action_after_completion == After::Delete {
            return delete::remove(cx, &schedule).await;
        }
        set(cx, &schedule, Some(self.scheduled)).await
    }
}

/// Invokes a target, as the schedule was then.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Invoke {
    schedule: Schedule,
    scheduled: Timestamp,
    execution: String,
    /// How often it has been tried.
    tried: u32,
    since: Timestamp,
}

impl Job for Invoke {
    const NAME: &'static str = "scheduler/invoke";
    const PRINCIPAL: &'static str = PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let arn = self.schedule.arn(cx.here());
        let context = Context {
            schedule: &arn,
            scheduled: self.scheduled,
            execution: &self.execution,
            attempt: self.tried.saturating_add(1),
        };
        let input = self.schedule.settings.target.input.as_deref().map(|input| context.fill(input));
        let outcome = self.attempt(cx, &arn, input.as_deref()).await?;
        metric::group(cx, cx.here(), &self.schedule.group, "InvocationAttemptCount");
        if !matches!(outcome, Outcome::Delivered) {
            metric::group(cx, cx.here(), &self.schedule.group, "TargetErrorCount");
        }
        match outcome {
            Outcome::Delivered => Ok(()),
            Outcome::Refused(trouble) => self.give_up(cx, &arn, input, &trouble, None).await,
            Outcome::InTurn(_) => Err(Error::internal("the targets of schedules have no turns")),
            Outcome::Failed(trouble, _) => {
                let pause = pause(cx, self.tried);
                let policy = self.schedule.settings.target.retry_policy.as_ref();
                match exhausted(policy, self.tried, cx.after(pause).since(self.since)) {
                    Some(condition) => self.give_up(cx, &arn, input, &trouble, Some(condition)).await,
                    None => {
                        let again = Self { tried: self.tried.saturating_add(1), ..self.clone() };
                        let at = cx.after(pause);
                        cx.enqueue(&again, When::at(at)).await.map(|_| ())
                    }
                }
            }
        }
    }
}

impl Invoke {
    async fn attempt(&self, cx: &mut Cx, arn: &Arn, input: Option<&str>) -> Result<Outcome> {
        let target = &self.schedule.settings.target;
        let invocation = match target.invocation(cx.here(), input) {
            Ok(invocation) => invocation,
            Err(error) => return Outcome::of(Err::<(), _>(error)),
        };
        let bearer = Bearer {
            place: cx.here(),
            source: arn.clone(),
            role: Some(&target.role_arn),
            session: self.execution.clone(),
            service: PRINCIPAL,
        };
        match role::caller(cx, bearer, invocation.call()).await? {
            Ok(call) => Outcome::of(cx.call(call).await),
            Err(outcome) => Ok(outcome),
        }
    }

    /// The input goes to the dead-letter queue, if there is one; or it is lost.
    ///
    /// Reference: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html>
    async fn give_up(
        &self,
        cx: &mut Cx,
        arn: &Arn,
        input: Option<String>,
        trouble: &Trouble,
        condition: Option<&'static str>,
    ) -> Result<()> {
        let target = &self.schedule.settings.target;
        let queue = target.dead_letter_config.as_ref().and_then(|config| config.arn.as_deref());
        let Some(queue) = queue else {
            metric::group(cx, cx.here(), &self.schedule.group, "InvocationDroppedCount");
            tracing::info!(trouble.code, trouble.message, %arn, "a schedule's target could not be invoked");
            return Ok(());
        };
        let letter = Letter {
            place: cx.here(),
            source: arn.clone(),
            service: PRINCIPAL,
            body: input.filter(|input| !input.is_empty()).unwrap_or_else(|| "{}".to_owned()),
            attributes: vec![
                ("SCHEDULE_ARN", arn.to_string()),
                ("TARGET_ARN", target.arn.clone()),
                ("EXECUTION_ID", self.execution.clone()),
                ("SCHEDULED_TIME", self.scheduled.whole_secs().to_iso8601(Fraction::AsNeeded)),
                ("ERROR_CODE", trouble.code.to_owned()),
                ("ERROR_MESSAGE", trouble.message.clone()),
                ("RETRY_ATTEMPTS", self.tried.to_string()),
                ("EXHAUSTED_RETRY_CONDITION", condition.unwrap_or_default().to_owned()),
                ("IS_PAYLOAD_TRUNCATED", "false".to_owned()),
            ],
        };
        match letter.send(cx, queue).await? {
            Outcome::Delivered => {
                metric::group(cx, cx.here(), &self.schedule.group, "InvocationsSentToDeadLetterCount");
                Ok(())
            }
            other => {
                metric::group(cx, cx.here(), &self.schedule.group, "InvocationsFailedToBeSentToDeadLetterCount");
                tracing::info!(?trouble, ?other, %arn, "an invocation is lost: its dead-letter queue does not take it");
                Ok(())
            }
        }
    }
}
