//! What an operation answers when it does not do what was asked.

use std::borrow::Cow;
use std::fmt;

use welkin_wire::{Map, Value};

use crate::Timestamp;

/// Result of everything that runs inside a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call did not succeed.
pub struct Error(Box<Failure>);

pub(crate) enum Failure {
    /// An error of the service, for the caller.
    Answer(Answer),
    /// The call is to be run again, from its authorisation on.
    Again(Again),
    /// A fault of Welkin's; the caller is told `InternalFailure`, the log is told this.
    Internal(String),
    /// The disk, the database or the blob store does not do its work; the caller is told `ServiceUnavailable`, the
    /// log is told this.
    Unavailable(Outage),
}

/// What keeps Welkin from working, for the operator.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outage {
    pub(crate) what: String,
    pub(crate) hint: &'static str,
}

const FULL: &str = "free some space on the disk; Welkin goes on by itself as soon as there is room";
const FAILING: &str =
    "look after the disk, the database or the blob store; Welkin goes on by itself when it works again";

/// An error as the service answers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Name of the error's shape, or its code where the model has no shape.
    pub code: Cow<'static, str>,
    /// Message.
    pub message: String,
    /// HTTP status where the model does not give it.
    pub status: Option<u16>,
    /// Members beside the message.
    pub members: Map,
    /// Headers of the answer.
    pub headers: Vec<(&'static str, String)>,
}

/// Why a call is run again.
pub(crate) enum Again {
    /// Another transaction was first.
    Conflict,
    /// Work outside of the transaction is done; its result is remembered.
    Staged,
    /// Nothing to answer yet: wait for a change, or for the time.
    Wait { until: Timestamp },
}

impl Error {
    pub(crate) fn of(failure: Failure) -> Self {
        Self(Box::new(failure))
    }

    pub(crate) fn into_failure(self) -> Failure {
        *self.0
    }

    /// An error of the service by its code. Prefer the types that [`errors!`](crate::errors) makes.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::of(Failure::Answer(Answer {
            code: code.into(),
            message: message.into(),
            status: None,
            members: Map::new(),
            headers: Vec::new(),
        }))
    }

    /// A fault of Welkin's own.
    pub fn internal(what: impl fmt::Display) -> Self {
        Self::of(Failure::Internal(what.to_string()))
    }

    fn unavailable(what: impl fmt::Display, hint: &'static str) -> Self {
        Self::of(Failure::Unavailable(Outage { what: what.to_string(), hint }))
    }

    /// Whether the disk, the database or the blob store does not do its work.
    pub(crate) fn is_outage(&self) -> bool {
        matches!(*self.0, Failure::Unavailable(_))
    }

    /// Sets the HTTP status, for errors that the model does not know.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        if let Failure::Answer(answer) = &mut *self.0 {
            answer.status = Some(status);
        }
        self
    }

    /// Adds a member beside the message.
    #[must_use]
    pub fn with(mut self, member: &'static str, value: impl Into<Value>) -> Self {
        if let Failure::Answer(answer) = &mut *self.0 {
            answer.members.insert(member, value);
        }
        self
    }

    /// Adds a header to the answer, for what clients look for there, e.g. `x-amz-bucket-region`.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Failure::Answer(answer) = &mut *self.0 {
            answer.headers.push((name, value.into()));
        }
        self
    }

    /// The service's answer, unless it is a fault of Welkin's or a request to run again.
    pub fn answer(&self) -> Option<&Answer> {
        match &*self.0 {
            Failure::Answer(answer) => Some(answer),
            _ => None,
        }
    }

    /// Whether it is the service's error `code`.
    pub fn is(&self, code: &str) -> bool {
        self.answer().is_some_and(|answer| answer.code == code)
    }

    /// Whether the call is merely to be run again.
    pub fn is_again(&self) -> bool {
        matches!(*self.0, Failure::Again(_))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Failure::Answer(answer) => write!(f, "{}: {}", answer.code, answer.message),
            Failure::Again(Again::Conflict) => f.write_str("conflict"),
            Failure::Again(Again::Staged) => f.write_str("staged"),
            Failure::Again(Again::Wait { until }) => write!(f, "wait until {}", until.micros()),
            Failure::Internal(what) => write!(f, "internal: {what}"),
            Failure::Unavailable(outage) => write!(f, "unavailable: {}", outage.what),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Error {}

impl From<welkin_store::Error> for Error {
    fn from(error: welkin_store::Error) -> Self {
        match error {
            welkin_store::Error::Conflict => Self::of(Failure::Again(Again::Conflict)),
            welkin_store::Error::Full => Self::unavailable("no room for a commit: the disk is full", FULL),
            error @ welkin_store::Error::Unavailable(_) => Self::unavailable(error, FAILING),
            other => Self::internal(format_args!("store: {other}")),
        }
    }
}

impl From<welkin_blob::Error> for Error {
    fn from(error: welkin_blob::Error) -> Self {
        match error {
            error @ welkin_blob::Error::Full => Self::unavailable(format_args!("no room for a blob: {error}"), FULL),
            error @ welkin_blob::Error::Unavailable(_) => Self::unavailable(error, FAILING),
            other => Self::internal(other),
        }
    }
}

/// An error that a service declares.
#[derive(Clone, Copy, Debug)]
pub struct ErrorSpec {
    /// Name of its shape in the model, or its code.
    pub name: &'static str,
    /// HTTP status; only for errors that the model does not know.
    pub unmodelled: Option<u16>,
    /// Message where the operation gives none.
    pub message: &'static str,
}

/// Declares a service's errors: a type for each, and `ERRORS`, which the registry holds against the model.
///
/// ```
/// welkin_kernel::errors! {
///     /// There is no such queue.
///     QueueDoesNotExist: "The specified queue does not exist.";
///     /// An error that the model does not list, with its HTTP status.
///     NoSuchBucketPolicy(404): "The bucket policy does not exist";
/// }
/// let error: welkin_kernel::Error = QueueDoesNotExist.into();
/// assert!(error.is("QueueDoesNotExist"));
/// let error = QueueDoesNotExist::because("There is no queue named q.");
/// assert_eq!(error.answer().unwrap().message, "There is no queue named q.");
/// ```
#[macro_export]
macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident $(($status:literal))? : $message:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl $name {
                const SPEC: $crate::ErrorSpec = $crate::ErrorSpec {
                    name: stringify!($name),
                    unmodelled: $crate::errors!(@status $($status)?),
                    message: $message,
                };

                /// The error with a message of its own.
                #[allow(dead_code)]
                pub fn because(message: impl Into<String>) -> $crate::Error {
                    let error = $crate::Error::new(Self::SPEC.name, message);
                    match Self::SPEC.unmodelled {
                        Some(status) => error.status(status),
                        None => error,
                    }
                }
            }

            impl From<$name> for $crate::Error {
                fn from(_: $name) -> Self {
                    $name::because($name::SPEC.message)
                }
            }
        )*

        /// The errors that this service declares.
        pub const ERRORS: &[$crate::ErrorSpec] = &[$($name::SPEC),*];
    };
    (@status) => { None };
    (@status $status:literal) => { Some($status) };
}
