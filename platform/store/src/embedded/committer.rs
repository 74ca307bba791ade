//! The one thread that commits.
//!
//! It takes every transaction that waits, refuses those that conflict, makes one batch of the rest, writes it to
//! the journal, waits for the disk once, and only then makes it visible and answers. While it waits for the disk
//! the next transactions gather. When there is only one, it does not wait for others: group commit without delay.
//! A transaction therefore never reads what a power failure could take back.

use super::{failed, gaps::Gaps, open, stopped};
use crate::{
    Durability, Error, KeyRange,
    batch::{Base, Batch},
    chunk,
    conflict::{Reads, Recent},
    overlay::Writes,
    snapshots::{Snapshot, Snapshots},
    watch::Hub,
};
use bytes::Bytes;
use fjall::{Database, Keyspace, OwnedWriteBatch, PersistMode, Readable};
use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
};
use tokio::sync::oneshot;

/// Most transactions in one batch.
const BATCH: usize = 1024;
/// Commit numbers that are reserved at a time.
const RESERVED_VERSIONS: u64 = 1 << 20;

type Answer = oneshot::Sender<Result<u64, Error>>;

type Outcome = oneshot::Receiver<Result<u64, Error>>;

/// What is asked of the thread.
pub(super) struct Request {
    wish: Wish,
    answer: Answer,
}

enum Wish {
    /// To commit a transaction. Its snapshot is held until the decision, so that the changes it has to be compared
    /// with are remembered.
    Commit { since: Snapshot, reads: Reads, writes: Writes, durability: Durability },
    /// To give greater numbers than this from now on.
    Advance(u64),
}

impl Request {
    pub(super) fn commit(since: Snapshot, reads: Reads, writes: Writes, durability: Durability) -> (Self, Outcome) {
        Self::new(Wish::Commit { since, reads, writes, durability })
    }

    pub(super) fn advance(version: u64) -> (Self, Outcome) {
        Self::new(Wish::Advance(version))
    }

    fn new(wish: Wish) -> (Self, Outcome) {
        let (answer, outcome) = oneshot::channel();
        (Self { wish, answer }, outcome)
    }
}

/// The transactions that wait. When the last handle is dropped, the thread finishes them and ends.
pub(super) struct Queue {
    sender: Option<Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Queue {
    pub(super) fn push(&self, request: Request) -> Result<(), Error> {
        self.sender.as_ref().ok_or_else(stopped)?.send(request).map_err(|_| stopped())
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        drop(self.sender.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the commit thread panicked");
        }
    }
}

pub(super) fn start(
    opened: &open::Opened,
    durability: Durability,
    snapshots: Arc<Snapshots>,
    gaps: Arc<Gaps>,
    hub: Arc<Hub>,
) -> io::Result<Queue> {
    let (sender, receiver) = channel();
    let (database, keyspace) = (opened.database.clone(), opened.keyspace.clone());
    let version = opened.version;
    let run = move || {
        let pieces = newest(&database, &keyspace).keys(&chunk::all_pieces(), 1);
        let mut committer = Committer {
            database,
            keyspace,
            durability,
            snapshots,
            gaps,
            hub,
            recent: Recent::default(),
            version,
            ceiling: version,
            long_values: !pieces.is_ok_and(|pieces| pieces.is_empty()),
        };
        committer.run(&receiver);
    };
    let thread = thread::Builder::new().name("welkin-commit".to_owned()).spawn(run)?;
    Ok(Queue { sender: Some(sender), thread: Some(thread) })
}

struct Committer {
    database: Database,
    keyspace: Keyspace,
    /// The most that any commit waits for.
    durability: Durability,
    snapshots: Arc<Snapshots>,
    gaps: Arc<Gaps>,
    hub: Arc<Hub>,
    recent: Recent,
    /// The newest commit.
    version: u64,
    /// Commit numbers up to this one are reserved on disk.
    ceiling: u64,
    /// Whether the store may hold values in pieces.
    long_values: bool,
}

/// A transaction that is part of the batch.
struct Accepted {
    answer: Answer,
    version: u64,
    touched: Vec<Bytes>,
    /// Whether it waits for the disk.
    sync: bool,
}

impl Committer {
    fn run(&mut self, receiver: &Receiver<Request>) {
        while let Ok(first) = receiver.recv() {
            let requests = std::iter::once(first).chain(receiver.try_iter()).take(BATCH);
            self.commit(requests);
        }
    }

