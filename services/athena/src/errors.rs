//! Errors of Athena.
//!
//! <https://docs.aws.amazon.com/athena/latest/APIReference/CommonErrors.html>

use welkin_kernel::Error;

welkin_kernel::errors! {
    /// Something in the request is not valid: most errors are this one, with a code of their own.
    InvalidRequestException: "The request is not valid.";
    /// What the data catalog said.
    MetadataException: "The metadata could not be read.";
    /// A resource cannot be found.
    ResourceNotFoundException: "The resource could not be found.";
    /// There are too many queries.
    TooManyRequestsException: "Rate exceeded";
    /// What Welkin does not do yet.
    NotImplemented(501): "Welkin does not implement this yet.";
}

/// `InvalidRequestException` with its code.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryExecution.html#API_GetQueryExecution_Errors>
pub(crate) fn invalid(code: &str, message: impl Into<String>) -> Error {
    InvalidRequestException::because(message).with("AthenaErrorCode", code.to_owned())
}

/// `InvalidRequestException` for an argument.
pub(crate) fn argument(message: impl Into<String>) -> Error {
    invalid("INVALID_INPUT", message)
}

/// `ResourceNotFoundException` with the resource's name.
pub(crate) fn missing(name: &str, message: impl Into<String>) -> Error {
    ResourceNotFoundException::because(message).with("ResourceName", name.to_owned())
}

/// What Welkin does not do yet, by its name.
pub(crate) fn not_implemented(what: &str) -> Error {
    NotImplemented::because(format!("Welkin does not implement {what} of Athena yet."))
}
