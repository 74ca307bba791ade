//! Names of blobs.

use memchr::memmem;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a blob. Whoever creates the blob chooses it; no two blobs of a store may have the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlobId(pub u128);

impl BlobId {
    /// Reads what [`Display`](fmt::Display) wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if hex { u128::from_str_radix(text, 16).ok().map(Self) } else { None }
    }
}

impl fmt::Display for BlobId {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobId({self})")
    }
}

/// Where a blob is and how long; all that is needed to read it. Keep it in the store: no other record of the
/// blob exists.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BlobRef {
    #[serde(rename = "welkin-blob")]
    pub(crate) id: BlobId,
    pub(crate) length: u64,
    pub(crate) place: Place,
}

/// How a [`BlobRef`] begins in MessagePack with names: the name of its first member, and a head of 16 bytes.
const BEGINS: &[u8] = b"\xabwelkin-blob\xc4\x10";

/// The names of the blobs that `stored` refers to: something that was written as MessagePack with names, however
/// deep the references stand in it. Bytes that only look like a reference count as one.
pub fn references(stored: &[u8]) -> impl Iterator<Item = BlobId> {
    memmem::find_iter(stored, BEGINS).filter_map(|at| {
        let id = stored.get(at + BEGINS.len()..)?.first_chunk()?;
        Some(BlobId(u128::from_be_bytes(*id)))
    })
}

/// What `stored` refers to, in full; as [`references`], without those whose form is not known.
pub fn whole_references(stored: &[u8]) -> impl Iterator<Item = BlobRef> {
    memmem::find_iter(stored, BEGINS).filter_map(|at| {
        // Before the name of the first member stands the number of members.
        let reference = stored.get(at.checked_sub(1)?..)?;
        rmp_serde::from_slice(reference).ok()
    })
}

impl BlobRef {
    /// The name of the blob.
    #[must_use]
    pub fn id(&self) -> BlobId {
        self.id
    }

    /// The length of the blob, in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether the blob has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// Where the bytes of a blob are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Place {
    /// In a file or an object of its own, named after the blob.
    Own,
    /// In a segment, from this position on.
    Segment(Position),
}

/// A position in the sequence of all segments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) segment: u32,
    pub(crate) offset: u64,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn references_are_found_wherever_they_stand() {
        let blob = |id, place| BlobRef { id: BlobId(id), length: 9, place };
        let segment = Place::Segment(Position { segment: 3, offset: 4096 });
        let thing = (
            "welkin-blob",
            vec![blob(7, Place::Own), blob(u128::MAX, segment)],
            serde_json::json!({"name": "no reference"}),
            Some(blob(8, segment)),
        );
        let payload = rmp_serde::to_vec_named(&thing).unwrap();
        let nested = rmp_serde::to_vec_named(&("a job", bytes::Bytes::from(payload))).unwrap();
        let found: Vec<u128> = references(&nested).map(|id| id.0).collect();
        assert_eq!(found, [7, u128::MAX, 8]);
        let whole: Vec<BlobRef> = whole_references(&nested).collect();
        assert_eq!(whole, [blob(7, Place::Own), blob(u128::MAX, segment), blob(8, segment)]);
        for end in 0..nested.len() {
            assert!(references(&nested[..end]).count() <= 3, "a part of it harms nothing");
            assert!(whole_references(&nested[..end]).count() <= 3);
        }
    }
}
