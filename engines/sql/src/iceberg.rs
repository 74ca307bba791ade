//! Iceberg tables, format version 2 (version 1 is read): metadata, manifests, scans, data files and commits.
//!
//! The embedder keeps which metadata file is the current one (Glue's `metadata_location`), and gives a [`Warehouse`] to
//! read and write objects. Whatever changes a table makes a new metadata file; the embedder puts it in the place of the
//! one that was read, or does not, when another was first.
//!
//! <https://iceberg.apache.org/spec/>

mod avro;
mod column;
mod commit;
mod create;
mod datum;
mod delete;
mod evolve;
mod expire;
mod inspect;
mod manifest;
mod metadata;
mod parquet;
mod partition;
mod path;
pub(crate) mod provider;
mod prune;
mod rewrite;
mod scan;
mod shown;
mod table;
mod transform;
mod types;
pub(crate) mod wire;
mod write;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::error::{Code, Result, SqlError};
use crate::files::Storage;

pub use commit::{Change, Committed, Draw, Operation};
pub use create::{Definition, PartitionBy};
pub use evolve::Evolution;
pub use inspect::Inspection;
pub use manifest::DataFile;
pub use metadata::Metadata;
pub use rewrite::Rewrite;
pub use table::{Table, Version};
pub use types::{Field, Kind, Primitive, Schema};
pub use write::{DataWriter, PositionDeletes};

/// Where the files of tables are.
pub trait Warehouse: Storage {
    /// A whole object.
    ///
    /// # Errors
    /// Whatever keeps it from reading: it becomes the query's error.
    fn get<'a>(&'a self, location: &'a str) -> BoxFuture<'a, Result<Bytes>>;

    /// Writes an object.
    ///
    /// # Errors
    /// Whatever keeps it from writing: it becomes the query's error.
    fn put<'a>(&'a self, location: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<()>>;
}

/// A table whose files contradict the format.
fn invalid(what: impl std::fmt::Display) -> SqlError {
    SqlError::new(Code::IcebergInvalidMetadata, what.to_string())
}
