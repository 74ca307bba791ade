//! The bytes of objects: written once, read in part or whole, deleted.
//!
//! | location | engine |
//! | --- | --- |
//! | a directory | [segment files](local): small blobs share files and one wait for the disk, large ones have their own |
//! | `s3://bucket/prefix?endpoint=…` | any S3-compatible store |
//! | `memory` | this process, for tests |
//!
//! A blob is a sequence of blocks of 64 KiB, each with its checksum, which every read verifies. Memory does not
//! grow with the length of a blob. What a [`BlobRef`] says of a blob is all there is: there is no index. Blobs
//! that nothing refers to are found by a [sweep](BlobStore::sweep).

mod error;
mod frame;
mod hold;
mod local;
mod location;
mod objects;
mod reader;
mod reference;
mod store;
mod sweep;
mod transfer;
mod writer;

pub use error::Error;
pub use hold::Hold;
pub use location::Location;
pub use reference::{BlobId, BlobRef, references, whole_references};
pub use store::BlobStore;
pub use sweep::{Mark, Scrubbed, Swept};
pub use welkin_store::OpenError;
pub use writer::BlobWriter;
