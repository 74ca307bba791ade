//! Step 3: bytes to the operation's input.

use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use aws_lc_rs::digest;
use bytes::Bytes;
use http_body::Frame;
use welkin_sigv4::{ChunkDecoder, Payload, RequestView};
use welkin_wire::{Body, BodyError, Route, Unpacked, Value};

use super::authenticate::refusal;
use crate::{Cx, Error, Result};

/// What is still to be read of a request.
pub(super) struct Input {
    pub(super) parts: http::request::Parts,
    pub(super) body: Body,
    pub(super) signed: Signed,
}

/// What the signature says of the body.
pub(super) enum Signed {
    /// There is no signature.
    Not,
    /// It was verified.
    By(welkin_sigv4::Body),
    /// It was not verified: a bootstrap key goes with any secret.
    ByAnySecret(Payload),
}

/// Parses and validates the input. A body that streams stays a stream, and is checked as it is read.
pub(super) fn parse(cx: &mut Cx, route: &Route, input: Input) -> Result<Value> {
    let Input { parts, body, signed } = input;
    let body = check(route, &parts, body, signed)?;
    if let (Body::Full(bytes), false) = (&body, welkin_wire::streams(route)) {
        super::integrity::verify(route, &parts.headers, bytes)?;
    }
    let body = if route.operation.gzip { unpacked(cx, &parts.headers, body)? } else { body };
    let query = parts.uri.query().unwrap_or_default();
    let mut value = welkin_wire::parse_request(route, &parts.headers, query, body)
        .map_err(|e| Error::new(e.code, e.message).status(e.status))?;
    if let Some(shape) = route.operation.input
        && let Err(violations) = welkin_wire::validate(route.service, shape, &value)
    {
        let (code, message) = welkin_wire::validation_error(route.service, route.protocol, &violations);
        return Err(Error::new(code, message).status(400));
    }
    if let Value::Map(map) = &mut value {
        let streaming = map.iter().find(|(_, v)| matches!(v, Value::Stream(_))).map(|(name, _)| name.to_owned());
        if let Some(Value::Stream(stream)) = streaming.and_then(|name| map.remove(&name)) {
            cx.body = Mutex::new(stream.take());
        }
    }
    Ok(value)
}

/// The body of an operation whose clients may compress it, in clear. What was signed is what was sent.
fn unpacked(cx: &Cx, headers: &http::HeaderMap, body: Body) -> Result<Body> {
    let Body::Full(bytes) = body else { return Ok(body) };
    let limit = cx.kernel.settings().body_limit;
    match welkin_wire::unpack(headers, &bytes, limit) {
        Unpacked::Plain(plain) => Ok(Body::Full(plain)),
        Unpacked::NotGzip(error) => {
            Err(Error::new("SerializationException", format!("The request body is not gzip: {error}")).status(400))
        }
        Unpacked::TooLong => Err(too_long(limit)),
    }
}

/// The refusal of a body that is longer than any is read.
pub(super) fn too_long(limit: usize) -> Error {
    Error::new("RequestEntityTooLarge", format!("The body is broken off or longer than {limit} bytes.")).status(413)
}

/// The body as the operation reads it: decoded and checked against what was signed.
fn check(route: &Route, parts: &http::request::Parts, body: Body, signed: Signed) -> Result<Body> {
    let view = RequestView {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
    };
    let refuse = |error: welkin_sigv4::Error| refusal(route, error.kind());
    match signed {
        Signed::By(welkin_sigv4::Body::Sha256(expected)) => Ok(hashed(route, body, expected)),
        Signed::By(welkin_sigv4::Body::Chunked { payload, seed }) => {
            decoded(route, body, ChunkDecoder::for_request(&view, &payload, seed).map_err(refuse)?)
        }
        Signed::ByAnySecret(payload) if payload.is_chunked() => {
            decoded(route, body, ChunkDecoder::unverified(&view, &payload).map_err(refuse)?)
        }
        Signed::ByAnySecret(Payload::Sha256(expected)) => Ok(hashed(route, body, expected)),
        Signed::By(welkin_sigv4::Body::Events(_)) if !takes_events(route) => {
            Err(refusal(route, &welkin_sigv4::ErrorKind::MalformedEvent))
        }
        Signed::Not | Signed::By(_) | Signed::ByAnySecret(_) => Ok(body),
    }
}

