//! The engines behind one face. An enum rather than a trait object: a read costs no allocation.

use crate::{
    Durability, Error, KeyRange, Stamp,
    chunk::{self, Stored},
    conflict::Reads,
    embedded::{self, Embedded},
    memory::{self, Memory},
    overlay::Writes,
    postgres::{self, Postgres},
};
use bytes::Bytes;

pub(crate) enum Engine {
    Embedded(Embedded),
    Memory(Memory),
    Postgres(Postgres),
}

impl Engine {
    pub(crate) async fn begin(&self) -> Result<View, Error> {
        match self {
            Engine::Embedded(engine) => engine.begin().map(View::Embedded),
            Engine::Memory(engine) => engine.begin().map(View::Memory),
            Engine::Postgres(engine) => engine.begin().await.map(View::Postgres),
        }
    }

    /// Makes every later commit number greater than `version`.
    pub(crate) async fn advance(&self, version: u64) -> Result<(), Error> {
        match self {
            Engine::Embedded(engine) => engine.advance(version).await,
            Engine::Memory(engine) => {
                engine.advance(version);
                Ok(())
            }
            Engine::Postgres(engine) => engine.advance(version).await,
        }
    }
}

impl Engine {
    /// Whether nothing is left, in files that the engine writes, of what was deleted.
    pub(crate) async fn expunge(&self) -> Result<bool, Error> {
        match self {
            Engine::Embedded(engine) => engine.expunge().await.map(|()| true),
            Engine::Memory(_) => Ok(true),
            Engine::Postgres(_) => Ok(false),
        }
    }
}

/// Rows of a range, and whether there may be more after them.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) rows: Vec<(Bytes, Bytes)>,
    pub(crate) more: bool,
}

/// Most bytes of rows in one page, about.
pub(crate) const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// The state that one transaction reads.
pub(crate) enum View {
    Embedded(embedded::View),
    Memory(memory::View),
    Postgres(postgres::View),
}

impl View {
    /// Whether this process decides conflicts, and so has to know what was read.
    pub(crate) fn tracks_reads(&self) -> bool {
        !matches!(self, View::Postgres(_))
    }

    /// The number of the newest commit that this sees, or of a later one.
    pub(crate) async fn newest_commit(&mut self) -> Result<u64, Error> {
        match self {
            View::Embedded(view) => Ok(view.newest_commit()),
            View::Memory(view) => Ok(view.newest_commit()),
            View::Postgres(view) => view.newest_commit().await,
        }
    }

    pub(crate) async fn get(&mut self, key: &[u8]) -> Result<Option<Bytes>, Error> {
        let Some(stored) = self.stored(key).await? else { return Ok(None) };
        self.whole(key, stored).await.map(Some)
    }

    /// At most `limit` rows from one end of `range`.
    pub(crate) async fn range(&mut self, range: &KeyRange, limit: usize, reverse: bool) -> Result<Page, Error> {
        let mut page = self.page(range, limit, reverse).await?;
        for (key, value) in &mut page.rows {
            *value = self.whole(key, std::mem::take(value)).await?;
        }
        Ok(page)
    }

    pub(crate) async fn commit(
        self,
        reads: Reads,
        writes: Writes,
        durability: Durability,
    ) -> Result<Option<Stamp>, Error> {
        match self {
            View::Embedded(view) => view.commit(reads, writes, durability).await,
            View::Memory(view) => view.commit(&reads, writes, durability),
            View::Postgres(view) => view.commit(writes, durability).await,
        }
    }

    async fn stored(&mut self, key: &[u8]) -> Result<Option<Bytes>, Error> {
        match self {
            View::Embedded(view) => view.get(key),
            View::Memory(view) => view.get(key),
            View::Postgres(view) => view.get(key).await,
        }
    }

    async fn page(&mut self, range: &KeyRange, limit: usize, reverse: bool) -> Result<Page, Error> {
        if range.is_empty() || limit == 0 {
            return Ok(Page::default());
        }
        match self {
            View::Embedded(view) => view.range(range, limit, reverse),
            View::Memory(view) => view.range(range, limit, reverse),
            View::Postgres(view) => view.range(range, limit, reverse).await,
        }
    }

    /// The value that `stored` stands for: itself, or its pieces put together. Pieces change only with their
    /// head, so that reading the head is dependence enough.
    async fn whole(&mut self, key: &[u8], stored: Bytes) -> Result<Bytes, Error> {
        match chunk::decode(stored)? {
            Stored::Whole(value) => Ok(value),
            Stored::Head(len) => {
                let mut pieces = Vec::new();
                let mut rest = chunk::pieces_of(key);
                loop {
                    let page = self.page(&rest, usize::MAX, false).await?;
                    if let Some((last, _)) = page.rows.last() {
                        rest.start = crate::range::successor(last);
                    }
                    pieces.extend(page.rows.into_iter().map(|(_, piece)| piece));
                    if !page.more {
                        return chunk::assemble(len, pieces.into_iter());
                    }
                }
            }
        }
    }
}
