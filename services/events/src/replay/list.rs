//! Finding replays.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::{Replay, State};
use crate::errors::invalid;
use crate::page::Wanted;

/// Lists the replays of the account in the Region, by name.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListReplays.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListReplays {
    name_prefix: Option<String>,
    state: Option<State>,
    event_source_arn: Option<String>,
    next_token: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListReplaysResponse {
    replays: Vec<ListedReplay>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedReplay {
    replay_name: String,
    event_source_arn: String,
    state: State,
    state_reason: Option<String>,
    event_start_time: Timestamp,
    event_end_time: Timestamp,
    event_last_replayed_time: Option<Timestamp>,
    replay_start_time: Timestamp,
    replay_end_time: Option<Timestamp>,
}

impl Operation for ListReplays {
    const NAME: &'static str = "ListReplays";
    type Output = ListReplaysResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("events:ListReplays"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListReplaysResponse> {
        let given = [self.name_prefix.is_some(), self.event_source_arn.is_some(), self.state.is_some()];
        if given.iter().filter(|given| **given).count() > 1 {
            return Err(invalid(
                "At most one filter is allowed for ListReplays. Use either : State, EventSourceArn, or NamePrefix.",
            ));
        }
        let here = cx.here();
        let mut replays = cx.list::<Replay>(here, (), Page::ALL).await?;
        replays.retain(|replay| {
            self.name_prefix.as_deref().is_none_or(|prefix| replay.name.starts_with(prefix))
                && self.state.is_none_or(|state| state == replay.state)
                && self.event_source_arn.as_deref().is_none_or(|arn| replay.archive_arn(here).as_str() == arn)
        });
        let wanted = Wanted::new(self.next_token.as_deref(), self.limit)?;
        let (page, next_token) = wanted.cut(replays, |replay| &replay.name);
        let replays = page.into_iter().map(|replay| ListedReplay {
            event_source_arn: replay.archive_arn(here).into(),
            replay_name: replay.name,
            state: replay.state,
            state_reason: replay.reason,
            event_start_time: replay.from,
            event_end_time: replay.to,
            event_last_replayed_time: replay.last.map(|(time, _)| time),
            replay_start_time: replay.started,
            replay_end_time: replay.ended,
        });
        Ok(ListReplaysResponse { replays: replays.collect(), next_token })
    }
}
