//! All state and all blobs at once: removed, carried out, replaced.

use std::io::Read;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use welkin_blob::BlobStore;
use welkin_store::{KeyBuilder, KeyRange, Store};

use crate::gate::Closed;
use crate::resource::family;
use crate::{Error, Kernel, ROOT_KEY_LEN, Result};

/// Families of keys that a removal removes; the settings, and with them the clock, stay.
const REMOVED: [u64; 3] = [family::JOBS, family::ACCOUNT, family::GLOBAL];

/// What stands in the store while all of it is being removed or replaced.
const REMOVAL: &[u8] = b"removal";
const REPLACEMENT: &[u8] = b"replacement";

/// What a crash left half done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HalfDone {
    /// The removal of everything.
    Removal,
    /// The replacement of everything by an archive.
    Replacement,
}

/// What was carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Rows of the store.
    pub rows: u64,
    /// Blobs.
    pub blobs: u64,
}

/// Why everything could not be replaced or removed.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// The state is not whole, since an earlier replacement failed.
    #[error("an earlier replacement was not finished")]
    Closed,
    /// The store failed.
    #[error("{0}")]
    Store(#[from] welkin_store::Error),
    /// The blob store failed.
    #[error("{0}")]
    Blobs(#[from] welkin_blob::Error),
    /// The archive or the root key could not be read or written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Whether a crash left something half done in the store.
///
/// # Errors
/// When the store fails.
pub async fn half_done(store: &Store) -> std::result::Result<Option<HalfDone>, welkin_store::Error> {
    let mark = store.begin().await?.get(&mark_key()).await?;
    Ok(mark.map(|mark| if mark == REMOVAL { HalfDone::Removal } else { HalfDone::Replacement }))
}

/// Replaces all state and all blobs. Nobody else may use them meanwhile. If it fails or the program ends, the store
/// says so ([`half_done`]) until it was done again in full.
///
/// # Errors
/// Those of reading, and of the stores.
pub async fn replace(
    store: &Store,
    blobs: &BlobStore,
    state: &mut (impl AsyncRead + Unpin),
    bytes: Box<dyn Read + Send>,
) -> std::result::Result<Carried, ReplaceError> {
    put_mark(store, Some(REPLACEMENT)).await?;
    let carried_blobs = blobs.restore(bytes).await?;
    remove(store, &REMOVED).await?;
    store.clear(KeyRange::prefix(clock_key())).await?;
    let rows = store.import(state).await?.records;
    put_mark(store, None).await?;
    Ok(Carried { rows, blobs: carried_blobs })
}

/// Removes all state and all blobs; the clock stays.
pub(crate) async fn clear(store: &Store, blobs: &BlobStore) -> std::result::Result<(), ReplaceError> {
    put_mark(store, Some(REMOVAL)).await?;
    remove(store, &REMOVED).await?;
    blobs.clear().await?;
    Ok(put_mark(store, None).await?)
}

async fn remove(store: &Store, families: &[u64]) -> std::result::Result<(), welkin_store::Error> {
    for family in families {
        store.clear(family_range(*family)).await?;
    }
    Ok(())
}

fn family_range(family: u64) -> KeyRange {
    KeyRange::prefix(KeyBuilder::new().u64(family).build())
}

async fn put_mark(store: &Store, mark: Option<&'static [u8]>) -> std::result::Result<(), welkin_store::Error> {
    loop {
        let mut transaction = store.begin().await?;
        match mark {
            Some(mark) => transaction.put(mark_key(), mark),
            None => transaction.delete(mark_key()),
        }
        match transaction.commit().await {
            Err(error) if error.is_conflict() => {}
            other => return other.map(drop),
        }
    }
}

fn mark_key() -> Bytes {
    KeyBuilder::new().u64(family::SETTINGS).string("half done").build()
}

pub(crate) fn clock_key() -> Bytes {
    KeyBuilder::new().u64(family::SETTINGS).string("clock offset").build()
}

impl Kernel {
    /// Writes all state to `writer`, as of one moment; calls go on. Returns the number of rows.
    ///
    /// # Errors
    /// When the store or `writer` fails.
    pub async fn export_state(&self, writer: &mut (impl AsyncWrite + Unpin)) -> Result<u64> {
        let families = [family::GLOBAL, family::ACCOUNT, family::JOBS, family::SETTINGS];
        Ok(self.store().export(writer, &families.map(family_range)).await?)
    }

    /// Removes all state and all blobs; the clock stays where it stands. Calls and jobs that are under way have two
    /// seconds to end and are broken off then; those that come wait.
    ///
    /// # Errors
    /// When a store fails; calls are refused then until a restart, which finishes it.
    pub async fn reset(&self) -> std::result::Result<(), ReplaceError> {
        let alone = self.gate.close().await.map_err(|Closed| ReplaceError::Closed)?;
        let cleared = clear(self.store(), self.blobs()).await;
        self.forget();
        if cleared.is_err() {
            alone.lock();
        }
        cleared
    }

    /// Replaces all state, all blobs, the root key and the clock's offset. Calls and jobs are held off as by
    /// [`reset`](Self::reset). `begun` is run when nobody is inside any more: what it does not permit is not done.
    ///
    /// # Errors
    /// When `begun` fails, and nothing has changed. When a store or the archive fails: calls are refused then until
    /// a restart.
    pub async fn replace(
        &self,
        begun: impl FnOnce() -> std::io::Result<()>,
        state: &mut (impl AsyncRead + Unpin),
        bytes: Box<dyn Read + Send>,
        root_key: &[u8; ROOT_KEY_LEN],
        done: impl FnOnce() -> std::io::Result<()>,
    ) -> std::result::Result<Carried, ReplaceError> {
        let _advancing = self.runner.advancing.lock().await;
        let alone = self.gate.close().await.map_err(|Closed| ReplaceError::Closed)?;
        begun()?;
        let replaced = async {
            let carried = replace(self.store(), self.blobs(), state, bytes).await?;
            self.sealer().replace(root_key);
            self.clock().set_offset(0);
            self.read_clock().await?;
            done()?;
            Ok(carried)
        };
        let replaced = replaced.await;
        self.forget();
        if replaced.is_err() {
            alone.lock();
        }
        replaced
    }

    /// Drops what is remembered of state that is no more.
    fn forget(&self) {
        if let Some(directory) = &self.registry().directory {
            directory.forget_noted();
        }
    }

    /// What a call is told that comes while everything is replaced.
    pub(crate) fn unavailable() -> Error {
        let message = "Welkin's state is being removed or replaced. Please try again.";
        Error::new("ServiceUnavailable", message).status(503)
    }
}
