//! A run of a crawler, as it is stored.

use serde::{Deserialize, Serialize};
use welkin_kernel::{IntoKey, Key, Resource, Scope, Timestamp};

use super::Written;
use super::role::Session;

/// A run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Crawl {
    pub(crate) crawler: String,
    pub(crate) id: String,
    pub(crate) started: Timestamp,
    pub(crate) ended: Option<Timestamp>,
    /// How it ended.
    pub(crate) ending: Option<Ending>,
    pub(crate) error: Option<String>,
    pub(crate) written: Written,
    /// Whether everything was looked at, so that what there is to write is known.
    pub(crate) surveyed: bool,
    /// With which the catalog is written.
    pub(crate) session: Option<Session>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ending {
    Succeeded,
    Failed,
    Cancelled,
}

impl Ending {
    /// As `LastCrawlInfo` has it.
    pub(crate) fn of_last(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl Resource for Crawl {
    const KIND: &'static str = "glue/crawl";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        key(&self.crawler, self.started, &self.id)
    }
}

/// The key of a run: the latest is the first.
pub(crate) fn key(crawler: &str, started: Timestamp, id: &str) -> Key {
    (crawler, age(started), id).into_key()
}

/// Less for later times.
pub(crate) fn age(at: Timestamp) -> u64 {
    u64::MAX - u64::try_from(at.micros()).unwrap_or(0)
}

impl Crawl {
    /// As the history of a crawler has it.
    pub(crate) fn state(&self) -> &'static str {
        match self.ending {
            None => "RUNNING",
            Some(Ending::Succeeded) => "COMPLETED",
            Some(Ending::Failed) => "FAILED",
            Some(Ending::Cancelled) => "STOPPED",
        }
    }
}

/// That a run is to stop.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stop {
    pub(crate) id: String,
}

impl Resource for Stop {
    const KIND: &'static str = "glue/crawl-stop";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.id.as_str().into_key()
    }
}
