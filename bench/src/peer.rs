//! The bare server: hyper, which reads the request's body and gives one answer. It is the limit of what any server
//! built on it could do.

use std::convert::Infallible;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use clap::Args;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use crate::canned::Canned;
use crate::failure::Result;
use crate::screen;

/// Serve one canned answer with bare hyper
#[derive(Args, Debug)]
pub(crate) struct Peer {
    /// File with status, headers and body
    answer: PathBuf,
    /// Repeat the body until the answer has this many bytes
    #[arg(long)]
    length: Option<u64>,
}

impl Peer {
    pub(crate) async fn run(self) -> Result<()> {
        let canned = Arc::new(Canned::parse(&std::fs::read(&self.answer)?)?);
        let length = self.length.unwrap_or(canned.body.len() as u64);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        screen::line(&format!("{{\"endpoint\":\"http://{}\"}}", listener.local_addr()?));
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            let canned = Arc::clone(&canned);
            tokio::spawn(async move {
                let service = service_fn(|request| answer(request, Arc::clone(&canned), length));
                let connection = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(socket), service);
                // A client that goes away is no failure of the server.
                let _ = connection.await;
            });
        }
    }
}

async fn answer(
    request: Request<Incoming>,
    canned: Arc<Canned>,
    length: u64,
) -> std::result::Result<Response<Repeated>, Infallible> {
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
    let mut response = Response::new(Repeated { piece: canned.body.clone(), left: length });
    *response.status_mut() = canned.status;
    *response.headers_mut() = canned.headers.clone();
    Ok(response)
}

/// A body of one piece, again and again.
struct Repeated {
    piece: Bytes,
    left: u64,
}

impl Body for Repeated {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
        let size = self.left.min(self.piece.len() as u64);
        if size == 0 {
            return Poll::Ready(None);
        }
        self.left -= size;
        let piece = self.piece.slice(..usize::try_from(size).unwrap_or(usize::MAX));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0 || self.piece.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(if self.piece.is_empty() { 0 } else { self.left })
    }
}
