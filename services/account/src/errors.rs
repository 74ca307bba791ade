//! The errors of Account Management.

use welkin_kernel::{Error, Map, Value};

welkin_kernel::errors! {
    /// The caller may not do it.
    AccessDeniedException: "You don't have permission to perform this operation.";
    /// The state of what is meant does not allow it.
    ConflictException: "The request could not be processed because of a conflict in the current status of the resource.";
    /// There is nothing of that kind.
    ResourceNotFoundException: "The resource could not be found.";
    /// Too much at once.
    TooManyRequestsException: "The operation failed because it was called too frequently and exceeded a throttle limit.";
    /// The input is not acceptable; `reason` says why.
    ValidationException: "The input is not valid.";
}

/// A field of the input that is not acceptable.
pub(crate) fn field(name: &str, message: &str) -> Error {
    let fault = [("name", name), ("message", message)];
    let fault: Map = fault.into_iter().map(|(key, text)| (key.into(), Value::String(text.to_owned()))).collect();
    ValidationException::because(message)
        .with("reason", "fieldValidationFailed")
        .with("fieldList", Value::List(vec![Value::Map(fault)]))
}
