//! A worker's questions to the desk of its coordinator.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Serialize;
use welkin_sql::iceberg::Warehouse;
use welkin_sql::remote::Query;
use welkin_sql::{Code, Object, Result, SqlError, Storage};

use crate::desk::{List, Read};
use crate::secret::Secret;
use crate::{DESK, TICKET, WORKER};

/// Connections to coordinators.
#[derive(Clone)]
pub(crate) struct Asker {
    client: Client<HttpConnector, Full<Bytes>>,
    secret: Secret,
    /// Who asks.
    name: HeaderValue,
}

/// Questions about one query.
#[derive(Clone)]
pub(crate) struct Asking {
    asker: Asker,
    desk: String,
    ticket: HeaderValue,
}

/// The files of one of its scans.
#[derive(Clone)]
pub(crate) struct Files {
    asking: Arc<Asking>,
    source: usize,
}

fn failed(why: impl std::fmt::Display) -> SqlError {
    SqlError::new(Code::GenericInternalError, format!("a worker cannot ask the coordinator: {why}"))
}

impl Asker {
    pub(crate) fn new(secret: Secret, name: &str) -> Self {
        let name = HeaderValue::from_str(name).unwrap_or_else(|_| HeaderValue::from_static("worker"));
        Self { client: Client::builder(TokioExecutor::new()).build_http(), secret, name }
    }

    /// Questions about the query that a request is about.
    ///
    /// # Errors
    /// It tells none.
    pub(crate) fn about(&self, headers: &HeaderMap) -> Result<Asking> {
        let header = |name: &str| headers.get(name).cloned().ok_or_else(|| failed(format!("no {name} was given")));
        let desk = header(DESK)?.to_str().map_err(failed)?.to_owned();
        Ok(Asking { asker: self.clone(), desk, ticket: header(TICKET)? })
    }
}

impl Asking {
    /// The ticket.
    pub(crate) fn ticket(&self) -> &[u8] {
        self.ticket.as_bytes()
    }

    /// What the query is.
    ///
    /// # Errors
    /// The coordinator does not answer, or the query has ended.
    pub(crate) async fn query(&self) -> Result<Query> {
        rmp_serde::from_slice(&self.ask("query", &()).await?).map_err(failed)
    }

    pub(crate) fn of(self, source: usize) -> Files {
        Files { asking: Arc::new(self), source }
    }

    async fn ask(&self, what: &str, body: &impl Serialize) -> Result<Bytes> {
        let uri: Uri = format!("http://{}/{what}", self.desk).parse().map_err(failed)?;
        let mut request = Request::new(Full::new(Bytes::from(rmp_serde::to_vec(body).map_err(failed)?)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        self.asker.secret.put(headers);
        headers.insert(TICKET, self.ticket.clone());
        headers.insert(WORKER, self.asker.name.clone());
        let response = self.asker.client.request(request).await.map_err(failed)?;
        let status = response.status();
        let bytes = response.into_body().collect().await.map_err(failed)?.to_bytes();
        if status == StatusCode::OK {
            return Ok(bytes);
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Err(SqlError::told(&text).unwrap_or_else(|| failed(format!("{status} {text}"))))
    }
}

impl Storage for Files {
    fn list<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, Result<Vec<Object>>> {
        Box::pin(async move {
            let list = List { source: self.source, location: folder.to_owned() };
            rmp_serde::from_slice(&self.asking.ask("list", &list).await?).map_err(failed)
        })
    }

    fn read<'a>(&'a self, object: &'a Object, range: Range<u64>) -> BoxFuture<'a, Result<Bytes>> {
        Box::pin(async move {
            let read = Read { source: self.source, object: object.clone(), start: range.start, end: range.end };
            self.asking.ask("read", &read).await
        })
    }
}

impl Warehouse for Files {
    fn get<'a>(&'a self, location: &'a str) -> BoxFuture<'a, Result<Bytes>> {
        Box::pin(async move { Err(failed(format!("{location} is not read by workers"))) })
    }

    fn put<'a>(&'a self, location: &'a str, _: Bytes) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { Err(failed(format!("{location} is not written by workers"))) })
    }
}
