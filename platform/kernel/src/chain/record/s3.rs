//! What records of S3 have beside those of other services.
//!
//! Source: the entries of
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-understanding-s3-entries.html>

use serde_json::json;
use welkin_model as model;
use welkin_wire::{Body, Route, Value};

use crate::chain::{Task, answer};
use crate::operation::Event;
use crate::{Cx, Principal, RecordedResource, Result};

const BUCKET: &str = "AWS::S3::Bucket";
const OBJECT: &str = "AWS::S3::Object";

/// `eventName`: the operation's name, and of some of S3 an older one.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html>
// UNVERIFIED: of ListObjectsV2, which the page does not list; events that users show have "list-type" as a parameter.
pub(super) fn event_name(service: &str, operation: &'static str) -> &'static str {
    match (service, operation) {
        ("s3", "ListObjectsV2") => "ListObjects",
        ("s3", "GetBucketLifecycleConfiguration") => "GetBucketLifecycle",
        ("s3", "PutBucketLifecycleConfiguration") => "PutBucketLifecycle",
        ("s3", "GetBucketNotificationConfiguration") => "GetBucketNotification",
        ("s3", "PutBucketNotificationConfiguration") => "PutBucketNotification",
        ("s3", "GetPublicAccessBlock") => "GetBucketPublicAccessBlock",
        ("s3", "PutPublicAccessBlock") => "PutBucketPublicAccessBlock",
        ("s3", "DeletePublicAccessBlock") => "DeleteBucketPublicAccessBlock",
        ("s3", "GetObjectLockConfiguration") => "GetBucketObjectLockConfiguration",
        ("s3", "PutObjectLockConfiguration") => "PutBucketObjectLockConfiguration",
        ("s3control", "GetPublicAccessBlock") => "GetAccountPublicAccessBlock",
        ("s3control", "PutPublicAccessBlock") => "PutAccountPublicAccessBlock",
        ("s3control", "DeletePublicAccessBlock") => "DeleteAccountPublicAccessBlock",
        _ => operation,
    }
}

/// The object of a demand or, where a data event demands something of a bucket, all objects in it.
pub(super) fn object(event: Event, resource: &RecordedResource) -> Option<RecordedResource> {
    match resource.kind.as_str() {
        OBJECT => Some(resource.clone()),
        BUCKET if event == Event::Data(OBJECT) => Some(RecordedResource {
            arn: format!("{}/", resource.arn),
            kind: OBJECT.to_owned(),
            is_prefix: true,
            ..resource.clone()
        }),
        _ => None,
    }
}

/// The bucket of an object; anything else is itself.
pub(super) fn bucket(resource: RecordedResource) -> RecordedResource {
    match resource.arn.split_once('/') {
        Some((bucket, _)) if resource.kind == OBJECT => {
            RecordedResource { arn: bucket.to_owned(), kind: BUCKET.to_owned(), ..resource }
        }
        _ => resource,
    }
}

/// `additionalEventData`: how the request was signed and encrypted, how much was sent, and S3's second id of it.
pub(super) fn additional(cx: &Cx, task: &Task, result: &Result<Value>) -> String {
    let mut data = serde_json::Map::new();
    let headers = &cx.facts().headers;
    if *cx.principal() != Principal::Anonymous {
        data.insert("SignatureVersion".to_owned(), "SigV4".into());
        let by_header = headers.contains_key(http::header::AUTHORIZATION) || headers.is_empty();
        // UNVERIFIED: that a form upload has neither.
        if !cx.facts().form {
            let method = if by_header { "AuthHeader" } else { "QueryString" };
            data.insert("AuthenticationMethod".to_owned(), method.into());
        }
    }
    if let Some(tls) = super::client_tls(cx) {
        data.insert("CipherSuite".to_owned(), tls.cipher_suite.into());
    }
    data.insert("bytesTransferredIn".to_owned(), bytes_in(cx).into());
    if let Some(bytes) = bytes_out(cx, task, result) {
        data.insert("bytesTransferredOut".to_owned(), bytes.into());
    }
    if let Some(applied) = encryption(cx, result) {
        data.insert("SSEApplied".to_owned(), applied.into());
    }
    data.insert("x-amz-id-2".to_owned(), answer::host_id(cx.request_id()).into());
    json!(data).to_string()
}

/// Length of the request's body: of what it holds, where it is sent in chunks.
fn bytes_in(cx: &Cx) -> u64 {
    let number = |name: &str| cx.facts().headers.get(name)?.to_str().ok()?.parse().ok();
    number("x-amz-decoded-content-length").or_else(|| number("content-length")).unwrap_or_default()
}

/// Length of the answer's body. That of an error is not known before it is sent.
fn bytes_out(cx: &Cx, task: &Task, result: &Result<Value>) -> Option<u64> {
    let output = result.as_ref().ok()?;
    if task.operation.method == "HEAD" {
        return Some(0);
    }
    let structure = task.operation.output.and_then(|id| task.service.shape(id).structure());
    let payload = structure.and_then(|structure| structure.member(structure.payload?));
    if payload.is_some_and(|payload| is_stream(task.service, payload)) {
        return match member(output, "ContentLength") {
            Some(Value::Int(length)) => u64::try_from(*length).ok(),
            _ => None,
        };
    }
    let protocol = *task.service.protocols.first()?;
    let route = Route { service: task.service, operation: task.operation, protocol, path: String::new() };
    let answer = welkin_wire::serialise_response(&route, output, &answer::meta(&route, cx.request_id())).ok()?;
    match answer.body() {
        Body::Full(bytes) => Some(bytes.len() as u64),
        Body::Stream(_) => None,
    }
}

fn is_stream(service: &model::Service, payload: &model::Member) -> bool {
    payload.streaming || matches!(service.shape(payload.shape).kind, model::Kind::Blob { streaming: true, .. })
}

/// How an object was encrypted, and whether by the bucket's default.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption-tracking.html>
fn encryption(cx: &Cx, result: &Result<Value>) -> Option<String> {
    let output = result.as_ref().ok()?;
    if member(output, "SSECustomerAlgorithm").is_some() {
        return Some("SSE_C".to_owned());
    }
    let Value::String(algorithm) = member(output, "ServerSideEncryption")? else { return None };
    let applied = match algorithm.as_str() {
        "aws:kms" => "SSE_KMS",
        "aws:kms:dsse" => "DSSE_KMS",
        _ => "SSE_S3",
    };
    let headers = &cx.facts().headers;
    let writes = headers.contains_key(http::header::CONTENT_LENGTH);
    let asked = headers.contains_key("x-amz-server-side-encryption");
    Some(if writes && !asked { format!("Default_{applied}") } else { applied.to_owned() })
}

fn member<'a>(output: &'a Value, name: &str) -> Option<&'a Value> {
    match output {
        Value::Map(map) => map.get(name),
        _ => None,
    }
}
