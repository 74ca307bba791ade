//! Browsers' uploads to S3: a form is read up to its file and becomes the `PutObject` that it means.
//!
//! From there on it goes the way of every call: parsed by the model, authorised, recorded, with the file as
//! the body that streams. The policy in the form takes the place of the request's signature.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>

mod answer;
mod file;
mod multipart;

use std::fmt::Write as _;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Uri};
use welkin_sigv4::{ErrorKind, Location, post_policy};
use welkin_wire::{Body, Route, Value};

use super::authenticate::{self, Verifying, refusal};
use super::payload::{self, Input, Signed};
use super::{Following, Request, Task, answer as answers, perform};
use crate::{AccountId, Caller, Clock, Error, Kernel, Place, Principal, Region, Result};
use answer::Wish;
use file::File;
use multipart::Multipart;

/// Fields that are headers of a `PutObject` under the same name; so are those that begin with `x-amz-`.
const HEADERS: [&str; 7] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-type",
    "expires",
];

/// Fields of the signature, which are no headers.
const SIGNATURE: [&str; 5] =
    ["x-amz-signature", "x-amz-credential", "x-amz-algorithm", "x-amz-date", "x-amz-security-token"];

/// Serves a form.
pub(super) async fn serve(
    kernel: &Arc<Kernel>,
    request: Request,
    request_id: &str,
    following: &Arc<Following>,
) -> Result<Response<Body>> {
    let Request { mut route, mut parts, body, peer, tls, region, .. } = request;
    let bucket = route.path.trim_matches('/').to_owned();
    let mut multipart = Multipart::new(&parts.headers, body)?;
    let (fields, file_name) = multipart.fields().await?;
    let expand = |value: String| value.replace("${filename}", &file_name);
    let form = post_policy::Form::new(fields.into_iter().map(|(name, value)| (name, expand(value))));
    let key = key(&form)?;

    let wish = Wish::of(&form, &parts, tls.is_some(), &bucket, key);
    let mut headers = put_headers(&form, &parts.headers)?;
    if let Some(tagging) = form.get("tagging") {
        headers.insert("x-amz-tagging", tags(&route, tagging)?);
    }
    route.path = format!("/{bucket}/{}", encoded(key));
    (parts.method, parts.headers) = (Method::PUT, headers);
    parts.uri = Uri::try_from(route.path.as_str()).map_err(Error::internal)?;

    let mut facts = authenticate::facts(request_id, &parts.headers, peer, tls);
    facts.form = true;
    facts.following = Some(Arc::clone(following));
    let mut cx = authenticate::context(kernel, route.service, facts);
    cx.run.rewind(kernel.store().begin().await?);
    let mut verifying = Verifying { cx: &mut cx, route: &route };
    let (caller, region, policy) = verify(&mut verifying, &form, &bucket, region).await?;
    let account = caller.principal.account().unwrap_or(AccountId::DEFAULT);
    cx.here = kernel.home(route.service, Place::new(account, region));
    let access_key_id = caller.access_key_id.clone();
    cx.caller = Arc::new(caller);
    if let Some(id) = access_key_id {
        authenticate::hold_region(&mut cx, &route, &id, form.get("x-amz-security-token")).await?;
    }

    let body = Body::stream(File::new(multipart, policy, route.clone()));
    let input = payload::parse(&mut cx, &route, Input { parts, body, signed: Signed::Not })?;
    let task = Task::new(&mut cx, route.service, route.operation, input).await?;
    let output = perform(&mut cx, &task).await?;
    Ok(wish.grant(answers::success(cx, &route, output)?))
}

