//! Waiting for changes.

use bytes::Bytes;
use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};
use tokio::sync::Notify;

/// What a [`Watch`] waits for a change of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Watched {
    /// One key.
    Key(Bytes),
    /// All keys that begin with this.
    Prefix(Bytes),
}

impl Watched {
    /// One key.
    pub fn key(key: impl Into<Bytes>) -> Self {
        Watched::Key(key.into())
    }

    /// All keys that begin with `prefix`.
    pub fn prefix(prefix: impl Into<Bytes>) -> Self {
        Watched::Prefix(prefix.into())
    }
}

/// Waits for a change of keys or prefixes; made by [`Store::watch`](crate::Store::watch).
///
/// Make it *before* the transaction whose answer may become stale: a commit that the transaction does not see
/// then wakes the watch. A watch may wake without a change; look again.
#[derive(Debug)]
pub struct Watch {
    hub: Arc<Hub>,
    watched: Vec<Watched>,
    signal: Arc<Signal>,
    seen: u64,
}

impl Watch {
    /// Returns after a commit, later than the watch was made and than the last return of this method, that
    /// wrote a watched key. Cancel-safe.
    pub async fn changed(&mut self) {
        loop {
            let notified = self.signal.notify.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            let changes = self.signal.changes.load(Ordering::Acquire);
            if changes != self.seen {
                self.seen = changes;
                return;
            }
            notified.await;
        }
    }

    /// Whether both wait for changes of the same keys and prefixes.
    #[must_use]
    pub fn watches_the_same(&self, other: &Self) -> bool {
        self.watched == other.watched
    }

    /// Whether [`changed`](Self::changed) would return at once.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.signal.changes.load(Ordering::Acquire) != self.seen
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.hub.remove(&self.watched, &self.signal);
    }
}

#[derive(Debug, Default)]
struct Signal {
    changes: AtomicU64,
    notify: Notify,
}

impl Signal {
    fn fire(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.notify.notify_waiters();
    }
}

const SHARDS: usize = 64;

type Shard = Mutex<HashMap<Watched, Vec<Arc<Signal>>>>;
type Hasher = BuildHasherDefault<DefaultHasher>;

/// The watches of a store, spread over shards by the hash of what they watch.
#[derive(Debug)]
pub(crate) struct Hub {
    shards: Vec<Shard>,
    watches: AtomicUsize,
    /// The lengths of the watched prefixes, and how many watches have each.
    lengths: RwLock<Vec<(usize, usize)>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            watches: AtomicUsize::new(0),
            lengths: RwLock::default(),
        }
    }
}

impl Hub {
    pub(crate) fn watch(self: &Arc<Self>, watched: &[Watched]) -> Watch {
        let signal = Arc::new(Signal::default());
        self.watches.fetch_add(1, Ordering::AcqRel);
        for one in watched {
            if let Watched::Prefix(prefix) = one {
                self.count_length(prefix.len());
            }
            self.shard(one).entry(one.clone()).or_default().push(signal.clone());
        }
        Watch { hub: self.clone(), watched: watched.to_vec(), signal, seen: 0 }
    }

    /// Wakes the watches of each of `keys`.
    pub(crate) fn changed(&self, keys: &[Bytes]) {
        if self.watches.load(Ordering::Acquire) == 0 {
            return;
        }
        let lengths = self.lengths.read().unwrap_or_else(PoisonError::into_inner).clone();
        for key in keys {
            self.fire(&Watched::Key(key.clone()));
            for (length, _) in &lengths {
                if *length <= key.len() {
                    self.fire(&Watched::Prefix(key.slice(..*length)));
                }
            }
        }
    }

    /// Wakes every watch: something may have changed.
    pub(crate) fn changed_all(&self) {
        if self.watches.load(Ordering::Acquire) == 0 {
            return;
        }
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.values().flatten().for_each(|signal| signal.fire());
        }
    }

    fn fire(&self, watched: &Watched) {
        if let Some(signals) = self.shard(watched).get(watched) {
            signals.iter().for_each(|signal| signal.fire());
        }
    }

    fn remove(&self, watched: &[Watched], signal: &Arc<Signal>) {
        self.watches.fetch_sub(1, Ordering::AcqRel);
        for one in watched {
            let mut shard = self.shard(one);
            if let Some(signals) = shard.get_mut(one) {
                signals.retain(|other| !Arc::ptr_eq(other, signal));
                if signals.is_empty() {
                    shard.remove(one);
                }
            }
            drop(shard);
            if let Watched::Prefix(prefix) = one {
                self.discount_length(prefix.len());
            }
        }
    }

    fn count_length(&self, length: usize) {
        let mut lengths = self.lengths.write().unwrap_or_else(PoisonError::into_inner);
        match lengths.iter_mut().find(|(other, _)| *other == length) {
            Some((_, count)) => *count += 1,
            None => lengths.push((length, 1)),
        }
    }

    fn discount_length(&self, length: usize) {
        let mut lengths = self.lengths.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = lengths.iter().position(|(other, _)| *other == length) {
            lengths[at].1 -= 1;
            if lengths[at].1 == 0 {
                lengths.swap_remove(at);
            }
        }
    }

    fn shard(&self, watched: &Watched) -> MutexGuard<'_, HashMap<Watched, Vec<Arc<Signal>>>> {
        let hash = Hasher::default().hash_one(watched) as usize;
        self.shards[hash % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wakes_for_keys_and_prefixes_and_forgets_dropped_watches() {
        let hub = Arc::new(Hub::default());
        let watch = hub.watch(&[Watched::key("queue/1"), Watched::prefix("topic/")]);
        hub.changed(&[Bytes::from("queue/2"), Bytes::from("topi")]);
        assert!(!watch.has_changed());
        hub.changed(&[Bytes::from("queue/1")]);
        assert!(watch.has_changed());
        let other = hub.watch(&[Watched::prefix("topic/")]);
        hub.changed(&[Bytes::from("topic/9")]);
        assert!(other.has_changed());
        drop((watch, other));
        assert!(hub.shards.iter().all(|shard| shard.lock().is_ok_and(|shard| shard.is_empty())));
        assert!(hub.lengths.read().is_ok_and(|lengths| lengths.is_empty()));
        assert_eq!(hub.watches.load(Ordering::Acquire), 0);
    }
}
