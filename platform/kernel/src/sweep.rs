//! Removes blobs that nothing refers to: those of calls that failed, or were killed, after their bytes were stored;
//! and, from the files of the store, what was deleted.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use welkin_blob::{BlobId, Swept, references};
use welkin_store::{KeyBuilder, KeyRange, RangeOptions};

use crate::resource::family;
use crate::{Kernel, Result};

/// When the first sweep of a process begins after its start, by the machine's clock.
const FIRST: Duration = Duration::from_secs(60);
/// How long after a sweep the next one begins.
const EVERY: Duration = Duration::from_secs(24 * 3600);
/// How long calls of other processes on a shared store have between storing bytes and committing.
const GRACE: Duration = Duration::from_secs(3600);
/// Rows that are read at once.
const PAGE: usize = 1000;

impl Kernel {
    /// Removes blobs that nothing refers to, now and then, for ever.
    pub async fn run_sweeps(self: Arc<Self>) {
        tokio::time::sleep(FIRST).await;
        loop {
            match self.sweep().await {
                Ok(swept) if swept.blobs > 0 => {
                    tracing::info!(
                        blobs = swept.blobs,
                        bytes = swept.bytes,
                        "blobs were removed that nothing refers to"
                    );
                }
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "blobs cannot be swept"),
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Removes every blob that nothing refers to. Calls and jobs go on; what they store is left alone. Where other
    /// processes share the store it takes an hour, in which their calls end.
    ///
    /// # Errors
    /// When a store fails; what was removed stays removed.
    pub async fn sweep(&self) -> Result<Swept> {
        let mark = self.blobs().mark().await?;
        self.gate.everyone_has_left().await;
        if self.store().is_shared() {
            tokio::time::sleep(GRACE).await;
        }
        let live = self.referenced().await?;
        Ok(self.blobs().sweep(&mark, move |id| live.contains(id)).await?)
    }

    /// Removes from the store's files what was deleted or overwritten by calls that were answered before: see
    /// [`welkin_store::Store::expunge`]. Returns whether the store's engine can do that.
    ///
    /// # Errors
    /// Not now: an older transaction is still open, or the disk fails.
    pub async fn expunge(&self) -> Result<bool> {
        Ok(self.store().expunge().await?)
    }

    /// Every blob that a resource or a job refers to, as of one moment: 16 bytes of memory for each, and some.
    async fn referenced(&self) -> Result<HashSet<BlobId>> {
        let mut found = HashSet::new();
        self.each_row(|_, stored| found.extend(references(stored))).await?;
        Ok(found)
    }

    /// Shows every row that may refer to a blob, as of one moment.
    pub(crate) async fn each_row(&self, mut visit: impl FnMut(&Bytes, &[u8])) -> Result<()> {
        let mut transaction = self.store().begin().await?;
        for family in [family::GLOBAL, family::ACCOUNT, family::JOBS] {
            let mut range = KeyRange::prefix(KeyBuilder::new().u64(family).build());
            loop {
                let rows = transaction.range_snapshot(range.clone(), RangeOptions::limit(PAGE)).await?;
                rows.iter().for_each(|(key, stored)| visit(key, stored));
                let Some((last, _)) = rows.last().filter(|_| rows.len() == PAGE) else { break };
                // The least key after the last one.
                range = KeyRange::new([last.as_ref(), &[0]].concat(), range.end.clone());
            }
        }
        Ok(())
    }
}
