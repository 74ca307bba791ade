//! One request and its answer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderValue, ORIGIN};
use http::request::Parts;
use http::{Request, Response, StatusCode, Version};
use http_body::Body as _;
use hyper::body::Incoming;
use welkin_wire::Body;

use crate::activity::Activity;
use crate::connection::{Front, Shared};
use crate::refusal::Refusal;
use crate::request_body::{Asked, Unread, failed, read_all, watched};
use crate::response_body::{InFlight, Outgoing};
use crate::tls_session::TlsSession;
use crate::{AdminRequest, Handler, Purpose, Routed, Routing, admin, cors};

/// The connection that a request came by.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) peer: SocketAddr,
    pub(crate) tls: Option<TlsSession>,
    pub(crate) activity: Arc<Activity>,
}

/// The making of an answer.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Result<Response<Outgoing>, Infallible>> + Send>>;

/// Answers a request. Boxed, because connections move while they are set up, and keep it in place.
pub(crate) fn answer<H: Handler>(front: Arc<Front<H>>, request: Request<Incoming>, link: Link) -> Answering {
    Box::pin(async move {
        let in_flight = InFlight::new(Arc::clone(&link.activity));
        let (parts, body) = request.into_parts();
        let (shared, handler) = (Arc::clone(&front.shared), Arc::clone(&front.handler));
        drop(front);
        let origin = parts.headers.get(ORIGIN).cloned();
        let waits = parts.version < Version::HTTP_2 && parts.headers.contains_key(EXPECT) && !body.is_end_stream();
        let asked = waits.then(Asked::default);
        let mut response = match prepare(Arc::clone(&shared), parts, body, asked.clone(), link).await {
            Next::Answer(response) => response,
            Next::Operator(request) => handler.admin(*request).await,
            Next::Call(request) => handler.handle(*request).await,
            // S3 decides alone whether the page may see the answer.
            Next::Preflight(request) => return Ok(outgoing(handler.handle(*request).await, in_flight)),
        };
        if asked.is_some_and(|asked| !asked.was()) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(origin) = origin {
            shared.config.cors.decorate(&origin, response.headers_mut());
        }
        Ok(outgoing(response, in_flight))
    })
}

fn outgoing(response: Response<Body>, in_flight: InFlight) -> Response<Outgoing> {
    response.map(|body| Outgoing { body, _in_flight: in_flight })
}

/// Who answers.
enum Next {
    /// The gateway has.
    Answer(Response<Body>),
    /// The operator's API.
    Operator(Box<AdminRequest>),
    /// The AWS API.
    Call(Box<Routed>),
    /// S3, by its CORS rules.
    Preflight(Box<Routed>),
}

/// Reads and routes a request as far as can be done without the handler.
async fn prepare(shared: Arc<Shared>, mut parts: Parts, body: Incoming, asked: Option<Asked>, link: Link) -> Next {
    let config = &shared.config;
    let Link { peer, tls, .. } = link;
    let body = watched(body, config.limits.body_stall, asked);
    if let Err(refusal) = check(&mut parts) {
        return Next::Answer(refusal.into());
    }
    let operator = admin::is_admin(parts.uri.path());
    if cors::is_preflight(&parts) && (operator || !shared.router.leaves_cors_to_s3(&parts, &config.cors)) {
        return Next::Answer(config.cors.preflight(&parts));
    }
    if operator {
        return match admin::check(&parts, peer, config) {
            Ok(()) => Next::Operator(Box::new(AdminRequest { parts, body, peer, tls: tls.is_some() })),
            Err(refusal) => Next::Answer(refusal.into()),
        };
    }
    let body = read_if_small(&parts, body, config.limits.eager_body).await;
    let (routing, body) = shared.router.route(&parts, body).await;
    let Routing { route, purpose, region } = routing;
    let routed = Box::new(Routed { route, purpose, region_hint: region, parts, body, peer, tls });
    if purpose == Purpose::S3Preflight { Next::Preflight(routed) } else { Next::Call(routed) }
}

/// Checks what HTTP demands of a request and hyper does not, and makes sure of the `host` header.
fn check(parts: &mut Parts) -> Result<(), Refusal> {
    if parts.method == http::Method::CONNECT {
        return Err(bad_request(StatusCode::METHOD_NOT_ALLOWED, "CONNECT is not served", "Welkin is no proxy"));
    }
    if parts.headers.get(EXPECT).is_some_and(|expect| !expect.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        return Err(bad_request(StatusCode::EXPECTATION_FAILED, "Expect is not 100-continue", "leave Expect out"));
    }
    if parts.headers.get_all(HOST).iter().nth(1).is_some() {
        return Err(bad_request(StatusCode::BAD_REQUEST, "there is more than one Host header", "send one"));
    }
    // The authority of the URI counts more than the header (RFC 9112, section 3.2.2).
    if let Some(authority) = parts.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        parts.headers.insert(HOST, host);
    }
    if parts.headers.contains_key(HOST) {
        return Ok(());
    }
    if parts.version < Version::HTTP_11 {
        parts.headers.insert(HOST, HeaderValue::from_static("localhost"));
        return Ok(());
    }
    Err(bad_request(StatusCode::BAD_REQUEST, "there is no Host header", "HTTP/1.1 demands one"))
}

fn bad_request(status: StatusCode, detail: &str, hint: &'static str) -> Refusal {
    Refusal { status, message: "the request is not one that HTTP allows here", detail: detail.to_owned(), hint }
}

/// Reads a body of known length up to `limit`, so that nobody after has to stream it; a client that
/// waits for `100 Continue` is not asked for its body before it is known to be welcome. What cannot
/// be read fails again, and is told, when the body is used.
async fn read_if_small(parts: &Parts, body: Body, limit: usize) -> Body {
    let small =
        matches!(body, Body::Stream(_)) && body.size_hint().exact().is_some_and(|length| length <= limit as u64);
    if !small || !parts.headers.contains_key(CONTENT_LENGTH) || parts.headers.contains_key(EXPECT) {
        return body;
    }
    match read_all(body, limit).await {
        Ok(bytes) => Body::Full(bytes),
        Err(Unread::TooLong) => failed("the body is longer than its Content-Length".into()),
        Err(Unread::Failed(error)) => failed(error),
    }
}
