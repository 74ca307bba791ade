//! What it takes to reach objects.

use welkin_kernel::{Access, Cx, Result};

use super::{Object, settings};
use crate::bucket::Bucket;
use crate::errors::no_such_key;
use crate::tags::Tags;

/// What it takes to do `action` to an object that should be there.
///
/// Who may not list the bucket is not told that an object is missing: the request is denied for want of
/// `s3:ListBucket` then. Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
pub(crate) async fn to_existing(cx: &mut Cx, action: &'static str, bucket: &str, key: &str) -> Result<Access> {
    let bucket = Bucket::open(cx, bucket).await?;
    of(cx, action, &bucket, key).await
}

/// As [`to_existing`], in a bucket that is known.
pub(crate) async fn of(cx: &mut Cx, action: &'static str, bucket: &Bucket, key: &str) -> Result<Access> {
    super::check_key(key)?;
    let object = Object::find(cx, bucket.place(), &bucket.name, key).await?;
    let access = bucket.object_access(cx, action, key);
    Ok(match object {
        Some(object) => tagged(access, &object.settings.tags),
        None => access.and(bucket.access(cx, "s3:ListBucket")),
    })
}

/// The action that reads a version: one of its own if the request names the version.
pub(crate) fn by_version(version: Option<&str>, action: &'static str, of_version: &'static str) -> &'static str {
    if version.is_some() { of_version } else { action }
}

/// The object and its bucket.
///
/// # Errors
/// `NoSuchKey`
pub(crate) async fn existing(cx: &mut Cx, bucket: &str, key: &str) -> Result<(Bucket, Object)> {
    let bucket = Bucket::open(cx, bucket).await?;
    match Object::find(cx, bucket.place(), &bucket.name, key).await? {
        Some(object) => Ok((bucket, object)),
        None => Err(no_such_key(key)),
    }
}

/// Adds the tags of an object that is there: `s3:ExistingObjectTag/…`.
pub(crate) fn tagged(access: Access, tags: &Tags) -> Access {
    tags.iter().fold(access, |access, (key, value)| access.key(format!("s3:ExistingObjectTag/{key}"), value))
}

/// Adds tags that a request brings: `s3:RequestObjectTag/…` and `s3:RequestObjectTagKeys`.
pub(crate) fn tagging(access: Access, tags: &Tags) -> Access {
    if tags.is_empty() {
        return access;
    }
    let access = access.keys("s3:RequestObjectTagKeys", tags.keys().cloned());
    tags.iter().fold(access, |access, (key, value)| access.key(format!("s3:RequestObjectTag/{key}"), value))
}

/// What it takes to write an object with these settings: `s3:PutObject`, and more for tags and lists.
pub(crate) fn to_write(cx: &Cx, bucket: &Bucket, key: &str, requested: &settings::Requested<'_>) -> Result<Access> {
    super::check_key(key)?;
    let tags = requested.tagging.map(crate::tags::from_header).transpose()?.unwrap_or_default();
    let headers = [
        ("s3:x-amz-acl", requested.acl),
        ("s3:x-amz-storage-class", requested.storage_class),
        ("s3:x-amz-website-redirect-location", requested.redirect),
        ("s3:x-amz-server-side-encryption", requested.encryption.algorithm),
        ("s3:x-amz-server-side-encryption-aws-kms-key-id", requested.encryption.key_id),
        ("s3:x-amz-server-side-encryption-customer-algorithm", requested.encryption.customer.algorithm),
    ];
    let with_keys = |access: Access| {
        let given = headers.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        tagging(given.fold(access, |access, (name, value)| access.key(name, value)), &tags)
    };
    let mut access = with_keys(bucket.object_access(cx, "s3:PutObject", key));
    if !tags.is_empty() {
        access = access.and(with_keys(bucket.object_access(cx, "s3:PutObjectTagging", key)));
    }
    // A writer may hand the object to the bucket's owner without more: the policies that the guides of
    // CloudTrail, Config and others give for their log buckets allow `s3:PutObject` alone.
    let lists = requested.acl.is_some_and(|acl| acl != "bucket-owner-full-control") || requested.grants;
    if lists {
        access = access.and(with_keys(bucket.object_access(cx, "s3:PutObjectAcl", key)));
    }
    Ok(access)
}
