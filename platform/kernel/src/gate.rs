//! The gate before calls and jobs: closed while all state is removed or replaced.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard, watch};

/// How long calls that are under way have to end by themselves before they are broken off.
const GRACE: Duration = Duration::from_secs(2);

/// How long a call waits for the gate to open.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often one looks who is still inside.
const PAUSE: Duration = Duration::from_millis(5);

/// Lets calls in, unless it is closed.
pub(crate) struct Gate {
    /// How many are inside, by the turn in which they came: one counter for even turns, one for odd ones.
    inside: [AtomicUsize; 2],
    turn: AtomicUsize,
    turning: Mutex<()>,
    /// Whether `phase` is anything but open: what each call looks at.
    closed: AtomicBool,
    phase: watch::Sender<Phase>,
    /// Rung when one leaves a closed gate.
    left: tokio::sync::Notify,
    closing: Mutex<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Open,
    /// Nobody enters, and who waits for something leaves.
    Closed,
    /// Everyone leaves.
    Breaking,
    /// For good: the state is not whole.
    Locked,
}

/// Why a call is not let in, or was broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed;

/// One inside; dropping it leaves.
struct Inside<'a> {
    gate: &'a Gate,
    turn: usize,
}

/// Keeps the gate closed; dropping it opens it.
pub(crate) struct Alone<'a> {
    gate: &'a Gate,
    _closing: MutexGuard<'a, ()>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            inside: Default::default(),
            turn: AtomicUsize::new(0),
            turning: Mutex::default(),
            closed: AtomicBool::new(false),
            phase: watch::Sender::new(Phase::Open),
            left: tokio::sync::Notify::new(),
            closing: Mutex::default(),
        }
    }
}

impl Gate {
    /// Runs `work` inside, once the gate is open; `Err` if it stays closed, or `work` was broken off.
    pub(crate) async fn pass<T>(&self, work: impl Future<Output = T>) -> Result<T, Closed> {
        let inside = loop {
            if let Some(inside) = self.enter() {
                break inside;
            }
            self.opened().await?;
        };
        let mut phase = self.phase.subscribe();
        let broken = async move {
            // The sender lives as long as `self`.
            let _ = phase.wait_for(|phase| *phase >= Phase::Breaking).await;
        };
        let done = tokio::select! {
            biased;
            done = work => Ok(done),
            () = broken => Err(Closed),
        };
        drop(inside);
        done
    }

    fn enter(&self) -> Option<Inside<'_>> {
        let inside = loop {
            let turn = self.turn.load(Ordering::SeqCst);
            self.inside[turn % 2].fetch_add(1, Ordering::SeqCst);
            let inside = Inside { gate: self, turn: turn % 2 };
            // If the turn changed in between, nobody may have seen this one.
            if self.turn.load(Ordering::SeqCst) == turn {
                break inside;
            }
        };
        (!self.closed.load(Ordering::SeqCst)).then_some(inside)
    }

    async fn opened(&self) -> Result<(), Closed> {
        let mut phase = self.phase.subscribe();
        match tokio::time::timeout(PATIENCE, phase.wait_for(|p| matches!(p, Phase::Open | Phase::Locked))).await {
            Ok(Ok(phase)) if *phase == Phase::Open => Ok(()),
            _ => Err(Closed),
        }
    }

    /// Whether it is open.
    pub(crate) fn is_open(&self) -> bool {
        !self.closed.load(Ordering::SeqCst)
    }

    /// Returns when it is being closed: for calls that wait for something.
    pub(crate) async fn closes(&self) {
        let _ = self.phase.subscribe().wait_for(|phase| *phase != Phase::Open).await;
    }

    /// Closes it, and returns when nobody is inside.
    pub(crate) async fn close(&self) -> Result<Alone<'_>, Closed> {
        let closing = self.closing.lock().await;
        if *self.phase.borrow() == Phase::Locked {
            return Err(Closed);
        }
        let alone = Alone { gate: self, _closing: closing };
        self.closed.store(true, Ordering::SeqCst);
        self.phase.send_replace(Phase::Closed);
        if tokio::time::timeout(GRACE, self.empty()).await.is_err() {
            self.phase.send_replace(Phase::Breaking);
            self.empty().await;
        }
        Ok(alone)
    }

    async fn empty(&self) {
        loop {
            let left = self.left.notified();
            tokio::pin!(left);
            left.as_mut().enable();
            if self.inside.iter().all(|inside| inside.load(Ordering::SeqCst) == 0) {
                return;
            }
            left.await;
        }
    }

    /// Returns when everyone who is inside now has left; others come and go meanwhile.
    pub(crate) async fn everyone_has_left(&self) {
        let _turning = self.turning.lock().await;
        let before = self.turn.fetch_add(1, Ordering::SeqCst) % 2;
        while self.inside[before].load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Alone<'_> {
    /// Leaves the gate closed for good.
    pub(crate) fn lock(self) {
        self.gate.phase.send_replace(Phase::Locked);
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.gate.inside[self.turn].fetch_sub(1, Ordering::SeqCst);
        if !self.gate.is_open() {
            self.gate.left.notify_waiters();
        }
    }
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        if *self.gate.phase.borrow() != Phase::Locked {
            self.gate.closed.store(false, Ordering::SeqCst);
            self.gate.phase.send_replace(Phase::Open);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::Arc;

    #[tokio::test(start_paused = true)]
    async fn who_is_inside_may_end_and_who_comes_later_waits() {
        let gate = Arc::new(Gate::default());
        let inside = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.pass(tokio::time::sleep(Duration::from_secs(1))).await }
        });
        tokio::task::yield_now().await;
        let alone = gate.close().await.unwrap();
        assert_eq!(inside.await.unwrap(), Ok(()), "it had the time to end");
        let later = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.pass(async { 7 }).await }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!later.is_finished());
        drop(alone);
        assert_eq!(later.await.unwrap(), Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn one_waits_for_those_inside_and_not_for_those_who_come_later() {
        let gate = Arc::new(Gate::default());
        let stay = |seconds| {
            let gate = Arc::clone(&gate);
            tokio::spawn(async move { gate.pass(tokio::time::sleep(Duration::from_secs(seconds))).await })
        };
        for _ in 0..3 {
            let begun = tokio::time::Instant::now();
            let first = stay(10);
            tokio::task::yield_now().await;
            let left = tokio::spawn({
                let gate = Arc::clone(&gate);
                async move { gate.everyone_has_left().await }
            });
            tokio::time::sleep(Duration::from_secs(1)).await;
            let later = stay(100_000);
            left.await.unwrap();
            assert!(first.is_finished() && !later.is_finished());
            assert!(begun.elapsed() < Duration::from_secs(11));
            later.abort();
            assert!(later.await.is_err());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_end_is_broken_off_and_who_waits_too_long_is_told() {
        let gate = Arc::new(Gate::default());
        let endless = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.pass(std::future::pending::<()>()).await }
        });
        tokio::task::yield_now().await;
        let alone = gate.close().await.unwrap();
        assert_eq!(endless.await.unwrap(), Err(Closed));
        assert_eq!(gate.pass(async {}).await, Err(Closed));
        alone.lock();
        assert_eq!(gate.pass(async {}).await, Err(Closed));
        assert!(gate.close().await.is_err());
    }
}
