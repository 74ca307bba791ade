//! What a transaction has written and not yet committed.

use crate::{
    Error, KeyRange,
    limits::{KEY_BYTES, RESERVED, TRANSACTION_BYTES, VALUE_BYTES},
    stamp::Stamp,
};
use bytes::Bytes;
use std::{collections::BTreeMap, ops::Bound};

/// A place in a transaction to which its writes can be rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Savepoint(u64);

/// A write to one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pending {
    Put(Bytes),
    Delete,
    /// Added to whatever the key holds at commit.
    Add(i64),
}

/// A write whose key is only known at commit.
#[derive(Debug, Clone)]
pub(crate) struct Stamped {
    pub(crate) prefix: Bytes,
    pub(crate) suffix: Bytes,
    pub(crate) value: Bytes,
}

/// What a transaction asks its engine to write: the ranges are cleared first, then the keys are written.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    pub(crate) cleared: BTreeMap<Bytes, Bytes>,
    pub(crate) points: BTreeMap<Bytes, Pending>,
    pub(crate) stamped: Vec<Stamped>,
}

impl Writes {
    pub(crate) fn is_empty(&self) -> bool {
        self.cleared.is_empty() && self.points.is_empty() && self.stamped.is_empty()
    }
}

/// What the overlay knows of a key.
pub(crate) enum Lookup<'a> {
    /// The key holds this.
    Value(&'a Bytes),
    /// The key is deleted.
    Absent,
    /// The overlay does not touch the key.
    Unknown,
    /// The key holds what the engine has, plus this.
    Plus(i64),
}

enum Undo {
    Point(Bytes, Option<Pending>),
    Cleared(Bytes, Option<Bytes>),
}

struct Mark {
    id: u64,
    undo: usize,
    stamped: usize,
    bytes: usize,
    error: Option<Error>,
}

/// The pending writes of one transaction, with an undo log for its savepoints.
#[derive(Default)]
pub(crate) struct Overlay {
    writes: Writes,
    bytes: usize,
    /// The first invalid write; reported by commit.
    error: Option<Error>,
    undo: Vec<Undo>,
    marks: Vec<Mark>,
    next_mark: u64,
}

