//! The trail's bucket, as CloudTrail's own principal reaches it: real calls, which the bucket policy, and the policy
//! of the trail's key, must permit to `cloudtrail.amazonaws.com` for this trail.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html>

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;
use welkin_kernel::{Call, Cx, Error, Result};

use crate::delivery::file;
use crate::digest::{self, file::Digest};
use crate::errors::{InsufficientS3BucketPolicyException, InvalidS3BucketNameException, S3BucketDoesNotExistException};
use crate::key;
use crate::organization::PRINCIPAL;
use crate::trail::Trail;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetBucketAcl<'a> {
    bucket: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PutObject<'a> {
    #[serde(rename = "ACL")]
    acl: &'static str,
    bucket: &'a str,
    key: &'a str,
    content_length: u64,
    content_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_side_encryption: Option<&'static str>,
    #[serde(rename = "SSEKMSKeyId", skip_serializing_if = "Option::is_none")]
    kms_key: Option<&'a str>,
    #[serde(rename = "SSEKMSEncryptionContext", skip_serializing_if = "Option::is_none")]
    encryption_context: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<&'static str, &'a str>,
}

/// An object that goes to the bucket.
struct File<'a> {
    key: &'a str,
    bytes: Bytes,
    content_encoding: Option<&'static str>,
    metadata: BTreeMap<&'static str, &'a str>,
}

/// Puts a file into the trail's bucket.
///
/// # Errors
/// Those of S3.
pub(crate) async fn put(cx: &mut Cx, trail: &Trail, key: &str, bytes: Bytes) -> Result<()> {
    let file = File { key, bytes, content_encoding: Some("gzip"), metadata: BTreeMap::new() };
    put_object(cx, trail, file).await
}

/// Puts a digest into the trail's bucket, with its signature in the object's metadata.
///
/// Source: `x-amz-meta-signature` in
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html>.
///
/// # Errors
/// Those of S3.
pub(crate) async fn put_digest(cx: &mut Cx, trail: &Trail, digest: &Digest, bytes: Bytes) -> Result<()> {
    let metadata =
        BTreeMap::from([("signature", digest.signature()), ("signature-algorithm", digest::file::SIGNATURE_ALGORITHM)]);
    let file = File { key: digest.key(), bytes, content_encoding: Some("gzip"), metadata };
    put_object(cx, trail, file).await
}

async fn put_object(cx: &mut Cx, trail: &Trail, file: File<'_>) -> Result<()> {
    let arn = trail.arn();
    let input = PutObject {
        acl: "bucket-owner-full-control",
        bucket: &trail.bucket,
        key: file.key,
        content_length: file.bytes.len() as u64,
        content_type: "application/json",
        content_encoding: file.content_encoding,
        server_side_encryption: trail.kms_key.as_ref().map(|_| "aws:kms"),
        kms_key: trail.kms_key.as_deref(),
        encryption_context: trail.kms_key.as_ref().map(|_| encryption_context(arn.as_str())).transpose()?,
        metadata: file.metadata,
    };
    let call = Call::to("s3", "PutObject").input(&input).body(file.bytes);
    cx.call(call.as_service(PRINCIPAL, trail.owner, Some(arn)).at(trail.place())).await?;
    Ok(())
}

/// The header `x-amz-server-side-encryption-context`: JSON in base 64.
///
/// Source: "aws:cloudtrail:arn" in
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html>
fn encryption_context(trail: &str) -> Result<String> {
    use base64::Engine as _;
    let context = BTreeMap::from([("aws:cloudtrail:arn", trail)]);
    let json = serde_json::to_vec(&context).map_err(Error::internal)?;
    Ok(base64::engine::general_purpose::STANDARD.encode(json))
}

/// Makes sure that the trail can deliver: asks for the bucket's ACL and puts the folder of its files.
///
/// # Errors
/// `S3BucketDoesNotExistException`, `InsufficientS3BucketPolicyException`, and those of the [key](key::told).
pub(crate) async fn check(cx: &mut Cx, trail: &Trail) -> Result<()> {
    if trail.bucket.len() < 3 || trail.bucket.len() > 63 {
        // UNVERIFIED: the wording.
        return Err(InvalidS3BucketNameException::because(format!("Bucket name {} is not valid.", trail.bucket)));
    }
    let acl = Call::to("s3", "GetBucketAcl").input(&GetBucketAcl { bucket: &trail.bucket });
    let acl = acl.as_service(PRINCIPAL, trail.owner, Some(trail.arn())).at(trail.place());
    cx.call(acl).await.map_err(|error| told(error, trail))?;
    let folder = format!("{}CloudTrail/", file::root(trail, trail.owner));
    let file = File { key: &folder, bytes: Bytes::new(), content_encoding: None, metadata: BTreeMap::new() };
    put_object(cx, trail, file).await.map_err(|error| told(error, trail))
}

/// S3's error as CloudTrail tells it.
fn told(error: Error, trail: &Trail) -> Error {
    let Some(answer) = error.answer() else { return error };
    let bucket = &trail.bucket;
    let of_key = |code: &str| code.starts_with("KMS.") || code == "AccessDenied" && answer.message.contains("kms:");
    match (answer.code.as_ref(), &trail.kms_key) {
        ("NoSuchBucket", _) => S3BucketDoesNotExistException::because(format!("S3 bucket {bucket} does not exist!")),
        (code, Some(key)) if of_key(code) => {
            let what = format!("S3 bucket {bucket} or KMS key {key}");
            key::told(error, key, &what)
        }
        _ => InsufficientS3BucketPolicyException::because(format!(
            "Incorrect S3 bucket policy is detected for bucket: {bucket}"
        )),
    }
}
