//! What a job does to each object: one of these, as a call of S3.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-operations.html>

mod acl;
mod checksum;
mod copy;
mod lock;
mod restore;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Call, Error, Map, Result, Value, wire};

use super::task::Task;
use crate::control::errors::InvalidRequest;
use crate::errors::not_implemented;
use crate::tags::{self, MOST_OF_OBJECT, Tag};
use acl::S3PutObjectAcl;
pub(super) use checksum::S3ComputeObjectChecksum;
use copy::S3PutObjectCopy;
use lock::{S3PutObjectLegalHold, S3PutObjectRetention};
use restore::S3InitiateRestoreObject;

/// The operation of a job, as the API has it: exactly one member.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct JobOperation {
    #[serde(rename = "LambdaInvoke", default, skip_serializing_if = "Option::is_none")]
    lambda_invoke: Option<Nothing>,
    #[serde(rename = "S3PutObjectCopy", default, skip_serializing_if = "Option::is_none")]
    copy: Option<S3PutObjectCopy>,
    #[serde(rename = "S3PutObjectAcl", default, skip_serializing_if = "Option::is_none")]
    acl: Option<S3PutObjectAcl>,
    #[serde(rename = "S3PutObjectTagging", default, skip_serializing_if = "Option::is_none")]
    tagging: Option<S3PutObjectTagging>,
    #[serde(rename = "S3DeleteObjectTagging", default, skip_serializing_if = "Option::is_none")]
    untagging: Option<Nothing>,
    #[serde(rename = "S3InitiateRestoreObject", default, skip_serializing_if = "Option::is_none")]
    restore: Option<S3InitiateRestoreObject>,
    #[serde(rename = "S3PutObjectLegalHold", default, skip_serializing_if = "Option::is_none")]
    hold: Option<S3PutObjectLegalHold>,
    #[serde(rename = "S3PutObjectRetention", default, skip_serializing_if = "Option::is_none")]
    retention: Option<S3PutObjectRetention>,
    #[serde(rename = "S3ReplicateObject", default, skip_serializing_if = "Option::is_none")]
    replicate: Option<Nothing>,
    #[serde(rename = "S3ComputeObjectChecksum", default, skip_serializing_if = "Option::is_none")]
    checksum: Option<S3ComputeObjectChecksum>,
    #[serde(rename = "S3UpdateObjectEncryption", default, skip_serializing_if = "Option::is_none")]
    encryption: Option<Nothing>,
}

/// An operation without parameters, or one whose parameters are not looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Nothing {}

/// Gives every object these tags, in place of those it has.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct S3PutObjectTagging {
    #[serde(default)]
    tag_set: Vec<Tag>,
}

/// How a task is done.
pub(super) enum Way<'a> {
    /// By a call, after which it is over.
    Call(Call),
    /// By a call that brings bytes to rest before: one in a transaction, so that what was brought is taken for this
    /// task's, whatever happened to others.
    Staging(Call),
    /// Replication is set going, and what becomes of it is waited for.
    Replicate,
    /// The object is read.
    Checksum(&'a S3ComputeObjectChecksum),
}

impl JobOperation {
    /// Its name in the API.
    pub(super) fn name(&self) -> &'static str {
        self.given().next().unwrap_or_default()
    }

    fn given(&self) -> impl Iterator<Item = &'static str> {
        [
            self.lambda_invoke.as_ref().map(|_| "LambdaInvoke"),
            self.copy.as_ref().map(|_| "S3PutObjectCopy"),
            self.acl.as_ref().map(|_| "S3PutObjectAcl"),
            self.tagging.as_ref().map(|_| "S3PutObjectTagging"),
            self.untagging.as_ref().map(|_| "S3DeleteObjectTagging"),
            self.restore.as_ref().map(|_| "S3InitiateRestoreObject"),
            self.hold.as_ref().map(|_| "S3PutObjectLegalHold"),
            self.retention.as_ref().map(|_| "S3PutObjectRetention"),
            self.replicate.as_ref().map(|_| "S3ReplicateObject"),
            self.checksum.as_ref().map(|_| "S3ComputeObjectChecksum"),
            self.encryption.as_ref().map(|_| "S3UpdateObjectEncryption"),
        ]
        .into_iter()
        .flatten()
    }

    /// Whether its tasks are over only when replication has ended.
    pub(super) fn replicates(&self) -> bool {
        self.replicate.is_some()
    }

    /// Whether a job may do it.
    ///
    /// # Errors
    /// `InvalidRequest`, `NotImplemented`
    pub(super) fn check(&self) -> Result<()> {
        if self.given().count() != 1 {
            // UNVERIFIED: the wording.
            return Err(InvalidRequest::because("Exactly one operation must be specified"));
        }
        if let name @ ("LambdaInvoke" | "S3UpdateObjectEncryption") = self.name() {
            return Err(not_implemented(&format!("{name} jobs of Batch Operations")));
        }
        if let Some(tagging) = &self.tagging {
            check_tags(&tagging.tag_set)?;
        }
        self.copy.as_ref().map_or(Ok(()), S3PutObjectCopy::check)?;
        self.acl.as_ref().map_or(Ok(()), S3PutObjectAcl::check)?;
        self.restore.as_ref().map_or(Ok(()), S3InitiateRestoreObject::check)?;
        self.retention.as_ref().map_or(Ok(()), S3PutObjectRetention::check)?;
        self.checksum.as_ref().map_or(Ok(()), S3ComputeObjectChecksum::check)
    }

    /// How it is done to the object of a task.
    pub(super) fn way(&self, task: &Task) -> Result<Way<'_>> {
        let mut input = on(task);
        if let Some(copy) = &self.copy {
            return Ok(Way::Staging(call("CopyObject", copy.input(task)?)));
        }
        if let Some(checksum) = &self.checksum {
            return Ok(Way::Checksum(checksum));
        }
        let name = if let Some(acl) = &self.acl {
            acl.add_to(&mut input)?;
            "PutObjectAcl"
        } else if let Some(tagging) = &self.tagging {
            input.insert("Tagging", value(tagging)?);
            "PutObjectTagging"
        } else if self.untagging.is_some() {
            "DeleteObjectTagging"
        } else if let Some(restore) = &self.restore {
            input.insert("RestoreRequest", restore.request()?);
            "RestoreObject"
        } else if let Some(hold) = &self.hold {
            input.insert("LegalHold", value(&hold.legal_hold)?);
            "PutObjectLegalHold"
        } else if let Some(retention) = &self.retention {
            retention.add_to(&mut input)?;
            "PutObjectRetention"
        } else if self.replicate.is_some() {
            return Ok(Way::Replicate);
        } else {
            return Err(Error::internal("the operation of a job was checked when it was made"));
        };
        Ok(Way::Call(call(name, input)))
    }
}

/// The object of a task, as calls of S3 name it.
pub(super) fn on(task: &Task) -> Map {
    let mut input = Map::new();
    input.insert("Bucket", task.bucket.clone());
    input.insert("Key", task.key.clone());
    if let Some(version) = &task.version {
        input.insert("VersionId", version.clone());
    }
    input
}

fn call(operation: &'static str, input: Map) -> Call {
    Call::to("s3", operation).input(&Value::Map(input))
}

fn value(given: &impl Serialize) -> Result<Value> {
    wire::to_value(given).map_err(Error::internal)
}

fn check_tags(list: &[Tag]) -> Result<()> {
    tags::from_list(list, MOST_OF_OBJECT).map(drop)
}
