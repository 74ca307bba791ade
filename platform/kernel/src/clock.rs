//! The one clock: it ticks as the machine's does, shifted by what a user advanced or set.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use crate::Timestamp;

/// The kernel's clock. Everything that Welkin issues or schedules follows it.
///
/// It never runs backwards within a call, but `set` may move it either way.
#[derive(Debug)]
pub struct Clock {
    source: Source,
    moved: watch::Sender<u64>,
}

#[derive(Debug)]
enum Source {
    /// Machine time plus an offset in microseconds.
    Machine(AtomicI64),
    /// A clock that stands still until it is moved; for simulations.
    Manual(Mutex<Timestamp>),
}

impl Clock {
    /// A clock `offset_micros` ahead of the machine's.
    pub fn machine(offset_micros: i64) -> Self {
        Self { source: Source::Machine(AtomicI64::new(offset_micros)), moved: watch::Sender::new(0) }
    }

    /// A clock that stands at `start` until it is moved.
    pub fn manual(start: Timestamp) -> Self {
        Self { source: Source::Manual(Mutex::new(start)), moved: watch::Sender::new(0) }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match &self.source {
            Source::Machine(offset) => {
                Timestamp::from_micros(Self::machine_now().micros().saturating_add(offset.load(Ordering::Relaxed)))
            }
            Source::Manual(now) => *now.lock().unwrap_or_else(|e| e.into_inner()),
        }
    }

    /// The machine's own time: for what clients outside stamp with theirs, such as signatures.
    pub fn machine_now() -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    /// How far it is ahead of the machine's clock, in microseconds.
    pub fn offset_micros(&self) -> i64 {
        match &self.source {
            Source::Machine(offset) => offset.load(Ordering::Relaxed),
            Source::Manual(_) => self.now().micros().saturating_sub(Self::machine_now().micros()),
        }
    }

    /// Sets how far it is ahead of the machine's clock; a manual clock stays where it is.
    pub(crate) fn set_offset(&self, offset_micros: i64) {
        if let Source::Machine(offset) = &self.source {
            offset.store(offset_micros, Ordering::Relaxed);
            self.moved.send_modify(|n| *n += 1);
        }
    }

    /// Moves it to `to` and wakes everyone who waits on it.
    pub(crate) fn set(&self, to: Timestamp) {
        match &self.source {
            Source::Machine(offset) => {
                offset.store(to.micros().saturating_sub(Self::machine_now().micros()), Ordering::Relaxed);
            }
            Source::Manual(now) => *now.lock().unwrap_or_else(|e| e.into_inner()) = to,
        }
        self.moved.send_modify(|n| *n += 1);
    }

    /// Returns once the clock has reached `until`, however it got there.
    pub async fn sleep_until(&self, until: Timestamp) {
        let mut moved = self.moved.subscribe();
        loop {
            let now = self.now();
            if now >= until {
                return;
            }
            let left = match &self.source {
                // An hour at most, so that a machine that slept does not oversleep.
                Source::Machine(_) => until.since(now).min(Duration::from_secs(3600)),
                Source::Manual(_) => Duration::from_secs(3600),
            };
            // The sender lives in `self`, so `changed` cannot fail; a time-out means: look again.
            let _ = tokio::time::timeout(left, moved.changed()).await;
        }
    }
}
