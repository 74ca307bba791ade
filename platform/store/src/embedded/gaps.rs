//! Ranges that are known to be empty.
//!
//! A deleted key stays in a log-structured merge tree as a tombstone until it is compacted away. Who looks for the
//! front of a queue would step over the tombstones of everything that was ever taken from it. Here is noted how
//! far that was, so that the next one begins there.
//!
//! Some of the scans report what they found empty. The commit thread takes a report over if nothing was written in
//! between, splits a gap before it writes a key within, and extends a gap after it has deleted the key at its end.

use crate::{KeyRange, conflict::Recent, range::successor};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{
        Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Most gaps that are kept. When there are more, all are forgotten; those that matter are soon reported again.
const GAPS: usize = 1024;
/// One scan in so many reports.
const REPORTED: usize = 8;
/// Most reports that wait.
const REPORTS: usize = 64;

/// A range without a key, in the state after the commit `since` and all later ones.
#[derive(Debug, Clone)]
struct Gap {
    end: Bytes,
    since: u64,
}

#[derive(Debug)]
struct Report {
    range: KeyRange,
    since: u64,
}

/// The gaps, by their beginnings; no two overlap.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    known: RwLock<BTreeMap<Bytes, Gap>>,
    reports: Mutex<Vec<Report>>,
    scans: AtomicUsize,
}

impl Gaps {
    /// The part of `range` that may hold keys, in the state after the commit `since`.
    pub(super) fn narrow(&self, range: &KeyRange, since: u64, reverse: bool) -> KeyRange {
        let mut range = range.clone();
        let known = self.read();
        let below = match reverse {
            false => Bound::Included(range.start.as_ref()),
            true => Bound::Excluded(range.end.as_ref()),
        };
        if let Some((start, gap)) = known.range::<[u8], _>((Bound::Unbounded, below)).next_back()
            && gap.since <= since
        {
            match reverse {
                false if range.start < gap.end => range.start = gap.end.clone(),
                true if range.end <= gap.end => range.end = start.clone(),
                _ => {}
            }
        }
        range
    }

    /// Notes the first key that a scan of `range` has found, now and then.
    pub(super) fn report(&self, range: &KeyRange, first: Option<&Bytes>, since: u64, reverse: bool) {
        if !self.scans.fetch_add(1, Ordering::Relaxed).is_multiple_of(REPORTED) {
            return;
        }
        let empty = match (first, reverse) {
            (None, _) => range.clone(),
            (Some(first), false) => KeyRange { start: range.start.clone(), end: first.clone() },
            (Some(first), true) => KeyRange { start: successor(first), end: range.end.clone() },
        };
        let mut reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        if !empty.is_empty() && reports.len() < REPORTS {
            reports.push(Report { range: empty, since });
        }
    }

    /// Takes over what was reported, if `recent` tells that it is still so.
    pub(super) fn learn(&self, recent: &Recent) {
        let reports = std::mem::take(&mut *self.reports.lock().unwrap_or_else(PoisonError::into_inner));
        if reports.is_empty() {
            return;
        }
        let mut known = self.write();
        for Report { range, since } in reports {
            if !recent.may_have_changed(since, &range) {
                insert(&mut known, range, since);
            }
        }
        if known.len() > GAPS {
            known.clear();
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.write().clear();
    }

    /// Before `keys` are written: they are in no gap any more.
    pub(super) fn fill<'a>(&self, keys: impl Iterator<Item = &'a Bytes>) {
        let mut known = self.write();
        if known.is_empty() {
            return;
        }
        for key in keys {
            let within = known.range::<[u8], _>((Bound::Unbounded, Bound::Included(key.as_ref()))).next_back();
            let Some((start, gap)) = within.filter(|(_, gap)| *key < gap.end) else { continue };
            let (start, gap) = (start.clone(), gap.clone());
            known.remove(&start);
            if start < *key {
                known.insert(start, Gap { end: key.clone(), since: gap.since });
            }
            let after = successor(key);
            if after < gap.end {
                known.insert(after, gap);
            }
        }
    }

