//! Answers of the gateway itself: a message, what exactly was wrong, and what to do about it.

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde_json::json;
use welkin_wire::Body;

/// Why the gateway does not pass a request on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) message: &'static str,
    pub(crate) detail: String,
    pub(crate) hint: &'static str,
}

impl From<Refusal> for Response<Body> {
    fn from(refusal: Refusal) -> Self {
        let text = json!({ "message": refusal.message, "detail": refusal.detail, "hint": refusal.hint }).to_string();
        let mut response = Response::new(Body::Full(text.into()));
        *response.status_mut() = refusal.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
