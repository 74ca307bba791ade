//! Bodies of HTTP messages.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};

/// Why a body ended before its end.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// A body: bytes at hand, or a stream of them.
pub enum Body {
    /// All of it.
    Full(Bytes),
    /// Chunks as they come.
    Stream(UnsyncBoxBody<Bytes, BodyError>),
}

impl Body {
    /// No bytes.
    pub const fn empty() -> Self {
        Self::Full(Bytes::new())
    }

    /// A body that streams.
    pub fn stream<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        Self::Stream(body.map_err(Into::into).boxed_unsync())
    }

    /// Reads all of it; an error if it is longer than `limit` bytes.
    pub async fn collect(self, limit: usize) -> Result<Bytes, BodyError> {
        match self {
            Self::Full(bytes) if bytes.len() <= limit => Ok(bytes),
            Self::Full(_) => Err("body is longer than the limit".into()),
            // Not `http_body_util::Limited`: the compiler cannot prove a future that holds it `Send`.
            Self::Stream(mut stream) => {
                let mut whole = BytesMut::new();
                while let Some(frame) = stream.frame().await {
                    let Ok(data) = frame?.into_data() else { continue };
                    if data.len() > limit.saturating_sub(whole.len()) {
                        return Err("body is longer than the limit".into());
                    }
                    whole.extend_from_slice(&data);
                }
                Ok(whole.freeze())
            }
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Full(bytes)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(bytes) => write!(f, "Full({} bytes)", bytes.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Full(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Stream(stream) => Pin::new(stream).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Full(bytes) => bytes.is_empty(),
            Self::Stream(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Full(bytes) => Full::new(bytes.clone()).size_hint(),
            Self::Stream(stream) => stream.size_hint(),
        }
    }
}
