//! The body of a request, given up on when the client stalls.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};
use welkin_wire::{Body, BodyError};

/// The client sent no byte of a body for longer than [`crate::Limits::body_stall`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyTimeout;

impl fmt::Display for BodyTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "Your socket connection to the server was not read from or written to within the timeout period. \
             Idle connections will be closed.",
        )
    }
}

impl std::error::Error for BodyTimeout {}

/// Hyper's body under a stall limit.
struct Watched {
    body: Incoming,
    stall: Duration,
    /// Armed only while the reader waits for bytes, so bytes at hand cost no timer.
    timer: Option<Pin<Box<Sleep>>>,
    waiting: bool,
    asked: Option<Asked>,
}

/// Whether the body of a client that waits for `100 Continue` was asked for.
///
/// If it was not, the client keeps it to itself, and what it sends next is another request: hyper would take
/// that for the body. So the answer has to close the connection (RFC 9110, section 10.1.1).
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked(Arc<AtomicBool>);

impl Asked {
    pub(crate) fn was(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The body as the handler gets it. Without bytes it is [`Body::Full`].
pub(crate) fn watched(body: Incoming, stall: Duration, asked: Option<Asked>) -> Body {
    if body.is_end_stream() {
        return Body::empty();
    }
    Body::stream(Watched { body, stall, timer: None, waiting: false, asked })
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        if let Some(Asked(asked)) = this.asked.take() {
            asked.store(true, Ordering::Relaxed);
        }
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            this.waiting = false;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let timer = this.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(this.stall)));
        if !this.waiting {
            this.waiting = true;
            timer.as_mut().reset(Instant::now() + this.stall);
        }
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Some(Err(Box::new(BodyTimeout))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Why a body was not read in full.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It is longer than the limit.
    TooLong,
    /// It ended before its end.
    Failed(BodyError),
}

/// Reads all of a body of up to `limit` bytes.
pub(crate) async fn read_all(mut body: Body, limit: usize) -> Result<Bytes, Unread> {
    if let Body::Full(bytes) = body {
        return if bytes.len() <= limit { Ok(bytes) } else { Err(Unread::TooLong) };
    }
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(Unread::Failed)?.into_data() else { continue };
        if whole.len().saturating_add(first.len()).saturating_add(data.len()) > limit {
            return Err(Unread::TooLong);
        }
        // Most bodies come in one piece, which then need not be copied.
        if first.is_empty() && whole.is_empty() {
            first = data;
            continue;
        }
        whole.extend_from_slice(&std::mem::take(&mut first));
        whole.extend_from_slice(&data);
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// A body that could not be read, which says so to whoever reads it.
pub(crate) fn failed(error: BodyError) -> Body {
    Body::stream(Failed(Some(error)))
}

struct Failed(Option<BodyError>);

impl http_body::Body for Failed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Poll::Ready(self.0.take().map(Err))
    }
}
