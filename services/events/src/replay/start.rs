//! Starting a replay.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Operation, Page, Result, Schedule, Timestamp};

use super::run::Run;
use super::{Destination, Replay, State};
use crate::archive::Archive;
use crate::errors::{LimitExceededException, ResourceAlreadyExistsException, invalid_parameter};

/// Replays of an account in a Region at a time.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const MOST: usize = 10;

/// Sends the events of an archive that are of some time to their bus once more.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_StartReplay.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartReplay {
    replay_name: String,
    description: Option<String>,
    event_source_arn: String,
    event_start_time: Timestamp,
    event_end_time: Timestamp,
    destination: Destination,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartReplayResponse {
    replay_arn: String,
    state: State,
    state_reason: Option<String>,
    replay_start_time: Timestamp,
}

impl Operation for StartReplay {
    const NAME: &'static str = "StartReplay";
    type Output = StartReplayResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:StartReplay", &self.replay_name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<StartReplayResponse> {
        let here = cx.here();
        let source: Option<Arn> = self.event_source_arn.parse().ok();
        let name = source.as_ref().and_then(|arn| arn.resource().strip_prefix("archive/"));
        let name = name.ok_or_else(|| invalid_parameter("EventSourceArn", "Must contain an ARN of an archive."))?;
        let archive = Archive::named(cx, name).await?;
        if self.event_end_time <= self.event_start_time {
            return Err(invalid_parameter("EventEndTime", "EventStartTime must be before EventEndTime."));
        }
        let bus = crate::bus::BusAddress { place: here, name: archive.bus.clone() };
        if self.destination.arn != bus.arn().as_str() {
            return Err(invalid_parameter("Destination.Arn", "Cross event bus replay is not permitted."));
        }
        let ours = format!("{}:", here.arn("events", "").as_str().trim_end_matches(':'));
        if self.destination.filter_arns.iter().any(|arn| !arn.starts_with(&ours) || !arn.contains(":rule/")) {
            return Err(invalid_parameter("Destination.FilterArns", "Must contain ARNs of rules."));
        }
        if cx.exists::<Replay>(here, &self.replay_name).await? {
            return Err(ResourceAlreadyExistsException::because(format!(
                "Replay {} already exists.",
                self.replay_name
            )));
        }
        let active = |replay: &Replay| matches!(replay.state, State::Starting | State::Running | State::Cancelling);
        if cx.list::<Replay>(here, (), Page::ALL).await?.iter().filter(|replay| active(replay)).count() >= MOST {
            return Err(LimitExceededException::because("The requested resource exceeds the maximum number allowed."));
        }
        let replay = Replay {
            name: self.replay_name.clone(),
            description: self.description.clone(),
            archive: (archive.name, archive.id),
            destination: self.destination.clone(),
            state: State::Starting,
            reason: None,
            from: self.event_start_time,
            to: self.event_end_time,
            last: None,
            started: cx.now(),
            ended: None,
        };
        cx.put(here, &replay).await?;
        cx.enqueue(&Run { name: replay.name.clone(), started: replay.started }, Schedule::now()).await?;
        Ok(StartReplayResponse {
            replay_arn: Replay::arn(here, &replay.name).into(),
            state: replay.state,
            state_reason: replay.reason,
            replay_start_time: replay.started,
        })
    }
}
