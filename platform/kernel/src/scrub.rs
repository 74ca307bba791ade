//! Looks for what is damaged, lost or left over among the stored bytes.

use std::collections::{HashMap, HashSet};
use std::fmt;

use bytes::Bytes;
use welkin_blob::{BlobId, BlobRef, Scrubbed, references, whole_references};

use crate::{Kernel, Result, resource};

/// What a scrub of the state and its blobs found.
#[derive(Debug, Default)]
pub struct Scrub {
    /// The number of blobs that were read.
    pub blobs: u64,
    /// Their bytes, as stored.
    pub bytes: u64,
    /// Blobs that something refers to, and whose bytes are not those that were written.
    pub damaged: Vec<Trouble>,
    /// Blobs that something refers to, and that are not there.
    pub lost: Vec<Trouble>,
    /// Blobs that nothing refers to; the next sweep removes them. `None` where other processes share the state,
    /// whose calls may be about to refer to them.
    pub orphaned: Option<Vec<BlobId>>,
    /// Files and objects of which a part cannot be told to be anything.
    pub illegible: Vec<String>,
}

/// A blob that cannot be read, and what it is a part of.
#[derive(Debug)]
pub struct Trouble {
    /// The blob.
    pub blob: BlobId,
    /// The key of the row that refers to it, for people to read; nothing, if none does.
    pub row: String,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row.as_str() {
            "" => write!(f, "blob {}, which nothing refers to", self.blob),
            row => write!(f, "blob {} of {row}", self.blob),
        }
    }
}

/// What refers to blobs, as of one moment.
#[derive(Default)]
struct Referred {
    ids: HashSet<BlobId>,
    /// References to what was not found intact.
    doubtful: Vec<(Bytes, BlobRef)>,
}

impl Kernel {
    /// Reads every blob, verifies its checksums, and holds what is there against what is referred to. Calls and
    /// jobs go on.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn scrub(&self) -> Result<Scrub> {
        let found = self.blobs().scrub().await?;
        // Who had finished a blob by then has committed a reference to it by now, or never will.
        self.gate.everyone_has_left().await;
        let referred = self.referred(&found).await?;
        let mut scrub =
            Scrub { blobs: found.blobs, bytes: found.bytes, illegible: found.illegible.clone(), ..Scrub::default() };
        self.confirm(referred.doubtful, &mut scrub).await?;
        for blob in found.damaged.iter().filter(|blob| !referred.ids.contains(blob)) {
            scrub.damaged.push(Trouble { blob: *blob, row: String::new() });
        }
        if !self.store().is_shared() {
            scrub.orphaned = Some(self.orphans(&found, &referred.ids).await?);
        }
        Ok(scrub)
    }

    async fn referred(&self, found: &Scrubbed) -> Result<Referred> {
        let mut referred = Referred::default();
        self.each_row(|key, stored| {
            referred.ids.extend(references(stored));
            let doubtful = whole_references(stored).filter(|blob| !found.is_intact(blob));
            referred.doubtful.extend(doubtful.map(|blob| (key.clone(), blob)));
        })
        .await?;
        Ok(referred)
    }

    /// Looks again at blobs that were not found intact: some were written, and some were freed, meanwhile.
    async fn confirm(&self, doubtful: Vec<(Bytes, BlobRef)>, scrub: &mut Scrub) -> Result<()> {
        let mut bad = HashMap::new();
        for (_, blob) in &doubtful {
            if bad.contains_key(&blob.id()) {
                continue;
            }
            match self.blobs().verify(blob).await {
                Ok(()) => {}
                Err(error @ (welkin_blob::Error::NotFound(_) | welkin_blob::Error::Damaged(_))) => {
                    bad.insert(blob.id(), error);
                }
                Err(error) => return Err(error.into()),
            }
        }
        if bad.is_empty() {
            return Ok(());
        }
        // Who has freed a blob has removed the reference to it by then.
        self.gate.everyone_has_left().await;
        let mut transaction = self.store().begin().await?;
        for (key, blob) in doubtful {
            let Some(error) = bad.get(&blob.id()) else { continue };
            let stored = transaction.get_snapshot(&key).await?;
            if !stored.is_some_and(|stored| references(&stored).any(|id| id == blob.id())) {
                continue;
            }
            let trouble = Trouble { blob: blob.id(), row: resource::tell(&key) };
            match error {
                welkin_blob::Error::NotFound(_) => scrub.lost.push(trouble),
                _ => scrub.damaged.push(trouble),
            }
        }
        Ok(())
    }

    /// Blobs that were found, are still there, and that nothing refers to.
    async fn orphans(&self, found: &Scrubbed, referred: &HashSet<BlobId>) -> Result<Vec<BlobId>> {
        let mut orphans = Vec::new();
        for blob in found.found().filter(|blob| !referred.contains(&blob.id())) {
            match self.blobs().verify(&blob).await {
                Err(welkin_blob::Error::NotFound(_)) => {}
                Ok(()) | Err(welkin_blob::Error::Damaged(_)) => orphans.push(blob.id()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(orphans)
    }
}
