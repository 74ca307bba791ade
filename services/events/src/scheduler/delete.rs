//! Deleting a schedule.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::fire;
use super::schedule::{self, Schedule};

/// Deletes a schedule.
///
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_DeleteSchedule.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteSchedule {
    name: String,
    group_name: Option<String>,
}

impl Operation for DeleteSchedule {
    const NAME: &'static str = "DeleteSchedule";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(schedule::access(cx, "scheduler:DeleteSchedule", self.group_name.as_deref(), &self.name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let schedule = Schedule::named(cx, self.group_name.as_deref(), &self.name).await?;
        remove(cx, &schedule).await?;
        Ok(Empty {})
    }
}

/// Removes a schedule, which comes no more.
pub(super) async fn remove(cx: &mut Cx, schedule: &Schedule) -> Result<()> {
    let here = cx.here();
    cx.delete::<Schedule>(here, (&schedule.group, &schedule.name)).await?;
    fire::cancel(cx, schedule).await
}
