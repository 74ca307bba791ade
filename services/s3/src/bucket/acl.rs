//! Access control lists: buckets take none, as is the default since 2023 (`BucketOwnerEnforced`).
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Empty, Event, Operation, Result};

use super::{Bucket, Owner};
use crate::errors::{AccessControlListNotSupported, invalid_argument};
use crate::object::access as object_access;

/// An access control list as the API has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccessControlList {
    owner: Owner,
    grants: Vec<Grant>,
}

/// A grant.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Grant {
    grantee: Grantee,
    permission: String,
}

/// Who is granted.
#[derive(Debug, Serialize, Deserialize)]
struct Grantee {
    #[serde(rename = "ID")]
    id: Option<String>,
    #[serde(rename = "Type")]
    kind: String,
}

/// A list that a request brings.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    #[serde(default)]
    grants: Vec<Grant>,
}

impl AccessControlList {
    /// The only list there is: full control for the owner.
    fn of(owner: AccountId) -> Self {
        let owner = Owner::of(owner);
        let grantee = Grantee { id: Some(owner.id.clone()), kind: "CanonicalUser".to_owned() };
        Self { owner, grants: vec![Grant { grantee, permission: "FULL_CONTROL".to_owned() }] }
    }
}

impl Policy {
    /// Whether it says what holds anyway.
    fn is_of(&self, owner: AccountId) -> bool {
        let owner = super::canonical_user(owner);
        self.grants.len() == 1
            && self
                .grants
                .iter()
                .all(|grant| grant.permission == "FULL_CONTROL" && grant.grantee.id.as_deref() == Some(owner.as_str()))
    }
}

/// Canned lists of the API.
const CANNED: [&str; 7] = [
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
];

/// Refuses lists for an object but those that give the bucket's owner what it has anyway.
///
/// UNVERIFIED: `private` is documented neither as taken nor as refused; clients send it as their default.
pub(crate) fn check_object(acl: Option<&str>, grants: bool) -> Result<()> {
    check(acl, grants, &["private", "bucket-owner-full-control"])
}

/// Refuses lists for a bucket but the private one.
pub(crate) fn check_bucket(acl: Option<&str>, grants: bool) -> Result<()> {
    check(acl, grants, &["private"])
}

fn check(acl: Option<&str>, grants: bool, permitted: &[&str]) -> Result<()> {
    match acl {
        Some(acl) if !CANNED.contains(&acl) => Err(invalid_argument("", "x-amz-acl", acl)),
        Some(acl) if !permitted.contains(&acl) => Err(AccessControlListNotSupported.into()),
        _ if grants => Err(AccessControlListNotSupported.into()),
        _ => Ok(()),
    }
}

/// Tells the access control list of a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketAcl {
    bucket: String,
}

impl Operation for GetBucketAcl {
    const NAME: &str = "GetBucketAcl";
    type Output = AccessControlList;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketAcl"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<AccessControlList> {
        Ok(AccessControlList::of(Bucket::open(cx, &self.bucket).await?.owner))
    }
}

/// Tells the access control list of an object.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetObjectAcl {
    bucket: String,
    key: String,
    version_id: Option<String>,
}

impl Operation for GetObjectAcl {
    const NAME: &str = "GetObjectAcl";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = AccessControlList;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let version = self.version_id.as_deref();
        let action = object_access::by_version(version, "s3:GetObjectAcl", "s3:GetObjectVersionAcl");
        object_access::to_existing(cx, action, &self.bucket, &self.key, version).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<AccessControlList> {
        let version = self.version_id.as_deref();
        let existing = object_access::existing(cx, &self.bucket, &self.key, version, "GET").await?;
        Ok(AccessControlList::of(existing.bucket.owner))
    }
}

/// Takes no other list for a bucket than the one it has.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketAcl {
    bucket: String,
    #[serde(rename = "ACL")]
    acl: Option<String>,
    access_control_policy: Option<Policy>,
    grant_full_control: Option<String>,
    grant_read: Option<String>,
    #[serde(rename = "GrantReadACP")]
    grant_read_acp: Option<String>,
    grant_write: Option<String>,
    #[serde(rename = "GrantWriteACP")]
    grant_write_acp: Option<String>,
}

impl Operation for PutBucketAcl {
    const NAME: &str = "PutBucketAcl";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketAcl");
        Ok(match &self.acl {
            Some(acl) => access.key("s3:x-amz-acl", acl),
            None => access,
        })
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let grants = [
            &self.grant_full_control,
            &self.grant_read,
            &self.grant_read_acp,
            &self.grant_write,
            &self.grant_write_acp,
        ];
        check_bucket(self.acl.as_deref(), grants.iter().any(|grant| grant.is_some()))?;
        check_policy(self.access_control_policy.as_ref(), bucket.owner)?;
        Ok(Empty {})
    }
}

/// Takes no other list for an object than the one it has.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutObjectAcl {
    bucket: String,
    key: String,
    version_id: Option<String>,
    #[serde(rename = "ACL")]
    acl: Option<String>,
    access_control_policy: Option<Policy>,
    grant_full_control: Option<String>,
    grant_read: Option<String>,
    #[serde(rename = "GrantReadACP")]
    grant_read_acp: Option<String>,
    #[serde(rename = "GrantWriteACP")]
    grant_write_acp: Option<String>,
}

impl Operation for PutObjectAcl {
    const NAME: &str = "PutObjectAcl";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let version = self.version_id.as_deref();
        let action = object_access::by_version(version, "s3:PutObjectAcl", "s3:PutObjectVersionAcl");
        let access = object_access::to_existing(cx, action, &self.bucket, &self.key, version).await?;
        Ok(match &self.acl {
            Some(acl) => access.key("s3:x-amz-acl", acl),
            None => access,
        })
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let version = self.version_id.as_deref();
        let bucket = object_access::existing(cx, &self.bucket, &self.key, version, "PUT").await?.bucket;
        let grants = [&self.grant_full_control, &self.grant_read, &self.grant_read_acp, &self.grant_write_acp];
        check_object(self.acl.as_deref(), grants.iter().any(|grant| grant.is_some()))?;
        check_policy(self.access_control_policy.as_ref(), bucket.owner)?;
        Ok(Empty {})
    }
}

fn check_policy(policy: Option<&Policy>, owner: AccountId) -> Result<()> {
    match policy {
        Some(policy) if !policy.is_of(owner) => Err(AccessControlListNotSupported.into()),
        _ => Ok(()),
    }
}
