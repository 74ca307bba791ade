//! Which states of the store are being read.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The newest visible commit and the open transactions that read older ones.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    visible: u64,
    open: BTreeMap<u64, usize>,
}

impl Snapshots {
    pub(crate) fn starting_at(visible: u64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { visible, open: BTreeMap::new() })))
    }

    /// Starts to read the state after the newest visible commit.
    pub(crate) fn open(self: &Arc<Self>) -> Snapshot {
        let mut state = self.lock();
        let since = state.visible;
        *state.open.entry(since).or_default() += 1;
        Snapshot { since, snapshots: self.clone() }
    }

    /// Makes `version` the newest visible commit.
    pub(crate) fn publish(&self, version: u64) {
        self.lock().visible = version;
    }

    /// The newest visible commit.
    pub(crate) fn visible(&self) -> u64 {
        self.lock().visible
    }

    /// The oldest commit whose state may still be read.
    pub(crate) fn oldest(&self) -> u64 {
        let state = self.lock();
        state.open.keys().next().copied().unwrap_or(state.visible)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open snapshot: everything up to and including the commit `since`.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) since: u64,
    snapshots: Arc<Snapshots>,
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        let mut state = self.snapshots.lock();
        if let Some(count) = state.open.get_mut(&self.since) {
            *count -= 1;
            if *count == 0 {
                state.open.remove(&self.since);
            }
        }
    }
}
