//! Where workers ask the coordinator: what a query is, and bytes of the files that it reads.
//!
//! `POST /query` answers the query of the ticket; `POST /read` and `POST /list` read as the query's own principal. Bodies
//! are MessagePack. What goes wrong is answered with status 409 and the error as text.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use datafusion::physical_plan::ExecutionPlan;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use welkin_sql::remote::{Query, Source};
use welkin_sql::{Code, Object, SqlError};

use crate::secret::Secret;
use crate::{TICKET, WORKER};

/// Longest body of a request.
const LONGEST: usize = 64 << 10;

/// What is read of a file.
#[derive(Serialize, Deserialize)]
pub(crate) struct Read {
    pub(crate) source: usize,
    pub(crate) object: Object,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// What is listed.
#[derive(Serialize, Deserialize)]
pub(crate) struct List {
    pub(crate) source: usize,
    pub(crate) location: String,
}

/// The scans of a query that were sent.
#[derive(Default)]
pub(crate) struct Sources(Mutex<Vec<(Arc<dyn ExecutionPlan>, Source)>>);

impl Sources {
    /// The place of a scan's source.
    pub(crate) fn add(&self, node: Arc<dyn ExecutionPlan>, source: Source) -> usize {
        let mut all = lock(&self.0);
        let known = all.iter().position(|(known, _)| Arc::ptr_eq(known, &node));
        known.unwrap_or_else(|| {
            all.push((node, source));
            all.len() - 1
        })
    }

    fn get(&self, n: usize) -> Option<Source> {
        lock(&self.0).get(n).map(|(_, source)| source.clone())
    }
}

/// A query that is running.
struct Running {
    query: Query,
    sources: Arc<Sources>,
}

/// What workers have read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) reads: u64,
    pub(crate) bytes: u64,
}

struct Shared {
    secret: Secret,
    running: Mutex<HashMap<String, Running>>,
    counts: Mutex<HashMap<String, Count>>,
}

/// The desk.
pub(crate) struct Desk {
    shared: Arc<Shared>,
    address: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
}

/// A query's ticket, which ends when this is dropped.
pub(crate) struct Ticket {
    shared: Arc<Shared>,
    pub(crate) id: String,
    pub(crate) sources: Arc<Sources>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        lock(&self.shared.running).remove(&self.id);
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    /// Opens the desk.
    ///
    /// # Errors
    /// It cannot listen there.
    pub(crate) async fn open(at: SocketAddr, told: Option<IpAddr>, secret: Secret) -> std::io::Result<Self> {
        let listener = TcpListener::bind(at).await?;
        let mut address = listener.local_addr()?;
        if let (true, Some(ip)) = (address.ip().is_unspecified(), told) {
            address.set_ip(ip);
        }
        let shared = Arc::new(Shared { secret, running: Mutex::default(), counts: Mutex::default() });
        let serving = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { shared, address, serving })
    }

    /// Where workers find it.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A ticket for a query.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub(crate) fn ticket(&self, query: Query) -> std::result::Result<Ticket, aws_lc_rs::error::Unspecified> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes)?;
        let (id, sources) = (hex::encode(bytes), Arc::new(Sources::default()));
        lock(&self.shared.running).insert(id.clone(), Running { query, sources: Arc::clone(&sources) });
        Ok(Ticket { shared: Arc::clone(&self.shared), id, sources })
    }

    /// What a worker has read.
    pub(crate) fn count(&self, worker: &str) -> Count {
        lock(&self.shared.counts).get(worker).copied().unwrap_or_default()
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file handles, as a rule: some are free again soon.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let answer = service_fn(move |request| answer(Arc::clone(&shared), request));
            // A connection that breaks is the worker's matter, which asks again or fails.
            let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    // Whoever does not know the secret learns nothing, not even which tickets there are.
    if !shared.secret.is_in(&parts.headers) {
        return Ok(response(StatusCode::FORBIDDEN, Bytes::new()));
    }
    let Ok(body) = Limited::new(body, LONGEST).collect().await else {
        return Ok(response(StatusCode::BAD_REQUEST, Bytes::new()));
    };
    Ok(match asked(&shared, parts.uri.path(), &parts.headers, &body.to_bytes()).await {
        Ok(bytes) => response(StatusCode::OK, bytes),
        Err(error) => response(StatusCode::CONFLICT, error.to_string().into()),
    })
}

fn response(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response
}

fn wrong(what: impl std::fmt::Display) -> SqlError {
    SqlError::new(Code::GenericInternalError, format!("a worker asked amiss: {what}"))
}

async fn asked(shared: &Shared, path: &str, headers: &HeaderMap, body: &[u8]) -> Result<Bytes, SqlError> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (query, sources) = {
        let running = lock(&shared.running);
        let running = running.get(text(TICKET)).ok_or_else(|| wrong("the query has ended"))?;
        (running.query.clone(), Arc::clone(&running.sources))
    };
    let source = |n: usize| sources.get(n).ok_or_else(|| wrong("there is no such scan"));
    match path {
        "/query" => rmp_serde::to_vec(&query).map(Bytes::from).map_err(wrong),
        "/read" => {
            let read: Read = rmp_serde::from_slice(body).map_err(wrong)?;
            let bytes = source(read.source)?.read(&read.object, read.start..read.end).await?;
            let mut counts = lock(&shared.counts);
            let count = counts.entry(text(WORKER).to_owned()).or_default();
            count.reads += 1;
            count.bytes += bytes.len() as u64;
            Ok(bytes)
        }
        "/list" => {
            let list: List = rmp_serde::from_slice(body).map_err(wrong)?;
            let objects = source(list.source)?.list(&list.location).await?;
            rmp_serde::to_vec(&objects).map(Bytes::from).map_err(wrong)
        }
        other => Err(wrong(other)),
    }
}
