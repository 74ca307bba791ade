//! What a schedule is.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::schedule::{self, After, Schedule, State, Window};
use super::target::Target;

/// Tells what a schedule is.
///
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSchedule {
    name: String,
    group_name: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetScheduleOutput {
    arn: String,
    group_name: String,
    name: String,
    schedule_expression: String,
    start_date: Option<Timestamp>,
    end_date: Option<Timestamp>,
    description: Option<String>,
    schedule_expression_timezone: String,
    state: State,
    creation_date: Timestamp,
    last_modification_date: Timestamp,
    target: Target,
    flexible_time_window: Window,
    action_after_completion: After,
}

impl Operation for GetSchedule {
    const NAME: &'static str = "GetSchedule";
    type Output = GetScheduleOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(schedule::access(cx, "scheduler:GetSchedule", self.group_name.as_deref(), &self.name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetScheduleOutput> {
        let schedule = Schedule::named(cx, self.group_name.as_deref(), &self.name).await?;
        let (arn, settings) = (schedule.arn(cx.here()).into(), schedule.settings);
        Ok(GetScheduleOutput {
            arn,
            group_name: schedule.group,
            name: schedule.name,
            schedule_expression: settings.schedule_expression,
            start_date: settings.start_date,
            end_date: settings.end_date,
            description: settings.description,
            schedule_expression_timezone: settings.schedule_expression_timezone.unwrap_or_else(|| "UTC".to_owned()),
            state: settings.state,
            creation_date: schedule.created,
            last_modification_date: schedule.modified,
            target: settings.target,
            flexible_time_window: settings.flexible_time_window,
            action_after_completion: settings.action_after_completion,
        })
    }
}
