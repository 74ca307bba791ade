//! What maintenance takes and tells.

use crate::{
    BlobId, BlobRef,
    frame::unframed,
    reference::{Place, Position},
};
use std::collections::HashMap;

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
    /// Every blob that was read: about 60 bytes of memory for each.
    found: HashMap<BlobId, Found>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    /// `None` where a blob's name says it all.
    place: Option<Place>,
    length: u64,
    intact: bool,
}

impl Scrubbed {
    /// Counts a blob of `framed` bytes.
    pub(crate) fn count(&mut self, id: BlobId, place: Option<Place>, framed: u64, intact: bool) {
        self.blobs += 1;
        self.bytes += framed;
        if !intact {
            self.damaged.push(id);
        }
        self.found.insert(id, Found { place, length: unframed(framed).unwrap_or_default(), intact });
    }

    /// Whether `blob` was found where it should be, whole and of the right length.
    #[must_use]
    pub fn is_intact(&self, blob: &BlobRef) -> bool {
        let right = |found: &Found| {
            found.intact && found.length == blob.length && found.place.is_none_or(|place| place == blob.place)
        };
        self.found.get(&blob.id).is_some_and(right)
    }

    /// Every blob that was found.
    pub fn found(&self) -> impl Iterator<Item = BlobRef> {
        self.found.iter().map(|(id, found)| BlobRef {
            id: *id,
            length: found.length,
            place: found.place.unwrap_or(Place::Own),
        })
    }
}
