//! What it takes to reach objects.

use welkin_kernel::{Access, Cx, Result};

use super::version::{self, Found};
use super::{Object, settings};
use crate::acl::User;
use crate::acl::policy::On;
use crate::bucket::Bucket;
use crate::tags::Tags;

/// What it takes to do `action` to an object that should be there.
///
/// Who may not list the bucket is not told that an object is missing: the request is denied for want of
/// `s3:ListBucket` then. Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
pub(crate) async fn to_existing(
    cx: &mut Cx,
    action: &'static str,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<Access> {
    let bucket = Bucket::open_charged(cx, bucket).await?;
    of(cx, action, &bucket, key, version).await
}

/// As [`to_existing`], in a bucket that is known.
pub(crate) async fn of(
    cx: &mut Cx,
    action: &'static str,
    bucket: &Bucket,
    key: &str,
    requested: Option<&str>,
) -> Result<Access> {
    super::check_key(key)?;
    let found = version::find(cx, bucket, key, requested).await?;
    let access = versioned(bucket.object_access(cx, action, key), requested);
    // UNVERIFIED: that who asks for a delete marker by its id is told that it is one without `s3:ListBucket`.
    let is_secret = !found.is_there(requested);
    let access = match found {
        Found::Object { object, .. } => listed(tagged(access, &object.settings.tags), bucket, action, &object),
        _ => access,
    };
    Ok(if is_secret { access.and(bucket.access(cx, "s3:ListBucket")) } else { access })
}

/// Actions on an object that its owner permits, by the object's list where it is not the bucket's owner; all
/// others are the business of the bucket's owner: it keeps, locks, restores and deletes what is in its bucket.
///
/// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-auth-workflow-object-operation.html>
// UNVERIFIED: for retention and legal holds, of which the pages on ownership do not speak.
const OF_OWNER: [&str; 15] = [
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectAcl",
    "s3:GetObjectVersionAcl",
    "s3:PutObjectAcl",
    "s3:PutObjectVersionAcl",
    "s3:GetObjectTagging",
    "s3:GetObjectVersionTagging",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionTagging",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersionTagging",
    "s3:GetObjectAttributes",
    "s3:GetObjectVersionAttributes",
    "s3:UpdateObjectEncryption",
];

/// Adds what the object's list grants, where there are lists. An object of another account than the bucket's is
/// that account's to share: the bucket's policy can only deny.
fn listed(access: Access, bucket: &Bucket, action: &str, object: &Object) -> Access {
    if !bucket.takes_lists() || !OF_OWNER.contains(&action) {
        return access;
    }
    let owner = object.settings.owner(bucket);
    let access = access.acl(bucket.policy_of(object.settings.acl.as_ref(), On::Object, owner));
    if owner == User::Account(bucket.owner) { access } else { access.of_another(owner.account()) }
}

/// Adds what the bucket's list grants to those who write or delete the object of a key: to others than the
/// bucket's owner, only what is new or their own.
///
/// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions>
pub(crate) async fn writing(cx: &mut Cx, bucket: &Bucket, key: &str, access: Access) -> Result<Access> {
    let Some(policy) = bucket.policy_of(bucket.acl.as_ref(), On::Bucket, User::Account(bucket.owner)) else {
        return Ok(access);
    };
    let existing = Object::find(cx, bucket.place(), &bucket.name, key).await?;
    let writer = User::of(cx.principal());
    let is_others = |object: Object| writer.is_some_and(|writer| writer != object.settings.owner(bucket));
    Ok(if existing.is_some_and(is_others) { access } else { access.acl(Some(policy)) })
}

/// Adds the version that a request names: `s3:VersionId`.
pub(crate) fn versioned(access: Access, requested: Option<&str>) -> Access {
    match requested {
        Some(version) => access.key("s3:VersionId", version),
        None => access,
    }
}

/// The action that reads a version: one of its own if the request names the version.
pub(crate) fn by_version(version: Option<&str>, action: &'static str, of_version: &'static str) -> &'static str {
    if version.is_some() { of_version } else { action }
}

/// The bucket and the object that a request means.
pub(crate) struct Existing {
    pub(crate) bucket: Bucket,
    pub(crate) object: Object,
    /// Whether it is the current version.
    pub(crate) current: bool,
}

impl Existing {
    /// The version as answers have it.
    pub(crate) fn shown_version(&self) -> Option<String> {
        self.bucket.shown_version(self.object.version.as_deref())
    }
}

/// The object that a request means, which came by `method`.
///
/// # Errors
/// `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed`
pub(crate) async fn existing(
    cx: &mut Cx,
    bucket: &str,
    key: &str,
    version: Option<&str>,
    method: &'static str,
) -> Result<Existing> {
    let bucket = Bucket::open(cx, bucket).await?;
    let (object, current) = version::find(cx, &bucket, key, version).await?.object(key, version, method)?;
    Ok(Existing { bucket, object, current })
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
pub(crate) async fn to_write(
    cx: &mut Cx,
    bucket: &Bucket,
    key: &str,
    requested: &settings::Requested<'_>,
) -> Result<Access> {
    super::check_key(key)?;
    let tags = requested.tagging.map(crate::tags::from_header).transpose()?.unwrap_or_default();
    let headers = [
        ("s3:x-amz-storage-class", requested.storage_class),
        ("s3:x-amz-website-redirect-location", requested.redirect),
        ("s3:x-amz-server-side-encryption", requested.encryption.algorithm),
        ("s3:x-amz-server-side-encryption-aws-kms-key-id", requested.encryption.key_id),
        ("s3:x-amz-server-side-encryption-customer-algorithm", requested.encryption.customer.algorithm),
    ];
    let with_keys = |access: Access| {
        let given = headers.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let access = given.fold(access, |access, (name, value)| access.key(name, value));
        tagging(requested.acl.keys(access), &tags)
    };
    let demand = bucket.object_access(cx, "s3:PutObject", key);
    let mut access = with_keys(writing(cx, bucket, key, demand).await?);
    if !tags.is_empty() {
        access = access.and(with_keys(bucket.object_access(cx, "s3:PutObjectTagging", key)));
    }
    // A writer may hand the object to the bucket's owner without more: the policies that the guides of
    // CloudTrail, Config and others give for their log buckets allow `s3:PutObject` alone.
    if !requested.acl.is_for_bucket_owner() {
        let demand = bucket.object_access(cx, "s3:PutObjectAcl", key);
        access = access.and(with_keys(writing(cx, bucket, key, demand).await?));
    }
    Ok(requested.lock.access(cx, bucket, key, access))
}
