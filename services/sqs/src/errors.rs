//! Errors of SQS.
//!
//! Reference: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html> and the
//! errors of each operation. Wordings that no documentation shows are as AWS's clients report them in public.

use std::fmt;

use welkin_kernel::Error;

welkin_kernel::errors! {
    /// Two entries of a batch have the same id.
    BatchEntryIdsNotDistinct: "Two or more batch entries in the request have the same Id.";
    /// The messages of a batch are too long together.
    BatchRequestTooLong: "The length of all the messages put together is more than the limit.";
    /// A batch has no entries.
    EmptyBatchRequest: "The batch request doesn't contain any entries.";
    /// A queue URL does not name a queue.
    InvalidAddress: "The specified ID is invalid.";
    /// The service does not know the attribute.
    InvalidAttributeName: "The specified attribute doesn't exist.";
    /// A queue attribute has a value that it cannot have.
    InvalidAttributeValue: "A queue attribute value is invalid.";
    /// The id of a batch's entry is malformed.
    InvalidBatchEntryId: "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
    /// A message has characters that are not allowed.
    InvalidMessageContents: "The message contains characters outside the allowed set.";
    /// The caller may not use the KMS key.
    KmsAccessDenied: "The caller doesn't have the required KMS access.";
    /// The KMS key is disabled.
    KmsDisabled: "The request was rejected because the specified KMS key is not enabled.";
    /// The KMS key is not for encryption.
    KmsInvalidKeyUsage: "The request was rejected because the KMS key usage is incorrect.";
    /// The state of the KMS key does not allow it.
    KmsInvalidState: "The request was rejected because the state of the specified resource is not valid for this request.";
    /// There is no such KMS key.
    KmsNotFound: "The request was rejected because the specified entity or resource could not be found.";
    /// KMS throttles the caller.
    KmsThrottled: "The request was denied due to KMS request throttling.";
    /// The message is visible: its visibility timeout cannot be changed.
    MessageNotInflight: "The specified message isn't in flight.";
    /// Too much of something: messages in flight, permissions.
    OverLimit: "The specified action violates a limit.";
    /// The queue was purged less than a minute ago.
    PurgeQueueInProgress: "Only one PurgeQueue operation is allowed every 60 seconds.";
    /// A queue of the same name was deleted less than a minute ago.
    QueueDeletedRecently: "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
    /// There is no such queue.
    QueueDoesNotExist: "The specified queue does not exist.";
    /// There is a queue of the same name with other attributes.
    QueueNameExists: "A queue already exists with the same name and a different value for an attribute.";
    /// A receipt handle is not one of the queue's.
    ReceiptHandleIsInvalid: "The input receipt handle is invalid.";
    /// There is no such message movement task, or no such queue for one.
    ResourceNotFoundException: "The resource that you specified for the SourceArn parameter doesn't exist.";
    /// A batch has too many entries.
    TooManyEntriesInBatchRequest: "The batch request contains more entries than permissible.";
    /// The queue cannot do that.
    UnsupportedOperation: "Unsupported operation.";
    /// A parameter has a value that it cannot have.
    InvalidParameterValue(400): "One or more parameters are invalid.";
    /// A parameter is missing.
    MissingParameter(400): "The request must contain a parameter that it does not.";
}

/// A value that a parameter cannot have, in the words of SQS.
pub(crate) fn invalid(value: impl fmt::Display, parameter: &str, reason: impl fmt::Display) -> Error {
    InvalidParameterValue::because(format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"))
}

/// A parameter that must be there.
pub(crate) fn missing(parameter: &str) -> Error {
    MissingParameter::because(format!("The request must contain the parameter {parameter}."))
}
