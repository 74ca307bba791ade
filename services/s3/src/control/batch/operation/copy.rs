//! S3PutObjectCopy.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use welkin_kernel::{Map, Result, Timestamp, Value};

use super::acl::{S3Grant, grant_headers};
use super::{check_tags, value};
use crate::control::batch::manifest::bucket_of;
use crate::control::batch::task::Task;
use crate::errors::not_implemented;
use crate::tags::Tag;

/// What of a source is written as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// Copies every object to a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3CopyObjectOperation.html>
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct S3PutObjectCopy {
    #[serde(skip_serializing_if = "Option::is_none")]
    target_resource: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canned_access_control_list: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    access_control_grants: Vec<S3Grant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata_directive: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotation_directive: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified_since_constraint: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_object_metadata: Option<S3ObjectMetadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_object_tagging: Option<Vec<Tag>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requester_pays: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    un_modified_since_constraint: Option<Timestamp>,
    #[serde(rename = "SSEAwsKmsKeyId", skip_serializing_if = "Option::is_none")]
    sse_aws_kms_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_key_prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_lock_legal_hold_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_lock_mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_lock_retain_until_date: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bucket_key_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_algorithm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_lock_event_hold: Option<String>,
}

/// What the copies have in place of what the objects have.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct S3ObjectMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_language: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    user_metadata: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_expires_date: Option<Timestamp>,
    #[serde(rename = "SSEAlgorithm", skip_serializing_if = "Option::is_none")]
    sse_algorithm: Option<String>,
}

impl S3ObjectMetadata {
    /// Whether it says anything but how copies are encrypted.
    fn has_headers(&self) -> bool {
        let texts = [
            &self.cache_control,
            &self.content_disposition,
            &self.content_encoding,
            &self.content_language,
            &self.content_type,
        ];
        texts.iter().any(|text| text.is_some()) || self.http_expires_date.is_some() || !self.user_metadata.is_empty()
    }

    fn add_to(&self, input: &mut Map) -> Result<()> {
        give(input, "CacheControl", self.cache_control.clone());
        give(input, "ContentDisposition", self.content_disposition.clone());
        give(input, "ContentEncoding", self.content_encoding.clone());
        give(input, "ContentLanguage", self.content_language.clone());
        give(input, "ContentType", self.content_type.clone());
        give(input, "Expires", self.http_expires_date.map(Value::Timestamp));
        input.insert("Metadata", value(&self.user_metadata)?);
        Ok(())
    }
}

impl S3PutObjectCopy {
    /// What the reference says of its members.
    ///
    /// # Errors
    /// `InvalidRequest`, `InvalidTag`, `NotImplemented`
    pub(super) fn check(&self) -> Result<()> {
        bucket_of(self.target_resource.as_deref().unwrap_or_default())?;
        if self.object_lock_event_hold.is_some() {
            return Err(not_implemented("ObjectLockEventHold of S3PutObjectCopy jobs"));
        }
        if self.annotation_directive.is_some() {
            return Err(not_implemented("AnnotationDirective of S3PutObjectCopy jobs"));
        }
        grant_headers(&self.access_control_grants)?;
        check_tags(self.new_object_tagging.as_deref().unwrap_or_default())
    }

    /// The input of CopyObject.
    pub(super) fn input(&self, task: &Task) -> Result<Map> {
        let mut input = Map::new();
        input.insert("Bucket", bucket_of(self.target_resource.as_deref().unwrap_or_default())?);
        input.insert("Key", self.key(&task.key));
        input.insert("CopySource", source(task));
        give(&mut input, "CopySourceIfModifiedSince", self.modified_since_constraint.map(Value::Timestamp));
        give(&mut input, "CopySourceIfUnmodifiedSince", self.un_modified_since_constraint.map(Value::Timestamp));
        give(&mut input, "ACL", self.canned_access_control_list.clone());
        for (name, grantees) in grant_headers(&self.access_control_grants)? {
            input.insert(name, grantees);
        }
        self.add_metadata(&mut input)?;
        if let Some(tags) = &self.new_object_tagging {
            input.insert("TaggingDirective", "REPLACE");
            input.insert("Tagging", query(tags));
        }
        give(&mut input, "WebsiteRedirectLocation", self.redirect_location.clone());
        if self.requester_pays == Some(true) {
            input.insert("RequestPayer", "requester");
        }
        give(&mut input, "StorageClass", self.storage_class.clone());
        self.add_encryption(&mut input);
        give(&mut input, "ObjectLockLegalHoldStatus", self.object_lock_legal_hold_status.clone());
        give(&mut input, "ObjectLockMode", self.object_lock_mode.clone());
        give(&mut input, "ObjectLockRetainUntilDate", self.object_lock_retain_until_date.map(Value::Timestamp));
        give(&mut input, "ChecksumAlgorithm", self.checksum_algorithm.clone());
        Ok(input)
    }

    /// The key of a copy.
    fn key(&self, key: &str) -> String {
        match &self.target_key_prefix {
            Some(prefix) if prefix.ends_with('/') => format!("{prefix}{key}"),
            Some(prefix) => format!("{prefix}/{key}"),
            None => key.to_owned(),
        }
    }

    // UNVERIFIED: that headers without a directive are taken to replace those of the source.
    fn add_metadata(&self, input: &mut Map) -> Result<()> {
        let headers = self.new_object_metadata.as_ref().filter(|metadata| metadata.has_headers());
        let directive = match (&self.metadata_directive, headers) {
            (Some(directive), _) => directive.as_str(),
            (None, Some(_)) => "REPLACE",
            (None, None) => "COPY",
        };
        input.insert("MetadataDirective", directive);
        match headers.filter(|_| directive == "REPLACE") {
            Some(metadata) => metadata.add_to(input),
            None => Ok(()),
        }
    }

    fn add_encryption(&self, input: &mut Map) {
        let named = self.new_object_metadata.as_ref().and_then(|metadata| metadata.sse_algorithm.as_deref());
        let algorithm = match named {
            Some("AES256") => Some("AES256"),
            Some(_) => Some("aws:kms"),
            None => self.sse_aws_kms_key_id.as_ref().map(|_| "aws:kms"),
        };
        give(input, "ServerSideEncryption", algorithm);
        give(input, "SSEKMSKeyId", self.sse_aws_kms_key_id.clone());
        give(input, "BucketKeyEnabled", self.bucket_key_enabled);
    }
}

/// Inserts what is given.
fn give(input: &mut Map, name: &'static str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        input.insert(name, value);
    }
}

/// The object of a task as `x-amz-copy-source` names it.
fn source(task: &Task) -> String {
    let encode = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
    let path = match task.bucket.starts_with("arn:") {
        true => encode(&format!("{}/object/{}", task.bucket, task.key)),
        false => format!("{}/{}", task.bucket, encode(&task.key)),
    };
    match &task.version {
        Some(version) => format!("{path}?versionId={version}"),
        None => path,
    }
}

/// Tags as `x-amz-tagging` has them.
fn query(tags: &[Tag]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
    let pairs: Vec<String> = tags.iter().map(|tag| format!("{}={}", encode(&tag.key), encode(&tag.value))).collect();
    pairs.join("&")
}
