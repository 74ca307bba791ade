//! The engine for tests: an ordered map that keeps the versions of its values. It is deterministic: given the
//! same calls in the same order and the same seed, it does the same, faults included.

mod faults;
mod simulation;

pub use faults::Faults;
pub use simulation::Simulation;

use crate::{
    Durability, Error, KeyRange, Stamp,
    batch::{Base, Batch},
    conflict::{Reads, Recent},
    engine::{PAGE_BYTES, Page},
    overlay::Writes,
    snapshots::{Snapshot, Snapshots},
    watch::Hub,
};
use bytes::Bytes;
use faults::{Dice, Fault};
use std::{
    collections::{BTreeMap, VecDeque},
    ops::Bound,
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, Ordering},
    },
};

/// The versions of a key, oldest first; `None` where it was deleted.
type Versions = Vec<(u64, Option<Bytes>)>;

#[derive(Debug, Default, Clone)]
struct Map {
    keys: BTreeMap<Bytes, Versions>,
    /// Deletions whose keys can be forgotten once no transaction reads older states.
    deletions: VecDeque<(u64, Bytes)>,
    long_values: bool,
}

#[derive(Debug, Default)]
struct State {
    map: Map,
    recent: Recent,
    /// The newest commit.
    version: u64,
    /// The newest commit that a crash does not take.
    synced: u64,
}

#[derive(Debug)]
struct Shared {
    state: RwLock<State>,
    snapshots: Arc<Snapshots>,
    hub: Arc<Hub>,
    dice: Mutex<Dice>,
    durability: Durability,
    crashed: AtomicBool,
}

/// A store in memory.
#[derive(Debug, Clone)]
pub(crate) struct Memory(Arc<Shared>);

impl Memory {
    pub(crate) fn new(durability: Durability, faults: Faults, hub: Arc<Hub>) -> Self {
        Self::restore(Map::default(), 0, durability, Dice::new(faults), hub)
    }

    /// A store that begins with `map`, whose newest commit is `version`.
    fn restore(map: Map, version: u64, durability: Durability, dice: Dice, hub: Arc<Hub>) -> Self {
        Self(Arc::new(Shared {
            state: RwLock::new(State { map, recent: Recent::default(), version, synced: version }),
            snapshots: Snapshots::starting_at(version),
            hub,
            dice: Mutex::new(dice),
            durability,
            crashed: AtomicBool::new(false),
        }))
    }

    pub(crate) fn begin(&self) -> Result<View, Error> {
        self.0.alive()?;
        Ok(View { shared: self.0.clone(), snapshot: self.0.snapshots.open() })
    }

    pub(crate) fn advance(&self, version: u64) {
        let mut state = self.0.write();
        state.version = state.version.max(version);
    }
}

