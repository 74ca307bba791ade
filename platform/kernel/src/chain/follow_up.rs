//! What is done once the answer to a request is known, such as the lines of access logs.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::header::HeaderMap;
use http::{Method, Response, StatusCode, Uri, Version};
use http_body::Body as _;
use welkin_model::Service;
use welkin_policy::DocumentKind;
use welkin_store::Durability;
use welkin_wire::Body;

use super::{Request, authenticate};
use crate::{Cx, Error, Kernel, Result, Timestamp};

/// Something to be done once the answer to a request is known.
pub trait FollowUp: Send + Sync {
    /// Does it, in a transaction of its own that commits without waiting for the disk. The client waits for it, and
    /// it is done once: it reads little, and writes without reading.
    ///
    /// # Errors
    /// When it cannot be done; the answer goes out all the same.
    fn answered<'a>(&'a self, cx: &'a mut Cx, answered: &'a AnsweredRequest) -> BoxFuture<'a, Result<()>>;
}

/// A request and its answer, as they look from outside.
#[derive(Debug)]
pub struct AnsweredRequest {
    /// When the request came.
    pub at: Timestamp,
    /// How long it took until the answer began.
    pub taken: Duration,
    /// Method of the request.
    pub method: Method,
    /// What was asked for, as it was sent.
    pub uri: Uri,
    /// Version of HTTP.
    pub version: Version,
    /// The path by which the request was routed, with what the host name says in front; percent-encoded.
    pub path: String,
    /// Status of the answer.
    pub status: StatusCode,
    /// Code of the error, if it is one.
    pub error: Option<String>,
    /// Headers of the answer.
    pub headers: HeaderMap,
    /// Bytes of the answer's body, if that is known.
    pub sent: Option<u64>,
    /// Whether only an access control list allowed it.
    pub by_list: bool,
}

/// What follows a request; shared by the calls that serve it.
#[derive(Default)]
pub(crate) struct Following(Mutex<Vec<(String, Arc<dyn FollowUp>)>>);

impl fmt::Debug for Following {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Following")
    }
}

impl Cx {
    /// Has something done once the answer to the request is known, whatever it is. What has an id that is there
    /// already, from an earlier run of the call, is left out; so is what follows a call that another service makes.
    pub fn follow_up(&self, id: &str, follow_up: impl FollowUp + 'static) {
        let Some(following) = &self.facts.following else { return };
        let mut following = following.0.lock().unwrap_or_else(PoisonError::into_inner);
        if following.iter().all(|(other, _)| other != id) {
            following.push((id.to_owned(), Arc::new(follow_up)));
        }
    }
}

/// A request, as it is to be told of when it is answered.
pub(super) struct Pending {
    pub(super) following: Arc<Following>,
    at: Timestamp,
    method: Method,
    uri: Uri,
    version: Version,
    path: String,
    service: &'static Service,
}

impl Pending {
    pub(super) fn of(kernel: &Kernel, request: &Request) -> Self {
        let parts = &request.parts;
        Self {
            following: Arc::default(),
            at: kernel.clock().now(),
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            version: parts.version,
            path: request.route.path.clone(),
            service: request.route.service,
        }
    }

    /// What follows the answer, with what it is told; `None` if nothing does.
    pub(super) fn answered(self, kernel: &Kernel, id: &str, response: &Response<Body>) -> Option<Outcome> {
        let following = std::mem::take(&mut *self.following.0.lock().unwrap_or_else(PoisonError::into_inner));
        if following.is_empty() {
            return None;
        }
        let by_list = |kind: DocumentKind| kind == DocumentKind::AccessControlList;
        let answered = AnsweredRequest {
            at: self.at,
            taken: kernel.clock().now().since(self.at),
            method: self.method,
            uri: self.uri,
            version: self.version,
            path: self.path,
            status: response.status(),
            error: None,
            headers: response.headers().clone(),
            sent: response.body().size_hint().exact().or_else(|| length(response.headers())),
            by_list: kernel.decisions(id).iter().any(|record| {
                record.decision.is_allowed() && record.decision.by.as_ref().is_some_and(|by| by_list(by.kind))
            }),
        };
        Some(Outcome { following, service: self.service, answered })
    }
}

/// An answered request, and what follows it.
pub(super) struct Outcome {
    following: Vec<(String, Arc<dyn FollowUp>)>,
    service: &'static Service,
    answered: AnsweredRequest,
}

impl Outcome {
    /// The answer is this error.
    pub(super) fn with_error(mut self, code: String) -> Self {
        self.answered.error = Some(code);
        self
    }

    /// Does what follows.
    pub(super) async fn follow(self, kernel: &Arc<Kernel>, id: &str) {
        for (what, follow_up) in &self.following {
            if let Err(error) = follow(kernel, self.service, id, follow_up.as_ref(), &self.answered).await {
                tracing::error!(request_id = id, what, %error, "what follows a request could not be done");
            }
        }
    }
}

/// `Content-Length`.
fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(http::header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn follow(
    kernel: &Arc<Kernel>,
    service: &'static Service,
    id: &str,
    follow_up: &dyn FollowUp,
    answered: &AnsweredRequest,
) -> Result<()> {
    let peer = (std::net::Ipv4Addr::LOCALHOST, 0).into();
    let mut cx = authenticate::context(kernel, service, authenticate::facts(id, &HeaderMap::new(), peer, None));
    cx.run.rewind(kernel.store().begin().await?);
    follow_up.answered(&mut cx, answered).await?;
    match cx.run.transaction.take() {
        Some(transaction) => transaction.commit_with(Durability::Buffered).await.map(|_| ()).map_err(Error::from),
        None => Ok(()),
    }
}