impl Overlay {
    pub(crate) fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.error.is_none()
    }

    /// The writes, or the first of them that was invalid.
    pub(crate) fn into_writes(self) -> Result<Writes, Error> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.writes),
        }
    }

    pub(crate) fn put(&mut self, key: Bytes, value: Bytes) {
        if value.len() > VALUE_BYTES {
            return self.fail(Error::ValueTooLarge(value.len()));
        }
        self.set(key, Pending::Put(value));
    }

    pub(crate) fn delete(&mut self, key: Bytes) {
        self.set(key, Pending::Delete);
    }

    pub(crate) fn add(&mut self, key: Bytes, delta: i64) {
        let sum = match self.writes.points.get(&key) {
            Some(Pending::Put(value)) => match integer(value) {
                Ok(value) => Pending::Put(encode(value.wrapping_add(delta))),
                Err(error) => return self.fail(error),
            },
            Some(Pending::Delete) => Pending::Put(encode(delta)),
            Some(Pending::Add(earlier)) => Pending::Add(earlier.wrapping_add(delta)),
            None if self.is_cleared(&key) => Pending::Put(encode(delta)),
            None => Pending::Add(delta),
        };
        self.set(key, sum);
    }

    pub(crate) fn put_stamped(&mut self, prefix: Bytes, suffix: Bytes, value: Bytes) {
        if let Err(error) = check_key(&prefix, prefix.len() + Stamp::LEN + suffix.len()) {
            return self.fail(error);
        }
        if value.len() > VALUE_BYTES {
            return self.fail(Error::ValueTooLarge(value.len()));
        }
        if self.writes.stamped.len() > usize::from(u16::MAX) {
            return self.fail(Error::TransactionTooLarge("more than 65,536 stamped keys"));
        }
        self.grow(prefix.len() + Stamp::LEN + suffix.len() + value.len());
        self.writes.stamped.push(Stamped { prefix, suffix, value });
    }

    pub(crate) fn delete_range(&mut self, range: KeyRange) {
        if range.is_empty() {
            return;
        }
        if range.end.as_ref() > [RESERVED].as_slice() {
            return self.fail(Error::InvalidKey("the range reaches into the keys of the store itself"));
        }
        if range.start.len() > KEY_BYTES + 1 || range.end.len() > KEY_BYTES + 1 {
            return self.fail(Error::InvalidKey("a bound of the range is longer than 8 kB"));
        }
        let inside: Vec<Bytes> = self.points(&range).map(|(key, _)| key.clone()).collect();
        for key in inside {
            if let Some(old) = self.writes.points.remove(&key) {
                self.bytes = self.bytes.saturating_sub(weight(&key, &old));
                self.log(|| Undo::Point(key, Some(old)));
            }
        }
        self.clear(range);
    }

    /// Adds `range` to the cleared ranges, which stay disjoint.
    fn clear(&mut self, range: KeyRange) {
        let KeyRange { mut start, mut end } = range;
        let touching: Vec<(Bytes, Bytes)> = self
            .writes
            .cleared
            .range::<[u8], _>((Bound::Unbounded, Bound::Included(end.as_ref())))
            .rev()
            .take_while(|(_, other)| **other >= start)
            .map(|(from, to)| (from.clone(), to.clone()))
            .collect();
        for (from, to) in touching {
            self.writes.cleared.remove(&from);
            self.log(|| Undo::Cleared(from.clone(), Some(to.clone())));
            start = start.min(from);
            end = end.max(to);
        }
        self.log(|| Undo::Cleared(start.clone(), None));
        self.grow(start.len() + end.len());
        self.writes.cleared.insert(start, end);
    }

    pub(crate) fn lookup(&self, key: &[u8]) -> Lookup<'_> {
        match self.writes.points.get(key) {
            Some(Pending::Put(value)) => Lookup::Value(value),
            Some(Pending::Delete) => Lookup::Absent,
            Some(Pending::Add(delta)) => Lookup::Plus(*delta),
            None if self.is_cleared(key) => Lookup::Absent,
            None => Lookup::Unknown,
        }
    }

    /// The pending writes in `range`, in key order.
    pub(crate) fn points(&self, range: &KeyRange) -> std::collections::btree_map::Range<'_, Bytes, Pending> {
        let bounds = (Bound::Included(range.start.as_ref()), Bound::Excluded(range.end.as_ref()));
        self.writes.points.range::<[u8], _>(bounds)
    }

    /// The parts of `range` that are not cleared, in key order.
    pub(crate) fn gaps(&self, range: &KeyRange) -> Vec<KeyRange> {
        let mut gaps = Vec::new();
        let mut from = range.start.clone();
        let bounds = (Bound::Unbounded, Bound::Excluded(range.end.as_ref()));
        let before = self.writes.cleared.range::<[u8], _>(bounds);
        for (start, end) in before {
            if *end <= from {
                continue;
            }
            if *start > from {
                gaps.push(KeyRange { start: from, end: start.clone() });
            }
            from = end.clone();
        }
        if from < range.end {
            gaps.push(KeyRange { start: from, end: range.end.clone() });
        }
        gaps
    }

    pub(crate) fn savepoint(&mut self) -> Savepoint {
        let id = self.next_mark;
        self.next_mark += 1;
        self.marks.push(Mark {
            id,
            undo: self.undo.len(),
            stamped: self.writes.stamped.len(),
            bytes: self.bytes,
            error: self.error.clone(),
        });
        Savepoint(id)
    }

    /// Takes back every write since `savepoint`, which stays; later savepoints are gone.
    pub(crate) fn rollback_to(&mut self, savepoint: Savepoint) -> Result<(), Error> {
        let Some(at) = self.marks.iter().rposition(|mark| mark.id == savepoint.0) else {
            return Err(Error::NoSuchSavepoint);
        };
        self.marks.truncate(at + 1);
        let Some(mark) = self.marks.last() else { return Err(Error::NoSuchSavepoint) };
        self.writes.stamped.truncate(mark.stamped);
        self.bytes = mark.bytes;
        self.error = mark.error.clone();
        for undo in self.undo.drain(mark.undo..).rev() {
            match undo {
                Undo::Point(key, Some(old)) => drop(self.writes.points.insert(key, old)),
                Undo::Point(key, None) => drop(self.writes.points.remove(&key)),
                Undo::Cleared(start, Some(end)) => drop(self.writes.cleared.insert(start, end)),
                Undo::Cleared(start, None) => drop(self.writes.cleared.remove(&start)),
            }
        }
        Ok(())
    }

    fn set(&mut self, key: Bytes, pending: Pending) {
        if let Err(error) = check_key(&key, key.len()) {
            return self.fail(error);
        }
        self.grow(weight(&key, &pending));
        let old = self.writes.points.insert(key.clone(), pending);
        if let Some(old) = &old {
            self.bytes = self.bytes.saturating_sub(weight(&key, old));
        }
        self.log(|| Undo::Point(key, old));
    }

    fn is_cleared(&self, key: &[u8]) -> bool {
        let bounds = (Bound::Unbounded, Bound::Included(key));
        let before = self.writes.cleared.range::<[u8], _>(bounds).next_back();
        before.is_some_and(|(_, end)| key < end.as_ref())
    }

    fn log(&mut self, undo: impl FnOnce() -> Undo) {
        if !self.marks.is_empty() {
            self.undo.push(undo());
        }
    }

    fn grow(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > TRANSACTION_BYTES {
            self.fail(Error::TransactionTooLarge("more than 10 MiB of keys and values"));
        }
    }

    fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }
}

fn weight(key: &Bytes, pending: &Pending) -> usize {
    let value = match pending {
        Pending::Put(value) => value.len(),
        Pending::Delete => 0,
        Pending::Add(_) => 8,
    };
    key.len() + value
}

fn check_key(key: &[u8], len: usize) -> Result<(), Error> {
    match key.first() {
        None => Err(Error::InvalidKey("it is empty")),
        Some(&RESERVED) => Err(Error::InvalidKey("keys that begin with 0xff belong to the store itself")),
        Some(_) if len > KEY_BYTES => Err(Error::InvalidKey("it is longer than 8 kB")),
        Some(_) => Ok(()),
    }
}

/// Reads the value of a counter: eight bytes, least significant first.
pub(crate) fn integer(value: &[u8]) -> Result<i64, Error> {
    value.try_into().map(i64::from_le_bytes).map_err(|_| Error::NotAnInteger)
}

/// Writes the value of a counter.
pub(crate) fn encode(value: i64) -> Bytes {
    Bytes::copy_from_slice(&value.to_le_bytes())
}
