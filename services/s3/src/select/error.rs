//! What goes wrong with a query of an object: codes as documented.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#SelectObjectContentErrorCodeList>

use welkin_kernel::Error;

pub(super) type Result<T> = std::result::Result<T, SelectError>;

/// Why a query is refused, or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SelectError {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl SelectError {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A cast that cannot be made.
    pub(super) fn cast(message: impl Into<String>) -> Self {
        Self::new("CastFailed", message)
    }

    /// A number that is too great.
    pub(super) fn overflow() -> Self {
        Self::new("IntegerOverflow", "An integer overflow or underflow occurred in the SQL expression.")
    }

    /// What SQL has, and S3 Select has not.
    // UNVERIFIED: which of the codes for unsupported syntax S3 gives for which clause.
    pub(super) fn unsupported(what: &str) -> Self {
        Self::new("UnsupportedSqlStructure", format!("Encountered an unsupported SQL structure: {what}."))
    }
}

impl From<SelectError> for Error {
    /// As the answer to a request: all of them are the requester's.
    fn from(error: SelectError) -> Self {
        Error::new(error.code, error.message).status(400)
    }
}
