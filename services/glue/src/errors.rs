//! Errors of the Data Catalog.
//!
//! Reference: <https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-exceptions.html>. Wordings that no documentation
//! shows are as AWS's clients report them in public.

use welkin_kernel::Error;

welkin_kernel::errors! {
    /// Lake Formation does not permit it.
    AccessDeniedException: "Access is not allowed.";
    /// There is such a thing already.
    AlreadyExistsException: "The resource already exists.";
    /// A thing was changed by another call in between.
    ConcurrentModificationException: "Two processes are trying to modify a resource simultaneously.";
    /// A condition of the call does not hold.
    ConditionCheckFailureException: "A specified condition was not satisfied.";
    /// The thing is not in a state for that.
    ConflictException: "The resource is not in a state for that.";
    /// The crawler does not run.
    CrawlerNotRunningException: "The specified crawler is not running.";
    /// The crawler runs.
    CrawlerRunningException: "The operation cannot be performed because the crawler is already running.";
    /// The crawler is about to stop.
    CrawlerStoppingException: "The specified crawler is stopping.";
    /// There is no such thing.
    EntityNotFoundException: "Entity Not Found";
    /// A key of KMS could not be used.
    GlueEncryptionException: "An encryption operation failed.";
    /// The input is not valid.
    InvalidInputException: "The input provided was not valid.";
    /// What is stored cannot be used.
    InvalidStateException: "An error that indicates your data is in an invalid state.";
    /// The crawler has no schedule.
    NoScheduleException: "There is no applicable schedule.";
    /// The caller does not support the kind of permission that is needed.
    PermissionTypeMismatchException: "The engine does not support filtering data based on the enforced permissions.";
    /// A quota is reached.
    ResourceNumberLimitExceededException: "A resource numerical limit was exceeded.";
    /// The thing is still being made.
    ResourceNotReadyException: "A resource was not ready for a transaction.";
    /// The schedule of the crawler does not run.
    SchedulerNotRunningException: "The specified scheduler is not running.";
    /// The schedule of the crawler runs.
    SchedulerRunningException: "The specified scheduler is already running.";
    /// What Welkin does not do yet.
    NotImplemented(501): "Welkin does not implement this yet.";
}

/// The input is not valid, in the words of the service.
pub(crate) fn invalid(what: impl Into<String>) -> Error {
    InvalidInputException::because(what)
}

/// There is no such thing, in the words of the service.
pub(crate) fn not_found(what: impl Into<String>) -> Error {
    EntityNotFoundException::because(what)
}

/// What Welkin does not do yet, by name.
pub(crate) fn not_implemented(what: &str) -> Error {
    NotImplemented::because(format!("Welkin does not implement {what} of AWS Glue yet."))
}

/// The error of one entry of a batch.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ErrorDetail {
    error_code: String,
    error_message: String,
}

impl ErrorDetail {
    /// What a batch says of an entry that was refused.
    ///
    /// # Errors
    /// It is not the entry's error: the call fails, or runs again.
    pub(crate) fn of(error: Error) -> Result<Self, Error> {
        match error.answer() {
            Some(answer) if answer.status.is_none_or(|status| status < 500) => {
                Ok(Self { error_code: answer.code.to_string(), error_message: answer.message.clone() })
            }
            _ => Err(error),
        }
    }
}