    /// After `keys` were deleted by commits up to `version`: the gaps before them reach beyond them.
    pub(super) fn extend<'a>(&self, keys: impl Iterator<Item = &'a Bytes>, version: u64) {
        let mut known = self.write();
        if known.is_empty() {
            return;
        }
        for key in keys {
            let before = known.range::<[u8], _>((Bound::Unbounded, Bound::Excluded(key.as_ref()))).next_back();
            if before.is_some_and(|(_, gap)| gap.end == *key) {
                insert(&mut known, KeyRange { start: key.clone(), end: successor(key) }, version);
            }
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<Bytes, Gap>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<Bytes, Gap>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds a gap, as one with those that it touches.
fn insert(known: &mut BTreeMap<Bytes, Gap>, range: KeyRange, since: u64) {
    let KeyRange { mut start, mut end } = range;
    let mut since = since;
    let touching: Vec<Bytes> = known
        .range::<[u8], _>((Bound::Unbounded, Bound::Included(end.as_ref())))
        .rev()
        .take_while(|(_, gap)| gap.end >= start)
        .map(|(start, _)| start.clone())
        .collect();
    for other in touching {
        if let Some(gap) = known.remove(&other) {
            end = end.max(gap.end);
            since = since.max(gap.since);
            start = start.min(other);
        }
    }
    known.insert(start, Gap { end, since });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(gaps: &Gaps) -> Vec<(Bytes, Bytes, u64)> {
        gaps.read().iter().map(|(start, gap)| (start.clone(), gap.end.clone(), gap.since)).collect()
    }

    fn report(gaps: &Gaps, start: &'static str, end: &'static str, since: u64) {
        (0..REPORTED).for_each(|_| gaps.report(&KeyRange::new(start, "z"), Some(&end.into()), since, false));
    }

    #[test]
    fn gaps_are_learnt_split_and_extended() {
        let (known, mut recent) = (Gaps::default(), Recent::default());
        report(&known, "b", "f", 5);
        known.learn(&recent);
        assert_eq!(gaps(&known), [("b".into(), "f".into(), 5)]);
        let narrowed = |start, end, since, reverse| known.narrow(&KeyRange::new(start, end), since, reverse);
        assert_eq!(narrowed("c", "z", 5, false), KeyRange::new("f", "z"));
        assert_eq!(narrowed("c", "z", 4, false), KeyRange::new("c", "z"), "an older state may have keys there");
        assert_eq!(narrowed("a", "z", 5, false), KeyRange::new("a", "z"));
        assert_eq!(narrowed("a", "e", 5, true), KeyRange::new("a", "b"));
        assert_eq!(narrowed("a", "g", 5, true), KeyRange::new("a", "g"));
        assert!(narrowed("c", "e", 5, false).is_empty());
        known.fill([Bytes::from("d")].iter());
        assert_eq!(gaps(&known), [("b".into(), "d".into(), 5), ("d\0".into(), "f".into(), 5)]);
        known.extend([Bytes::from("c"), Bytes::from("d"), Bytes::from("f")].iter(), 9);
        assert_eq!(gaps(&known), [("b".into(), "f\0".into(), 9)]);
        // A key that was written after the scan.
        recent.record(10, &["h".into()]);
        report(&known, "g", "i", 9);
        known.learn(&recent);
        assert_eq!(gaps(&known).len(), 1);
        // It cannot be told any more whether there was one.
        report(&known, "k", "m", 9);
        recent.forget(10);
        known.learn(&recent);
        assert_eq!(gaps(&known).len(), 1);
    }

    #[test]
    fn only_so_many_are_kept() {
        let (known, recent) = (Gaps::default(), Recent::default());
        for number in 0..20_000_u32 {
            let start = number.to_be_bytes().to_vec();
            let range = KeyRange::new(start.clone(), [start.as_slice(), &[1, 1]].concat());
            known.report(&range, Some(&[start.as_slice(), &[1]].concat().into()), 0, false);
            known.learn(&recent);
        }
        assert!(known.read().len() <= GAPS);
    }
}
