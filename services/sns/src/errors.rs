//! Errors of SNS.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html> and the errors of each operation.
//! Wordings that no documentation shows are as AWS's clients report them in public.

use std::fmt;

use welkin_kernel::Error;

welkin_kernel::errors! {
    /// The caller may not do that.
    AuthorizationErrorException: "Not authorized";
    /// Two entries of a batch have the same id.
    BatchEntryIdsNotDistinctException: "Two or more batch entries in the request have the same Id.";
    /// The messages of a batch are too long together.
    BatchRequestTooLongException: "The length of all the batch messages put together is more than the limit.";
    /// A batch has no entries.
    EmptyBatchRequestException: "The batch request doesn't contain any entries.";
    /// The endpoint of a device is to be sent nothing.
    EndpointDisabledException: "Endpoint is disabled";
    /// There are too many filter policies.
    FilterPolicyLimitExceededException: "The number of filter policies exceeds the limit of 200 per topic.";
    /// The id of a batch's entry is malformed.
    InvalidBatchEntryIdException: "The Id of a batch entry in a batch request doesn't abide by the specification.";
    /// An attribute of a message has a value that it cannot have.
    InvalidParameterValueException: "The value of a parameter is invalid.";
    /// A topic is in a state that does not allow it.
    InvalidStateException: "The state of the topic does not allow it.";
    /// The caller may not use the KMS key.
    KMSAccessDeniedException: "The ciphertext references a key that doesn't exist or that you don't have access to.";
    /// The KMS key is disabled.
    KMSDisabledException: "The request was rejected because the specified KMS key isn't enabled.";
    /// The state of the KMS key does not allow it.
    KMSInvalidStateException: "The request was rejected because the state of the KMS key isn't valid for this request.";
    /// There is no such KMS key.
    KMSNotFoundException: "The request was rejected because the specified KMS key can't be found.";
    /// KMS throttles the caller.
    KMSThrottlingException: "The request was denied due to request throttling by KMS.";
    /// The holder of a telephone wants no text messages of the account.
    OptedOutException: "The phone number opted out of receiving SMS messages from your account.";
    /// A topic has too many subscriptions.
    SubscriptionLimitExceededException: "The number of subscriptions of the topic exceeds the limit.";
    /// A batch has too many entries.
    TooManyEntriesInBatchRequestException: "The batch request contains more entries than permissible.";
    /// A parameter has a value that it cannot have.
    InvalidParameterException: "Invalid parameter";
    /// There is no such topic or subscription.
    NotFoundException: "Topic does not exist";
    /// There is no such resource to have tags.
    ResourceNotFoundException: "Resource does not exist";
    /// A topic would have too many tags.
    TagLimitExceededException: "Could not complete request: tag quota of per resource exceeded";
    /// A number cannot be added or removed now.
    UserErrorException: "A request parameter does not comply with the associated constraints.";
    /// A one-time password is not the one that was sent, or too old.
    VerificationException: "The one-time password (OTP) is invalid.";
    /// What Welkin does not do yet.
    NotImplemented(501): "Welkin does not implement this yet.";
}

/// A value that a parameter cannot have, in the words of SNS.
pub(crate) fn invalid(parameter: impl fmt::Display) -> Error {
    InvalidParameterException::because(format!("Invalid parameter: {parameter}"))
}

/// The same, with what is wrong.
pub(crate) fn invalid_because(parameter: &str, reason: impl fmt::Display) -> Error {
    invalid(format_args!("{parameter} Reason: {reason}"))
}

/// What Welkin does not do yet, by name.
pub(crate) fn not_implemented(what: &str) -> Error {
    NotImplemented::because(format!("Welkin does not implement {what} of SNS yet."))
}
