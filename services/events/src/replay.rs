//! Replays: events of an archive, sent to their bus once more.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html>

pub(crate) mod cancel;
pub(crate) mod describe;
pub(crate) mod list;
pub(crate) mod run;
pub(crate) mod start;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::errors::ResourceNotFoundException;

/// A replay, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Replay {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// Name and id of the archive.
    pub(crate) archive: (String, u64),
    pub(crate) destination: Destination,
    pub(crate) state: State,
    pub(crate) reason: Option<String>,
    /// Which events, by their times.
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// Time and id of the event that was replayed last.
    pub(crate) last: Option<(Timestamp, String)>,
    pub(crate) started: Timestamp,
    pub(crate) ended: Option<Timestamp>,
}

/// Where events are replayed to, as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Destination {
    pub(crate) arn: String,
    /// Rules that get them; all of the bus if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) filter_arns: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State {
    Starting,
    Running,
    Cancelling,
    Completed,
    Cancelled,
    Failed,
}

impl Resource for Replay {
    const KIND: &'static str = "events/replay";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

impl Replay {
    /// The replay of this name.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    async fn named(cx: &mut Cx, name: &str) -> Result<Self> {
        let here = cx.here();
        let missing = || ResourceNotFoundException::because(format!("Replay {name} does not exist."));
        cx.get::<Self>(here, name).await?.ok_or_else(missing)
    }

    fn arn(place: Place, name: &str) -> Arn {
        place.arn("events", format_args!("replay/{name}"))
    }

    fn archive_arn(&self, place: Place) -> Arn {
        crate::archive::Archive::arn(place, &self.archive.0)
    }
}

/// The access to a replay that an operation demands.
fn access(cx: &Cx, action: &'static str, name: &str) -> Access {
    Access::to(action).on(Replay::arn(cx.here(), name))
}
