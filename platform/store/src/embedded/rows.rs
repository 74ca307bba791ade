//! Rows that are read often, such as queues, policies and settings.
//!
//! The tree answers a read in a microsecond or two: it looks through the tables of every level. Here is kept what was
//! read lately, so that a row which every call reads is found at once.
//!
//! Some of the reads that the tree answers are reported. Whoever commits takes a report over if the key was not
//! written in between, and replaces what is kept of a key before the tree has its new value. A value therefore holds
//! for the states from that commit on in which it was read, up to the newest.

use crate::{conflict::Recent, limits::RESERVED};
use bytes::Bytes;
use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError, RwLock, RwLockWriteGuard,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Most memory that what is kept takes, in bytes. When it is more, what was not read of late is forgotten.
const MEMORY: usize = 4 * 1024 * 1024;
/// Bytes of a key and its value at most.
const LONGEST: usize = 16 * 1024;
/// Bytes that a row takes beside its key and its value, about.
const OVERHEAD: usize = 160;
/// One read of the tree in so many reports.
const REPORTED: usize = 4;
/// Most reports that wait.
const REPORTS: usize = 64;

/// The value of a key, `None` if it has none, in the state after the commit `since` and all later ones.
#[derive(Debug, Clone)]
struct Row {
    value: Option<Bytes>,
    since: u64,
}

impl Row {
    fn size(&self, key: &[u8]) -> usize {
        key.len() + self.value.as_ref().map_or(0, Bytes::len) + OVERHEAD
    }
}

/// The rows that were reported lately, and those that were before.
#[derive(Debug, Default)]
struct Kept {
    young: HashMap<Bytes, Row>,
    old: HashMap<Bytes, Row>,
    /// Memory of the young ones.
    size: usize,
}

#[derive(Debug, Default)]
pub(super) struct Rows {
    kept: RwLock<Kept>,
    reports: Mutex<Vec<(Bytes, Row)>>,
    reads: AtomicUsize,
}

impl Rows {
    /// The value of `key` in the state after the commit `since`, if it is known.
    pub(super) fn get(&self, key: &[u8], since: u64) -> Option<Option<Bytes>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let (row, is_old) = match kept.young.get(key) {
            Some(row) => (row, false),
            None => (kept.old.get(key)?, true),
        };
        let row = (row.since <= since).then(|| row.clone())?;
        drop(kept);
        if is_old {
            self.report(key, row.value.as_ref(), row.since);
        }
        Some(row.value)
    }

    /// Notes what a read has found, now and then; whether so much was noted that it is to be taken over.
    pub(super) fn report(&self, key: &[u8], value: Option<&Bytes>, since: u64) -> bool {
        if !self.reads.fetch_add(1, Ordering::Relaxed).is_multiple_of(REPORTED) {
            return false;
        }
        // Pieces of long values are written without being noted as changes.
        let is_noted = key.first() != Some(&RESERVED);
        if !is_noted || key.len() + value.map_or(0, Bytes::len) > LONGEST {
            return false;
        }
        let mut reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        if reports.len() < REPORTS {
            reports.push((Bytes::copy_from_slice(key), Row { value: value.cloned(), since }));
        }
        reports.len() == REPORTS
    }

    /// Takes over what was reported, if `recent` tells that it is still so.
    pub(super) fn learn(&self, recent: &Recent) {
        let reports = std::mem::take(&mut *self.reports.lock().unwrap_or_else(PoisonError::into_inner));
        if reports.is_empty() {
            return;
        }
        let mut kept = self.write();
        for (key, row) in reports {
            if recent.key_may_have_changed(row.since, &key) {
                continue;
            }
            kept.old.remove(&key);
            kept.size += row.size(&key);
            if let Some(before) = kept.young.insert(key.clone(), row) {
                kept.size = kept.size.saturating_sub(before.size(&key));
            }
            if kept.size > MEMORY / 2 {
                kept.size = 0;
                kept.old = std::mem::take(&mut kept.young);
            }
        }
    }

    /// Before the commit `version` writes `entries`: they are what is kept of their keys.
    pub(super) fn replace<'a>(&self, entries: impl Iterator<Item = (&'a Bytes, &'a Option<Bytes>)>, version: u64) {
        let mut kept = self.write();
        for (key, value) in entries {
            kept.old.remove(key);
            let Some(before) = kept.young.get_mut(key) else { continue };
            let row = Row { value: value.clone(), since: version };
            let (less, more) = (before.size(key), row.size(key));
            if key.len() + value.as_ref().map_or(0, Bytes::len) > LONGEST {
                kept.young.remove(key);
                kept.size = kept.size.saturating_sub(less);
            } else {
                *before = row;
                kept.size = (kept.size + more).saturating_sub(less);
            }
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.write() = Kept::default();
    }

    fn write(&self) -> RwLockWriteGuard<'_, Kept> {
        self.kept.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(rows: &Rows, key: &[u8], value: Option<&'static str>, since: u64) {
        let value = value.map(|value| Bytes::from_static(value.as_bytes()));
        for _ in 0..REPORTED {
            rows.report(key, value.as_ref(), since);
        }
    }

    #[test]
    fn a_row_holds_from_the_commit_on_in_which_it_was_read() {
        let (rows, mut recent) = (Rows::default(), Recent::default());
        report(&rows, b"a", Some("1"), 5);
        report(&rows, b"none", None, 5);
        assert_eq!(rows.get(b"a", 5), None, "nobody has committed since");
        rows.learn(&recent);
        assert_eq!(rows.get(b"a", 4), None);
        assert_eq!(rows.get(b"a", 5), Some(Some("1".into())));
        assert_eq!(rows.get(b"none", 9), Some(None));
        rows.replace([(&Bytes::from("a"), &Some(Bytes::from("2"))), (&"b".into(), &None)].into_iter(), 7);
        assert_eq!(rows.get(b"a", 6), None, "the older value is in the tree alone");
        assert_eq!(rows.get(b"a", 7), Some(Some("2".into())));
        assert_eq!(rows.get(b"b", 7), None, "what nobody reads is not kept");
        // A key that was written after it was read.
        recent.record(10, &["c".into()]);
        report(&rows, b"c", Some("old"), 9);
        rows.learn(&recent);
        assert_eq!(rows.get(b"c", 10), None);
        // It cannot be told any more whether it was.
        report(&rows, b"d", Some("old"), 9);
        recent.forget(10);
        rows.learn(&recent);
        assert_eq!(rows.get(b"d", 10), None);
        rows.clear();
        assert_eq!(rows.get(b"a", 7), None);
    }

    #[test]
    fn only_so_much_is_kept() {
        let (rows, recent) = (Rows::default(), Recent::default());
        report(&rows, b"often", Some("value"), 0);
        rows.learn(&recent);
        for number in 0..100_000_u32 {
            report(&rows, &number.to_be_bytes(), Some("value"), 0);
            if number % 1000 == 0 {
                (0..REPORTED).for_each(|_| assert!(rows.get(b"often", 0).is_some()));
            }
            rows.learn(&recent);
        }
        let kept = rows.write();
        let size = |rows: &HashMap<Bytes, Row>| rows.iter().map(|(key, row)| row.size(key)).sum::<usize>();
        assert_eq!(size(&kept.young), kept.size);
        assert!(size(&kept.young) + size(&kept.old) <= MEMORY);
        assert!(!kept.young.contains_key(0_u32.to_be_bytes().as_slice()));
    }
}
