//! How far a replay is.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::{Destination, Replay, State};

/// Tells what a replay is, and how far.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeReplay.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeReplay {
    replay_name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeReplayResponse {
    replay_name: String,
    replay_arn: String,
    description: Option<String>,
    state: State,
    state_reason: Option<String>,
    event_source_arn: String,
    destination: Destination,
    event_start_time: Timestamp,
    event_end_time: Timestamp,
    event_last_replayed_time: Option<Timestamp>,
    replay_start_time: Timestamp,
    replay_end_time: Option<Timestamp>,
}

impl Operation for DescribeReplay {
    const NAME: &'static str = "DescribeReplay";
    type Output = DescribeReplayResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:DescribeReplay", &self.replay_name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeReplayResponse> {
        let here = cx.here();
        let replay = Replay::named(cx, &self.replay_name).await?;
        Ok(DescribeReplayResponse {
            replay_arn: Replay::arn(here, &replay.name).into(),
            event_source_arn: replay.archive_arn(here).into(),
            replay_name: replay.name,
            description: replay.description,
            state: replay.state,
            state_reason: replay.reason,
            destination: replay.destination,
            event_start_time: replay.from,
            event_end_time: replay.to,
            event_last_replayed_time: replay.last.map(|(time, _)| time),
            replay_start_time: replay.started,
            replay_end_time: replay.ended,
        })
    }
}
