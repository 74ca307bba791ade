//! Why a request goes nowhere, and how its sender is told.

use http::StatusCode;
use welkin_model::{Protocol, Service};

/// A request that names no operation. Written to the client in the form of [`Self::protocol`].
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct RouteError {
    /// What is wrong.
    pub problem: Problem,
    /// The service that the request names, if it names one.
    pub service: Option<&'static Service>,
    /// The protocol that the request seems to be in.
    pub protocol: Protocol,
    /// HTTP status.
    pub status: StatusCode,
    /// AWS's error code.
    pub code: &'static str,
    /// For the client's eyes.
    pub message: String,
}

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It names an operation that the service does not have, by name.
    NoOperation,
    /// It names no operation where its protocol demands one.
    NoAction,
    /// The service has no such method and path.
    NoPath,
    /// Nothing in it names a service, or what does is unknown.
    NoService,
    /// The part of its body that names the operation is too long.
    TooLarge,
    /// The same did not come in time.
    TooSlow,
    /// The same ended early, or could not be decoded.
    Broken,
}

impl RouteError {
    /// The error for `problem`; code and status are decided here and nowhere else.
    pub(super) fn new(
        problem: Problem,
        service: Option<&'static Service>,
        protocol: Protocol,
        message: String,
    ) -> Self {
        let is_s3 = service.is_some_and(|service| service.signing_name == "s3");
        let (status, code) = match (problem, protocol) {
            (Problem::NoOperation, Protocol::Query | Protocol::Ec2) => (StatusCode::BAD_REQUEST, "InvalidAction"),
            (Problem::NoOperation, _) => (StatusCode::NOT_FOUND, "UnknownOperationException"),
            (Problem::NoAction, _) => (StatusCode::BAD_REQUEST, "MissingAction"),
            (Problem::NoPath, _) if is_s3 => (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
            (Problem::NoPath, _) => (StatusCode::NOT_FOUND, "UnknownOperationException"),
            (Problem::NoService, _) => (StatusCode::BAD_REQUEST, "InvalidRequest"),
            (Problem::TooLarge, _) => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge"),
            (Problem::TooSlow, _) => (StatusCode::REQUEST_TIMEOUT, "RequestTimeout"),
            (Problem::Broken, _) => (StatusCode::BAD_REQUEST, "IncompleteBody"),
        };
        Self { problem, service, protocol, status, code, message }
    }
}
