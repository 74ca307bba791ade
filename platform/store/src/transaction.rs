//! Transactions.

use crate::{
    Durability, Error, KeyRange, RangeOptions, Savepoint, Stamp,
    conflict::Reads,
    engine::View,
    merge,
    overlay::{Lookup, Overlay, encode, integer},
    range::successor,
};
use bytes::Bytes;

/// A serialisable transaction: reads see one state of the store and the transaction's own writes; the writes
/// happen at [`commit`](Self::commit), all or none, as if no other transaction ran at the same time.
///
/// Writes return nothing: an invalid one (see [`limits`](crate::limits)) makes `commit` fail. Dropping a
/// transaction forgets it. Keep transactions short: a store remembers a bounded number of recent changes, and
/// a transaction that is older than those conflicts.
#[must_use]
pub struct Transaction {
    view: View,
    overlay: Overlay,
    reads: Reads,
}

/// The result of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The stamp of the commit; `None` if the transaction wrote nothing.
    pub stamp: Option<Stamp>,
}

impl Transaction {
    pub(crate) fn new(view: View) -> Self {
        Self { view, overlay: Overlay::default(), reads: Reads::default() }
    }

    /// The value of `key`.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Corrupt`]; [`Error::NotAnInteger`] if this transaction adds to the key
    /// and its value is not an integer; on PostgreSQL also [`Error::Conflict`].
    pub async fn get(&mut self, key: &[u8]) -> Result<Option<Bytes>, Error> {
        self.read(key, true).await
    }

    /// The value of `key`, without depending on it: the commit does not conflict if another transaction changes
    /// the key. PostgreSQL cannot do that; there it is the same as [`get`](Self::get).
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn get_snapshot(&mut self, key: &[u8]) -> Result<Option<Bytes>, Error> {
        self.read(key, false).await
    }

    async fn read(&mut self, key: &[u8], depend: bool) -> Result<Option<Bytes>, Error> {
        let delta = match self.overlay.lookup(key) {
            Lookup::Value(value) => return Ok(Some(value.clone())),
            Lookup::Absent => return Ok(None),
            Lookup::Unknown => None,
            Lookup::Plus(delta) => Some(delta),
        };
        if depend && self.view.tracks_reads() {
            self.reads.key(key);
        }
        let value = self.view.get(key).await?;
        match delta {
            None => Ok(value),
            Some(delta) => {
                let value = value.map_or(Ok(0), |value| integer(&value))?;
                Ok(Some(encode(value.wrapping_add(delta))))
            }
        }
    }

    /// The rows of `range`, in the order and up to the number that `options` ask for. The transaction then
    /// depends on what it saw and on no key beyond the last row, if the limit cut the range short.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn range(&mut self, range: KeyRange, options: RangeOptions) -> Result<Vec<(Bytes, Bytes)>, Error> {
        let rows = self.range_snapshot(range.clone(), options).await?;
        if self.view.tracks_reads() && options.limit > 0 {
            let seen = match rows.last() {
                Some((last, _)) if rows.len() == options.limit && options.reverse => {
                    KeyRange { start: last.clone(), end: range.end }
                }
                Some((last, _)) if rows.len() == options.limit => KeyRange { start: range.start, end: successor(last) },
                _ => range,
            };
            self.overlay.gaps(&seen).into_iter().for_each(|gap| self.reads.range(gap));
        }
        Ok(rows)
    }

    /// The rows of `range`, without depending on them; see [`get_snapshot`](Self::get_snapshot).
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn range_snapshot(
        &mut self,
        range: KeyRange,
        options: RangeOptions,
    ) -> Result<Vec<(Bytes, Bytes)>, Error> {
        let all = KeyRange::all();
        let range = KeyRange { start: range.start, end: range.end.min(all.end) };
        if range.is_empty() || options.limit == 0 {
            return Ok(Vec::new());
        }
        merge::read(&mut self.view, &self.overlay, &range, options).await
    }

    /// Sets the value of `key`.
    pub fn put(&mut self, key: impl Into<Bytes>, value: impl Into<Bytes>) {
        self.overlay.put(key.into(), value.into());
    }

    /// Removes `key`, if it exists.
    pub fn delete(&mut self, key: impl Into<Bytes>) {
        self.overlay.delete(key.into());
    }

    /// Removes every key of `range` that exists when the transaction commits, at most
    /// [`limits::CLEARED_KEYS`](crate::limits::CLEARED_KEYS). It does not conflict with writes in the range.
    pub fn delete_range(&mut self, range: KeyRange) {
        self.overlay.delete_range(range);
    }

    /// Adds `delta` to the counter at `key`: eight bytes, least significant first, wrapping around; a missing
    /// key counts as zero. The sum is made at commit, from whatever the counter holds then, so that additions do
    /// not conflict with one another. (On PostgreSQL they do: there the row is updated.)
    pub fn add(&mut self, key: impl Into<Bytes>, delta: i64) {
        self.overlay.add(key.into(), delta);
    }

    /// Sets the value of the key `prefix`, stamp, `suffix`, where the stamp is that of the commit
    /// ([`Stamp::at`] the number of earlier calls of this method in this transaction). The key sorts after every
    /// key that was so written before with the same prefix. The transaction itself cannot read it.
    pub fn put_stamped(&mut self, prefix: impl Into<Bytes>, suffix: impl Into<Bytes>, value: impl Into<Bytes>) {
        self.overlay.put_stamped(prefix.into(), suffix.into(), value.into());
    }

    /// The number of the newest commit that the transaction sees, or of a later one.
    pub(crate) async fn newest_commit(&mut self) -> Result<u64, Error> {
        self.view.newest_commit().await
    }

    /// Marks the writes so far, so that later ones can be taken back.
    pub fn savepoint(&mut self) -> Savepoint {
        self.overlay.savepoint()
    }

    /// Takes back every write since `savepoint`. What was read stays read. The savepoint can be used again;
    /// those made after it cannot.
    ///
    /// # Errors
    /// [`Error::NoSuchSavepoint`]
    pub fn rollback_to(&mut self, savepoint: Savepoint) -> Result<(), Error> {
        self.overlay.rollback_to(savepoint)
    }

    /// Whether the transaction has written anything.
    #[must_use]
    pub fn has_writes(&self) -> bool {
        !self.overlay.is_empty()
    }

    /// Makes the writes happen. When this returns they are as durable as the store promises
    /// ([`Durability`](crate::Durability)) and visible to every transaction that begins later. A transaction
    /// without writes commits without further work and never conflicts. (On PostgreSQL it may.)
    ///
    /// # Errors
    /// [`Error::Conflict`]: nothing was written, run the transaction again. [`Error::CommitUnknown`]: it may or
    /// may not have been. Any other: nothing was written.
    pub async fn commit(self) -> Result<Committed, Error> {
        self.commit_with(Durability::Fsync).await
    }

    /// Commits, and waits for no more than `durability`: for writes whose loss with the machine can be borne. The
    /// store's own durability is the most that is waited for.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub async fn commit_with(self, durability: Durability) -> Result<Committed, Error> {
        let writes = self.overlay.into_writes()?;
        let stamp = self.view.commit(self.reads, writes, durability).await?;
        Ok(Committed { stamp })
    }
}
