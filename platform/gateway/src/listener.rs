//! Sockets that listen, and the loop that accepts.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use crate::connection::{self, Front};
use crate::{Config, Handler, linger};

/// What a client is told beyond [`crate::Limits::connections`].
const FULL: &str = r#"{"message":"too many connections","detail":"","hint":"raise the limit of connections"}"#;

/// How many clients beyond the limit are told so at a time; the others are hung up on.
const FAREWELLS: usize = 64;

/// Who may come in.
#[derive(Clone, Debug)]
struct Doors {
    room: Arc<Semaphore>,
    farewells: Arc<Semaphore>,
}

/// A gateway that listens and does not serve yet, so that its addresses can be told first.
#[derive(Debug)]
pub struct Gateway<H> {
    listeners: Vec<TcpListener>,
    front: Arc<Front<H>>,
}

impl<H: Handler> Gateway<H> {
    /// Binds every address of `config.listen`. With port 0 all get the port that the first was
    /// given. An IPv6 address on a machine without IPv6 is left out if another is bound.
    ///
    /// # Errors
    /// The operating system's, for the first address that cannot be bound.
    pub async fn bind(config: Config, handler: Arc<H>) -> io::Result<Self> {
        let mut listeners: Vec<TcpListener> = Vec::new();
        for mut address in config.listen.iter().copied() {
            if let (0, Some(first)) = (address.port(), listeners.first()) {
                address.set_port(first.local_addr()?.port());
            }
            match TcpListener::bind(address).await {
                Ok(listener) => listeners.push(listener),
                Err(error) if address.is_ipv6() && !listeners.is_empty() && is_absent(&error) => {
                    tracing::debug!(%address, %error, "not listening");
                }
                Err(error) => return Err(io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))),
            }
        }
        let addresses = listeners.iter().map(TcpListener::local_addr).collect::<io::Result<Vec<_>>>()?;
        let front = Front::new(config, handler, &addresses).map_err(io::Error::other)?;
        Ok(Self { listeners, front: Arc::new(front) })
    }

    /// The addresses that are bound.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Serves until `shutdown` is done; then accepts no more, tells idle clients to go, gives
    /// in-flight requests [`crate::Limits::shutdown_time`], and returns whether all finished.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> bool {
        let (stop, stopping) = watch::channel(false);
        let connections = self.front.shared.config.limits.connections.min(Semaphore::MAX_PERMITS);
        let doors =
            Doors { room: Arc::new(Semaphore::new(connections)), farewells: Arc::new(Semaphore::new(FAREWELLS)) };
        let limit = self.front.shared.config.limits.shutdown_time;
        let mut accepting = JoinSet::new();
        for listener in self.listeners {
            accepting.spawn(accept(listener, Arc::clone(&self.front), doors.clone(), stopping.clone()));
        }
        drop(stopping);
        shutdown.await;
        stop.send_replace(true);
        let finished = async { while accepting.join_next().await.is_some() {} };
        tokio::time::timeout(limit, finished).await.is_ok()
    }
}

/// Whether the machine has no such address.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
        // EAFNOSUPPORT, which has no kind of its own.
        || error.raw_os_error() == Some(97)
}

/// Accepts until told to stop, then waits for the connections it started.
async fn accept<H: Handler>(
    listener: TcpListener,
    front: Arc<Front<H>>,
    doors: Doors,
    stopping: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let mut stop = stopping.clone();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((tcp, peer)) => admit(&mut connections, tcp, peer, &front, &doors, &stopping),
                Err(error) => {
                    // Out of file descriptors, most likely: give connections time to end.
                    tracing::warn!(%error, "cannot accept");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = stopped(&mut stop) => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

fn admit<H: Handler>(
    connections: &mut JoinSet<()>,
    tcp: TcpStream,
    peer: SocketAddr,
    front: &Arc<Front<H>>,
    doors: &Doors,
    stopping: &watch::Receiver<bool>,
) {
    let Ok(permit) = Arc::clone(&doors.room).try_acquire_owned() else {
        if let Ok(permit) = Arc::clone(&doors.farewells).try_acquire_owned() {
            connections.spawn(async move {
                let _permit = permit;
                turn_away(tcp).await;
            });
        }
        return;
    };
    let (front, stopping) = (Arc::clone(front), stopping.clone());
    connections.spawn(async move {
        let _permit: OwnedSemaphorePermit = permit;
        connection::serve(front, tcp, peer, stopping).await;
    });
}

/// Says 503.
async fn turn_away(tcp: TcpStream) {
    let head =
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\nconnection: close";
    linger::close(tcp, &format!("{head}\r\ncontent-length: {}\r\n\r\n{FULL}", FULL.len())).await;
}

/// Waits until it is time to stop.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error means that whoever could say so is gone, which says it as well.
    let _ = stopping.wait_for(|stop| *stop).await;
}