impl Shared {
    fn alive(&self) -> Result<(), Error> {
        match self.crashed.load(Ordering::Acquire) {
            true => Err(Error::Unavailable("it has crashed".to_owned())),
            false => Ok(()),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn roll(&self, throw: impl FnOnce(&mut Dice) -> Option<Fault>) -> Option<Fault> {
        throw(&mut self.dice.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The state after one commit.
pub(crate) struct View {
    shared: Arc<Shared>,
    snapshot: Snapshot,
}

impl View {
    pub(crate) fn newest_commit(&self) -> u64 {
        self.shared.read().version
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Bytes>, Error> {
        self.before_read()?;
        let state = self.shared.read();
        Ok(state.map.keys.get(key).and_then(|versions| at(versions, self.snapshot.since)).cloned())
    }

    pub(crate) fn range(&self, range: &KeyRange, limit: usize, reverse: bool) -> Result<Page, Error> {
        self.before_read()?;
        let state = self.shared.read();
        let rows = state.map.keys.range::<[u8], _>(bounds(range));
        let visible = |(key, versions): (&Bytes, &Versions)| {
            at(versions, self.snapshot.since).map(|value| (key.clone(), value.clone()))
        };
        Ok(match reverse {
            true => page(rows.rev().filter_map(visible), limit),
            false => page(rows.filter_map(visible), limit),
        })
    }

    pub(crate) fn commit(self, reads: &Reads, writes: Writes, durability: Durability) -> Result<Option<Stamp>, Error> {
        self.shared.alive()?;
        if writes.is_empty() {
            return Ok(None);
        }
        let fault = self.shared.roll(Dice::commit);
        match fault {
            Some(Fault::Conflict) => return Err(Error::Conflict),
            Some(Fault::Fail) => return Err(Error::Unavailable("injected fault".to_owned())),
            Some(Fault::LoseRequest) => return Err(unknown()),
            Some(Fault::LoseAnswer) | None => {}
        }
        let (version, touched) = self.apply(reads, writes, fault.is_none() && durability == Durability::Fsync)?;
        self.shared.hub.changed(&touched);
        match fault {
            None => Ok(Some(Stamp::of_commit(version))),
            Some(_) => Err(unknown()),
        }
    }

    fn apply(&self, reads: &Reads, writes: Writes, acknowledged: bool) -> Result<(u64, Vec<Bytes>), Error> {
        let state = &mut *self.shared.write();
        if state.recent.conflicts(self.snapshot.since, reads) {
            return Err(Error::Conflict);
        }
        let version = state.version + 1;
        let mut batch = Batch::default();
        let touched = batch.apply(&state.map, state.map.long_values, writes, version)?;
        state.version = version;
        if acknowledged && self.shared.durability == Durability::Fsync {
            state.synced = version;
        }
        let floor = self.shared.snapshots.oldest().min(state.synced);
        state.map.write(batch, version, floor);
        state.recent.record(version, &touched);
        state.recent.forget(floor);
        self.shared.snapshots.publish(version);
        Ok((version, touched))
    }

    fn before_read(&self) -> Result<(), Error> {
        self.shared.alive()?;
        match self.shared.roll(Dice::read) {
            None => Ok(()),
            Some(_) => Err(Error::Unavailable("injected fault".to_owned())),
        }
    }
}

fn unknown() -> Error {
    Error::CommitUnknown("injected fault".to_owned())
}

fn bounds(range: &KeyRange) -> (Bound<&[u8]>, Bound<&[u8]>) {
    (Bound::Included(range.start.as_ref()), Bound::Excluded(range.end.as_ref()))
}

/// The value after the commit `version`.
fn at(versions: &Versions, version: u64) -> Option<&Bytes> {
    versions.iter().rev().find(|(written, _)| *written <= version).and_then(|(_, value)| value.as_ref())
}

fn page(mut rows: impl Iterator<Item = (Bytes, Bytes)>, limit: usize) -> Page {
    let mut page = Page::default();
    let mut bytes = 0;
    while page.rows.len() < limit && bytes < PAGE_BYTES {
        let Some((key, value)) = rows.next() else { return page };
        bytes += key.len() + value.len();
        page.rows.push((key, value));
    }
    page.more = rows.next().is_some();
    page
}

impl Map {
    /// Writes the entries of `batch` as of `version`; forgets what no state from `floor` on contains.
    fn write(&mut self, batch: Batch, version: u64, floor: u64) {
        self.long_values |= batch.has_long_values();
        for (key, value) in batch.into_entries() {
            if value.is_none() {
                self.deletions.push_back((version, key.clone()));
            }
            let versions = self.keys.entry(key).or_default();
            forget(versions, floor);
            versions.push((version, value));
        }
        while let Some((_, key)) = self.deletions.pop_front_if(|(deleted, _)| *deleted <= floor) {
            let Some(versions) = self.keys.get_mut(&key) else { continue };
            forget(versions, floor);
            if let [(last, None)] = versions.as_slice()
                && *last <= floor
            {
                self.keys.remove(&key);
            }
        }
    }

    /// What remains if every commit after `version` is lost.
    fn as_of(&self, version: u64) -> Self {
        let mut map = Self { long_values: self.long_values, ..Self::default() };
        for (key, versions) in &self.keys {
            if let Some(value) = at(versions, version) {
                map.keys.insert(key.clone(), vec![(version, Some(value.clone()))]);
            }
        }
        map
    }
}

/// Drops the versions that the state `floor` and later ones do not contain.
fn forget(versions: &mut Versions, floor: u64) {
    if let Some(newest) = versions.iter().rposition(|(written, _)| *written <= floor) {
        versions.drain(..newest);
    }
}

impl Base for Map {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, Error> {
        Ok(self.keys.get(key).and_then(|versions| at(versions, u64::MAX)).cloned())
    }

    fn keys(&self, range: &KeyRange, limit: usize) -> Result<Vec<Bytes>, Error> {
        let rows = self.keys.range::<[u8], _>(bounds(range));
        let present = rows.filter(|(_, versions)| at(versions, u64::MAX).is_some());
        Ok(present.map(|(key, _)| key.clone()).take(limit).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Options, Store, limits::CHUNK_BYTES};

    async fn commit(store: &Store, write: impl FnOnce(&mut crate::Transaction)) {
        let mut transaction = store.begin().await.unwrap();
        write(&mut transaction);
        transaction.commit().await.unwrap();
    }

    #[tokio::test]
    async fn nothing_is_kept_that_nobody_can_read() {
        let (store, simulation) = Store::simulated(Faults::default(), Options::default());
        let keys = || simulation.memory().0.read().map.keys.len();
        for round in 0..50 {
            commit(&store, |transaction| transaction.put("long", vec![round; 7 * CHUNK_BYTES])).await;
            commit(&store, |transaction| transaction.put("short", vec![round])).await;
        }
        assert_eq!(keys(), 2 + 7);
        commit(&store, |transaction| transaction.put("long", vec![1; 3 * CHUNK_BYTES])).await;
        commit(&store, |transaction| transaction.delete_range(KeyRange::prefix("l"))).await;
        commit(&store, |transaction| transaction.delete("short")).await;
        commit(&store, |transaction| transaction.put("last", "x")).await;
        commit(&store, |transaction| transaction.put("last", "y")).await;
        assert_eq!(keys(), 1, "pieces and deleted keys are gone");
        let state = simulation.memory().0.read();
        assert!(state.map.keys.values().all(|versions| versions.len() <= 2));
        assert!(state.map.deletions.is_empty());
    }
}
