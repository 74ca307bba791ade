//! Requests to the operator's API of a running Welkin.

use bytes::Bytes;
use http::{Method, Request, Uri};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value as Json;
use welkin_wire::Body;

use crate::command::Target;
use crate::fault::Fault;

/// An answer: status and body.
pub(crate) struct Answer {
    pub(crate) status: http::StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Incoming,
}

/// Sends a request.
pub(crate) async fn send(request: Request<Body>) -> Result<Answer, Fault> {
    let endpoint = format!(
        "{}://{}",
        request.uri().scheme_str().unwrap_or("http"),
        request.uri().authority().map_or("", |a| a.as_str())
    );
    let client = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request).await.map_err(|error| {
        Fault::new(
            format!("no Welkin answers at {endpoint}"),
            error,
            "start it with 'welkin up', or name another with --endpoint URL",
        )
    })?;
    let (parts, body) = answer.into_parts();
    Ok(Answer { status: parts.status, headers: parts.headers, body })
}

/// A request to the operator's API.
pub(crate) async fn request(target: &Target, method: Method, path: &str, body: Body) -> Result<Answer, Fault> {
    let url = format!("{}/_welkin/{path}", target.endpoint.trim_end_matches('/'));
    let uri: Uri = url.parse().map_err(|e| {
        Fault::new(format!("{} is not an address", target.endpoint), e, "use one such as http://127.0.0.1:4566")
    })?;
    let mut request = Request::builder().method(method).uri(uri);
    if let Some(token) = &target.token {
        request = request.header(http::header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request =
        request.body(body).map_err(|e| Fault::new("the request cannot be made", e, "check --endpoint and --token"))?;
    let answer = send(request).await?;
    if answer.status.is_success() {
        return Ok(answer);
    }
    let text = collect(answer.body).await?;
    let told: Json = serde_json::from_slice(&text).unwrap_or_default();
    let member = |name: &str| told.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    match member("message") {
        message if message.is_empty() => Err(Fault::new(
            format!("{url} answered {}", answer.status),
            String::from_utf8_lossy(&text),
            "check that a Welkin listens there",
        )),
        message => Err(Fault::new(message, member("detail"), member("hint"))),
    }
}

/// A request whose answer is JSON.
pub(crate) async fn json(target: &Target, method: Method, path: &str, body: Option<Json>) -> Result<Json, Fault> {
    let body = body.map_or_else(Body::empty, |body| Body::Full(body.to_string().into()));
    let answer = request(target, method, path, body).await?;
    let text = collect(answer.body).await?;
    serde_json::from_slice(&text)
        .map_err(|e| Fault::new("the answer is not JSON", e, "check that a Welkin listens there"))
}

/// Reads a whole answer.
pub(crate) async fn collect(body: Incoming) -> Result<Bytes, Fault> {
    let collected = body.collect().await.map_err(|e| Fault::new("the answer was broken off", e, "try again"))?;
    Ok(collected.to_bytes())
}