/// Who uploads, where to, and by what policy; a form without one is nobody's.
async fn verify(
    verifying: &mut Verifying<'_>,
    form: &post_policy::Form,
    bucket: &str,
    host: Option<Region>,
) -> Result<(Caller, Region, Option<post_policy::Policy>)> {
    let route = verifying.route;
    let kernel = Arc::clone(&verifying.cx.kernel);
    let refuse = |error: welkin_sigv4::Error| refusal(route, error.kind());
    let Some(claim) = form.present().map_err(refuse)? else {
        return Ok((Caller::of(Principal::Anonymous), host.unwrap_or(Region::US_EAST_1), None));
    };
    let region = match claim.scope.region.parse::<Region>() {
        Ok(region) => region,
        Err(crate::NotARegion(given)) => {
            let expected = host.unwrap_or(Region::US_EAST_1).to_string();
            return Err(refusal(route, &ErrorKind::WrongScopeRegion { given, expected, location: Location::Form }));
        }
    };
    // Policies are judged by the machine's clock, as all signatures are.
    let now = jiff::Timestamp::from_microsecond(Clock::machine_now().micros()).map_err(Error::internal)?;
    let id = claim.access_key_id.as_str();
    let (principal, policy) = match authenticate::bootstrap(&kernel, id) {
        Some(account) => {
            let refuse = |error: welkin_sigv4::PostError| refusal(route, &ErrorKind::Post(error));
            let policy = post_policy::Policy::parse(&claim.policy).map_err(refuse)?;
            policy.check(form, bucket, now).map_err(refuse)?;
            (Principal::Root { account }, policy)
        }
        None => {
            let (principal, secret) = verifying.holder(id, claim.session_token.as_deref()).await?;
            let verified = post_policy::verify(&claim, form, bucket, &secret, now, &kernel.signing_keys);
            (principal, verified.map_err(refuse)?)
        }
    };
    Ok((Caller { principal, access_key_id: Some(id.to_owned()), via: Vec::new() }, region, Some(policy)))
}

/// The key of the object.
fn key(form: &post_policy::Form) -> Result<&str> {
    let missing = |message: &str| {
        Error::new("InvalidArgument", message).status(400).with("ArgumentName", "key").with("ArgumentValue", "")
    };
    match form.get("key") {
        None => Err(missing(
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
        )),
        Some("") => Err(missing("User key must have a length greater than 0.")),
        Some(key) => Ok(key),
    }
}

/// The headers of the `PutObject`: those of the request that are not about its body, and the fields.
fn put_headers(form: &post_policy::Form, sent: &HeaderMap) -> Result<HeaderMap> {
    let of_transport = ["content-", "authorization", "transfer-encoding", "x-amz-"];
    let kept = sent.iter().filter(|(name, _)| !of_transport.iter().any(|start| name.as_str().starts_with(start)));
    let mut headers: HeaderMap = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    for (name, value) in form.fields() {
        let header = match name {
            "acl" => "x-amz-acl",
            name if SIGNATURE.contains(&name) => continue,
            name if HEADERS.contains(&name) || name.starts_with("x-amz-") => name,
            _ => continue,
        };
        let invalid = || {
            let error = Error::new("InvalidArgument", "The value of a field cannot be a header.").status(400);
            error.with("ArgumentName", name).with("ArgumentValue", value)
        };
        let header = HeaderName::from_bytes(header.as_bytes()).map_err(|_| invalid())?;
        headers.append(header, HeaderValue::from_bytes(value.as_bytes()).map_err(|_| invalid())?);
    }
    Ok(headers)
}

/// Tags in the form's XML as the header has them.
fn tags(route: &Route, xml: &str) -> Result<HeaderValue> {
    let malformed = || {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        Error::new("MalformedXML", message).status(400)
    };
    let operation = route.service.operation("PutObjectTagging").ok_or_else(malformed)?;
    let route = Route { operation, path: "/bucket/key".to_owned(), ..route.clone() };
    let body = Body::Full(xml.as_bytes().to_vec().into());
    let parsed = welkin_wire::parse_request(&route, &HeaderMap::new(), "tagging", body).map_err(|_| malformed())?;
    let mut pairs = Vec::new();
    for tag in list(member(&parsed, "Tagging").and_then(|tagging| member(tagging, "TagSet"))) {
        let text = |name: &str| match member(tag, name) {
            Some(Value::String(text)) => Ok(encoded(text)),
            _ => Err(malformed()),
        };
        pairs.push(format!("{}={}", text("Key")?, text("Value")?));
    }
    HeaderValue::from_str(&pairs.join("&")).map_err(|_| malformed())
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Map(map) => map.get(name),
        _ => None,
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::List(list)) => list,
        _ => &[],
    }
}

/// A key as paths have it: what is not a letter, a digit or a slash is escaped.
fn encoded(key: &str) -> String {
    let mut path = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'/' {
            path.push(char::from(byte));
        } else {
            // INVARIANT: writing to a string does not fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
    path
}
