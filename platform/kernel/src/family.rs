//! Errors that every service has, under the names that each family of services gives them.

use welkin_model::{Protocol, Service};

use crate::Error;

/// Families of services that name the common errors alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// `query`: IAM, STS …; SQS kept the names when it moved to JSON.
    Query,
    /// SNS: `query`, with names of its own for some.
    Sns,
    /// EC2.
    Ec2,
    /// S3 and S3 Control.
    S3,
    /// `json` and `smithy-rpc-v2-cbor`.
    Json,
    /// `rest-json`.
    RestJson,
    /// `rest-xml` but S3.
    RestXml,
}

impl Family {
    pub(crate) fn of(service: &Service) -> Self {
        if service.query_compatible {
            return Self::Query;
        }
        match (service.id, service.protocols.first()) {
            ("s3" | "s3control", _) => Self::S3,
            ("sns", _) => Self::Sns,
            (_, Some(Protocol::Query)) => Self::Query,
            (_, Some(Protocol::Ec2)) => Self::Ec2,
            (_, Some(Protocol::RestJson)) => Self::RestJson,
            (_, Some(Protocol::RestXml)) => Self::RestXml,
            (_, Some(Protocol::Json | Protocol::RpcV2Cbor) | None) => Self::Json,
        }
    }

    /// The caller may not do it.
    pub(crate) fn access_denied(self, message: String) -> Error {
        match self {
            Self::Query | Self::S3 | Self::RestXml => Error::new("AccessDenied", message).status(403),
            Self::Sns => Error::new("AuthorizationError", message).status(403),
            Self::Ec2 => Error::new("UnauthorizedOperation", message).status(403),
            Self::Json => Error::new("AccessDeniedException", message).status(400),
            Self::RestJson => Error::new("AccessDeniedException", message).status(403),
        }
    }

    /// The caller's request quota is used up.
    pub(crate) fn throttled(self, message: &str) -> Error {
        match self {
            Self::Query | Self::Sns | Self::RestXml => Error::new("Throttling", message).status(400),
            Self::Ec2 => Error::new("RequestLimitExceeded", message).status(503),
            Self::S3 => Error::new("SlowDown", message).status(503),
            Self::Json => Error::new("ThrottlingException", message).status(400),
            Self::RestJson => Error::new("TooManyRequestsException", message).status(429),
        }
    }

    /// Welkin is at fault.
    pub(crate) fn internal(self, request_id: &str) -> Error {
        let (code, message) = match self {
            Self::S3 => ("InternalError", "We encountered an internal error. Please try again."),
            Self::Ec2 => ("InternalError", "An internal error has occurred"),
            _ => (
                "InternalFailure",
                "The request processing has failed because of an unknown error, exception or failure.",
            ),
        };
        Error::new(code, format!("{message} (Welkin logged it under request id {request_id}.)")).status(500)
    }

    /// The disk, the database or the blob store does not do its work.
    pub(crate) fn unavailable(self, request_id: &str) -> Error {
        let (code, message) = match self {
            Self::S3 => ("ServiceUnavailable", "Service is unable to handle request."),
            Self::Ec2 => ("Unavailable", "The server is overloaded and can't handle the request."),
            _ => ("ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
        };
        Error::new(code, format!("{message} (Welkin logged why under request id {request_id}.)")).status(503)
    }
}

/// The input does not fit the operation's types, though it fits the model.
pub(crate) fn bad_input(message: String) -> Error {
    Error::new("ValidationException", message).status(400)
}

/// The operation is known and does not work yet.
pub(crate) fn not_implemented(service: &str, operation: &str) -> Error {
    let message =
        format!("Welkin does not implement {service} {operation} yet. 'welkin coverage {service}' lists what works.");
    Error::new("NotImplemented", message).status(501)
}
