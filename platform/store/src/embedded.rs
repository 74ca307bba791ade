//! The embedded engine: a fjall tree in a directory.
//!
//! fjall brings the log-structured merge tree, its journal and its snapshots. Which transactions conflict is
//! decided here (`conflict.rs`), where commits are made one after the other (`committer.rs`), rather than by fjall's
//! `OptimisticTxDatabase`: that holds the lock under which transactions begin while it waits for the disk, so
//! that reads wait for writes, and it has no place for additions and stamps that are made at commit.
//!
//! ```text
//! DIR/lock    locked by the process that has the store open
//! DIR/kv/     fjall's
//! ```

mod committer;
mod expunge;
mod gaps;
mod open;
mod rows;
mod slot;

use crate::{
    Durability, Error, KeyRange, OpenError, Stamp,
    conflict::Reads,
    engine::{PAGE_BYTES, Page},
    overlay::Writes,
    snapshots::{Snapshot, Snapshots},
    watch::Hub,
};
use bytes::Bytes;
use committer::{Base, Queue, Request};
use fjall::{Guard, Keyspace, Readable};
use gaps::Gaps;
use open::Tree;
use rows::Rows;
use slot::Slot;
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// A store in a directory.
pub(crate) struct Embedded(Arc<Shared>);

/// Dropped from top to bottom, by whichever of the store and its transactions is the last.
struct Shared {
    queue: Queue,
    tree: Arc<Slot>,
    snapshots: Arc<Snapshots>,
    gaps: Arc<Gaps>,
    known: Arc<Rows>,
    /// fjall's directory.
    data: PathBuf,
    /// Held while what was deleted is removed from the files.
    expunging: Mutex<()>,
    /// Locked as long as it is open.
    _lock: File,
}

impl Embedded {
    pub(crate) fn open(directory: &Path, durability: Durability, hub: Arc<Hub>) -> Result<Self, OpenError> {
        let opened = open::open(directory)?;
        let snapshots = Snapshots::starting_at(opened.version);
        let gaps = Arc::new(Gaps::default());
        let known = Arc::new(Rows::default());
        let open::Opened { lock, tree, data, version } = opened;
        let tree = Arc::new(Slot::new(directory, tree));
        let parts = committer::Parts {
            tree: tree.clone(),
            version,
            durability,
            snapshots: snapshots.clone(),
            gaps: gaps.clone(),
            known: known.clone(),
            hub,
        };
        let queue = committer::start(parts).map_err(|error| {
            OpenError::new("cannot start the commit thread", error, "check the limit on threads (`ulimit -u`)")
        })?;
        let expunging = Mutex::default();
        Ok(Self(Arc::new(Shared { queue, tree, snapshots, gaps, known, data, expunging, _lock: lock })))
    }

    pub(crate) fn begin(&self) -> Result<View, Error> {
        let tree = self.0.tree.get()?;
        // The commit is noted first: the snapshot then contains at least everything up to it.
        let since = self.0.snapshots.open();
        Ok(View { rows: tree.database.snapshot(), tree, since, shared: self.0.clone() })
    }

    pub(crate) async fn advance(&self, version: u64) -> Result<(), Error> {
        let (request, answer) = Request::advance(version);
        self.0.queue.push(request)?;
        answer.await.map_err(|_| stopped()).flatten().map(drop)
    }
}

impl Embedded {
    /// Removes from the files what was deleted. It takes seconds, beside everything else.
    pub(crate) async fn expunge(&self) -> Result<(), Error> {
        let shared = self.0.clone();
        let work = move || {
            let _alone = shared.expunging.lock().unwrap_or_else(PoisonError::into_inner);
            shared.expunge()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Unavailable("the removal panicked".to_owned()))?
    }
}

/// The state after one commit, or a slightly later one. That only means that a transaction may conflict with
/// a commit whose changes it has seen.
///
/// Reads run on the calling thread: nearly all are answered by memory, and handing one to another thread costs
/// more than it takes.
pub(crate) struct View {
    rows: fjall::Snapshot,
    tree: Arc<Tree>,
    since: Snapshot,
    shared: Arc<Shared>,
}

impl View {
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Bytes>, Error> {
        if key.is_empty() {
            return Ok(None);
        }
        let since = self.since.since;
        if let Some(known) = self.shared.known.get(key, since) {
            return Ok(known);
        }
        let value = get(&self.rows, &self.tree.keyspace, key)?;
        if self.shared.known.report(key, value.as_ref(), since) {
            self.shared.queue.learn();
        }
        Ok(value)
    }

    pub(crate) fn range(&self, range: &KeyRange, limit: usize, reverse: bool) -> Result<Page, Error> {
        let since = self.since.since;
        let narrowed = self.shared.gaps.narrow(range, since, reverse);
        if narrowed.is_empty() {
            return Ok(Page::default());
        }
        let rows = self.rows.range(&self.tree.keyspace, narrowed.start.as_ref()..narrowed.end.as_ref());
        let page = match reverse {
            true => page(rows.rev(), limit)?,
            false => page(rows, limit)?,
        };
        self.shared.gaps.report(range, page.rows.first().map(|(key, _)| key), since, reverse);
        Ok(page)
    }

    pub(crate) async fn commit(
        self,
        reads: Reads,
        writes: Writes,
        durability: Durability,
    ) -> Result<Option<Stamp>, Error> {
        if writes.is_empty() {
            return Ok(None);
        }
        let View { rows, tree, since, shared } = self;
        drop(rows);
        let (request, answer) = Request::commit(Base { since, _tree: tree }, reads, writes, durability);
        shared.queue.push(request)?;
        match answer.await {
            Ok(result) => result.map(|version| Some(Stamp::of_commit(version))),
            Err(_) => Err(Error::CommitUnknown("the commit thread has stopped".to_owned())),
        }
    }

    pub(crate) fn newest_commit(&self) -> u64 {
        self.since.since
    }
}

fn get(rows: &fjall::Snapshot, keyspace: &Keyspace, key: &[u8]) -> Result<Option<Bytes>, Error> {
    Ok(rows.get(keyspace, key).map_err(failed)?.map(bytes))
}

fn page(mut rows: impl Iterator<Item = Guard>, limit: usize) -> Result<Page, Error> {
    let mut page = Page::default();
    let mut size = 0;
    while page.rows.len() < limit && size < PAGE_BYTES {
        let Some(row) = rows.next() else { return Ok(page) };
        let (key, value) = row.into_inner().map_err(failed)?;
        size += key.len() + value.len();
        page.rows.push((bytes(key), bytes(value)));
    }
    page.more = true;
    Ok(page)
}

/// Long values are kept where fjall has them; short ones are copied, which is cheaper.
fn bytes(slice: fjall::Slice) -> Bytes {
    const COPIED: usize = 2048;
    if slice.len() <= COPIED { Bytes::copy_from_slice(&slice) } else { Bytes::from_owner(slice) }
}

fn stopped() -> Error {
    Error::Unavailable("the commit thread has stopped".to_owned())
}

fn failed(error: fjall::Error) -> Error {
    Error::Unavailable(error.to_string())
}
