//! Set digests: how alike two sets are, by the least of their hashes (MinHash).
//!
//! <https://en.wikipedia.org/wiki/MinHash#Variant_with_a_single_hash_function>

use std::collections::{BTreeMap, BTreeSet};

use super::malformed;
use crate::error::Result;
use crate::value::Value;

/// So many hashes are kept; sets that have no more are known exactly.
const MOST: usize = 8192;

/// What the bytes begin with.
const KIND: u8 = 3;

/// The least hashes, and how often each came.
#[derive(Default)]
pub(crate) struct SetDigest {
    counts: BTreeMap<i64, u16>,
}

impl SetDigest {
    pub(crate) fn add(&mut self, hash: i64, times: u16) {
        let count = self.counts.entry(hash).or_default();
        *count = count.saturating_add(times);
        if self.counts.len() > MOST {
            self.counts.pop_last();
        }
    }

    pub(crate) fn merge(&mut self, other: &SetDigest) {
        other.counts.iter().for_each(|(hash, times)| self.add(*hash, *times));
    }

    fn is_exact(&self) -> bool {
        self.counts.len() < MOST
    }

    /// Of more than are kept, by how close together the least hashes are.
    pub(crate) fn cardinality(&self) -> i64 {
        match self.counts.last_key_value() {
            Some((greatest, _)) if !self.is_exact() => {
                let part = (*greatest as f64 - i64::MIN as f64) / 2_f64.powi(64);
                ((MOST - 1) as f64 / part).round() as i64
            }
            _ => self.counts.len() as i64,
        }
    }

    /// How many of the least hashes of both are in each, as a share.
    pub(crate) fn jaccard(&self, other: &SetDigest) -> f64 {
        let size = self.counts.len().min(other.counts.len());
        if size == 0 {
            return 0.0;
        }
        let all: BTreeSet<&i64> = self.counts.keys().chain(other.counts.keys()).collect();
        let both = |hash: &&&i64| self.counts.contains_key(**hash) && other.counts.contains_key(**hash);
        all.iter().take(size).filter(both).count() as f64 / size as f64
    }

    pub(crate) fn intersection(&self, other: &SetDigest) -> i64 {
        if self.is_exact() && other.is_exact() {
            return self.counts.keys().filter(|hash| other.counts.contains_key(hash)).count() as i64;
        }
        let mut union = SetDigest { counts: self.counts.clone() };
        union.merge(other);
        (self.jaccard(other) * union.cardinality() as f64).round() as i64
    }

    pub(crate) fn counts(&self) -> Value {
        let entry = |(hash, count): (&i64, &u16)| {
            (Value::Integer(*hash), Value::Integer(i64::from(*count).min(i16::MAX.into())))
        };
        Value::Map(self.counts.iter().map(entry).collect())
    }

    pub(crate) fn write(&self) -> Value {
        let mut bytes = vec![KIND];
        for (hash, count) in &self.counts {
            bytes.extend_from_slice(&hash.to_le_bytes());
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        Value::bytes(bytes)
    }

    /// # Errors
    /// When the bytes are not of a digest.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self> {
        let mut digest = Self::default();
        match bytes.split_first() {
            Some((&KIND, entries)) if entries.len().is_multiple_of(10) => {
                for entry in entries.chunks_exact(10) {
                    let (hash, count) = entry.split_at(8);
                    let hash = i64::from_le_bytes(hash.try_into().map_err(|_| malformed())?);
                    digest.add(hash, u16::from_le_bytes(count.try_into().map_err(|_| malformed())?));
                }
            }
            _ => return Err(malformed()),
        }
        Ok(digest)
    }
}
