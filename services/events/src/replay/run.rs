//! A replay at work: some events in each run.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Result, Schedule, Timestamp};

use super::{Replay, State};
use crate::archive::Archive;
use crate::bus::BusAddress;
use crate::event::Event;
use crate::listening;

/// Replays the next events.
#[derive(Serialize, Deserialize)]
pub(crate) struct Run {
    pub(super) name: String,
    /// Tells the replay from others of the same name.
    pub(super) started: Timestamp,
}

/// Events of a run.
const BATCH: usize = 100;

impl Job for Run {
    const NAME: &'static str = "events/replay";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let found = cx.get::<Replay>(here, &self.name).await?;
        let Some(mut replay) = found.filter(|replay| replay.started == self.started) else { return Ok(()) };
        let archive = cx.get::<Archive>(here, &replay.archive.0).await?;
        let archive = archive.filter(|archive| archive.id == replay.archive.1);
        replay.state = match (replay.state, archive) {
            (State::Starting | State::Running, Some(archive)) => self.some(cx, &mut replay, &archive).await?,
            (State::Starting | State::Running, None) => {
                replay.reason = Some("The archive was deleted.".to_owned());
                State::Failed
            }
            (State::Cancelling, _) => State::Cancelled,
            (other, _) => other,
        };
        if replay.state == State::Running {
            cx.enqueue(self, Schedule::now()).await?;
        } else {
            replay.ended = Some(cx.now());
        }
        cx.put(here, &replay).await
    }
}

impl Run {
    /// Replays some events; the state after that.
    async fn some(&self, cx: &mut Cx, replay: &mut Replay, archive: &Archive) -> Result<State> {
        let bus = BusAddress { place: cx.here(), name: archive.bus.clone() };
        let after = match &replay.last {
            Some((time, id)) => (*time, id.as_str()),
            None => (replay.from, ""),
        };
        let events = archive.between(cx, after, replay.to, BATCH).await?;
        let filter = replay.destination.filter_arns.clone();
        for event in &events {
            // UNVERIFIED: that a replayed event has an id of its own.
            let event = Event {
                id: cx.chance().uuid(),
                replay: Some(replay.name.clone()),
                ingested: cx.now(),
                hopped: false,
                ..event.clone()
            };
            let wanted = |rule: &str| filter.is_empty() || filter.iter().any(|arn| arn == rule);
            listening::bring_to(cx, &bus, &event, &wanted).await?;
        }
        if let Some(last) = events.last() {
            replay.last = Some((last.time, last.id.clone()));
        }
        Ok(if events.len() < BATCH { State::Completed } else { State::Running })
    }
}
