//! Web pages that call S3: a bucket says which of them may see its answers.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html>

use std::sync::Arc;

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName, ORIGIN};
use http::{Response, StatusCode};
use welkin_wire::{Body, Route};

use super::{Request, answer, authenticate};
use crate::gate::Closed;
use crate::{Error, Kernel, Result, WebPage};

/// A page's request, and what it is about.
pub(super) struct Visit {
    page: WebPage,
    bucket: String,
    request_id: String,
    route: Route,
}

impl Visit {
    /// The visit, if a page makes the request and a bucket is asked.
    pub(super) fn of(request: &Request, request_id: &str) -> Option<Self> {
        let headers = &request.parts.headers;
        // Requests that no page makes are many, so they are told apart first.
        let origin = headers.get(ORIGIN)?.to_str().ok()?;
        let bucket = request.route.path.trim_start_matches('/').split('/').next().unwrap_or_default();
        if request.route.service.id != "s3" || bucket.is_empty() {
            return None;
        }
        let method = text(headers, &ACCESS_CONTROL_REQUEST_METHOD).filter(|_| request.parts.method == "OPTIONS");
        let names = text(headers, &ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
        let page = WebPage {
            origin: origin.to_owned(),
            method: method.unwrap_or(request.parts.method.as_str()).to_owned(),
            headers: names.split(',').map(|name| name.trim().to_ascii_lowercase()).filter(|n| !n.is_empty()).collect(),
        };
        Some(Self { page, bucket: bucket.to_owned(), request_id: request_id.to_owned(), route: request.route.clone() })
    }

    /// Adds the headers by which the page may see an answer, if it may.
    pub(super) async fn decorate(self, kernel: &Arc<Kernel>, response: &mut Response<Body>) {
        match self.admit(kernel).await {
            Ok(headers) => response.headers_mut().extend(headers),
            Err(error) => tracing::debug!(%error, bucket = self.bucket, "a page may not see the answer"),
        }
    }

    /// The headers that admit the page.
    ///
    /// # Errors
    /// The service's own, if the bucket does not admit it.
    async fn admit(&self, kernel: &Arc<Kernel>) -> Result<HeaderMap> {
        let Some(pages) = kernel.registry().pages.clone() else { return Ok(HeaderMap::new()) };
        let peer = (std::net::Ipv4Addr::LOCALHOST, 0).into();
        let facts = authenticate::facts(&self.request_id, &HeaderMap::new(), peer, None);
        let mut cx = authenticate::context(kernel, self.route.service, facts);
        cx.run.rewind(kernel.store().begin().await?);
        pages.admit(&mut cx, &self.bucket, &self.page).await
    }
}

/// The text of a header.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Answers a preflight.
pub(super) async fn preflight(kernel: &Arc<Kernel>, request: Request) -> Response<Body> {
    let request_id = answer::request_id(kernel, request.route.service);
    let admitted = match Visit::of(&request, &request_id) {
        Some(visit) => match kernel.gate.pass(visit.admit(kernel)).await {
            Ok(admitted) => admitted,
            Err(Closed) => Err(Kernel::unavailable()),
        },
        None => Err(Error::new("BadRequest", "Insufficient information. Origin request header needed.").status(400)),
    };
    match admitted {
        Ok(headers) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::OK;
            *response.headers_mut() = headers;
            response
        }
        Err(error) => answer::error(&request.route, error, &request_id),
    }
}
