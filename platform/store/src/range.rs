//! Ranges of keys.

use crate::{limits::RESERVED, prefix_end};
use bytes::Bytes;

/// The keys from `start` (included) to `end` (not included), in byte order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyRange {
    /// The first key of the range.
    pub start: Bytes,
    /// The first key after the range.
    pub end: Bytes,
}

impl KeyRange {
    /// From `start` (included) to `end` (not included).
    pub fn new(start: impl Into<Bytes>, end: impl Into<Bytes>) -> Self {
        Self { start: start.into(), end: end.into() }
    }

    /// Every key that begins with `prefix`, the prefix itself included.
    pub fn prefix(prefix: impl Into<Bytes>) -> Self {
        let start = prefix.into();
        let end = prefix_end(&start);
        Self { start, end }
    }

    /// Every key that a caller can write.
    #[must_use]
    pub fn all() -> Self {
        Self { start: Bytes::new(), end: Bytes::from_static(&[RESERVED]) }
    }

    /// Only `key`.
    #[must_use]
    pub fn single(key: &Bytes) -> Self {
        Self { start: key.clone(), end: successor(key) }
    }

    /// Whether `key` lies in the range.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        self.start.as_ref() <= key && key < self.end.as_ref()
    }

    /// Whether no key lies in the range.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }
}

/// The first key after `key`.
pub(crate) fn successor(key: &[u8]) -> Bytes {
    let mut next = Vec::with_capacity(key.len() + 1);
    next.extend_from_slice(key);
    next.push(0);
    next.into()
}

/// How a range is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RangeOptions {
    /// Most rows to return.
    pub limit: usize,
    /// Whether to read from the end of the range to its start.
    pub reverse: bool,
}

impl RangeOptions {
    /// At most `limit` rows, in ascending order.
    #[must_use]
    pub fn limit(limit: usize) -> Self {
        Self { limit, reverse: false }
    }

    /// The same, in descending order.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { reverse: true, ..self }
    }
}

impl Default for RangeOptions {
    /// All rows, in ascending order.
    fn default() -> Self {
        Self { limit: usize::MAX, reverse: false }
    }
}
