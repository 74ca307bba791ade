//! Errors of EventBridge.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html> and the errors of each
//! operation. Wordings that no documentation shows are as AWS's clients report them in public.

use std::fmt;

use welkin_kernel::Error;

welkin_kernel::errors! {
    /// The caller may not do it.
    AccessDeniedException: "You do not have the necessary permissions for this action.";
    /// The state does not allow it.
    IllegalStatusException: "An error occurred because a replay can be canceled only when the state is Running or Starting.";
    /// The event pattern is none.
    InvalidEventPatternException: "Event pattern is not valid.";
    /// There would be too many.
    LimitExceededException: "The request failed because it attempted to create resource beyond the allowed service quota.";
    /// The rule belongs to a service of AWS.
    ManagedRuleException: "This rule was created by an AWS service on behalf of your account.";
    /// A policy would be too long.
    PolicyLengthExceededException: "The event bus policy is too long.";
    /// There is one already.
    ResourceAlreadyExistsException: "The resource already exists.";
    /// There is no such thing.
    ResourceNotFoundException: "The resource does not exist.";
    /// A parameter has a value that it cannot have.
    ValidationException(400): "The request is not valid.";
    /// What Welkin does not do yet.
    NotImplemented(501): "Welkin does not implement this yet.";
}

/// A value that a parameter cannot have.
pub(crate) fn invalid(message: impl fmt::Display) -> Error {
    ValidationException::because(message.to_string())
}

/// The same, in the service's usual words.
pub(crate) fn invalid_parameter(name: &str, reason: impl fmt::Display) -> Error {
    invalid(format_args!("Parameter {name} is not valid. Reason: {reason}"))
}

/// What Welkin does not do yet, by name.
pub(crate) fn not_implemented(what: impl fmt::Display) -> Error {
    NotImplemented::because(format!("Welkin does not implement {what} of EventBridge yet."))
}

/// Events at rest lie in Welkin's store like all state: a key of the customer's would not be what encrypts them.
///
/// # Errors
/// `NotImplemented` if one is given.
pub(crate) fn refuse_kms_key(identifier: Option<&str>) -> welkin_kernel::Result<()> {
    match identifier.filter(|identifier| !identifier.is_empty()) {
        Some(_) => Err(not_implemented("customer managed keys (KmsKeyIdentifier)")),
        None => Ok(()),
    }
}
