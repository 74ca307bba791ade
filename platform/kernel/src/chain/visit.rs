//! Visitors of web sites: what they ask for is read in their own name, by calls of the chain.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, Method, Response, Uri};
use welkin_wire::{Body, Route};

use super::{Following, Request, answer, authenticate};
use crate::gate::Closed;
use crate::{Chance, Cx, Error, Kernel, Region, Result, TlsSession};

/// A visitor of a web site, who is nobody.
pub struct Visitor {
    kernel: Arc<Kernel>,
    request_id: String,
    route: Route,
    parts: http::request::Parts,
    peer: SocketAddr,
    tls: Option<TlsSession>,
    region: Option<Region>,
    following: Arc<Following>,
}

/// Answers a visitor.
pub(super) async fn welcome(
    kernel: &Arc<Kernel>,
    request: Request,
    request_id: &str,
    following: &Arc<Following>,
) -> Response<Body> {
    let route = request.route.clone();
    let Some(sites) = kernel.registry().sites.clone() else {
        return answer::error(&route, Error::internal("no service hosts web sites"), request_id);
    };
    let Request { parts, peer, tls, region, .. } = request;
    let (kernel, request_id, following) = (Arc::clone(kernel), request_id.to_owned(), Arc::clone(following));
    let visitor = Visitor { kernel, request_id, route, parts, peer, tls, region, following };
    let welcomed = visitor.kernel.gate.pass(AssertUnwindSafe(sites.welcome(&visitor)).catch_unwind()).await;
    let error = match welcomed {
        Ok(Ok(Ok(response))) => return response,
        Ok(Ok(Err(error))) => error,
        Ok(Err(_)) => Error::internal("the site panicked"),
        Err(Closed) => Kernel::unavailable(),
    };
    answer::error(&visitor.route, error, &visitor.request_id)
}

impl Visitor {
    /// What the visitor wants to do.
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// The site and the path in it, percent-encoded as it was sent: `/site/path`.
    pub fn path(&self) -> &str {
        &self.route.path
    }

    /// The query string, as it was sent.
    pub fn query(&self) -> Option<&str> {
        self.parts.uri.query()
    }

    /// The name, and port, by which the site was called.
    pub fn host(&self) -> &str {
        self.parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
    }

    /// The Region that the name says.
    pub fn region(&self) -> Option<Region> {
        self.region
    }

    /// Whether the visitor came over TLS.
    pub fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// Id of the visit.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Ids and randomness.
    pub fn chance(&self) -> &Chance {
        self.kernel.chance()
    }

    /// Looks something up in the state.
    ///
    /// # Errors
    /// Those of the look.
    pub async fn look<T>(&self, look: impl AsyncFnOnce(&mut Cx) -> Result<T>) -> Result<T> {
        let mut facts = authenticate::facts(&self.request_id, &self.headers(), self.peer, self.tls);
        facts.following = Some(Arc::clone(&self.following));
        let mut cx = authenticate::context(&self.kernel, self.route.service, facts);
        cx.run.rewind(self.kernel.store().begin().await?);
        look(&mut cx).await
    }

    /// The answer to a call that the visitor could have made: anonymous, with the headers of the visit, without a body.
    /// `path` is percent-encoded.
    ///
    /// # Errors
    /// Those of the operation.
    pub async fn call(&self, operation: &'static str, path: String) -> Result<Response<Body>> {
        let missing = || Error::internal(format_args!("{operation} is not in the model"));
        let operation = self.route.service.operation(operation).ok_or_else(missing)?;
        let mut parts = self.parts.clone();
        parts.method = operation.method.parse().map_err(Error::internal)?;
        parts.uri = Uri::try_from(path.as_str()).map_err(Error::internal)?;
        parts.headers = self.headers();
        let request = Request {
            route: Route { operation, path, ..self.route.clone() },
            parts,
            body: Body::empty(),
            peer: self.peer,
            tls: self.tls,
            region: self.region,
            form: false,
        };
        self.kernel.answer(request, &self.request_id, &self.following).await
    }

    /// The headers of the visit that a call may have: none that signs it, or that only calls know.
    fn headers(&self) -> HeaderMap {
        let of_calls = |name: &str| name.starts_with("x-amz-");
        let dropped = [AUTHORIZATION, CONTENT_LENGTH, TRANSFER_ENCODING];
        let kept = self.parts.headers.iter().filter(|(name, _)| !dropped.contains(name) && !of_calls(name.as_str()));
        kept.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}
