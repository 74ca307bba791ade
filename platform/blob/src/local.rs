//! The engine for a directory.
//!
//! ```text
//! DIR/lock               locked by the process that has the store open
//! DIR/format             the version of this layout
//! DIR/segments/00000001  small blobs, one record after the other (`local/record.rs`)
//! DIR/large/ID           the frames of a large blob
//! DIR/writing/ID         a large blob that is not finished
//! ```
//!
//! Segments are only appended to. A blob never moves, so that a [`BlobRef`] stays right for ever; what is deleted
//! becomes a hole in the file.

mod appender;
mod large;
mod open;
mod read;
mod record;
mod scrub;
mod segments;
mod sweep;
mod transfer;

pub(crate) use large::Large;
pub(crate) use read::OpenBlob;
pub(crate) use record::HEADER as RECORD_HEADER;

use crate::{
    BlobId, BlobRef, Error, Mark, OpenError,
    reference::{Place, Position},
    sweep::Moment,
};
use appender::Appender;
use segments::Segments;
use std::{
    collections::HashMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use welkin_store::Room;

/// Blobs in a directory.
pub(crate) struct Local {
    /// First, so that its thread has ended before the lock is given up.
    appender: Appender,
    segments: Arc<Segments>,
    directory: PathBuf,
    /// Raised when all blobs are replaced: marks of another era mean nothing.
    era: AtomicU64,
    /// Raised by each mark.
    generation: AtomicU64,
    /// The generation in which large blobs were finished, unless it is long ago.
    recent: Mutex<HashMap<BlobId, u64>>,
    /// Held by what goes through all files.
    maintenance: Mutex<()>,
    _lock: File,
}

impl Local {
    pub(crate) fn open(directory: &Path) -> Result<Self, OpenError> {
        let opened = open::open(directory)?;
        let segments = Arc::new(Segments::new(directory, opened.end));
        let appender = Appender::start(segments.clone(), opened.active).map_err(|error| OpenError {
            message: "cannot start the thread that writes blobs".to_owned(),
            detail: error.to_string(),
            hint: "check the limit on threads (`ulimit -u`)".to_owned(),
        })?;
        Ok(Self {
            appender,
            segments,
            directory: directory.to_owned(),
            era: AtomicU64::new(0),
            generation: AtomicU64::new(0),
            recent: Mutex::default(),
            maintenance: Mutex::default(),
            _lock: opened.lock,
        })
    }

    /// Writes a small blob; `record` is its frames after room for the header.
    pub(crate) async fn append(&self, id: BlobId, record: Vec<u8>) -> Result<Position, Error> {
        self.appender.append(id, record).await
    }

    pub(crate) async fn open_blob(&self, blob: &BlobRef) -> Result<OpenBlob, Error> {
        let opened = match blob.place {
            Place::Own => File::open(self.large(blob.id)).map(Arc::new),
            Place::Segment(position) => self.segments.file(position.segment),
        };
        let file = opened.map_err(|error| gone(blob.id, error))?;
        OpenBlob::open(file, blob).await
    }

    pub(crate) async fn delete(self: Arc<Self>, blob: BlobRef) -> Result<(), Error> {
        blocking(move || {
            let result = match blob.place {
                Place::Own => std::fs::remove_file(self.large(blob.id)),
                Place::Segment(position) => self.segments.delete(blob.id, position),
            };
            result.map_err(|error| gone(blob.id, error))
        })
        .await
    }

    pub(crate) fn mark(&self) -> Mark {
        let generation = self.generation.fetch_add(1, Ordering::AcqRel) + 1;
        let era = self.era.load(Ordering::Acquire);
        Mark(Moment::Local { era, position: self.segments.end(), generation })
    }

    /// Notes that a large blob is being finished, before it can be seen.
    fn note_finished(&self, id: BlobId) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.insert(id, self.generation.load(Ordering::Acquire));
    }

    fn large(&self, id: BlobId) -> PathBuf {
        self.directory.join("large").join(id.to_string())
    }

    fn unfinished(&self, id: BlobId) -> PathBuf {
        self.directory.join("writing").join(id.to_string())
    }
}

/// Room that is left to the state, which often lies on the same disk: without some, nothing could be deleted. In
/// bytes, or that part of a small disk.
const RESERVE: u64 = 64 * 1024 * 1024;

/// Refuses to fill the disk to its end.
fn need_room(directory: &Path) -> io::Result<()> {
    match Room::of(directory)?.is_below(RESERVE) {
        true => Err(io::ErrorKind::StorageFull.into()),
        false => Ok(()),
    }
}

fn gone(id: BlobId, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound => Error::NotFound(id),
        _ => error.into(),
    }
}

/// Runs what waits for the disk on a thread that may wait.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::Unavailable(error.to_string())),
    }
}

fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