    fn commit(&mut self, requests: impl Iterator<Item = Request>) {
        let mut batch = Batch::default();
        let mut accepted = Vec::new();
        let base = newest(&self.database, &self.keyspace);
        self.gaps.learn(&self.recent);
        for request in requests {
            self.decide(request, &base, &mut batch, &mut accepted);
        }
        if accepted.is_empty() {
            return;
        }
        self.long_values |= batch.has_long_values();
        let sync = self.durability == Durability::Fsync && accepted.iter().any(|one| one.sync);
        if let Err(error) = self.write(batch, sync) {
            tracing::error!(%error, "the journal cannot be written: the store refuses further commits");
            for one in accepted {
                let _ = one.answer.send(Err(Error::CommitUnknown(error.to_string())));
            }
            return;
        }
        self.snapshots.publish(self.version);
        for one in accepted {
            self.hub.changed(&one.touched);
            // Whoever asked may have gone away; the commit stands.
            let _ = one.answer.send(Ok(one.version));
        }
        self.recent.forget(self.snapshots.oldest());
    }

    /// Adds a transaction to the batch, or refuses it.
    fn decide(&mut self, request: Request, base: &Newest, batch: &mut Batch, accepted: &mut Vec<Accepted>) {
        let Request { wish, answer } = request;
        let (since, reads, writes, durability) = match wish {
            Wish::Commit { since, reads, writes, durability } => (since, reads, writes, durability),
            Wish::Advance(version) => {
                self.version = self.version.max(version);
                let _ = answer.send(Ok(self.version));
                return;
            }
        };
        if self.recent.conflicts(since.since, &reads) {
            let _ = answer.send(Err(Error::Conflict));
            return;
        }
        let version = self.version + 1;
        match batch.apply(base, self.long_values, writes, version) {
            Ok(touched) => {
                self.version = version;
                self.recent.record(version, &touched);
                let sync = durability == Durability::Fsync;
                accepted.push(Accepted { answer, version, touched, sync });
            }
            Err(error) => drop(answer.send(Err(error))),
        }
    }

    fn write(&mut self, mut batch: Batch, sync: bool) -> fjall::Result<()> {
        if self.version >= self.ceiling {
            self.ceiling = self.version + RESERVED_VERSIONS;
            batch.insert(Bytes::from_static(&open::CEILING_KEY), Bytes::copy_from_slice(&self.ceiling.to_be_bytes()));
        }
        let entries = batch.into_entries();
        self.gaps.fill(entries.iter().filter(|(_, value)| value.is_some()).map(|(key, _)| key));
        let mut deleted = Vec::new();
        let mut write = OwnedWriteBatch::with_capacity(self.database.clone(), entries.len());
        for (key, value) in entries {
            match value {
                Some(value) => write.insert(&self.keyspace, key.as_ref(), value.as_ref()),
                None => {
                    write.remove(&self.keyspace, key.as_ref());
                    deleted.push(key);
                }
            }
        }
        let persist = if sync { PersistMode::SyncAll } else { PersistMode::Buffer };
        write.durability(Some(persist)).commit()?;
        self.gaps.extend(deleted.iter(), self.version);
        Ok(())
    }
}

/// The newest state of the tree.
struct Newest {
    rows: fjall::Snapshot,
    keyspace: Keyspace,
}

fn newest(database: &Database, keyspace: &Keyspace) -> Newest {
    Newest { rows: database.snapshot(), keyspace: keyspace.clone() }
}

impl Base for Newest {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, Error> {
        super::get(&self.rows, &self.keyspace, key)
    }

    fn keys(&self, range: &KeyRange, limit: usize) -> Result<Vec<Bytes>, Error> {
        let rows = self.rows.range(&self.keyspace, range.start.as_ref()..range.end.as_ref());
        rows.take(limit).map(|row| Ok(Bytes::copy_from_slice(&row.key().map_err(failed)?))).collect()
    }
}
