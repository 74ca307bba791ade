//! Errors of DynamoDB.
//!
//! Reference: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>

use std::fmt;

use serde::de::IgnoredAny;
use welkin_kernel::{Error, Result};

welkin_kernel::errors! {
    /// A condition on an item does not hold.
    ConditionalCheckFailedException: "The conditional request failed";
    /// The table is being made, changed or deleted, or exists already.
    ResourceInUseException: "Attempt to change a resource which is still in use";
    /// There is no such table, or it is not active.
    ResourceNotFoundException: "Requested resource not found";
    /// What Welkin does not know yet.
    NotImplemented(501): "Welkin does not know this of DynamoDB yet.";
    /// Something in the request is not valid.
    ValidationException(400): "The request is not valid.";
}

/// A parameter that is not valid.
pub(crate) fn invalid(message: impl fmt::Display) -> Error {
    ValidationException::because(message.to_string())
}

/// What Welkin does not know yet.
pub(crate) fn not_implemented(what: impl fmt::Display) -> Error {
    NotImplemented::because(format!("Welkin does not know {what} of DynamoDB yet."))
}

/// Refuses members of a request that are not supported yet, rather than doing without them.
///
/// # Errors
/// `NotImplemented`: one of them is there.
pub(crate) fn check_absent(members: &[(&str, Option<IgnoredAny>)]) -> Result<()> {
    match members.iter().find(|(_, member)| member.is_some()) {
        Some((name, _)) => Err(not_implemented(format_args!("the parameter {name}"))),
        None => Ok(()),
    }
}

/// One of the values of parameters, in the words that DynamoDB has for them.
pub(crate) fn parameter(message: impl fmt::Display) -> Error {
    invalid(format_args!("One or more parameter values were invalid: {message}"))
}
