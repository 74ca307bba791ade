//! Buckets reached through Multi-Region Access Points.

use welkin_kernel::{Cx, Error, Principal, Result};

use super::{Mrap, Status};
use crate::bucket::Bucket;
use crate::control::errors::{InvalidRequest, MethodNotAllowed, NoSuchBucket};
use crate::control::reach::{Origin, Via};
use crate::errors::AccessDenied;
use crate::tags::Tags;

/// Operations of S3 that a Multi-Region Access Point takes; those that copy, as the destination.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MrapOperations.html>
const COMPATIBLE: [&str; 23] = [
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateMultipartUpload",
    "DeleteObject",
    "DeleteObjectTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "HeadObject",
    "ListMultipartUploads",
    "ListObjectsV2",
    "ListParts",
    "PutObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "RestoreObject",
    "UploadPart",
    "UploadPartCopy",
];

/// The bucket to which a Multi-Region Access Point routes a request that it takes.
///
/// # Errors
/// `MethodNotAllowed`, `AccessDenied`, `InvalidRequest`, `NoSuchBucket`
pub(crate) async fn bucket(cx: &mut Cx, mrap: Mrap) -> Result<Bucket> {
    if cx.operation().is_some_and(|operation| !COMPATIBLE.contains(&operation)) {
        // UNVERIFIED: the code for operations that Multi-Region Access Points do not take.
        return Err(MethodNotAllowed.into());
    }
    if matches!(cx.principal(), Principal::Anonymous) {
        return Err(AccessDenied.into());
    }
    check_signature(cx)?;
    let route = match mrap.route(cx.region()) {
        Some(route) if mrap.status == Status::Ready => route.clone(),
        _ => return Err(super::unknown(&mrap.alias)),
    };
    let here = cx.here();
    match cx.get::<Bucket>(here, (&route.bucket,)).await? {
        Some(bucket) if bucket.owner == route.owner => Ok(Bucket { via: Some(via(cx, mrap).await?), ..bucket }),
        _ => Err(Error::from(NoSuchBucket).with("BucketName", route.bucket)),
    }
}

/// A signature must be good for several Regions: SigV4A. In URLs any is taken, for one that names a single Region
/// cannot be told from here.
// UNVERIFIED: the code and the message.
fn check_signature(cx: &Cx) -> Result<()> {
    match cx.facts().headers.get(http::header::AUTHORIZATION) {
        Some(header) if !header.as_bytes().starts_with(b"AWS4-ECDSA-P256-SHA256") => {
            Err(InvalidRequest::because("Multi-Region Access Points take requests that are signed with SigV4A only."))
        }
        _ => Ok(()),
    }
}

async fn via(cx: &mut Cx, mrap: Mrap) -> Result<Via> {
    let policy = mrap.established.as_ref();
    let restricted = policy.is_some_and(|policy| policy.public) && mrap.blocked(cx).await?.restrict_public_buckets;
    let at_home = match cx.principal() {
        Principal::Service(_) => true,
        principal => principal.account() == Some(mrap.account),
    };
    Ok(Via {
        arn: mrap.arn(),
        owner: mrap.account,
        origin: Origin::Internet,
        policy: policy.filter(|_| !restricted || at_home).map(|policy| policy.json.clone()),
        tags: Tags::new(),
        is_multi_region: true,
    })
}
