//! Ending a replay before its end.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Replay, State};
use crate::errors::IllegalStatusException;

/// Ends a replay; what was replayed stays so.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CancelReplay.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelReplay {
    replay_name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelReplayResponse {
    replay_arn: String,
    state: State,
    state_reason: Option<String>,
}

impl Operation for CancelReplay {
    const NAME: &'static str = "CancelReplay";
    type Output = CancelReplayResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:CancelReplay", &self.replay_name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CancelReplayResponse> {
        let here = cx.here();
        let mut replay = Replay::named(cx, &self.replay_name).await?;
        if !matches!(replay.state, State::Starting | State::Running) {
            let message = format!("Replay {} is not in a valid state for this operation.", replay.name);
            return Err(IllegalStatusException::because(message));
        }
        // Its job is enqueued and finds it so.
        replay.state = State::Cancelling;
        cx.put(here, &replay).await?;
        Ok(CancelReplayResponse {
            replay_arn: Replay::arn(here, &replay.name).into(),
            state: replay.state,
            state_reason: replay.reason,
        })
    }
}
