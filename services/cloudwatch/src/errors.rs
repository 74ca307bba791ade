//! Errors of CloudWatch.
//!
//! References: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html> and the errors of each
//! operation. Wordings that no documentation shows are as AWS's clients report them in public, or marked.

use std::fmt;

use welkin_kernel::Error;

welkin_kernel::errors! {
    /// A dashboard cannot be as it is written.
    DashboardInvalidInputError: "The field DashboardBody must be a valid JSON object";
    /// There is no such dashboard.
    DashboardNotFoundError: "Dashboard does not exist";
    /// What was given as JSON is not.
    InvalidFormatFault: "Data was not syntactically valid JSON.";
    /// A token of a page that is none.
    InvalidNextToken: "The next token specified is invalid.";
    /// Two parameters that do not go together.
    InvalidParameterCombinationException: "Parameters were used together that cannot be used together.";
    /// A value that a parameter cannot have.
    InvalidParameterValueException: "The value of an input parameter is bad or out-of-range.";
    /// Too many of something.
    LimitExceededFault: "The quota for alarms for this customer has already been reached.";
    /// A parameter is missing.
    MissingRequiredParameterException: "An input parameter that is required is missing.";
    /// There is no such alarm.
    ResourceNotFound: "The named resource does not exist.";
    /// There is no such resource to be tagged.
    ResourceNotFoundException: "The named resource does not exist.";
    /// An alarm is used by another.
    ResourceConflict: "The resource is in use.";
    /// The request is not valid.
    ValidationException: "The request is not valid.";
    /// What Welkin does not do yet.
    NotImplemented(501): "Welkin does not implement this yet.";
}

/// The request is not valid.
pub(crate) fn invalid(message: impl fmt::Display) -> Error {
    ValidationException::because(message.to_string())
}

/// A value that a parameter cannot have.
pub(crate) fn invalid_value(message: impl fmt::Display) -> Error {
    InvalidParameterValueException::because(message.to_string())
}

/// Parameters that do not go together.
pub(crate) fn combination(message: impl fmt::Display) -> Error {
    InvalidParameterCombinationException::because(message.to_string())
}

/// What Welkin does not do yet, by name.
pub(crate) fn not_implemented(what: impl fmt::Display) -> Error {
    NotImplemented::because(format!("Welkin does not implement {what} of CloudWatch yet."))
}
