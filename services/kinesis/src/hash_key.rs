//! Where partition keys lead: 128-bit numbers, which the shards of a stream share out among them.

use std::fmt;

use md5::{Digest, Md5};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in the range of hash keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HashKey(pub(crate) u128);

impl HashKey {
    pub(crate) const MOST: Self = Self(u128::MAX);

    /// Where a partition key leads: the MD5 of it.
    pub(crate) fn of(partition_key: &str) -> Self {
        Self(u128::from_be_bytes(Md5::digest(partition_key).into()))
    }

    /// The number as the API writes it; `None` if it is none below 2^128.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// Where the parts begin of the whole range, cut into `count` equal ones.
    pub(crate) fn even(count: u64) -> Vec<Self> {
        let size = u128::MAX / u128::from(count.max(1));
        (0..count.max(1)).map(|part| Self(u128::from(part) * size)).collect()
    }
}

impl fmt::Display for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// In two halves: not every format has 128-bit numbers.
impl Serialize for HashKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[allow(clippy::cast_possible_truncation)]
        ((self.0 >> 64) as u64, self.0 as u64).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for HashKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (high, low) = <(u64, u64)>::deserialize(deserializer)?;
        Ok(Self(u128::from(high) << 64 | u128::from(low)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_partition_key_leads_to_its_md5() {
        // md5("a") = 0cc175b9c0f1b6a831c399e269772661
        assert_eq!(HashKey::of("a"), HashKey(0x0cc1_75b9_c0f1_b6a8_31c3_99e2_6977_2661));
        assert_eq!(HashKey::parse("340282366920938463463374607431768211455"), Some(HashKey::MOST));
        assert_eq!(HashKey::parse("340282366920938463463374607431768211456"), None);
    }

    #[test]
    fn halves_are_what_aws_makes_of_two_shards() {
        let [first, second] = HashKey::even(2)[..] else { panic!("two") };
        assert_eq!(first, HashKey(0));
        assert_eq!(second.to_string(), "170141183460469231731687303715884105727");
        assert_eq!(HashKey::even(1), [HashKey(0)]);
    }

    #[test]
    fn what_is_stored_is_read_again() {
        for key in [HashKey(0), HashKey::MOST, HashKey(1 << 64), HashKey(u128::from(u64::MAX))] {
            let stored = rmp_serde::to_vec(&key).unwrap();
            assert_eq!(rmp_serde::from_slice::<HashKey>(&stored).unwrap(), key);
        }
    }
}
