//! Making and changing schedules.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::errors::{ConflictException, not_implemented};
use super::fire;
use super::group::Group;
use super::schedule::{self, After, DEFAULT, Schedule, Settings, State, Window};
use super::target::{GivenTarget, pass_role};

/// What both operations are given.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    name: String,
    group_name: Option<String>,
    schedule_expression: String,
    start_date: Option<Timestamp>,
    end_date: Option<Timestamp>,
    description: Option<String>,
    schedule_expression_timezone: Option<String>,
    #[serde(default)]
    state: State,
    kms_key_arn: Option<String>,
    target: GivenTarget,
    flexible_time_window: Window,
    #[serde(default)]
    action_after_completion: After,
}

/// Makes a schedule.
///
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html>
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct CreateSchedule(Given);

/// Changes a schedule: what is not given is as in a new one.
///
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html>
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct UpdateSchedule(Given);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateScheduleOutput {
    schedule_arn: String,
}

impl Given {
    fn access(&self, cx: &Cx, action: &'static str) -> Access {
        schedule::access(cx, action, self.group_name.as_deref(), &self.name).and(pass_role(self.target.role()))
    }

    fn group(&self) -> &str {
        self.group_name.as_deref().unwrap_or(DEFAULT)
    }

    fn settings(&self) -> Result<Settings> {
        if self.kms_key_arn.is_some() {
            return Err(not_implemented("customer managed keys (KmsKeyArn)"));
        }
        Ok(Settings {
            schedule_expression: self.schedule_expression.clone(),
            start_date: self.start_date,
            end_date: self.end_date,
            description: self.description.clone(),
            schedule_expression_timezone: self.schedule_expression_timezone.clone(),
            state: self.state,
            target: self.target.target()?,
            flexible_time_window: self.flexible_time_window.clone(),
            action_after_completion: self.action_after_completion,
        })
    }

    async fn save(&self, cx: &mut Cx, older: Option<Schedule>) -> Result<CreateScheduleOutput> {
        let here = cx.here();
        let settings = self.settings()?;
        settings.check(here)?;
        let now = cx.now();
        let schedule = Schedule {
            group: self.group().to_owned(),
            name: self.name.clone(),
            id: u64::from_le_bytes(cx.chance().bytes()),
            settings,
            created: older.map_or(now, |older| older.created),
            modified: now,
        };
        cx.put(here, &schedule).await?;
        fire::set(cx, &schedule, None).await?;
        Ok(CreateScheduleOutput { schedule_arn: schedule.arn(here).into() })
    }
}

impl Operation for CreateSchedule {
    const NAME: &'static str = "CreateSchedule";
    type Output = CreateScheduleOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(self.0.access(cx, "scheduler:CreateSchedule"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateScheduleOutput> {
        let here = cx.here();
        Group::named(cx, self.0.group()).await?.must_be_active()?;
        if cx.exists::<Schedule>(here, (self.0.group(), &self.0.name)).await? {
            return Err(ConflictException::because(format!("Schedule {} already exists.", self.0.name)));
        }
        self.0.save(cx, None).await
    }
}

impl Operation for UpdateSchedule {
    const NAME: &'static str = "UpdateSchedule";
    type Output = CreateScheduleOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(self.0.access(cx, "scheduler:UpdateSchedule"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateScheduleOutput> {
        let older = Schedule::named(cx, self.0.group_name.as_deref(), &self.0.name).await?;
        self.0.save(cx, Some(older)).await
    }
}
