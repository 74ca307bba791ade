//! What maintenance takes and tells.

use crate::{BlobId, reference::Position};

/// A moment in the life of a blob store; see [`BlobStore::mark`](crate::BlobStore::mark).
#[derive(Debug, Clone)]
pub struct Mark(pub(crate) Moment);

#[derive(Debug, Clone)]
pub(crate) enum Moment {
    /// Blobs in segments before the position, and blobs in files of an earlier generation.
    Local { era: u64, position: Position, generation: u64 },
    /// Objects that the object store has seen modified before this one.
    Object(Box<object_store::ObjectMeta>),
}

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// The number of blobs.
    pub blobs: u64,
    /// Their bytes, as stored.
    pub bytes: u64,
}

/// What a scrub found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scrubbed {
    /// The number of blobs that were read.
    pub blobs: u64,
    /// Their bytes, as stored.
    pub bytes: u64,
    /// Blobs with bytes that are not those that were written.
    pub damaged: Vec<BlobId>,
    /// Files and objects of which a part cannot be told to be anything.
    pub illegible: Vec<String>,
}
