//! Writing a blob.

use crate::{
    BlobId, BlobRef, Error,
    frame::Framer,
    local::{Large, Local, RECORD_HEADER},
    objects::{Objects, Upload},
    reference::Place,
};
use bytes::Bytes;
use std::sync::Arc;

/// Up to this length a blob shares a segment with others, in bytes.
const SHARED: u64 = 1024 * 1024;
/// A large blob is written in pieces of this many bytes, about.
const PIECE: usize = 1024 * 1024;
/// A large object is uploaded in parts of this many bytes, which is the least that S3 takes.
const PART: usize = 5 * 1024 * 1024;

/// Where a blob is written to.
pub(crate) enum Sink {
    Local(Arc<Local>),
    Objects(Objects),
}

enum State {
    /// All of it is in memory.
    Gathering(Sink),
    /// In a file of its own.
    Large(Large),
    /// In parts.
    Upload(Upload),
}

/// Writes one blob. Dropping it unfinished leaves nothing behind.
#[must_use = "a blob exists only when its writer has finished"]
pub struct BlobWriter {
    id: BlobId,
    framer: Framer,
    state: State,
}

impl BlobWriter {
    pub(crate) fn new(id: BlobId, sink: Sink) -> Self {
        let reserved = match sink {
            Sink::Local(_) => RECORD_HEADER,
            Sink::Objects(_) => 0,
        };
        Self { id, framer: Framer::new(id, reserved), state: State::Gathering(sink) }
    }

    /// Appends `bytes`. Returns when there is room in memory for more.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Unavailable`]; the blob cannot be finished then.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        // A large piece is taken in steps, so that it is not copied as a whole.
        for step in bytes.chunks(PIECE) {
            self.framer.push(step);
            self.make_room().await?;
        }
        Ok(())
    }

    /// The number of bytes written so far.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.framer.length()
    }

    /// Makes the blob durable. Blobs that finish together share one wait for the disk.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Unavailable`]; there is no blob then.
    pub async fn finish(self) -> Result<BlobRef, Error> {
        let Self { id, framer, state } = self;
        let (frames, length) = framer.finish();
        let place = match state {
            State::Gathering(Sink::Local(local)) => Place::Segment(local.append(id, frames).await?),
            State::Gathering(Sink::Objects(objects)) => {
                objects.put(id, frames.into()).await?;
                Place::Own
            }
            State::Large(large) => {
                large.finish(frames).await?;
                Place::Own
            }
            State::Upload(upload) => {
                upload.finish(frames).await?;
                Place::Own
            }
        };
        Ok(BlobRef { id, length, place })
    }

    async fn make_room(&mut self) -> Result<(), Error> {
        match &mut self.state {
            State::Gathering(Sink::Local(local)) if self.framer.length() > SHARED => {
                let mut large = Large::create(local.clone(), self.id).await?;
                large.write(self.framer.take(RECORD_HEADER)).await?;
                self.state = State::Large(large);
            }
            State::Gathering(Sink::Objects(objects)) if self.framer.buffered() > PART => {
                self.state = State::Upload(objects.upload(self.id, PART).await?);
            }
            State::Large(large) if self.framer.buffered() >= PIECE => large.write(self.framer.take(0)).await?,
            State::Upload(upload) if self.framer.buffered() >= PIECE => upload.write(self.framer.take(0)).await?,
            State::Gathering(_) | State::Large(_) | State::Upload(_) => {}
        }
        Ok(())
    }
}
