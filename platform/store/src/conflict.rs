//! Decides which transactions conflict: optimistic, serialisable.
//!
//! A transaction reads the state after some commit, and may commit if no later commit changed anything
//! it has read. Transactions are then equivalent to running one after the other in commit order.

use crate::KeyRange;
use bytes::Bytes;
use std::{
    collections::{BTreeMap, VecDeque},
    ops::Bound,
};

/// What a transaction has read and depends on.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    keys: Vec<Bytes>,
    ranges: Vec<KeyRange>,
}

impl Reads {
    pub(crate) fn key(&mut self, key: &[u8]) {
        self.keys.push(Bytes::copy_from_slice(key));
    }

    pub(crate) fn range(&mut self, range: KeyRange) {
        self.ranges.push(range);
    }
}

/// Most keys to remember. A transaction that is older than what is remembered conflicts.
const REMEMBERED_KEYS: usize = 200_000;

/// The keys that recent commits changed.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    /// The last commit that changed each key.
    changed: BTreeMap<Bytes, u64>,
    /// The same, oldest first, older changes of a key included.
    order: VecDeque<(u64, Bytes)>,
    /// Transactions that read an older state than this cannot be decided about any more.
    forgotten: u64,
    /// Changes up to this commit have been forgotten, since no open transaction read an older state.
    settled: u64,
}

impl Recent {
    /// Whether a commit after `since` changed anything of `reads`.
    pub(crate) fn conflicts(&self, since: u64, reads: &Reads) -> bool {
        if reads.keys.is_empty() && reads.ranges.is_empty() {
            return false;
        }
        if since < self.forgotten {
            return true;
        }
        reads.keys.iter().any(|key| self.changed.get(key).is_some_and(|version| *version > since))
            || reads.ranges.iter().any(|range| self.range_changed(since, range))
    }

    /// Whether a commit after `since` changed anything in `range`, as far as is still known.
    pub(crate) fn may_have_changed(&self, since: u64, range: &KeyRange) -> bool {
        since < self.forgotten.max(self.settled) || self.range_changed(since, range)
    }

    /// Whether a commit after `since` changed `key`, as far as is still known.
    pub(crate) fn key_may_have_changed(&self, since: u64, key: &[u8]) -> bool {
        since < self.forgotten.max(self.settled) || self.changed.get(key).is_some_and(|version| *version > since)
    }

    fn range_changed(&self, since: u64, range: &KeyRange) -> bool {
        if range.is_empty() {
            return false;
        }
        let bounds = (Bound::Included(range.start.as_ref()), Bound::Excluded(range.end.as_ref()));
        self.changed.range::<[u8], _>(bounds).any(|(_, version)| *version > since)
    }

    pub(crate) fn record(&mut self, version: u64, keys: &[Bytes]) {
        for key in keys {
            self.changed.insert(key.clone(), version);
            self.order.push_back((version, key.clone()));
        }
    }

    /// Forgets the commits up to `version`, which no open transaction is older than, and the oldest ones
    /// if there are too many.
    pub(crate) fn forget(&mut self, version: u64) {
        self.settled = self.settled.max(version);
        while let Some((oldest, _)) = self.order.front()
            && (*oldest <= version || self.order.len() > REMEMBERED_KEYS)
            && let Some((oldest, key)) = self.order.pop_front()
        {
            if oldest > version {
                self.forgotten = self.forgotten.max(oldest);
            }
            if self.changed.get(&key) == Some(&oldest) {
                self.changed.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(keys: &[&'static str], ranges: &[(&'static str, &'static str)]) -> Reads {
        let mut reads = Reads::default();
        keys.iter().for_each(|key| reads.key(key.as_bytes()));
        ranges.iter().for_each(|(start, end)| reads.range(KeyRange::new(*start, *end)));
        reads
    }

    #[test]
    fn only_later_changes_of_what_was_read_conflict() {
        let mut recent = Recent::default();
        recent.record(5, &[Bytes::from_static(b"b")]);
        assert!(recent.conflicts(4, &reads(&["b"], &[])));
        assert!(!recent.conflicts(5, &reads(&["b"], &[])));
        assert!(!recent.conflicts(4, &reads(&["a"], &[])));
        assert!(recent.conflicts(4, &reads(&[], &[("a", "c")])));
        assert!(!recent.conflicts(4, &reads(&[], &[("a", "b")])));
        assert!(!recent.conflicts(4, &reads(&[], &[("c", "a")])));
    }

    #[test]
    fn forgetting_keeps_newer_changes_of_a_key() {
        let mut recent = Recent::default();
        recent.record(1, &[Bytes::from_static(b"a")]);
        recent.record(2, &[Bytes::from_static(b"a")]);
        recent.forget(1);
        assert!(recent.conflicts(1, &reads(&["a"], &[])));
        recent.forget(2);
        assert!(recent.changed.is_empty() && recent.order.is_empty());
        assert!(!recent.conflicts(2, &reads(&["a"], &[])));
    }

    #[test]
    fn a_transaction_older_than_memory_conflicts() {
        let mut recent = Recent::default();
        for version in 1..=REMEMBERED_KEYS as u64 + 10 {
            recent.record(version, &[Bytes::from(version.to_be_bytes().to_vec())]);
        }
        recent.forget(0);
        assert!(recent.order.len() <= REMEMBERED_KEYS);
        assert!(recent.conflicts(5, &reads(&["untouched"], &[])));
        assert!(!recent.conflicts(5, &reads(&[], &[])), "without reads there is nothing to conflict");
        assert!(!recent.conflicts(20, &reads(&["untouched"], &[])));
    }
}
