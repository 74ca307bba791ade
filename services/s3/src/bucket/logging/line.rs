//! The lines of an access log: one a request, its fields in AWS's order.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html>

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, HOST, HeaderMap, REFERER, USER_AGENT};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use welkin_kernel::{
    AnsweredRequest, Cx, FollowUp, IntoKey, Key, Place, Principal, Resource, Result, Schedule, Scope, Timestamp,
    TlsSession,
};

use super::deliver::Deliver;
use super::operation::subject;
use crate::bucket::{Bucket, Owner};

/// A line that is to be put into a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(super) bucket: String,
    pub(super) at: Timestamp,
    id: String,
    pub(super) text: String,
}

impl Resource for Line {
    const KIND: &'static str = "s3/access-log-line";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.bucket, self.at, &self.id).into_key()
    }
}

/// How often files are written.
// UNVERIFIED: AWS delivers "within a few hours"; there is no fixed interval.
const EVERY: i64 = 5 * 60 * 1_000_000;

impl Line {
    /// Keeps a line until it is put into a file.
    pub(super) async fn keep(cx: &mut Cx, place: Place, bucket: &str, at: Timestamp, text: String) -> Result<()> {
        let line = Self { bucket: bucket.to_owned(), at, id: cx.chance().uuid(), text };
        cx.insert(place, &line)?;
        let slot = cx.now().micros().div_euclid(EVERY).saturating_add(1).saturating_mul(EVERY);
        let schedule = Schedule::at(Timestamp::from_micros(slot)).same(format!("s3/access-log/{bucket}/{slot}"));
        cx.enqueue_at(place, &Deliver::of(bucket), schedule).await.map(|_| ())
    }
}

/// A request for a bucket that logs: what is known of it before it is answered.
struct Pending {
    bucket: String,
    place: Place,
    owner: String,
    requester: Option<String>,
    request_id: String,
    remote_ip: String,
    operation: Operation,
    headers: HeaderMap,
    access_point: Option<String>,
    /// Version of TLS.
    tls: Option<TlsSession>,
    /// Whether the requester is of the owner's account, whose policies decide without lists.
    is_own: bool,
}

/// What is done.
enum Operation {
    /// An operation of the API, about this.
    Rest(&'static str),
    /// An object is uploaded with a form.
    Form,
    /// An object, or a part, is written as a copy.
    Copy(&'static str),
    /// An object is read to be copied.
    CopySource(&'static str),
    /// A web site is visited.
    Website,
}

impl Bucket {
    /// Has the request logged once it is answered, if the bucket logs.
    pub(crate) fn log(&self, cx: &Cx) {
        if self.logging.is_none() {
            return;
        }
        let operation = match cx.operation() {
            None => Operation::Website,
            Some("PutObject") if cx.facts().form => Operation::Form,
            Some("CopyObject") => Operation::Copy("OBJECT"),
            Some("UploadPartCopy") => Operation::Copy("PART"),
            Some(operation) => match subject(operation) {
                Some(subject) => Operation::Rest(subject),
                None => return,
            },
        };
        self.log_as(cx, "s3/access-log", operation);
    }

    /// Has the request logged that reads an object of the bucket to copy it elsewhere.
    pub(crate) fn log_source(&self, cx: &Cx) {
        if self.logging.is_some() {
            let of = if cx.operation() == Some("UploadPartCopy") { "PART_GET" } else { "OBJECT_GET" };
            self.log_as(cx, "s3/access-log-of-source", Operation::CopySource(of));
        }
    }

    fn log_as(&self, cx: &Cx, id: &str, operation: Operation) {
        let facts = cx.facts();
        let pending = Pending {
            bucket: self.name.clone(),
            place: self.place(),
            owner: Owner::of(self.owner).id,
            requester: requester(cx.principal(), self),
            request_id: cx.request_id().to_owned(),
            remote_ip: facts.source_ip.clone(),
            operation,
            tls: facts.tls,
            headers: facts.headers.clone(),
            is_own: cx.principal().account() == Some(self.owner),
            access_point: self.via.as_ref().map(|via| via.arn().to_owned()),
        };
        cx.follow_up(id, pending);
    }
}

/// The requester: a canonical user, or the ARN of what is more than an account's root user.
pub(super) fn requester(principal: &Principal, bucket: &Bucket) -> Option<String> {
    match principal {
        Principal::Anonymous => None,
        Principal::Root { account } => Some(Owner::of(*account).id),
        Principal::Service(service) => Some(format!("svc:{}", service.name)),
        principal => principal.arn(bucket.region.partition()).map(String::from),
    }
}

impl FollowUp for Pending {
    fn answered<'a>(&'a self, cx: &'a mut Cx, answered: &'a AnsweredRequest) -> BoxFuture<'a, Result<()>> {
        async move { Line::keep(cx, self.place, &self.bucket, answered.at, self.text(answered)).await }.boxed()
    }
}

impl Pending {
    fn operation(&self, answered: &AnsweredRequest) -> String {
        let method = &answered.method;
        match self.operation {
            Operation::Rest(subject) => format!("REST.{method}.{subject}"),
            Operation::Form => "REST.POST.OBJECT".to_owned(),
            Operation::Copy(subject) | Operation::CopySource(subject) => format!("REST.COPY.{subject}"),
            Operation::Website => format!("WEBSITE.{method}.OBJECT"),
        }
    }

    fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn text(&self, answered: &AnsweredRequest) -> String {
        let told = |name: &str| answered.headers.get(name).and_then(|value| value.to_str().ok());
        let error = answered.error.as_deref().or_else(|| told("x-amz-error-code"));
        let is_source = matches!(self.operation, Operation::CopySource(_));
        let sent = answered.sent.filter(|sent| *sent > 0 && answered.method != Method::HEAD && !is_source);
        let (signature, authentication) = self.signature(answered);
        let uri = answered.uri.path_and_query().map_or("/", |uri| uri.as_str());
        let mut fields = vec![
            self.owner.clone(),
            self.bucket.clone(),
            time(answered.at),
            self.remote_ip.clone(),
            or_dash(self.requester.as_deref()),
            self.request_id.clone(),
            self.operation(answered),
            or_dash(self.key(answered).as_deref().filter(|key| !key.is_empty())),
            quoted(Some(&format!("{} {uri} {:?}", answered.method, answered.version))),
            answered.status.as_u16().to_string(),
            or_dash(error.filter(|_| answered.status != StatusCode::FOUND)),
            number(sent),
            number(self.size(answered)),
            // Both end when the answer begins: how long a client reads on is not waited for.
            millis(answered.taken),
            millis(answered.taken),
            quoted(self.header(REFERER)),
            quoted(self.header(USER_AGENT)),
            or_dash(told("x-amz-version-id").or_else(|| version_of(answered.uri.query()))),
            or_dash(told("x-amz-id-2")),
            signature.to_owned(),
            or_dash(self.tls.map(|tls| tls.cipher_suite)),
            authentication.to_owned(),
            or_dash(self.header(HOST)),
            self.tls.map_or_else(|| "-".to_owned(), |tls| format!("TLSv{}", tls.version)),
            or_dash(self.access_point.as_deref()),
            or_dash((answered.by_list && !self.is_own).then_some("Yes")),
        ];
        // Requests come from no Region of AWS.
        fields.push("-".to_owned());
        fields.join(" ")
    }

    /// The key, percent-encoded as it was sent.
    fn key(&self, answered: &AnsweredRequest) -> Option<String> {
        if let Operation::CopySource(_) = self.operation {
            let source = self.header("x-amz-copy-source")?.trim_start_matches('/');
            let (_, key) = source.split('?').next()?.split_once('/')?;
            return Some(key.replace(' ', "%20"));
        }
        let (_, key) = answered.path.trim_start_matches('/').split_once('/')?;
        Some(key.replace(' ', "%20"))
    }

    /// The size of the object, where a request is about one.
    fn size(&self, answered: &AnsweredRequest) -> Option<u64> {
        let text = |headers: &HeaderMap, name: &str| headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
        let reads = matches!(self.operation, Operation::Rest("OBJECT") | Operation::Website);
        match answered.method {
            _ if !answered.status.is_success() => None,
            Method::GET | Method::HEAD if reads => match answered.headers.get(CONTENT_RANGE) {
                Some(range) => range.to_str().ok()?.rsplit_once('/')?.1.parse().ok(),
                None => text(&answered.headers, CONTENT_LENGTH.as_str()),
            },
            Method::PUT if matches!(self.operation, Operation::Rest("OBJECT" | "PART")) => {
                text(&self.headers, "x-amz-decoded-content-length")
                    .or_else(|| text(&self.headers, CONTENT_LENGTH.as_str()))
            }
            _ => None,
        }
    }

    /// How the request was signed, and where.
    fn signature(&self, answered: &AnsweredRequest) -> (&'static str, &'static str) {
        if matches!(self.operation, Operation::Website) || self.requester.is_none() {
            return ("-", "-");
        }
        let query = answered.uri.query().unwrap_or_default();
        match self.header(AUTHORIZATION) {
            Some(header) if header.starts_with("AWS ") => ("SigV2", "AuthHeader"),
            Some(_) => ("SigV4", "AuthHeader"),
            None if query.contains("AWSAccessKeyId=") => ("SigV2", "QueryString"),
            None if query.contains("X-Amz-Algorithm=") => ("SigV4", "QueryString"),
            None => ("SigV4", "-"),
        }
    }
}

/// The version that a request names.
fn version_of(query: Option<&str>) -> Option<&str> {
    query?.split('&').find_map(|pair| pair.strip_prefix("versionId="))
}

fn or_dash(field: Option<&str>) -> String {
    field.unwrap_or("-").to_owned()
}

fn number(field: Option<u64>) -> String {
    field.map_or_else(|| "-".to_owned(), |number| number.to_string())
}

/// Whole milliseconds, at least one: zero would be "unknown".
fn millis(duration: Duration) -> String {
    duration.as_millis().max(1).to_string()
}

/// A text in quotes.
// UNVERIFIED: how quotes within are escaped.
pub(super) fn quoted(field: Option<&str>) -> String {
    format!("\"{}\"", field.filter(|field| !field.is_empty()).unwrap_or("-").replace('"', "%22"))
}

/// `[06/Feb/2019:00:00:38 +0000]`.
pub(super) fn time(at: Timestamp) -> String {
    match jiff::Timestamp::from_microsecond(at.micros()) {
        Ok(at) => format!("[{}]", at.strftime("%d/%b/%Y:%H:%M:%S +0000")),
        Err(_) => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_the_documentations_example() {
        assert_eq!(time(Timestamp::from_secs(1_549_411_238)), "[06/Feb/2019:00:00:38 +0000]");
        assert_eq!(quoted(None), "\"-\"");
        assert_eq!(quoted(Some("a\"b")), "\"a%22b\"");
        assert_eq!(version_of(Some("a=b&versionId=v1")), Some("v1"));
    }
}
