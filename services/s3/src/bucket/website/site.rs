//! How visitors of a web site are answered.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/IndexDocumentSupport.html>

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{ALLOW, HeaderValue};
use http::{Method, Response, StatusCode};
use percent_encoding::percent_decode_str;
use welkin_kernel::{Body, Error, Result, Visitor, WebSites};

use super::page::{self, Trouble};
use super::rule::Target;
use super::{Configuration, Website};
use crate::bucket::Bucket;
use crate::object::Object;

/// The web sites of buckets.
pub(crate) struct Sites;

impl WebSites for Sites {
    fn welcome<'a>(&'a self, visitor: &'a Visitor) -> BoxFuture<'a, Result<Response<Body>>> {
        async move {
            let (bucket, path) = visitor.path().trim_start_matches('/').split_once('/').unwrap_or_default();
            if visitor.path().starts_with("//") || bucket.is_empty() {
                // The end point without a site sends to the service's own page.
                return Ok(page::redirect(visitor, StatusCode::MOVED_PERMANENTLY, "https://aws.amazon.com/s3/"));
            }
            if !matches!(*visitor.method(), Method::GET | Method::HEAD) {
                return Ok(not_allowed(visitor));
            }
            let website = match visitor.look(async |cx| open(cx, bucket, visitor).await).await {
                Ok(website) => website,
                Err(error) => return told(visitor, error),
            };
            let Ok(path) = percent_decode_str(path).decode_utf8() else {
                let trouble = Trouble::new(StatusCode::BAD_REQUEST, "InvalidURI", "Couldn't parse the specified URI.");
                return Ok(page::error(visitor, &trouble, None));
            };
            Visit { visitor, bucket, path: &path, site: &website.configuration }.answer().await
        }
        .boxed()
    }
}

/// The web site, if the visitor came to its Region.
async fn open(cx: &mut welkin_kernel::Cx, bucket: &str, visitor: &Visitor) -> Result<Website> {
    let bucket = Bucket::open_anywhere(cx, bucket).await?;
    // UNVERIFIED: how a site is answered at the end point of another Region.
    if visitor.region().is_some_and(|region| region != bucket.region) {
        let there = format!("{}.s3-website.{}.amazonaws.com", bucket.name, bucket.region);
        return Err(Error::from(crate::errors::PermanentRedirect)
            .with("Bucket", bucket.name.as_str())
            .with("Endpoint", there));
    }
    Website::of(cx, &bucket).await
}

fn not_allowed(visitor: &Visitor) -> Response<Body> {
    let message = "The specified method is not allowed against this resource.";
    let trouble = Trouble::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
        .with("Method", visitor.method().as_str())
        .with("ResourceType", "OBJECT");
    let mut response = page::error(visitor, &trouble, None);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("HEAD, GET"));
    response
}

/// The page of an error; faults of Welkin's stay faults.
fn told(visitor: &Visitor, error: Error) -> Result<Response<Body>> {
    match error.answer() {
        Some(answer) => Ok(page::error(visitor, &Trouble::of(answer), None)),
        None => Err(error),
    }
}

/// A visit to a site.
struct Visit<'a> {
    visitor: &'a Visitor,
    bucket: &'a str,
    /// Without the slash in front, decoded.
    path: &'a str,
    site: &'a Configuration,
}

