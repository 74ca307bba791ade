//! Typed state in the call's transaction.

use bytes::Bytes;
use welkin_store::{KeyRange, RangeOptions, Watch, Watched};

use crate::resource::{decode, encode, index_key, index_range, row_key, row_range};
use crate::{Cx, IntoKey, Key, Place, Resource, Result};

/// A page of a listing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page<'a> {
    /// Begin after the resource with this key (before it, when reversed).
    pub after: Option<&'a Key>,
    /// Resources at most; 0 means all of them.
    pub limit: usize,
    /// From the last to the first.
    pub reverse: bool,
}

impl<'a> Page<'a> {
    /// Everything.
    pub const ALL: Self = Self { after: None, limit: 0, reverse: false };

    /// The first `limit`, after `after`.
    pub fn of(limit: usize, after: Option<&'a Key>) -> Self {
        Self { after, limit, reverse: false }
    }
}

impl Cx {
    /// The resource with this key.
    pub async fn get<R: Resource>(&mut self, place: Place, key: impl IntoKey) -> Result<Option<R>> {
        let row = row_key::<R>(place, &key);
        match self.transaction()?.get(&row).await? {
            Some(stored) => decode(&stored).map(Some),
            None => Ok(None),
        }
    }

    /// Whether there is a resource with this key.
    pub async fn exists<R: Resource>(&mut self, place: Place, key: impl IntoKey) -> Result<bool> {
        let row = row_key::<R>(place, &key);
        Ok(self.transaction()?.get(&row).await?.is_some())
    }

    /// Stores a resource in place of the one with its key, if there is one.
    pub async fn put<R: Resource>(&mut self, place: Place, resource: &R) -> Result<()> {
        let row = row_key::<R>(place, &resource.key());
        if !R::INDEXES.is_empty() {
            let new = resource.indexes();
            if let Some(stored) = self.transaction()?.get(&row).await? {
                for (index, key) in decode::<R>(&stored)?.indexes() {
                    if !new.iter().any(|(i, k)| *i == index && *k == key) {
                        self.transaction()?.delete(index_key::<R>(place, index, &key, &row));
                    }
                }
            }
            for (index, key) in new {
                debug_assert!(R::INDEXES.contains(&index), "{} has no index {index}", R::KIND);
                self.transaction()?.put(index_key::<R>(place, index, &key, &row), row.clone());
            }
        }
        let stored = encode(resource)?;
        self.transaction()?.put(row, stored);
        Ok(())
    }

    /// Stores a resource under a key that is certainly new, such as a fresh id: nothing is read first.
    pub fn insert<R: Resource>(&mut self, place: Place, resource: &R) -> Result<()> {
        let row = row_key::<R>(place, &resource.key());
        for (index, key) in resource.indexes() {
            debug_assert!(R::INDEXES.contains(&index), "{} has no index {index}", R::KIND);
            self.transaction()?.put(index_key::<R>(place, index, &key, &row), row.clone());
        }
        let stored = encode(resource)?;
        self.transaction()?.put(row, stored);
        Ok(())
    }

    /// Removes the resource with this key, if there is one, without reading it. The kind must have no indexes.
    pub fn discard<R: Resource>(&mut self, place: Place, key: impl IntoKey) -> Result<()> {
        debug_assert!(R::INDEXES.is_empty(), "entries of indexes would stay behind");
        let row = row_key::<R>(place, &key);
        self.transaction()?.delete(row);
        Ok(())
    }

    /// Removes the resource with this key and returns it.
    pub async fn delete<R: Resource>(&mut self, place: Place, key: impl IntoKey) -> Result<Option<R>> {
        let row = row_key::<R>(place, &key);
        let Some(stored) = self.transaction()?.get(&row).await? else { return Ok(None) };
        let resource = decode::<R>(&stored)?;
        for (index, key) in resource.indexes() {
            self.transaction()?.delete(index_key::<R>(place, index, &key, &row));
        }
        self.transaction()?.delete(row);
        Ok(Some(resource))
    }

    /// Resources whose keys begin with the parts `prefix` (`()` for all), in the order of their keys.
    pub async fn list<R: Resource>(&mut self, place: Place, prefix: impl IntoKey, page: Page<'_>) -> Result<Vec<R>> {
        let mut range = row_range::<R>(place, &prefix);
        if let Some(after) = page.after {
            let row = row_key::<R>(place, after);
            if page.reverse { range.end = row } else { range.start = after_key(&row) }
        }
        let options = options(page.limit, page.reverse);
        let rows = self.transaction()?.range(range, options).await?;
        rows.iter().map(|(_, stored)| decode(stored)).collect()
    }

