//! Removes from the files what was deleted from the store.
//!
//! A log-structured tree does not overwrite: a deleted value stays in the tables below its tombstone, and in the
//! journal that its writing went through, until these are replaced, which may be never. Here they are, at once:
//!
//! 1. The journal is rotated. fjall does so when a flush finds it long enough, so it is made long enough, by noise
//!    in a tree of its own. Everything is then flushed to tables, and fjall removes the old journals.
//! 2. The tables are compacted into new ones, without what is deleted or overwritten; fjall removes the old ones.
//!
//! That the files are gone is looked at, not believed.

use super::{
    Shared, failed,
    open::{MEMTABLE_BYTES, Tree},
};
use crate::Error;
use fjall::{Database, Keyspace, KeyspaceCreateOptions};
use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// A flush rotates the journal when it is longer than 64,000,000 bytes.
const JOURNAL_BYTES: usize = 64_000_000;
/// Bytes of noise in one value.
const NOISE_BYTES: usize = 500_000;
/// How long open transactions and fjall's workers are waited for.
const PATIENCE: Duration = Duration::from_secs(20);

impl Shared {
    /// Removes from the files what was deleted or overwritten by a commit that was answered before.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: a transaction from before is still open, or fjall is not done yet; try again later.
    pub(super) fn expunge(&self) -> Result<(), Error> {
        self.outlive_older_snapshots()?;
        let tree = self.tree.get()?;
        let journals = files(&self.data, "jnl");
        let noise = noise_tree(&tree.database).map_err(failed)?;
        let rotated = self.rotate(&tree, &noise, &journals);
        noise.clear().map_err(failed)?;
        rotated?;
        let tables = files(&tree.keyspace.path().join("tables"), "");
        tree.keyspace.major_compact().map_err(failed)?;
        self.until(|| gone(&tables), || flush(&noise))
    }

    /// Waits until no transaction reads a state from before now: fjall keeps what it may still want to see.
    fn outlive_older_snapshots(&self) -> Result<(), Error> {
        let newest = self.snapshots.visible();
        self.until(|| self.snapshots.oldest() >= newest, || Ok(()))
    }

    fn rotate(&self, tree: &Tree, noise: &Keyspace, journals: &[PathBuf]) -> Result<(), Error> {
        let value = incompressible();
        for _ in 0..JOURNAL_BYTES / NOISE_BYTES + 2 {
            noise.insert("noise", value.as_slice()).map_err(failed)?;
        }
        self.until(
            || gone(journals),
            || {
                tree.keyspace.rotate_memtable_and_wait()?;
                flush(noise)
            },
        )
    }

    /// Takes a step, again and again, until something holds.
    fn until(&self, holds: impl Fn() -> bool, step: impl Fn() -> fjall::Result<()>) -> Result<(), Error> {
        let began = Instant::now();
        while !holds() {
            if began.elapsed() > PATIENCE {
                return Err(Error::Unavailable("what was deleted is still read, or still being flushed".to_owned()));
            }
            step().map_err(failed)?;
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

/// A tree for what is written to make the journal longer.
fn noise_tree(database: &Database) -> fjall::Result<Keyspace> {
    database.keyspace("noise", || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES))
}

/// Flushes the tree, after which fjall looks which journals and tables are needed no more.
fn flush(noise: &Keyspace) -> fjall::Result<()> {
    noise.insert("flush", "")?;
    noise.rotate_memtable_and_wait()
}

/// Bytes that cannot be compressed. They are no secret: xorshift64.
fn incompressible() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let words = (0..NOISE_BYTES / 8).flat_map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.collect()
}

/// The files in a directory with this extension.
fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.filter(|path| path.extension().unwrap_or_default() == extension).collect()
}

fn gone(files: &[PathBuf]) -> bool {
    files.iter().all(|file| !file.exists())
}
