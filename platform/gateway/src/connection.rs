//! One connection: TLS or not, HTTP/1 or HTTP/2, watched for slowness.

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::activity::{Activity, Overdue};
use crate::exchange::{self, Link};
use crate::linger::{self, FAREWELL};
use crate::listener::stopped;
use crate::route::Router;
use crate::socket::{Opening, Socket};
use crate::tls_session::TlsSession;
use crate::{Config, Handler, Limits};

/// What a client is told that does not finish the head of its request.
const SLOW: &str = "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// What every request needs.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) router: Router,
}

/// What every connection needs.
pub(crate) struct Front<H> {
    pub(crate) shared: Arc<Shared>,
    pub(crate) handler: Arc<H>,
    tls: Option<TlsAcceptor>,
}

impl<H> std::fmt::Debug for Front<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Front").field("shared", &self.shared).finish_non_exhaustive()
    }
}

impl<H: Handler> Front<H> {
    pub(crate) fn new(config: Config, handler: Arc<H>, addresses: &[SocketAddr]) -> Result<Self, rustls::Error> {
        let addresses: Vec<_> = addresses.iter().map(SocketAddr::ip).collect();
        let tls = config.tls.as_ref().map(|tls| tls.server(&addresses)).transpose()?.map(TlsAcceptor::from);
        let router = Router::new(config.names.clone(), config.limits.buffered_body);
        Ok(Self { shared: Arc::new(Shared { config, router }), handler, tls })
    }
}

/// Serves a connection to its end.
pub(crate) async fn serve<H: Handler>(
    front: Arc<Front<H>>,
    tcp: TcpStream,
    peer: SocketAddr,
    mut stopping: watch::Receiver<bool>,
) {
    // Without it, small answers wait for acknowledgements (Nagle); a socket that refuses is still good.
    let _ = tcp.set_nodelay(true);
    let activity = Arc::new(Activity::new());
    let mut socket = Socket::new(tcp, Arc::clone(&activity));
    let opening = tokio::select! {
        opening = tokio::time::timeout(front.shared.config.limits.head_time, socket.opening()) => opening,
        () = stopped(&mut stopping) => return,
    };
    match (opening, &front.tls) {
        // Whoever connects and says nothing, or goes at once, is owed nothing.
        (Err(_) | Ok(Err(_)), _) => {}
        (Ok(Ok(Opening::Tls)), Some(acceptor)) => {
            let handshake = tokio::time::timeout(front.shared.config.limits.head_time, acceptor.accept(socket)).await;
            let Ok(Ok(stream)) = handshake else {
                tracing::debug!(%peer, ?handshake, "no TLS");
                return;
            };
            let session = stream.get_ref().1;
            let (http2, tls) = (session.alpn_protocol() == Some(b"h2"), TlsSession::of(session));
            run(front, stream, Link { peer, tls: Some(tls), activity }, http2, stopping).await;
        }
        (Ok(Ok(Opening::Tls)), None) => tracing::debug!(%peer, "TLS is off"),
        (Ok(Ok(opening)), _) => {
            let http2 = opening == Opening::Http2;
            run(front, socket, Link { peer, tls: None, activity }, http2, stopping).await;
        }
    }
}

async fn run<H: Handler, S>(front: Arc<Front<H>>, stream: S, link: Link, http2: bool, stopping: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    link.activity.opened();
    let limits = front.shared.config.limits.clone();
    let activity = Arc::clone(&link.activity);
    let peer = link.peer;
    let service =
        service_fn(move |request: http::Request<Incoming>| exchange::answer(Arc::clone(&front), request, link.clone()));
    let io = TokioIo::new(stream);
    let outcome = if http2 {
        let connection = pin!(http2_builder(&limits).serve_connection(io, service));
        watch(connection, &activity, &limits, true, stopping, http2::Connection::graceful_shutdown).await
    } else {
        let mut connection = http1_builder(&limits).serve_connection(io, service);
        let pinned = Pin::new(&mut connection);
        let outcome = watch(pinned, &activity, &limits, false, stopping, http1::Connection::graceful_shutdown).await;
        let stream = connection.into_parts().io.into_inner();
        match outcome {
            Outcome::Ended => linger::close(stream, "").await,
            Outcome::Overdue(Overdue::Head) => linger::close(stream, SLOW).await,
            Outcome::Overdue(_) => {}
        }
        outcome
    };
    tracing::trace!(%peer, ?outcome, "connection over");
}

fn http1_builder(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    // Times are watched here: hyper's own time-out of heads would say nothing to the client.
    builder.header_read_timeout(None).max_headers(limits.headers).max_header_size(limits.header_bytes);
    builder.half_close(true);
    builder
}

fn http2_builder(limits: &Limits) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.h2_streams)
        .max_pending_accept_reset_streams(limits.h2_pending_resets)
        .max_local_error_reset_streams(limits.h2_error_resets)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(4 << 20)
        .keep_alive_interval(limits.idle_time)
        .keep_alive_timeout(limits.head_time);
    builder
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// By itself, well or not.
    Ended,
    /// Given up on.
    Overdue(Overdue),
}

/// Drives a connection to its end, or until it is overdue.
async fn watch<C, E>(
    mut connection: Pin<&mut C>,
    activity: &Activity,
    limits: &Limits,
    multiplexed: bool,
    mut stopping: watch::Receiver<bool>,
    stop: impl Fn(Pin<&mut C>),
) -> Outcome
where
    C: Future<Output = Result<(), E>>,
    E: std::fmt::Debug,
{
    let mut told = false;
    let mut timer = pin!(tokio::time::sleep(Activity::interval(limits)));
    loop {
        tokio::select! {
            biased;
            _ = connection.as_mut() => return Outcome::Ended,
            () = timer.as_mut() => match activity.check(limits, multiplexed) {
                Ok(left) => timer.as_mut().reset(tokio::time::Instant::now() + left),
                Err(Overdue::Idle) if !told => {
                    // Lets a request that is on its way be answered, over HTTP/2.
                    told = true;
                    stop(connection.as_mut());
                    timer.as_mut().reset(tokio::time::Instant::now() + FAREWELL);
                }
                Err(overdue) => return Outcome::Overdue(overdue),
            },
            () = stopped(&mut stopping), if !told => {
                told = true;
                stop(connection.as_mut());
            }
        }
    }
}
