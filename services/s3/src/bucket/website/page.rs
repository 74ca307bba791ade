//! The pages that S3 itself shows to visitors: errors and redirections.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html>

use std::fmt::Write as _;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use http::{HeaderMap, Method, Response, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use welkin_kernel::{Answer, Body, Value, Visitor};

/// What is escaped of a key in the address of an object.
const IN_ADDRESS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// What is escaped of a key in an address to go to: rules put `#` and `?` there on purpose.
const IN_LOCATION: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What stands in the headers of a page of an error: its code, its message and its details.
const ERROR_CODE: &str = "x-amz-error-code";
const ERROR_MESSAGE: &str = "x-amz-error-message";
const ERROR_DETAIL: &str = "x-amz-error-detail-";

/// An error, as a page tells it.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) status: StatusCode,
    code: String,
    message: String,
    details: Vec<(String, String)>,
}

impl Trouble {
    pub(super) fn new(status: StatusCode, code: &str, message: &str) -> Self {
        Self { status, code: code.to_owned(), message: message.to_owned(), details: Vec::new() }
    }

    /// The error of an operation.
    pub(super) fn of(answer: &Answer) -> Self {
        let known = match answer.code.as_ref() {
            "AccessDenied" | "InvalidObjectState" => StatusCode::FORBIDDEN,
            "NoSuchKey" | "NoSuchBucket" => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        };
        let status = answer.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(known);
        let text = |value: &Value| if let Value::String(text) = value { Some(text.clone()) } else { None };
        let details = answer.members.iter().filter_map(|(name, value)| Some((name.to_owned(), text(value)?))).collect();
        Self { status, code: answer.code.clone().into_owned(), message: answer.message.clone(), details }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.details.push((name.to_owned(), value.to_owned()));
        self
    }

    fn items(&self) -> Vec<(&str, &str)> {
        let mut items = vec![("Code", self.code.as_str()), ("Message", self.message.as_str())];
        items.extend(self.details.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        items
    }
}

/// The page of an error; `second` is what went wrong when the site's own page for it was to be shown.
pub(super) fn error(visitor: &Visitor, trouble: &Trouble, second: Option<&Trouble>) -> Response<Body> {
    let host_id = visitor.chance().text(76, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    let mut items = trouble.items();
    items.extend([("RequestId", visitor.request_id()), ("HostId", host_id.as_str())]);
    let title = format!("{} {}", trouble.status.as_u16(), trouble.status.canonical_reason().unwrap_or_default());
    let mut html = format!("<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n");
    list(&mut html, &items);
    if let Some(second) = second {
        html.push_str("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n");
        list(&mut html, &second.items());
    }
    html.push_str("<hr/>\n</body>\n</html>\n");

    let mut response = page(visitor, trouble.status, html);
    let headers = response.headers_mut();
    mark(headers, trouble);
    put(headers, "x-amz-id-2", &host_id);
    response
}

/// Says in the headers of an answer which error it stands for.
pub(super) fn mark(headers: &mut HeaderMap, trouble: &Trouble) {
    put(headers, ERROR_CODE, &trouble.code);
    put(headers, ERROR_MESSAGE, &trouble.message);
    for (name, value) in &trouble.details {
        put(headers, &format!("{ERROR_DETAIL}{name}"), value);
    }
}

/// Sends the visitor on to another address.
pub(super) fn redirect(visitor: &Visitor, status: StatusCode, location: &str) -> Response<Body> {
    let mut response = page(visitor, status, String::new());
    response.headers_mut().remove(CONTENT_TYPE);
    point(response.headers_mut(), location);
    response
}

/// Sets the address where to go.
pub(super) fn point(headers: &mut HeaderMap, location: &str) {
    put(headers, LOCATION.as_str(), location);
}

/// A key in the address of an object.
pub(super) fn in_address(key: &str) -> String {
    utf8_percent_encode(key, IN_ADDRESS).to_string()
}

/// A key in an address to go to.
pub(super) fn in_location(key: &str) -> String {
    utf8_percent_encode(key, IN_LOCATION).to_string()
}

fn page(visitor: &Visitor, status: StatusCode, html: String) -> Response<Body> {
    let length = html.len();
    let body = if visitor.method() == Method::HEAD { Body::empty() } else { Body::Full(html.into_bytes().into()) };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    put(headers, "x-amz-request-id", visitor.request_id());
    response
}

fn put(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

fn list(html: &mut String, items: &[(&str, &str)]) {
    html.push_str("<ul>\n");
    for (name, value) in items {
        // INVARIANT: writing to a string does not fail.
        let _ = writeln!(html, "<li>{name}: {}</li>", escaped(value));
    }
    html.push_str("</ul>\n");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
