//! Finding schedules.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::group::Group;
use super::schedule::{Schedule, State, arn};
use crate::page::Wanted;

/// Lists the schedules of a group, or of all groups, by group and name.
///
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListSchedules.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSchedules {
    group_name: Option<String>,
    #[serde(default)]
    name_prefix: String,
    state: Option<State>,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSchedulesOutput {
    schedules: Vec<Listed>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    arn: String,
    name: String,
    group_name: String,
    state: State,
    creation_date: Timestamp,
    last_modification_date: Timestamp,
    target: ListedTarget,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedTarget {
    arn: String,
}

impl Operation for ListSchedules {
    const NAME: &'static str = "ListSchedules";
    type Output = ListSchedulesOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("scheduler:ListSchedules").on(arn(cx.here(), self.group_name.as_deref().unwrap_or("*"), "*")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListSchedulesOutput> {
        let here = cx.here();
        let mut all = match &self.group_name {
            Some(group) => {
                Group::named(cx, group).await?;
                cx.list::<Schedule>(here, group, Page::ALL).await?
            }
            None => cx.list::<Schedule>(here, (), Page::ALL).await?,
        };
        all.retain(|schedule| {
            schedule.name.starts_with(&self.name_prefix)
                && self.state.is_none_or(|state| state == schedule.settings.state)
        });
        // Names have no slash, and a group's schedules follow one another.
        let mut named: Vec<(String, Schedule)> =
            all.into_iter().map(|schedule| (format!("{}/{}", schedule.group, schedule.name), schedule)).collect();
        named.sort_by(|(a, _), (b, _)| a.cmp(b));
        let wanted = Wanted::new(self.next_token.as_deref(), self.max_results)?;
        let (page, next_token) = wanted.cut(named, |(name, _)| name);
        let schedules = page.into_iter().map(|(_, schedule)| Listed {
            arn: schedule.arn(here).into(),
            name: schedule.name,
            group_name: schedule.group,
            state: schedule.settings.state,
            creation_date: schedule.created,
            last_modification_date: schedule.modified,
            target: ListedTarget { arn: schedule.settings.target.arn },
        });
        Ok(ListSchedulesOutput { schedules: schedules.collect(), next_token })
    }
}
