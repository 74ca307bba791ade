//! Delivery: from notes of records to files in S3, each record in exactly one file of each trail.
//!
//! 1. The call that is recorded notes in its record which trails want it, in its own transaction. The first of a
//!    five-minute window has the window collected.
//! 2. At the end of the window [`collect::Collect`] closes it, and then goes through its records and enqueues a job for
//!    each file, which holds the file's name and its records.
//! 3. [`write::WriteFile`] writes its file. After a crash it writes the same bytes under the same name once
//!    more, so nothing is doubled.
//!
//! A call whose window was closed before it committed enqueues a file of its own.

pub(crate) mod collect;
pub(crate) mod file;
pub(crate) mod write;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::Timestamp;

/// Five minutes, by their number since the epoch.
///
/// Source: "CloudTrail typically delivers logs within an average of about 5 minutes of an API call":
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Window(i64);

const WINDOW: Duration = Window::MINUTE.saturating_mul(5);

impl Window {
    pub(crate) const MINUTE: Duration = Duration::from_secs(60);

    /// Its minutes.
    pub(crate) const MINUTES: i64 = 5;

    /// The window of a point in time.
    pub(crate) fn of(time: Timestamp) -> Self {
        Self(time.secs().div_euclid(WINDOW.as_secs().cast_signed()))
    }

    /// Its number, which grows with time.
    pub(crate) fn number(self) -> i64 {
        self.0
    }

    /// The window so many windows earlier.
    pub(crate) fn before(self, windows: i64) -> Self {
        Self(self.0.saturating_sub(windows))
    }

    /// The window so many windows later.
    pub(crate) fn after(self, windows: i64) -> Self {
        Self(self.0.saturating_add(windows))
    }

    /// Its beginning.
    pub(crate) fn start(self) -> Timestamp {
        Timestamp::from_secs(self.0.saturating_mul(WINDOW.as_secs().cast_signed()))
    }

    /// Its end.
    pub(crate) fn end(self) -> Timestamp {
        self.start().plus(WINDOW)
    }

    /// Which of its minutes a point in time is in.
    pub(crate) fn minute(self, time: Timestamp) -> usize {
        usize::try_from(time.since(self.start()).as_secs() / Self::MINUTE.as_secs()).unwrap_or_default()
    }

    /// The beginning of one of its minutes.
    pub(crate) fn start_of_minute(self, minute: u32) -> Timestamp {
        self.start().plus(Self::MINUTE.saturating_mul(minute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_at_most_five_minutes_later() {
        for secs in [0, 1, 299, 300, 301, 1_689_802_421] {
            let time = Timestamp::from_secs(secs);
            let end = Window::of(time).end();
            assert!(end > time && end.since(time) <= WINDOW, "{secs}");
            assert_eq!(end.secs() % 300, 0);
        }
    }
}
