//! Errors of CloudWatch Logs.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html> and the errors of each
//! operation. Wordings that no documentation shows are as AWS's clients report them in public.

use welkin_kernel::Error;

welkin_kernel::errors! {
    /// A parameter has a value that it cannot have.
    InvalidParameterException: "A parameter is specified incorrectly.";
    /// There is one already.
    ResourceAlreadyExistsException: "The specified resource already exists.";
    /// There is no such group, stream or other resource.
    ResourceNotFoundException: "The specified resource does not exist.";
    /// A resource would have too many tags.
    TooManyTagsException: "A resource can have no more than 50 tags.";
    /// What Welkin does not do yet.
    NotImplemented(501): "Welkin does not implement this yet.";
}

/// A value that a parameter of the request cannot have.
pub(crate) fn invalid(what: impl Into<String>) -> Error {
    InvalidParameterException::because(what)
}

/// What Welkin does not do yet, by name.
pub(crate) fn not_implemented(what: &str) -> Error {
    NotImplemented::because(format!("Welkin does not implement {what} of CloudWatch Logs yet."))
}

/// A token that no page before ended with.
pub(crate) fn bad_token() -> Error {
    invalid("The specified nextToken is invalid.")
}
