//! Errors of EventBridge Scheduler.
//!
//! Reference: <https://docs.aws.amazon.com/scheduler/latest/APIReference/CommonErrors.html> and the errors of each
//! operation. Their wordings are not documented.

use std::fmt;

use welkin_kernel::Error;

welkin_kernel::errors! {
    /// There is one already, or it changes.
    ConflictException: "The resource already exists.";
    /// There is no such thing.
    ResourceNotFoundException: "The resource does not exist.";
    /// There would be too many.
    ServiceQuotaExceededException: "The request exceeds a service quota.";
    /// A parameter has a value that it cannot have.
    ValidationException: "The request is not valid.";
    /// What Welkin does not do yet.
    NotImplemented(501): "Welkin does not implement this yet.";
}

/// A value that a parameter cannot have.
pub(super) fn invalid(message: impl fmt::Display) -> Error {
    ValidationException::because(message.to_string())
}

/// What Welkin does not do yet, by name.
pub(super) fn not_implemented(what: impl fmt::Display) -> Error {
    NotImplemented::because(format!("Welkin does not implement {what} of EventBridge Scheduler yet."))
}
