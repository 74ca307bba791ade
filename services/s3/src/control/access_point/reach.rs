//! Buckets reached through access points.

use welkin_kernel::{Cx, Error, Principal, Result};

use super::AccessPoint;
use crate::bucket::Bucket;
use crate::control::errors::{MethodNotAllowed, NoSuchBucket};
use crate::control::reach::{Origin, Via};
use crate::errors::AccessDenied;

/// Operations of S3 that an access point takes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-service-api-support.html>
const COMPATIBLE: [&str; 33] = [
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateMultipartUpload",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjects",
    "GetBucketAcl",
    "GetBucketCors",
    "GetBucketLocation",
    "GetBucketNotificationConfiguration",
    "GetBucketPolicy",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "HeadBucket",
    "HeadObject",
    "ListMultipartUploads",
    "ListObjectVersions",
    "ListObjects",
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

/// The bucket of an access point, for a request that it takes.
///
/// # Errors
/// `MethodNotAllowed`, `AccessDenied`, `NoSuchBucket`
pub(crate) async fn bucket(cx: &mut Cx, point: AccessPoint) -> Result<Bucket> {
    check_call(cx, &point)?;
    let here = cx.here();
    match cx.get::<Bucket>(here, (&point.bucket,)).await? {
        Some(bucket) if bucket.owner == point.bucket_owner => Ok(Bucket { via: Some(via(cx, point).await?), ..bucket }),
        _ => Err(Error::from(NoSuchBucket).with("BucketName", point.bucket)),
    }
}

/// What access points take: known operations, of somebody, from where they are reached.
///
/// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html>
fn check_call(cx: &Cx, point: &AccessPoint) -> Result<()> {
    if cx.operation().is_some_and(|operation| !COMPATIBLE.contains(&operation)) {
        // UNVERIFIED: the code for operations that access points do not take.
        return Err(MethodNotAllowed.into());
    }
    // There are no VPCs here yet, so no request comes from one.
    if matches!(cx.principal(), Principal::Anonymous) || point.vpc.is_some() {
        return Err(AccessDenied.into());
    }
    Ok(())
}

async fn via(cx: &mut Cx, point: AccessPoint) -> Result<Via> {
    let restricted = point.is_public() && point.blocked(cx).await?.restrict_public_buckets;
    let at_home = match cx.principal() {
        Principal::Service(_) => true,
        principal => principal.account().is_some_and(|account| [point.account, point.bucket_owner].contains(&account)),
    };
    Ok(Via {
        arn: point.arn(),
        owner: point.account,
        origin: if point.vpc.is_some() { Origin::Vpc } else { Origin::Internet },
        policy: point.policy.filter(|_| !restricted || at_home).map(|policy| policy.json),
        tags: point.tags,
        is_multi_region: false,
    })
}
