//! What can go wrong.

use crate::BlobId;
use std::io;

/// Why a blob could not be written, read or deleted.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such blob, or no longer.
    #[error("blob {0} does not exist")]
    NotFound(BlobId),
    /// The bytes of the blob are not those that were written.
    #[error("blob {0} is damaged")]
    Damaged(BlobId),
    /// The range does not lie within the blob.
    #[error("the range does not lie within the {0} bytes of the blob")]
    InvalidRange(u64),
    /// There is no room for the blob.
    #[error("the disk is full")]
    Full,
    /// The engine cannot be reached or has failed.
    #[error("the blob store is unavailable: {0}")]
    Unavailable(String),
    /// The reference is not one of this store's.
    #[error("the reference belongs to another kind of blob store")]
    Foreign,
    /// An export could not be written, or what is to be restored is not one.
    #[error("{0}")]
    Transfer(String),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Error::Full,
            _ => Error::Unavailable(error.to_string()),
        }
    }
}

impl Error {
    /// Of an object store, about the blob `id`.
    pub(crate) fn of_object(id: BlobId, error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Error::NotFound(id),
            error => Error::Unavailable(error.to_string()),
        }
    }
}
