//! The one place that commits, and the thread that does it where the disk is waited for.
//!
//! The thread takes every transaction that waits, refuses those that conflict, makes one batch of the rest, writes it
//! to the journal, waits for the disk once, and only then makes it visible and answers. While it waits for the disk
//! the next transactions gather. When there is only one, it does not wait for others: group commit without delay.
//! A transaction therefore never reads what a power failure could take back.
//!
//! A transaction that does not wait for the disk is committed by whoever asks, unless somebody commits already:
//! handing it to the thread and the answer back takes longer than the commit.

use super::{
    failed,
    gaps::Gaps,
    open::{self, Tree},
    rows::Rows,
    slot::Slot,
    stopped,
};
use crate::{
    Durability, Error, KeyRange,
    batch::{self, Batch},
    chunk,
    conflict::{Reads, Recent},
    overlay::Writes,
    snapshots::{Snapshot, Snapshots},
    watch::Hub,
};
use bytes::Bytes;
use fjall::{OwnedWriteBatch, PersistMode, Readable};
use std::{
    cell::OnceCell,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, TryLockError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// Most transactions in one batch.
const BATCH: usize = 1024;
/// Commit numbers that are reserved at a time.
const RESERVED_VERSIONS: u64 = 1 << 20;
/// How often one looks whether a failed tree is read no more.
const LOOK: Duration = Duration::from_millis(10);
/// How long after a failure to open the tree it is tried again.
const RETRY: Duration = Duration::from_secs(1);

type Answer = oneshot::Sender<Result<u64, Error>>;

type Outcome = oneshot::Receiver<Result<u64, Error>>;

/// What a transaction has read from. Its snapshot is held until the decision, so that the changes it has to be
/// compared with are remembered; the tree, so that it is not opened again in between.
pub(super) struct Base {
    pub(super) since: Snapshot,
    pub(super) _tree: Arc<Tree>,
}

/// What is asked for.
pub(super) struct Request {
    wish: Wish,
    answer: Answer,
}

enum Wish {
    /// To commit a transaction.
    Commit { base: Base, reads: Reads, writes: Writes, durability: Durability },
    /// To give greater numbers than this from now on.
    Advance(u64),
}

impl Request {
    pub(super) fn commit(base: Base, reads: Reads, writes: Writes, durability: Durability) -> (Self, Outcome) {
        Self::new(Wish::Commit { base, reads, writes, durability })
    }

    pub(super) fn advance(version: u64) -> (Self, Outcome) {
        Self::new(Wish::Advance(version))
    }

    fn new(wish: Wish) -> (Self, Outcome) {
        let (answer, outcome) = oneshot::channel();
        (Self { wish, answer }, outcome)
    }

    /// Whether the disk is waited for, where commits wait for it at all.
    fn waits(&self) -> bool {
        matches!(self.wish, Wish::Commit { durability: Durability::Fsync, .. })
    }
}

/// The transactions that wait. When the last handle is dropped, the thread finishes them and ends.
pub(super) struct Queue {
    committer: Arc<Mutex<Committer>>,
    sender: Option<Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Queue {
    /// Does what is asked for, or has the thread do it.
    pub(super) fn push(&self, request: Request) -> Result<(), Error> {
        let mut committer = match self.committer.try_lock() {
            Ok(committer) => committer,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return self.send(request),
        };
        if committer.failed || (request.waits() && committer.durability == Durability::Fsync) {
            drop(committer);
            return self.send(request);
        }
        if committer.commit(std::iter::once(request)).is_err() {
            // Any request wakes the thread, which then opens the tree again.
            self.send(Request::advance(0).0)?;
        }
        Ok(())
    }

    /// Takes over what reads have reported, unless somebody commits already, who does it.
    pub(super) fn learn(&self) {
        if let Ok(committer) = self.committer.try_lock() {
            committer.known.learn(&committer.recent);
        }
    }

    fn send(&self, request: Request) -> Result<(), Error> {
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

/// What is worked with.
pub(super) struct Parts {
    pub(super) tree: Arc<Slot>,
    /// No commit has a greater number.
    pub(super) version: u64,
    /// The most that any commit waits for.
    pub(super) durability: Durability,
    pub(super) snapshots: Arc<Snapshots>,
    pub(super) gaps: Arc<Gaps>,
    pub(super) known: Arc<Rows>,
    pub(super) hub: Arc<Hub>,
}

pub(super) fn start(parts: Parts) -> io::Result<Queue> {
    let (sender, receiver) = channel();
    let committer = Arc::new(Mutex::new(Committer::new(parts)));
    let shared = committer.clone();
    let thread = thread::Builder::new().name("welkin-commit".to_owned()).spawn(move || run(&shared, &receiver))?;
    Ok(Queue { committer, sender: Some(sender), thread: Some(thread) })
}

/// The thread: commits what waits, until the store is closed.
fn run(committer: &Mutex<Committer>, receiver: &Receiver<Request>) {
    while let Ok(first) = receiver.recv() {
        let requests = std::iter::once(first).chain(receiver.try_iter()).take(BATCH);
        let mut committer = lock(committer);
        match committer.failed {
            true => refuse(requests, &unavailable()),
            false => drop(committer.commit(requests)),
        }
        if committer.failed && !committer.heal(receiver) {
            return;
        }
    }
}

/// A panic while it was held has answered nobody, and left what was decided by then as it was.
fn lock(committer: &Mutex<Committer>) -> MutexGuard<'_, Committer> {
    committer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the tree may hold values in pieces.
fn has_long_values(tree: &Arc<Tree>) -> bool {
    let pieces = batch::Base::keys(&newest(tree), &chunk::all_pieces(), 1);
    !pieces.is_ok_and(|pieces| pieces.is_empty())
}

struct Committer {
    tree: Arc<Slot>,
    durability: Durability,
    snapshots: Arc<Snapshots>,
    gaps: Arc<Gaps>,
    known: Arc<Rows>,
    hub: Arc<Hub>,
    recent: Recent,
    /// The newest commit.
    version: u64,
    /// Commit numbers up to this one are reserved on disk.
    ceiling: u64,
    /// Whether the store may hold values in pieces.
    long_values: bool,
    /// Whether the tree takes no more writes.
    failed: bool,
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
    fn new(Parts { tree, version, durability, snapshots, gaps, known, hub }: Parts) -> Self {
        let long_values = tree.get().map_or(true, |tree| has_long_values(&tree));
        let recent = Recent::default();
        Self {
            tree,
            durability,
            snapshots,
            gaps,
            known,
            hub,
            recent,
            version,
            ceiling: version,
            long_values,
            failed: false,
        }
    }

    /// Commits what does not conflict; `Err` if the tree takes no more writes.
    fn commit(&mut self, requests: impl Iterator<Item = Request>) -> fjall::Result<()> {
        let tree = match self.tree.get() {
            Ok(tree) => tree,
            Err(error) => {
                refuse(requests, &error);
                return Ok(());
            }
        };
        let mut batch = Batch::default();
        let mut accepted = Vec::new();
        let base = newest(&tree);
        self.gaps.learn(&self.recent);
        self.known.learn(&self.recent);
        for request in requests {
            self.decide(request, &base, &mut batch, &mut accepted);
        }
        if accepted.is_empty() {
            return Ok(());
        }
        self.long_values |= batch.has_long_values();
        let sync = self.durability == Durability::Fsync && accepted.iter().any(|one| one.sync);
        if let Err(error) = self.write(&tree, batch, sync) {
            tracing::error!(
                %error,
                hint = "look after the disk, and free some space if it is full; the store is opened again by itself",
                "the journal cannot be written"
            );
            for one in accepted {
                let _ = one.answer.send(Err(Error::CommitUnknown(error.to_string())));
            }
            self.failed = true;
            return Err(error);
        }
        self.snapshots.publish(self.version);
        for one in accepted {
            self.hub.changed(&one.touched);
            // Whoever asked may have gone away; the commit stands.
            let _ = one.answer.send(Ok(one.version));
        }
        self.recent.forget(self.snapshots.oldest());
        Ok(())
    }

    /// Opens the tree again once nobody reads it, and refuses meanwhile; `false` if the store is closed before.
    fn heal(&mut self, receiver: &Receiver<Request>) -> bool {
        let Some(failed) = self.tree.take() else { return true };
        while Arc::strong_count(&failed) > 1 {
            if !refuse_for(LOOK, receiver) {
                return false;
            }
        }
        drop(failed);
        loop {
            match self.tree.open() {
                Ok((tree, version)) => {
                    // What the failed commit left on disk may be there now.
                    self.version = self.version.max(version) + 1;
                    self.ceiling = version;
                    self.recent = Recent::default();
                    self.gaps.clear();
                    self.known.clear();
                    self.long_values = has_long_values(&tree);
                    self.failed = false;
                    self.snapshots.publish(self.version);
                    self.tree.put(tree);
                    self.hub.changed_all();
                    tracing::warn!("the store is open again; everything that was acknowledged is there");
                    return true;
                }
                Err(error) => {
                    tracing::error!(%error, "the store cannot be opened again yet");
                    if !refuse_for(RETRY, receiver) {
                        return false;
                    }
                }
            }
        }
    }

    /// Adds a transaction to the batch, or refuses it.
    fn decide(&mut self, request: Request, newest: &Newest, batch: &mut Batch, accepted: &mut Vec<Accepted>) {
        let Request { wish, answer } = request;
        let (base, reads, writes, durability) = match wish {
            Wish::Commit { base, reads, writes, durability } => (base, reads, writes, durability),
            Wish::Advance(version) => {
                self.version = self.version.max(version);
                let _ = answer.send(Ok(self.version));
                return;
            }
        };
        if self.recent.conflicts(base.since.since, &reads) {
            let _ = answer.send(Err(Error::Conflict));
            return;
        }
        let sync = durability == Durability::Fsync;
        if !self.tree.has_room(sync) {
            let _ = answer.send(Err(Error::Full));
            return;
        }
        let version = self.version + 1;
        match batch.apply(newest, self.long_values, writes, version) {
            Ok(touched) => {
                self.version = version;
                self.recent.record(version, &touched);
                accepted.push(Accepted { answer, version, touched, sync });
            }
            Err(error) => drop(answer.send(Err(error))),
        }
    }

    fn write(&mut self, tree: &Tree, mut batch: Batch, sync: bool) -> fjall::Result<()> {
        if self.version >= self.ceiling {
            self.ceiling = self.version + RESERVED_VERSIONS;
            batch.insert(Bytes::from_static(&open::CEILING_KEY), Bytes::copy_from_slice(&self.ceiling.to_be_bytes()));
        }
        let entries = batch.into_entries();
        self.gaps.fill(entries.iter().filter(|(_, value)| value.is_some()).map(|(key, _)| key));
        self.known.replace(entries.iter(), self.version);
        let mut deleted = Vec::new();
        let mut write = OwnedWriteBatch::with_capacity(tree.database.clone(), entries.len());
        for (key, value) in entries {
            match value {
                Some(value) => write.insert(&tree.keyspace, key.as_ref(), value.as_ref()),
                None => {
                    write.remove(&tree.keyspace, key.as_ref());
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

/// Refuses what comes for a while; `false` if the store is closed.
fn refuse_for(time: Duration, receiver: &Receiver<Request>) -> bool {
    let until = Instant::now() + time;
    loop {
        match receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(request) => {
                refuse(std::iter::once(request), &unavailable());
            }
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

fn refuse(requests: impl Iterator<Item = Request>, error: &Error) {
    for request in requests {
        let _ = request.answer.send(Err(error.clone()));
    }
}

fn unavailable() -> Error {
    Error::Unavailable("the disk has failed".to_owned())
}

/// The newest state of the tree, as of the first look at it: most commits need none.
struct Newest {
    rows: OnceCell<fjall::Snapshot>,
    tree: Arc<Tree>,
}

fn newest(tree: &Arc<Tree>) -> Newest {
    Newest { rows: OnceCell::new(), tree: tree.clone() }
}

impl Newest {
    fn rows(&self) -> &fjall::Snapshot {
        self.rows.get_or_init(|| self.tree.database.snapshot())
    }
}

impl batch::Base for Newest {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>, Error> {
        super::get(self.rows(), &self.tree.keyspace, key)
    }

    fn keys(&self, range: &KeyRange, limit: usize) -> Result<Vec<Bytes>, Error> {
        let rows = self.rows().range(&self.tree.keyspace, range.start.as_ref()..range.end.as_ref());
        rows.take(limit).map(|row| Ok(Bytes::copy_from_slice(&row.key().map_err(failed)?))).collect()
    }
}
