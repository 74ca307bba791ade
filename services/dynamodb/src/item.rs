//! An item: how it lies in the store, its key, and how big it may be.
//!
//! | key | row |
//! | --- | --- |
//! | table's id, hash of the partition key, partition key, sort key | [`Row`]: the item |
//!
//! The bytes of keys sort as the documentation says: strings by their UTF-8, numbers by their value, bytes unsigned.
//! A partition is a range; a scan goes through the partitions by their hashes, which never change.

pub(crate) mod get;
pub(crate) mod query;
pub(crate) mod scan;
pub(crate) mod write;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_expressions::{Item, Value};
use welkin_kernel::{IntoKey, Key, Resource, Result, Scope};

use crate::errors::{invalid, parameter};
use crate::table::{KeyAttribute, Table};

/// An item as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    table: String,
    hash: u64,
    partition: Bytes,
    pub(crate) sort: Bytes,
    pub(crate) item: Item,
}

impl Resource for Row {
    const KIND: &'static str = "dynamodb/item";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.table.as_str(), self.hash, &self.partition[..], &self.sort[..]).into_key()
    }
}

/// Bytes of an item at most, names and values.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
pub(crate) const LARGEST: usize = 400 * 1024;
const LONGEST_PARTITION_KEY: usize = 2048;
const LONGEST_SORT_KEY: usize = 1024;

/// Hashes are below this, so that all of them lie between two others.
pub(crate) const HASHES: u64 = 1 << 63;

/// Where a partition is among the others: FNV-1a, which has no seed, with the bits mixed.
pub(crate) fn hash(partition: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in partition {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash ^= hash >> 32;
    hash.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 1
}

/// Bytes that sort as a key's values do.
pub(crate) fn key_bytes(value: &Value) -> Bytes {
    match value {
        Value::S(text) => Bytes::from(text.clone().into_bytes()),
        Value::N(number) => Bytes::from(number.sort_bytes()),
        Value::B(bytes) => bytes.clone(),
        // INVARIANT: types of keys were held against the table's, which are the three above.
        _ => Bytes::new(),
    }
}

impl Row {
    /// The row of an item that is to be stored.
    ///
    /// # Errors
    /// `ValidationException`: the item has not the table's key.
    pub(crate) fn of(table: &Table, item: Item) -> Result<Self> {
        let value = |key: &KeyAttribute| -> Result<Bytes> {
            let value = item.get(&key.name);
            let value = value.ok_or_else(|| parameter(format_args!("Missing the key {} in the item", key.name)))?;
            if value.type_name() != key.kind {
                let (name, expected, actual) = (&key.name, &key.kind, value.type_name());
                return Err(parameter(format_args!(
                    "Type mismatch for key {name} expected: {expected} actual: {actual}"
                )));
            }
            check_empty(key, value)?;
            Ok(key_bytes(value))
        };
        let partition = value(&table.partition)?;
        let sort = table.sort.as_ref().map(value).transpose()?.unwrap_or_default();
        check_lengths(&partition, &sort)?;
        Ok(Self { table: table.id.clone(), hash: hash(&partition), partition, sort, item })
    }

    /// The row of a key alone.
    ///
    /// # Errors
    /// `ValidationException`: it is not a key of the table.
    pub(crate) fn of_key(table: &Table, key: Item) -> Result<Self> {
        let mut attributes = std::iter::once(&table.partition).chain(&table.sort);
        let fits = |attribute: &KeyAttribute| {
            key.get(&attribute.name).is_some_and(|value| value.type_name() == attribute.kind)
        };
        if key.len() != 1 + usize::from(table.sort.is_some()) || !attributes.all(fits) {
            return Err(invalid("The provided key element does not match the schema"));
        }
        Self::of(table, key)
    }
}

fn check_empty(key: &KeyAttribute, value: &Value) -> Result<()> {
    let kind = match value {
        Value::S(text) if text.is_empty() => "string",
        Value::B(bytes) if bytes.is_empty() => "binary",
        _ => return Ok(()),
    };
    Err(invalid(format_args!(
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty \
         {kind} value. Key: {}",
        key.name
    )))
}

fn check_lengths(partition: &[u8], sort: &[u8]) -> Result<()> {
    if partition.len() > LONGEST_PARTITION_KEY {
        return Err(parameter("Size of hashkey has exceeded the maximum size limit of2048 bytes"));
    }
    if sort.len() > LONGEST_SORT_KEY {
        return Err(parameter("Aggregated size of all range keys has exceeded the size limit of 1024 bytes"));
    }
    Ok(())
}

/// The key of an item, alone.
pub(crate) fn key_of(table: &Table, item: &Item) -> Item {
    let names = std::iter::once(&table.partition).chain(&table.sort);
    names.filter_map(|key| Some((key.name.clone(), item.get(&key.name)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn hashes_spread_over_the_whole_range() {
        let quarters: std::collections::BTreeSet<u64> =
            (0..100).map(|n: u32| hash(n.to_string().as_bytes()) / (HASHES / 4)).collect();
        assert_eq!(quarters.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
    }

    #[test]
    fn keys_of_numbers_sort_by_value() {
        let texts = ["-1000", "-99.5", "-1", "0", "0.001", "2", "10", "10.01", "1e20"];
        let keys: Vec<Bytes> = texts.iter().map(|text| key_bytes(&Value::N(text.parse().unwrap()))).collect();
        assert!(keys.is_sorted());
    }
}