/// Whether the operation's input is a stream of events.
fn takes_events(route: &Route) -> bool {
    let members = route.operation.input.and_then(|id| route.service.shape(id).structure()).map(|s| &s.members);
    let is_stream = |shape| route.service.shape(shape).structure().is_some_and(|structure| structure.event_stream);
    members.is_some_and(|members| members.iter().any(|member| is_stream(member.shape)))
}

/// A body whose SHA-256 was signed: it fails at its end if it is another one.
fn hashed(route: &Route, body: Body, expected: [u8; 32]) -> Body {
    if let Body::Full(_) = body {
        // It was hashed when it was verified, or may be anything.
        return body;
    }
    Body::stream(Hashed {
        body,
        hash: digest::Context::new(&digest::SHA256),
        expected,
        route: route.clone(),
        done: false,
    })
}

struct Hashed {
    body: Body,
    hash: digest::Context,
    expected: [u8; 32],
    route: Route,
    done: bool,
}

impl http_body::Body for Hashed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.done {
            return Poll::Ready(None);
        }
        let polled = std::task::ready!(Pin::new(&mut self.body).poll_frame(cx));
        Poll::Ready(match polled {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.hash.update(data);
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => Some(Err(error)),
            None => {
                self.done = true;
                let computed: [u8; 32] = self.hash.clone().finish().as_ref().try_into().unwrap_or_default();
                let checked = welkin_sigv4::check_sha256(&self.expected, &computed);
                checked.err().map(|error| Err(refusal(&self.route, error.kind()).into()))
            }
        })
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

/// A body in `aws-chunked` coding, decoded. What is at hand is decoded at once.
fn decoded(route: &Route, body: Body, mut decoder: ChunkDecoder) -> Result<Body> {
    match body {
        // What streams keeps its trailers, which the operation reads.
        Body::Full(bytes) if !welkin_wire::streams(route) => {
            let mut whole = Vec::new();
            let refuse = |error: welkin_sigv4::Error| refusal(route, error.kind());
            decoder.push(bytes).map_err(refuse)?;
            while let Some(chunk) = decoder.pop() {
                whole.extend_from_slice(&chunk);
            }
            decoder.finish().map_err(refuse)?;
            Ok(Body::Full(whole.into()))
        }
        stream => Ok(Body::stream(Decoded {
            body: stream,
            decoder: Some(decoder),
            ready: Default::default(),
            route: route.clone(),
        })),
    }
}

struct Decoded {
    body: Body,
    decoder: Option<ChunkDecoder>,
    ready: std::collections::VecDeque<Frame<Bytes>>,
    route: Route,
}

impl http_body::Body for Decoded {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(frame)));
            }
            let Some(mut decoder) = self.decoder.take() else { return Poll::Ready(None) };
            let refuse =
                |route: &Route, error: welkin_sigv4::Error| -> BodyError { refusal(route, error.kind()).into() };
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Pending => {
                    self.decoder = Some(decoder);
                    return Poll::Pending;
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        if let Err(error) = decoder.push(data) {
                            return Poll::Ready(Some(Err(refuse(&self.route, error))));
                        }
                        while let Some(chunk) = decoder.pop() {
                            self.ready.push_back(Frame::data(chunk));
                        }
                    }
                    self.decoder = Some(decoder);
                }
                Poll::Ready(None) => match decoder.finish() {
                    Ok(trailers) if trailers.is_empty() => return Poll::Ready(None),
                    Ok(trailers) => self.ready.push_back(Frame::trailers(headers(trailers))),
                    Err(error) => return Poll::Ready(Some(Err(refuse(&self.route, error)))),
                },
            }
        }
    }
}

fn headers(trailers: Vec<(String, String)>) -> http::HeaderMap {
    let parsed = trailers.into_iter().filter_map(|(name, value)| {
        Some((http::HeaderName::try_from(name).ok()?, http::HeaderValue::try_from(value).ok()?))
    });
    parsed.collect()
}
