//! What is S3's alone: buckets in host names, operations told apart by parameters, S3 Control.

use std::borrow::Cow;

use welkin_model::{Operation, Service};

use super::facts::Facts;
use super::host::Endpoint;
use super::matcher::{Condition, Target};

/// S3's id in the model.
pub(super) const ID: &str = "s3";
/// S3 Control's id in the model.
const CONTROL: &str = "s3control";
/// First segment of every path of S3 Control: its API version.
const CONTROL_PATH: &str = "/v20180820/";

/// Operations that newer ones with the same URI have replaced; the newer are compatible with them.
pub(super) fn is_superseded(service: &Service, operation: &Operation) -> bool {
    service.id == ID
        && matches!(
            operation.name,
            "GetBucketLifecycle" | "PutBucketLifecycle" | "GetBucketNotification" | "PutBucketNotification"
        )
}

/// By what operations of one URI are told apart. Not all that the model calls required: S3 takes a
/// `PUT` with `uploadId` and without `partNumber` as an `UploadPart` that lacks something.
pub(super) fn conditions(operation: &str) -> Vec<Condition> {
    use Condition::{Header, Query};
    match operation {
        "CopyObject" => vec![Header("x-amz-copy-source")],
        "UploadPart" | "AbortMultipartUpload" | "CompleteMultipartUpload" | "ListParts" => vec![Query("uploadId")],
        "UploadPartCopy" => vec![Query("uploadId"), Header("x-amz-copy-source")],
        "GetBucketAnalyticsConfiguration"
        | "GetBucketIntelligentTieringConfiguration"
        | "GetBucketInventoryConfiguration"
        | "GetBucketMetricsConfiguration" => vec![Query("id")],
        "GetObjectAnnotation" => vec![Query("annotationName")],
        _ => vec![],
    }
}

/// Whether, of the two services that sign as `s3`, the request means S3 Control: it sends the
/// account or the Outpost in a header, and its paths begin with its version, which is also a bucket's name.
pub(super) fn is_control(facts: &Facts<'_>) -> bool {
    facts.path.starts_with(CONTROL_PATH)
        && (facts.host.endpoint == Some(Endpoint::S3Control)
            || facts.headers.contains_key("x-amz-account-id")
            || facts.headers.contains_key("x-amz-outpost-id"))
}

/// Whether a service is the one of the two that the request means.
pub(super) fn is_meant(service: &Service, control: bool) -> bool {
    service.id == if control { CONTROL } else { ID }
}

/// The bucket in the host name.
pub(super) fn host_bucket<'a>(facts: &Facts<'a>) -> Option<&'a str> {
    let bucket = match facts.host.endpoint {
        Some(Endpoint::S3 | Endpoint::S3ExpressControl | Endpoint::S3Website) => facts.host.front,
        Some(Endpoint::S3Control | Endpoint::S3ObjectLambda) => "",
        // A bucket may be called `logs` or `config`, like a service.
        Some(Endpoint::Prefix(_)) | None => facts.host.labels,
    };
    Some(bucket).filter(|bucket| !bucket.is_empty())
}

/// The path with the bucket of the host name in front: `/bucket/key`, percent-encoded as sent.
pub(super) fn path<'a>(facts: &Facts<'a>) -> Cow<'a, str> {
    match host_bucket(facts) {
        Some(bucket) => Cow::Owned(["/", bucket, facts.path].concat()),
        None => Cow::Borrowed(facts.path),
    }
}

/// Of `ListBuckets` and `ListDirectoryBuckets`, both `GET /`, the one that the client meant: only
/// the latter is signed as `s3express` or sent to `s3express-control`.
pub(super) fn pick(best: &[Target], facts: &Facts<'_>) -> Option<Target> {
    let express = facts.signing_name() == Some("s3express") || facts.host.endpoint == Some(Endpoint::S3ExpressControl);
    let name = if express { "ListDirectoryBuckets" } else { "ListBuckets" };
    best.iter().copied().find(|(service, operation)| service.id == ID && operation.name == name)
}

/// Whether a request is a browser's form upload: a multipart form posted to a bucket.
pub(super) fn is_form_upload(facts: &Facts<'_>, path: &str) -> bool {
    let bucket = path.trim_matches('/');
    facts.method == "POST"
        && facts.content_type().starts_with("multipart/form-data")
        && !bucket.is_empty()
        && !bucket.contains('/')
}

/// Whether the first segment of a path can be a general purpose bucket's name.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
pub(super) fn begins_with_bucket(path: &str) -> bool {
    let name = path.strip_prefix('/').unwrap_or(path).split('/').next().unwrap_or_default().as_bytes();
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (3..=63).contains(&name.len())
        && edge(name.first())
        && edge(name.last())
        && name.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
}
