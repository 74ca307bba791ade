//! The store.

use crate::{
    Error, Faults, KeyRange, Location, OpenError, RangeOptions, Simulation, Transaction, Watch, Watched,
    embedded::Embedded, engine::Engine, memory::Memory, postgres::Postgres, range::successor, watch::Hub,
};
use std::sync::Arc;

/// An ordered key-value store with serialisable transactions. Cheap to clone; all clones are the same store.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use welkin_store::{Location, Store};
/// let store = Store::open(&Location::parse("memory")?).await?;
/// let mut transaction = store.begin().await?;
/// transaction.put("greeting", "hello");
/// transaction.commit().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    hub: Arc<Hub>,
}

/// What an acknowledged commit survives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process and of the machine: it is on disk. Commits that arrive together share one wait
    /// for the disk.
    #[default]
    Fsync,
    /// The end of the process, not of the machine. (On PostgreSQL: `synchronous_commit = off`, which may lose
    /// the last moments if the server crashes, and corrupts nothing.)
    Buffered,
}

/// How a store is opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// What an acknowledged commit survives.
    pub durability: Durability,
}

impl Store {
    /// Opens the store at `location`, creating it if there is none.
    ///
    /// # Errors
    /// A directory that another process has open, that cannot be written, or that a newer program wrote; a
    /// database that cannot be reached. See [`OpenError`].
    pub async fn open(location: &Location) -> Result<Self, OpenError> {
        Self::open_with(location, Options::default()).await
    }

    /// Whether other processes may have the same store open.
    pub fn is_shared(&self) -> bool {
        matches!(self.inner.engine, Engine::Postgres(_))
    }

    /// Opens the store at `location` with `options`, creating it if there is none.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(location: &Location, options: Options) -> Result<Self, OpenError> {
        let hub = Arc::new(Hub::default());
        let durability = options.durability;
        let engine = match location {
            Location::Memory => Engine::Memory(Memory::new(durability, Faults::default(), hub.clone())),
            Location::Directory(path) => Engine::Embedded(Embedded::open(path, durability, hub.clone())?),
            Location::Postgres(url) => Engine::Postgres(Postgres::open(url, durability, hub.clone()).await?),
        };
        Ok(Self::new(engine, hub))
    }

    /// A store in memory with injected faults, and the power switch to it.
    #[must_use]
    pub fn simulated(faults: Faults, options: Options) -> (Self, Simulation) {
        let hub = Arc::new(Hub::default());
        let memory = Memory::new(options.durability, faults, hub.clone());
        (Self::new(Engine::Memory(memory.clone()), hub), Simulation::of(memory))
    }

    pub(crate) fn new(engine: Engine, hub: Arc<Hub>) -> Self {
        Self { inner: Arc::new(Inner { engine, hub }) }
    }

    /// Begins a transaction that sees every commit so far.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn begin(&self) -> Result<Transaction, Error> {
        self.inner.engine.begin().await.map(Transaction::new)
    }

    pub(crate) async fn advance(&self, version: u64) -> Result<(), Error> {
        self.inner.engine.advance(version).await
    }

    /// Removes from the engine's files what was deleted or overwritten by commits that were answered before. Engines
    /// leave it there until they tidy up, so that whoever reads the files could still find it. It takes seconds, and
    /// as long as it takes to write everything that is stored once more; transactions go on meanwhile.
    ///
    /// Returns whether the engine can do that. PostgreSQL decides itself when it reuses what its tables and its log
    /// no longer need.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: not now, because an older transaction is still open, or the disk fails.
    pub async fn expunge(&self) -> Result<bool, Error> {
        self.inner.engine.expunge().await
    }

    /// Waits for changes of keys and prefixes; see [`Watch`].
    ///
    /// On PostgreSQL the commits of other processes are noticed as well, by `NOTIFY`: within milliseconds, or five
    /// seconds should the other process end right after its commit.
    #[must_use]
    pub fn watch(&self, watched: &[Watched]) -> Watch {
        self.inner.hub.watch(watched)
    }

    /// Removes every key of `range`, in as many transactions as it takes: others see it half done.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::CommitUnknown`], [`Error::InvalidKey`]; what was removed stays removed.
    pub async fn clear(&self, range: KeyRange) -> Result<(), Error> {
        const STEP: usize = 256;
        let mut rest = range;
        while !rest.is_empty() {
            let mut transaction = self.begin().await?;
            let rows = transaction.range_snapshot(rest.clone(), RangeOptions::limit(STEP)).await?;
            let end = match rows.last() {
                Some((last, _)) if rows.len() == STEP => successor(last),
                _ => rest.end.clone(),
            };
            transaction.delete_range(KeyRange { start: rest.start.clone(), end: end.clone() });
            match transaction.commit().await {
                Ok(_) => rest.start = end,
                Err(Error::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