impl Visit<'_> {
    async fn answer(&self) -> Result<Response<Body>> {
        if let Some(all) = &self.site.redirect_all_requests_to {
            return Ok(self.send_on(&Target {
                protocol: all.protocol.as_deref(),
                host: all.host_name.as_deref(),
                key: self.path.to_owned(),
                status: 301,
            }));
        }
        if let Some(target) = self.routed(None) {
            return Ok(self.send_on(&target));
        }
        let suffix = self.suffix();
        let is_folder = self.path.is_empty() || self.path.ends_with('/');
        let key = if is_folder { [self.path, suffix].concat() } else { self.path.to_owned() };
        match self.read(&key).await {
            Ok(response) => Ok(self.follow(response)),
            Err(error) => self.fail(&key, error, is_folder).await,
        }
    }

    fn suffix(&self) -> &str {
        self.site.index_document.as_ref().and_then(|index| index.suffix.as_deref()).unwrap_or_default()
    }

    fn routed(&self, error: Option<u16>) -> Option<Target<'_>> {
        self.site.routing_rules.iter().flatten().find_map(|rule| rule.target(self.path, error))
    }

    /// Reads an object in the visitor's name.
    async fn read(&self, key: &str) -> Result<Response<Body>> {
        let operation = if self.visitor.method() == Method::HEAD { "HeadObject" } else { "GetObject" };
        self.visitor.call(operation, self.address(key)).await
    }

    fn address(&self, key: &str) -> String {
        format!("/{}/{}", self.bucket, page::in_address(key))
    }

    /// The object's answer, unless the object itself sends the visitor on.
    fn follow(&self, response: Response<Body>) -> Response<Body> {
        let location = response.headers().get("x-amz-website-redirect-location");
        let Some(location) = location.and_then(|location| location.to_str().ok()) else { return response };
        let location =
            if location.starts_with('/') { self.absolute(None, None, location) } else { location.to_owned() };
        page::redirect(self.visitor, StatusCode::MOVED_PERMANENTLY, &location)
    }

    /// What could not be read: a folder, an error with a rule of its own, or a page.
    async fn fail(&self, key: &str, error: Error, is_folder: bool) -> Result<Response<Body>> {
        let Some(answer) = error.answer() else { return Err(error) };
        let trouble = Trouble::of(answer);
        let is_missing = matches!(trouble.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN);
        if is_missing && !is_folder && self.is_folder(key).await? {
            let found = Trouble::new(StatusCode::FOUND, "Found", "Resource Found");
            let mut response = page::error(self.visitor, &found, None);
            page::point(response.headers_mut(), &format!("/{}/", page::in_location(key)));
            return Ok(response);
        }
        if let Some(target) = self.routed(Some(trouble.status.as_u16())) {
            return Ok(self.send_on(&target));
        }
        if !trouble.status.is_client_error() {
            return Ok(page::error(self.visitor, &trouble, None));
        }
        let Some(document) = self.site.error_document.as_ref().and_then(|document| document.key.as_deref()) else {
            return Ok(page::error(self.visitor, &trouble, None));
        };
        match self.visitor.call("GetObject", self.address(document)).await {
            Ok(mut response) if response.status() == StatusCode::OK => {
                *response.status_mut() = trouble.status;
                page::mark(response.headers_mut(), &trouble);
                if self.visitor.method() == Method::HEAD {
                    *response.body_mut() = Body::empty();
                }
                Ok(response)
            }
            // The visitor has the page already, or wants a part of it: the error is told without it.
            Ok(_) => Ok(page::error(self.visitor, &trouble, None)),
            Err(error) => match error.answer() {
                Some(answer) => Ok(page::error(self.visitor, &trouble, Some(&Trouble::of(answer)))),
                None => Err(error),
            },
        }
    }

    /// Whether there is no object of this key, but an index document below it that the visitor may read.
    async fn is_folder(&self, key: &str) -> Result<bool> {
        let index = format!("{key}/{}", self.suffix());
        let candidate = self
            .visitor
            .look(async |cx| {
                let bucket = Bucket::open_anywhere(cx, self.bucket).await?;
                let (place, name) = (bucket.place(), bucket.name.as_str());
                let is_object = Object::find(cx, place, name, key).await?.is_some();
                Ok(!is_object && Object::find(cx, place, name, &index).await?.is_some())
            })
            .await?;
        if !candidate {
            return Ok(false);
        }
        match self.visitor.call("HeadObject", self.address(&index)).await {
            Ok(_) => Ok(true),
            Err(error) if error.answer().is_some() => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn send_on(&self, target: &Target<'_>) -> Response<Body> {
        let status = StatusCode::from_u16(target.status).unwrap_or(StatusCode::MOVED_PERMANENTLY);
        let location = self.absolute(target.protocol, target.host, &format!("/{}", page::in_location(&target.key)));
        page::redirect(self.visitor, status, &location)
    }

    /// An address, with what the visitor came by where nothing else is said.
    // UNVERIFIED: that the query string stays behind.
    fn absolute(&self, protocol: Option<&str>, host: Option<&str>, path: &str) -> String {
        let own = if self.visitor.is_secure() { "https" } else { "http" };
        format!("{}://{}{path}", protocol.unwrap_or(own), host.unwrap_or(self.visitor.host()))
    }
}
