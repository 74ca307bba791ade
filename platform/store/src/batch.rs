//! Turns the writes of transactions into entries of an engine, in commit order. For the engines that
//! decide conflicts in this process.

use crate::{
    Error, KeyRange, Stamp,
    chunk::{self, Stored},
    limits::CLEARED_KEYS,
    overlay::{Pending, Writes, encode, integer},
};
use bytes::{Bytes, BytesMut};
use std::{collections::BTreeMap, ops::Bound};

/// The newest state of an engine, below a batch.
pub(crate) trait Base {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, Error>;
    /// At most `limit` keys of `range`, in order.
    fn keys(&self, range: &KeyRange, limit: usize) -> Result<Vec<Bytes>, Error>;
}

/// Entries to write and, as `None`, to remove.
pub(crate) type Entries = BTreeMap<Bytes, Option<Bytes>>;

/// The entries of several transactions that become one write of the engine.
#[derive(Default)]
pub(crate) struct Batch {
    entries: Entries,
    /// Whether it holds values in pieces.
    long_values: bool,
}

impl Batch {
    pub(crate) fn insert(&mut self, key: Bytes, value: Bytes) {
        self.entries.insert(key, Some(value));
    }

    pub(crate) fn has_long_values(&self) -> bool {
        self.long_values
    }

    pub(crate) fn into_entries(self) -> Entries {
        self.entries
    }

    /// Adds one transaction, whole or not at all. Returns the keys it changed, in no order.
    /// `long_values`: whether the engine may hold values in pieces.
    pub(crate) fn apply(
        &mut self,
        base: &impl Base,
        long_values: bool,
        writes: Writes,
        version: u64,
    ) -> Result<Vec<Bytes>, Error> {
        let long_values = long_values || self.long_values;
        let mut staged = Staged { batch: self, base, long_values, entries: Vec::new(), touched: Vec::new() };
        for (start, end) in writes.cleared {
            staged.clear(&KeyRange { start, end })?;
        }
        for (key, pending) in writes.points {
            let value = match pending {
                Pending::Put(value) => Some(value),
                Pending::Delete => None,
                Pending::Add(delta) => Some(encode(staged.integer(&key)?.wrapping_add(delta))),
            };
            staged.write(key, value)?;
        }
        let stamp = Stamp::of_commit(version);
        for (place, write) in writes.stamped.into_iter().enumerate() {
            // INVARIANT: the overlay admits at most 65,536 stamped keys.
            let key = stamped_key(&write.prefix, stamp.at(place as u16), &write.suffix);
            staged.put(key, write.value);
        }
        let Staged { entries, touched, long_values, .. } = staged;
        self.long_values = long_values;
        self.entries.extend(entries);
        Ok(touched)
    }
}

/// The key that [`put_stamped`](crate::Transaction::put_stamped) writes.
pub(crate) fn stamped_key(prefix: &[u8], stamp: Stamp, suffix: &[u8]) -> Bytes {
    let mut key = BytesMut::with_capacity(prefix.len() + Stamp::LEN + suffix.len());
    key.extend_from_slice(prefix);
    key.extend_from_slice(stamp.as_bytes());
    key.extend_from_slice(suffix);
    key.freeze()
}

struct Staged<'a, B> {
    batch: &'a Batch,
    base: &'a B,
    long_values: bool,
    entries: Vec<(Bytes, Option<Bytes>)>,
    touched: Vec<Bytes>,
}

impl<B: Base> Staged<'_, B> {
    fn write(&mut self, key: Bytes, value: Option<Bytes>) -> Result<(), Error> {
        self.remove_pieces(&key)?;
        match value {
            Some(value) => self.put(key, value),
            None => {
                self.entries.push((key.clone(), None));
                self.touched.push(key);
            }
        }
        Ok(())
    }

    /// Writes a key that holds no long value, such as one that no other commit can make.
    fn put(&mut self, key: Bytes, value: Bytes) {
        let entries = chunk::encode(&key, value);
        self.long_values |= entries.len() > 1;
        self.entries.extend(entries.into_iter().map(|(key, value)| (key, Some(value))));
        self.touched.push(key);
    }

    /// Removes the pieces of the long value that `key` holds, if it does.
    fn remove_pieces(&mut self, key: &Bytes) -> Result<(), Error> {
        if self.long_values
            && let Some(stored) = self.stored(key)?
            && let Stored::Head(len) = chunk::decode(stored)?
        {
            self.entries.extend(chunk::piece_keys(key, len).map(|piece| (piece, None)));
        }
        Ok(())
    }

    fn clear(&mut self, range: &KeyRange) -> Result<(), Error> {
        let mut keys = self.base.keys(range, CLEARED_KEYS + 1)?;
        let bounds = (Bound::Included(range.start.as_ref()), Bound::Excluded(range.end.as_ref()));
        for (key, value) in self.batch.entries.range::<[u8], _>(bounds) {
            if value.is_some() {
                keys.push(key.clone());
            }
        }
        keys.sort_unstable();
        keys.dedup();
        if self.touched.len() + keys.len() > CLEARED_KEYS {
            return Err(Error::TransactionTooLarge("it clears more than 100,000 keys"));
        }
        keys.into_iter().try_for_each(|key| self.write(key, None))
    }

    fn integer(&self, key: &Bytes) -> Result<i64, Error> {
        match self.stored(key)?.map(chunk::decode).transpose()? {
            None => Ok(0),
            Some(Stored::Whole(value)) => integer(&value),
            Some(Stored::Head(_)) => Err(Error::NotAnInteger),
        }
    }

    /// What `key` holds before this transaction.
    fn stored(&self, key: &Bytes) -> Result<Option<Bytes>, Error> {
        match self.batch.entries.get(key) {
            Some(entry) => Ok(entry.clone()),
            None => self.base.get(key),
        }
    }
}
