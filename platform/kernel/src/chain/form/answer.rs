//! What a form wishes to be answered.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html>

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HOST, HeaderValue, LOCATION};
use http::request::Parts;
use http::{Response, StatusCode};
use welkin_sigv4::post_policy::Form;
use welkin_wire::Body;

use super::encoded;

/// The answer that the form asks for, and what it is to tell.
pub(super) struct Wish {
    status: StatusCode,
    redirect: Option<String>,
    bucket: String,
    key: String,
    location: String,
}

impl Wish {
    pub(super) fn of(form: &Form, parts: &Parts, secure: bool, bucket: &str, key: &str) -> Self {
        let status = match form.get("success_action_status") {
            Some("200") => StatusCode::OK,
            Some("201") => StatusCode::CREATED,
            _ => StatusCode::NO_CONTENT,
        };
        let redirect = form.get("success_action_redirect").or_else(|| form.get("redirect"));
        let is_url = |url: &&str| url.starts_with("http://") || url.starts_with("https://");
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let scheme = if secure { "https" } else { "http" };
        // Where the host is the bucket's own, the path does not name it.
        let path = match parts.uri.path().trim_matches('/') {
            "" => String::new(),
            bucket => format!("/{bucket}"),
        };
        Self {
            status,
            redirect: redirect.filter(is_url).map(str::to_owned),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            location: format!("{scheme}://{host}{path}/{}", encoded(key).replace('/', "%2F")),
        }
    }

    /// Makes of the answer to the `PutObject` the one that was wished for.
    pub(super) fn grant(self, mut response: Response<Body>) -> Response<Body> {
        let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok()).unwrap_or_default().to_owned();
        if let Some(redirect) = &self.redirect
            && let Ok(url) = HeaderValue::from_str(&self.redirected(redirect, &etag))
        {
            *response.status_mut() = StatusCode::SEE_OTHER;
            response.headers_mut().insert(LOCATION, url);
            return response;
        }
        *response.status_mut() = self.status;
        if let Ok(location) = HeaderValue::from_str(&self.location) {
            response.headers_mut().insert(LOCATION, location);
        }
        if self.status == StatusCode::CREATED {
            let xml = self.xml(&etag);
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(xml.len()));
            *response.body_mut() = Body::Full(xml.into());
        }
        response
    }

    fn redirected(&self, url: &str, etag: &str) -> String {
        let join = if url.contains('?') { '&' } else { '?' };
        let (bucket, key, etag) = (encoded(&self.bucket), encoded(&self.key), encoded(etag));
        format!("{url}{join}bucket={bucket}&key={}&etag={etag}", key.replace('/', "%2F"))
    }

    fn xml(&self, etag: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>{}</Location><Bucket>{}</Bucket>\
             <Key>{}</Key><ETag>{}</ETag></PostResponse>",
            escaped(&self.location),
            escaped(&self.bucket),
            escaped(&self.key),
            escaped(etag)
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
