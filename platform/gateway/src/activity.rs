//! What a connection is doing, so that a slow client can be told from a busy one.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

use crate::Limits;

/// Shared by the socket, which sees bytes, and the exchanges, which see requests.
///
/// Times are milliseconds since `start`, plus one, so that zero can mean "not".
#[derive(Debug)]
pub(crate) struct Activity {
    start: Instant,
    /// Requests whose answers have not been written in full.
    in_flight: AtomicU32,
    /// Since when no request is in flight.
    idle_since: AtomicU64,
    /// When the first byte of the next request arrived; zero while none has.
    head_since: AtomicU64,
    /// Since when the client does not take what is written; zero while it does.
    blocked_since: AtomicU64,
}

/// What took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// The head of a request.
    Head,
    /// The next request.
    Idle,
    /// The client's reading.
    Write,
}

impl Activity {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            in_flight: AtomicU32::new(0),
            idle_since: AtomicU64::new(1),
            head_since: AtomicU64::new(1),
            blocked_since: AtomicU64::new(0),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// Bytes arrived.
    pub(crate) fn received(&self) {
        if self.in_flight.load(Relaxed) == 0 && self.head_since.load(Relaxed) == 0 {
            self.head_since.store(self.now(), Relaxed);
        }
    }

    /// The connection is set up; the time for the first request starts again.
    pub(crate) fn opened(&self) {
        self.head_since.store(self.now(), Relaxed);
        self.idle_since.store(self.now(), Relaxed);
    }

    /// A write made progress.
    pub(crate) fn written(&self) {
        if self.blocked_since.load(Relaxed) != 0 {
            self.blocked_since.store(0, Relaxed);
        }
    }

    /// A write found the client's window full.
    pub(crate) fn blocked(&self) {
        if self.blocked_since.load(Relaxed) == 0 {
            self.blocked_since.store(self.now(), Relaxed);
        }
    }

    /// A request's head is complete.
    pub(crate) fn begin(&self) {
        self.in_flight.fetch_add(1, Relaxed);
        self.head_since.store(0, Relaxed);
    }

    /// A request's answer is written.
    pub(crate) fn end(&self) {
        if self.in_flight.fetch_sub(1, Relaxed) == 1 {
            self.idle_since.store(self.now(), Relaxed);
        }
    }

    /// How often to look.
    pub(crate) fn interval(limits: &Limits) -> Duration {
        limits.head_time.min(limits.idle_time).min(limits.write_stall)
    }

    /// What is overdue, or else how long until something may be.
    pub(crate) fn check(&self, limits: &Limits, multiplexed: bool) -> Result<Duration, Overdue> {
        let now = self.now();
        let left = |since: u64, limit: Duration, overdue| {
            let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
            match since.saturating_add(limit).checked_sub(now) {
                Some(left) if left > 0 => Ok(Duration::from_millis(left)),
                _ => Err(overdue),
            }
        };
        // Anything may begin just after this check: look again no later than it could be overdue.
        let soon = Self::interval(limits);
        let blocked = self.blocked_since.load(Relaxed);
        if blocked != 0 {
            return left(blocked, limits.write_stall, Overdue::Write);
        }
        if self.in_flight.load(Relaxed) != 0 {
            return Ok(soon);
        }
        let head = self.head_since.load(Relaxed);
        // Over HTTP/2, bytes may be pings and window updates: only requests count.
        if head != 0 && !multiplexed {
            return left(head, limits.head_time, Overdue::Head);
        }
        left(self.idle_since.load(Relaxed), limits.idle_time, Overdue::Idle).map(|left| left.min(soon))
    }
}
