//! What the gateway hands on, and to whom.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use http::Response;
use http::request::Parts;
use welkin_wire::{Body, Route};

use crate::{RouteError, TlsSession};

/// Answers requests. The kernel is one; tests have their own.
pub trait Handler: Send + Sync + 'static {
    /// Answers a call of the AWS API. [`Routed::route`] may be an error, which the handler writes in
    /// the form of [`RouteError::protocol`].
    fn handle(self: Arc<Self>, request: Routed) -> impl Future<Output = Response<Body>> + Send;

    /// Answers a request under `/_welkin/` or `/_localstack/` that passed the gate of
    /// [`crate::admin`].
    fn admin(self: Arc<Self>, request: AdminRequest) -> impl Future<Output = Response<Body>> + Send;
}

/// A request of the AWS API, and where it goes.
#[derive(Debug)]
pub struct Routed {
    /// Service, operation, protocol and effective path, or why there is none.
    pub route: Result<Route, RouteError>,
    /// What kind of request it is; all but a few are calls.
    pub purpose: Purpose,
    /// Region of the call: from the credential scope, else from the host name. Where it is `None`
    /// the kernel takes `us-east-1`.
    pub region_hint: Option<String>,
    /// Method, URI and headers as the client sent them. `host` is always present (from `:authority`
    /// over HTTP/2), and is what the client signed.
    pub parts: Parts,
    /// The body. Forms that the router read, and bodies of known, small length, are [`Body::Full`].
    pub body: Body,
    /// The other end of the connection.
    pub peer: SocketAddr,
    /// The connection's TLS, if it is encrypted.
    pub tls: Option<TlsSession>,
}

/// What kind of request it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// A call of the operation.
    #[default]
    Call,
    /// A browser's form upload to S3, routed as `PutObject` with the bucket as its path. It is
    /// authenticated by the policy in the form.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>
    S3Form,
    /// A browser's CORS preflight for a bucket, routed as `GetBucketCors`. It has no signature; S3
    /// answers by the bucket's CORS rules.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html>
    S3Preflight,
    /// A visit to a web site that S3 hosts, routed as `GetObject` with the bucket in front of its path. It
    /// is no call: whatever signature it brings does not count.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html>
    S3Visit,
}

/// A request to the operator's API.
#[derive(Debug)]
pub struct AdminRequest {
    /// Method, URI and headers as the client sent them.
    pub parts: Parts,
    /// The body.
    pub body: Body,
    /// The other end of the connection.
    pub peer: SocketAddr,
    /// Whether the connection is TLS.
    pub tls: bool,
}
