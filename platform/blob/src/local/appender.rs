//! The one thread that appends to segments.
//!
//! It writes every record that waits, waits for the disk once, and answers. While it waits for the disk the next
//! records gather. When there is only one, it does not wait for others.

use super::{
    need_room,
    record::{ALIGN, HEADER, Kind, Record},
    segments::Segments,
};
use crate::{BlobId, Error, reference::Position};
use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
};
use tokio::sync::oneshot;

/// A segment that has grown to this many bytes is left, and the next one begun.
const SEGMENT: u64 = 64 * 1024 * 1024;
/// Most records that are written before the wait for the disk.
const BATCH: usize = 256;

type Answer = oneshot::Sender<Result<Position, Error>>;

enum Request {
    Append(Vec<u8>, Answer),
    /// Leave the segment; the next record begins the segment after this position.
    GoTo(Position, oneshot::Sender<()>),
}

/// The records that wait. Dropping it finishes them and ends the thread.
pub(super) struct Appender {
    sender: Option<Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Appender {
    /// Continues the segment `active`, or begins the next one.
    pub(super) fn start(segments: Arc<Segments>, active: Option<u32>) -> io::Result<Self> {
        let (sender, receiver) = channel();
        let active = active.map(|segment| segments.file(segment)).transpose()?;
        let end = segments.end();
        let run = move || Tail { segments, active, end }.run(&receiver);
        let thread = thread::Builder::new().name("welkin-blob".to_owned()).spawn(run)?;
        Ok(Self { sender: Some(sender), thread: Some(thread) })
    }

    /// Appends a record; its header is made here, in the room that was left for it.
    pub(super) async fn append(&self, id: BlobId, mut record: Vec<u8>) -> Result<Position, Error> {
        let framed = (record.len() - HEADER) as u64;
        record.resize(record.len().next_multiple_of(ALIGN), 0);
        let header = Record { kind: Kind::Blob, id, span: record.len() as u64, framed };
        record[..HEADER].copy_from_slice(&header.encode());
        let (answer, outcome) = oneshot::channel();
        let stopped = || Error::Unavailable("the thread that writes blobs has stopped".to_owned());
        let sender = self.sender.as_ref().ok_or_else(stopped)?;
        sender.send(Request::Append(record, answer)).map_err(|_| stopped())?;
        outcome.await.map_err(|_| stopped())?
    }

    /// Finishes what was asked before, and goes to `end`: the next record begins the segment after it. Waits.
    pub(super) fn go_to(&self, end: Position) -> io::Result<()> {
        let (done, outcome) = oneshot::channel();
        let stopped = || io::Error::other("the thread that writes blobs has stopped");
        let sender = self.sender.as_ref().ok_or_else(stopped)?;
        sender.send(Request::GoTo(end, done)).map_err(|_| stopped())?;
        outcome.blocking_recv().map_err(|_| stopped())
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        drop(self.sender.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes blobs panicked");
        }
    }
}

/// The end of the last segment.
struct Tail {
    segments: Arc<Segments>,
    active: Option<Arc<File>>,
    end: Position,
}

impl Tail {
    fn run(&mut self, receiver: &Receiver<Request>) {
        let mut batch = Vec::new();
        while let Ok(first) = receiver.recv() {
            for request in std::iter::once(first).chain(receiver.try_iter()).take(BATCH) {
                match request {
                    Request::Append(record, answer) => batch.push((record, answer)),
                    Request::GoTo(end, done) => {
                        self.append(batch.drain(..));
                        self.go_to(end);
                        let _ = done.send(());
                    }
                }
            }
            self.append(batch.drain(..));
        }
    }

    fn go_to(&mut self, end: Position) {
        self.active = None;
        self.end = end;
        self.segments.set_end(end);
    }

    fn append(&mut self, requests: impl Iterator<Item = (Vec<u8>, Answer)>) {
        let mut written: Vec<(Answer, Position)> = Vec::new();
        for (record, answer) in requests {
            match self.write(&record) {
                Ok(position) => written.push((answer, position)),
                Err(error) => drop(answer.send(Err(error.into()))),
            }
        }
        let synced = match &self.active {
            Some(file) if !written.is_empty() => file.sync_data(),
            _ => Ok(()),
        };
        if let Err(error) = &synced {
            // What the kernel has dropped cannot be synced again: nothing more goes to this file.
            tracing::error!(%error, segment = self.end.segment, "a segment cannot be written to disk");
            self.active = None;
        }
        self.segments.set_end(self.end);
        for (answer, position) in written {
            // Whoever asked may have gone away; a sweep finds the blob.
            let _ = answer.send(match &synced {
                Ok(()) => Ok(position),
                Err(error) => Err(Error::from(io::Error::from(error.kind()))),
            });
        }
        if self.end.offset >= SEGMENT {
            self.active = None;
        }
    }

    fn write(&mut self, record: &[u8]) -> io::Result<Position> {
        need_room(self.segments.folder())?;
        let file = self.file()?;
        let position = self.end;
        if let Err(error) = file.write_all_at(record, position.offset) {
            // Gives back what part of it found room; the next record overwrites it otherwise.
            let _ = file.set_len(position.offset);
            return Err(error);
        }
        self.end.offset += record.len() as u64;
        Ok(position)
    }

    fn file(&mut self) -> io::Result<Arc<File>> {
        if let Some(file) = &self.active {
            return Ok(file.clone());
        }
        let segment = self.end.segment.checked_add(1).ok_or(io::ErrorKind::StorageFull)?;
        let file = self.segments.create(segment)?;
        self.end = Position { segment, offset: 0 };
        self.active = Some(file.clone());
        Ok(file)
    }
}
