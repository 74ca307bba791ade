//! What can go wrong.

use std::fmt;

/// Why a read, a write or a commit failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another transaction changed what this one has read. Nothing was written: run the transaction again.
    #[error("the transaction conflicts with another one")]
    Conflict,
    /// The commit may or may not have happened: the engine failed, or was cut off, while it was under way.
    #[error("the outcome of the commit is unknown: {0}")]
    CommitUnknown(String),
    /// There is no room for the commit. Nothing was written.
    #[error("the disk is full")]
    Full,
    /// The engine cannot be reached or has failed. Nothing was written.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A key is empty, too long, or reserved.
    #[error("invalid key: {0}")]
    InvalidKey(&'static str),
    /// A value is longer than [`limits::VALUE_BYTES`](crate::limits::VALUE_BYTES).
    #[error("a value of {0} bytes is too large (at most {max} bytes)", max = crate::limits::VALUE_BYTES)]
    ValueTooLarge(usize),
    /// The transaction writes or clears more than [`limits`](crate::limits) allow.
    #[error("the transaction is too large: {0}")]
    TransactionTooLarge(&'static str),
    /// [`Transaction::add`](crate::Transaction::add) met a value that is not an eight-byte integer.
    #[error("an addition to a value that is not an eight-byte integer")]
    NotAnInteger,
    /// A [`Savepoint`](crate::Savepoint) was used after an earlier one had been rolled back to,
    /// or in another transaction.
    #[error("the savepoint no longer exists")]
    NoSuchSavepoint,
    /// Stored bytes are not what the store wrote.
    #[error("stored data is damaged: {0}")]
    Corrupt(String),
    /// An export could not be written, or what is imported is not one.
    #[error("{0}")]
    Transfer(String),
}

impl Error {
    /// Whether running the same transaction again from its beginning is the right answer.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Error::Conflict)
    }
}

/// Why a store could not be opened: what happened, the facts, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenError {
    /// What happened, in one line.
    pub message: String,
    /// The facts behind it: the path, the engine's own words. May be empty.
    pub detail: String,
    /// What the operator can do. May be empty.
    pub hint: String,
}

impl OpenError {
    pub(crate) fn new(message: impl Into<String>, detail: impl fmt::Display, hint: impl Into<String>) -> Self {
        Self { message: message.into(), detail: detail.to_string(), hint: hint.into() }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        if !self.hint.is_empty() {
            write!(f, " (hint: {})", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for OpenError {}