    /// Resources with keys from `from` up to but not including `to`, in order.
    pub async fn between<R: Resource>(
        &mut self,
        place: Place,
        from: impl IntoKey,
        to: impl IntoKey,
        limit: usize,
        reverse: bool,
    ) -> Result<Vec<R>> {
        let range = KeyRange::new(row_key::<R>(place, &from), row_key::<R>(place, &to));
        let rows = self.transaction()?.range(range, options(limit, reverse)).await?;
        rows.iter().map(|(_, stored)| decode(stored)).collect()
    }

    /// Resources that an index holds under keys beginning with the parts `prefix`, in the order of the index.
    pub async fn find<R: Resource>(
        &mut self,
        place: Place,
        index: &'static str,
        prefix: impl IntoKey,
        limit: usize,
    ) -> Result<Vec<R>> {
        let range = index_range::<R>(place, index, &prefix);
        let entries = self.transaction()?.range(range, options(limit, false)).await?;
        let mut found = Vec::with_capacity(entries.len());
        for (_, row) in entries {
            if let Some(stored) = self.transaction()?.get(&row).await? {
                found.push(decode(&stored)?);
            }
        }
        Ok(found)
    }

    /// The resource with this key as it is now, without depending on it: the call does not conflict when
    /// another one changes it. What must be right is read by [`get`](Self::get).
    pub async fn glance<R: Resource>(&mut self, place: Place, key: impl IntoKey) -> Result<Option<R>> {
        let row = row_key::<R>(place, &key);
        match self.transaction()?.get_snapshot(&row).await? {
            Some(stored) => decode(&stored).map(Some),
            None => Ok(None),
        }
    }

    /// Resources with keys from `from` up to but not including `to`, the first `limit` in order, without
    /// depending on them or on what may come between: candidates, of which the call then
    /// [gets](Self::get) those it wants. Inside [`stage`](Self::stage), where no transaction is open, they are looked at
    /// in one of their own: for reading much, a little at a time.
    pub async fn glance_between<R: Resource>(
        &mut self,
        place: Place,
        from: impl IntoKey,
        to: impl IntoKey,
        limit: usize,
    ) -> Result<Vec<R>> {
        let range = KeyRange::new(row_key::<R>(place, &from), row_key::<R>(place, &to));
        let rows = match self.run.transaction.as_mut() {
            Some(transaction) => transaction.range_snapshot(range, options(limit, false)).await?,
            None => self.kernel.store().begin().await?.range_snapshot(range, options(limit, false)).await?,
        };
        rows.iter().map(|(_, stored)| decode(stored)).collect()
    }

    /// How many resources have keys from `from` up to but not including `to`, about: without depending on them.
    pub async fn count<R: Resource>(&mut self, place: Place, from: impl IntoKey, to: impl IntoKey) -> Result<u64> {
        /// Keys in memory at once.
        const PAGE: usize = 4096;
        let mut range = KeyRange::new(row_key::<R>(place, &from), row_key::<R>(place, &to));
        let mut count = 0;
        loop {
            let rows = self.transaction()?.range_snapshot(range.clone(), options(PAGE, false)).await?;
            count += rows.len() as u64;
            match rows.last() {
                Some((last, _)) if rows.len() == PAGE => range.start = after_key(last),
                _ => return Ok(count),
            }
        }
    }

    /// Removes all resources of a kind whose keys begin with the parts `prefix`. The kind must have no indexes.
    pub fn delete_all<R: Resource>(&mut self, place: Place, prefix: impl IntoKey) -> Result<()> {
        debug_assert!(R::INDEXES.is_empty(), "entries of indexes would stay behind");
        let range = row_range::<R>(place, &prefix);
        self.transaction()?.delete_range(range);
        Ok(())
    }

    /// A watch on all resources of a kind whose keys begin with the parts `prefix`. Make it before the read
    /// whose staleness matters.
    pub fn watch<R: Resource>(&mut self, place: Place, prefix: impl IntoKey) -> Watch {
        self.kernel.store().watch(&[Watched::prefix(row_key::<R>(place, &prefix))])
    }
}

fn after_key(row: &[u8]) -> Bytes {
    [row, &[0]].concat().into()
}

fn options(limit: usize, reverse: bool) -> RangeOptions {
    RangeOptions { limit: if limit == 0 { usize::MAX } else { limit }, reverse }
}
