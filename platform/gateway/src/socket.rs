//! A TCP connection whose first bytes can be looked at, and which notes what it is doing.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::activity::Activity;

/// What an HTTP/2 client that knows its server sends first (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What the first bytes of a connection say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// A TLS handshake record.
    Tls,
    /// HTTP/2 with prior knowledge.
    Http2,
    /// Anything else: HTTP/1.
    Http1,
}

/// A TCP connection.
#[derive(Debug)]
pub(crate) struct Socket {
    tcp: TcpStream,
    head: [u8; PREFACE.len()],
    filled: usize,
    taken: usize,
    activity: Arc<Activity>,
}

impl Socket {
    pub(crate) fn new(tcp: TcpStream, activity: Arc<Activity>) -> Self {
        Self { tcp, head: [0; PREFACE.len()], filled: 0, taken: 0, activity }
    }

    /// Reads as many bytes as it takes to tell; they are read again by whoever reads next.
    pub(crate) async fn opening(&mut self) -> io::Result<Opening> {
        loop {
            let Some(free) = self.head.get_mut(self.filled..) else { return Ok(Opening::Http1) };
            let read = self.tcp.read(free).await?;
            self.filled = self.filled.saturating_add(read);
            let seen = self.head.get(..self.filled).unwrap_or_default();
            match seen.first() {
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
                Some(0x16) => return Ok(Opening::Tls),
                Some(_) if seen == PREFACE => return Ok(Opening::Http2),
                Some(_) if PREFACE.starts_with(seen) && read > 0 => {}
                Some(_) => return Ok(Opening::Http1),
            }
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.taken < self.filled {
            let end = self.filled.min(self.taken.saturating_add(buf.remaining()));
            buf.put_slice(self.head.get(self.taken..end).unwrap_or_default());
            self.taken = end;
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.tcp).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            self.activity.received();
        }
        Poll::Ready(Ok(()))
    }
}

impl Socket {
    fn note<T>(&self, written: Poll<T>) -> Poll<T> {
        match written {
            Poll::Ready(_) => self.activity.written(),
            Poll::Pending => self.activity.blocked(),
        }
        written
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write(cx, buf);
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
