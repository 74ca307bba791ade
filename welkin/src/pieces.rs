//! A body made of pieces that come through a channel.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::sync::mpsc;
use welkin_wire::BodyError;

/// Pieces, or why there are no more.
pub(crate) type Piece = Result<Bytes, BodyError>;

/// The body.
pub(crate) struct Pieces(mpsc::Receiver<Piece>);

/// Pieces that wait to be taken, at most.
const WAITING: usize = 8;

impl Pieces {
    /// The sending end, and the body.
    pub(crate) fn channel() -> (mpsc::Sender<Piece>, Self) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (sender, Self(receiver))
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
