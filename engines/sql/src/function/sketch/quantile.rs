//! Quantile digests and T-digests: which value has which share of all below it.
//!
//! Both are kept the same way: values in order with their weights, neighbours of which are joined when there are too
//! many. So few are known exactly, and of many every share within a thousandth.

use super::malformed;
use crate::error::Result;
use crate::value::Value;

/// So many values are kept before neighbours are joined.
const MOST: usize = 4096;
/// No joined value has more than this share of all.
const SHARE: f64 = 0.001;

/// What the bytes begin with.
const KIND: u8 = 4;

/// Values with their weights, in order.
#[derive(Default)]
pub(crate) struct Quantiles {
    values: Vec<(f64, f64)>,
}

impl Quantiles {
    /// Takes values with weights in any order.
    pub(crate) fn of(mut values: Vec<(f64, f64)>) -> Self {
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        values.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        let mut sketch = Self { values };
        if sketch.values.len() > MOST {
            sketch.shrink();
        }
        sketch
    }

    pub(crate) fn values(&self) -> &[(f64, f64)] {
        &self.values
    }

    /// Joins neighbours into the greater; the least and the greatest stay as they are.
    fn shrink(&mut self) {
        let most = self.total() * SHARE;
        let mut joined: Vec<(f64, f64)> = Vec::with_capacity(MOST);
        for (n, (value, weight)) in self.values.iter().enumerate() {
            match joined.last_mut() {
                Some(last) if n > 1 && last.1 + weight <= most => *last = (*value, last.1 + weight),
                _ => joined.push((*value, *weight)),
            }
        }
        self.values = joined;
    }

    fn total(&self) -> f64 {
        self.values.iter().map(|(_, weight)| weight).sum()
    }

    /// The value of which at least this share of all is not above it.
    pub(crate) fn value_at(&self, share: f64) -> Option<f64> {
        let target = share * self.total();
        let mut below = 0.0;
        for (value, weight) in &self.values {
            below += weight;
            if below >= target && below > 0.0 {
                return Some(*value);
            }
        }
        self.values.last().map(|(value, _)| *value)
    }

    /// The share of all that is below a value; nothing for one that is outside of all.
    // UNVERIFIED: that the weight of the value itself does not count.
    pub(crate) fn share_below(&self, value: f64) -> Option<f64> {
        let (least, greatest) = (self.values.first()?.0, self.values.last()?.0);
        if value < least || value > greatest {
            return None;
        }
        let below: f64 = self.values.iter().take_while(|(own, _)| *own < value).map(|(_, weight)| weight).sum();
        Some(below / self.total())
    }

    pub(crate) fn write(&self) -> Value {
        let mut bytes = vec![KIND];
        for (value, weight) in &self.values {
            bytes.extend_from_slice(&value.to_le_bytes());
            bytes.extend_from_slice(&weight.to_le_bytes());
        }
        Value::bytes(bytes)
    }

    /// # Errors
    /// When the bytes are not of a digest.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self> {
        let Some((&KIND, entries)) = bytes.split_first() else { return Err(malformed()) };
        let (pairs, rest) = entries.as_chunks::<16>();
        if !rest.is_empty() {
            return Err(malformed());
        }
        let number = |bytes: &[u8]| bytes.try_into().map(f64::from_le_bytes).map_err(|_| malformed());
        let pair = |pair: &[u8; 16]| Ok((number(&pair[..8])?, number(&pair[8..])?));
        Ok(Self { values: pairs.iter().map(pair).collect::<Result<_>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_many_are_within_a_thousandth() {
        let sketch = Quantiles::of((0..100_000).rev().map(|n| (f64::from(n), 1.0)).collect());
        assert!(sketch.values.len() < MOST);
        for share in [0.0, 0.25, 0.5, 0.999, 1.0] {
            let found = sketch.value_at(share).expect("a value");
            assert!((found / 100_000.0 - share).abs() < 0.002, "{share}: {found}");
        }
    }
}
