//! Errors of Kinesis Data Streams.
//!
//! Reference: <https://docs.aws.amazon.com/kinesis/latest/APIReference/CommonErrors.html> and the errors of each
//! operation. Wordings that no documentation shows are as AWS's clients report them in public.

use welkin_kernel::Error;

use crate::stream::Address;

welkin_kernel::errors! {
    /// The call would have succeeded, but was only tried.
    DryRunOperationException: "Request would have succeeded, but DryRun flag is set.";
    /// An iterator is older than five minutes.
    ExpiredIteratorException: "Iterator expired.";
    /// A token of a listing is older than five minutes.
    ExpiredNextTokenException: "The pagination token passed to the operation is expired.";
    /// A parameter has a value that it cannot have.
    InvalidArgumentException: "A specified parameter exceeds its restrictions, is not supported, or can't be used.";
    /// The caller may not use the KMS key.
    KMSAccessDeniedException: "The ciphertext references a key that doesn't exist or that you don't have access to.";
    /// The KMS key is disabled.
    KMSDisabledException: "The request was rejected because the specified key isn't enabled.";
    /// The state of the KMS key does not allow it.
    KMSInvalidStateException: "The request was rejected because the state of the specified resource isn't valid for this request.";
    /// There is no such KMS key.
    KMSNotFoundException: "The request was rejected because the specified entity or resource can't be found.";
    /// KMS throttles the caller.
    KMSThrottlingException: "The request was denied due to request throttling.";
    /// Too much of something.
    LimitExceededException: "The requested resource exceeds the maximum number allowed.";
    /// More goes through a shard than it can take.
    ProvisionedThroughputExceededException: "Rate exceeded for shard.";
    /// The resource is in a state in which that cannot be done.
    ResourceInUseException: "The resource is not available for this operation.";
    /// There is no such resource.
    ResourceNotFoundException: "The requested resource could not be found.";
    /// What was asked for cannot be done with such a stream.
    ValidationException: "Request is invalid.";
}

/// A value that a parameter cannot have.
pub(crate) fn invalid(reason: impl Into<String>) -> Error {
    InvalidArgumentException::because(reason)
}

/// There is no such stream.
pub(crate) fn no_stream(address: &Address) -> Error {
    ResourceNotFoundException::because(format!(
        "Stream {} under account {} not found.",
        address.name, address.place.account
    ))
}

/// The stream is being changed.
pub(crate) fn busy(address: &Address, state: &str) -> Error {
    ResourceInUseException::because(format!(
        "Stream {} under account {} not ACTIVE, instead in state {state}",
        address.name, address.place.account
    ))
}

/// What Welkin does not do yet.
pub(crate) fn not_implemented(what: &str) -> Error {
    Error::new("NotImplemented", format!("Welkin does not know {what} of Kinesis Data Streams yet.")).status(501)
}
