//! Errors of Lake Formation.
//!
//! Reference: the operations of <https://docs.aws.amazon.com/lake-formation/latest/APIReference/Welcome.html>. Wordings
//! that no documentation shows are as AWS's clients report them in public.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Error, Result};

welkin_kernel::errors! {
    /// Lake Formation does not permit it.
    AccessDeniedException: "Access is not allowed.";
    /// There is such a thing already.
    AlreadyExistsException: "The resource already exists.";
    /// It was changed by another call in between.
    ConcurrentModificationException: "Two processes are trying to modify a resource simultaneously.";
    /// There is no such thing.
    EntityNotFoundException: "Entity Not Found";
    /// The input is not valid.
    InvalidInputException: "The input provided was not valid.";
    /// The caller does not support the kind of permission that is needed.
    PermissionTypeMismatchException: "The engine does not support filtering data based on the enforced permissions.";
    /// A quota is reached.
    ResourceNumberLimitExceededException: "A resource numerical limit was exceeded.";
    /// What Welkin does not do yet.
    NotImplemented(501): "Welkin does not implement this yet.";
}

/// The input is not valid, in the words of the service.
pub(crate) fn invalid(what: impl Into<String>) -> Error {
    InvalidInputException::because(what)
}

/// There is no such thing, in the words of the service.
pub(crate) fn not_found(what: impl Into<String>) -> Error {
    EntityNotFoundException::because(what)
}

/// Lake Formation does not permit it.
pub(crate) fn denied(what: impl Into<String>) -> Error {
    AccessDeniedException::because(what)
}

/// What Welkin does not do yet, by name.
pub(crate) fn not_implemented(what: &str) -> Error {
    NotImplemented::because(format!("Welkin does not implement {what} of Lake Formation yet."))
}

/// The error of one entry of a batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ErrorDetail {
    error_code: String,
    error_message: String,
}

impl ErrorDetail {
    /// What a batch says of an entry that was refused.
    ///
    /// # Errors
    /// It is not the entry's error: the call fails, or runs again.
    pub(crate) fn of(error: Error) -> Result<Self> {
        match error.answer() {
            Some(answer) if answer.status.is_none_or(|status| status <= 501) => {
                Ok(Self { error_code: answer.code.to_string(), error_message: answer.message.clone() })
            }
            _ => Err(error),
        }
    }
}
