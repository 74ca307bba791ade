//! Deletions that wait for an export.

use crate::{BlobRef, BlobStore};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// While one of these lives, no blob goes away: deletions wait for its end, and sweeps find nothing.
///
/// Take it before the snapshot of the state whose blobs are to be read, and drop it after the last one was.
#[must_use = "blobs are held only as long as this lives"]
#[derive(Debug)]
pub struct Hold(BlobStore);

/// What is held in one store.
#[derive(Debug, Default)]
pub(crate) struct Holds(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    holders: usize,
    /// Blobs to be deleted when nobody holds them. A crash forgets them; the next sweep does not.
    waiting: Vec<BlobRef>,
}

impl Holds {
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether anyone holds the blobs.
    pub(crate) fn any(&self) -> bool {
        self.lock().holders > 0
    }

    /// Puts a deletion off, if anyone holds the blobs.
    pub(crate) fn put_off(&self, blob: &BlobRef) -> bool {
        let mut held = self.lock();
        if held.holders > 0 {
            held.waiting.push(blob.clone());
        }
        held.holders > 0
    }
}

impl Hold {
    pub(crate) fn of(blobs: &BlobStore) -> Self {
        blobs.holds.lock().holders += 1;
        Self(blobs.clone())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = self.0.holds.lock();
        held.holders -= 1;
        if held.holders > 0 || held.waiting.is_empty() {
            return;
        }
        let waiting = std::mem::take(&mut held.waiting);
        drop(held);
        let blobs = self.0.clone();
        // Without a runtime the program is ending; the next sweep deletes them.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                for blob in waiting {
                    match blobs.delete(&blob).await {
                        Ok(()) | Err(crate::Error::NotFound(_)) => {}
                        Err(error) => tracing::warn!(id = %blob.id(), %error, "a blob is left to the next sweep"),
                    }
                }
            });
        }
    }
}
