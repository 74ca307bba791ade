//! HyperLogLog: about how many different values there were, within 1.6 %.
//!
//! <https://en.wikipedia.org/wiki/HyperLogLog>

use super::malformed;
use crate::error::Result;
use crate::value::Value;

/// As many as the documentation says of `approx_set`.
const BUCKETS: usize = 4096;
const BITS: u32 = BUCKETS.ilog2();

/// What the bytes begin with.
const SPARSE: u8 = 1;
const DENSE: u8 = 2;

/// For each bucket, the most zeros that a hash of it began with, and one.
pub(crate) struct HyperLogLog {
    ranks: Vec<u8>,
}

impl Default for HyperLogLog {
    fn default() -> Self {
        Self { ranks: vec![0; BUCKETS] }
    }
}

impl HyperLogLog {
    pub(crate) fn add(&mut self, hash: u64) {
        let bucket = (hash >> (u64::BITS - BITS)) as usize;
        let rank = ((hash << BITS).leading_zeros().min(u64::BITS - BITS) + 1) as u8;
        self.ranks[bucket] = self.ranks[bucket].max(rank);
    }

    pub(crate) fn merge(&mut self, other: &HyperLogLog) {
        self.ranks.iter_mut().zip(&other.ranks).for_each(|(own, other)| *own = (*own).max(*other));
    }

    /// Few are counted by the buckets that are empty, many by the ranks.
    pub(crate) fn cardinality(&self) -> i64 {
        let buckets = BUCKETS as f64;
        let empty = self.ranks.iter().filter(|rank| **rank == 0).count();
        let sum: f64 = self.ranks.iter().map(|rank| 2_f64.powi(-i32::from(*rank))).sum();
        let estimate = 0.7213 / (1.0 + 1.079 / buckets) * buckets * buckets / sum;
        let counted =
            if estimate <= 2.5 * buckets && empty > 0 { buckets * (buckets / empty as f64).ln() } else { estimate };
        counted.round() as i64
    }

    /// Buckets that are not empty with their places, or all in order when that is shorter.
    pub(crate) fn write(&self) -> Value {
        let used: Vec<(usize, u8)> = self.ranks.iter().copied().enumerate().filter(|(_, rank)| *rank > 0).collect();
        if used.len() * 3 >= BUCKETS {
            return Value::bytes([&[DENSE], self.ranks.as_slice()].concat());
        }
        let mut bytes = vec![SPARSE];
        for (bucket, rank) in used {
            bytes.extend_from_slice(&(bucket as u16).to_le_bytes());
            bytes.push(rank);
        }
        Value::bytes(bytes)
    }

    /// # Errors
    /// When the bytes are not of a sketch.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self> {
        let mut sketch = Self::default();
        match bytes.split_first() {
            Some((&DENSE, ranks)) if ranks.len() == BUCKETS => sketch.ranks.copy_from_slice(ranks),
            Some((&SPARSE, pairs)) if pairs.len().is_multiple_of(3) => {
                for pair in pairs.chunks_exact(3) {
                    let place = usize::from(u16::from_le_bytes([pair[0], pair[1]]));
                    *sketch.ranks.get_mut(place).ok_or_else(malformed)? = pair[2];
                }
            }
            _ => return Err(malformed()),
        }
        Ok(sketch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::hash::murmur3;

    #[test]
    fn many_are_counted_within_the_error_that_is_documented() {
        for count in [100_u64, 5_000, 200_000] {
            let mut sketch = HyperLogLog::default();
            (0..count).for_each(|n| sketch.add(murmur3(&n.to_le_bytes()).0));
            let error = (sketch.cardinality() as f64 / count as f64 - 1.0).abs();
            assert!(error < 0.05, "{count}: {}", sketch.cardinality());
            let Value::Bytes(bytes) = sketch.write() else { panic!("bytes") };
            assert_eq!(HyperLogLog::read(&bytes).expect("itself").ranks, sketch.ranks);
        }
    }
}
