//! The columns of an inventory.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html#storage-inventory-contents>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;
use welkin_kernel::{Fraction, Result, Timestamp};

use crate::acl::{Acl, Grantee};
use crate::bucket::Bucket;
use crate::bucket::lifecycle::Lifecycle;
use crate::encryption::{AES256, AWS_KMS};
use crate::errors::{MalformedXML, not_implemented};
use crate::object::list::page::{Encoding, Keyed};
use crate::object::version::{self, Version};
use crate::object::{Content, Object, tiering};

/// An optional column; they stand in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Size,
    LastModifiedDate,
    ETag,
    StorageClass,
    IsMultipartUploaded,
    ReplicationStatus,
    EncryptionStatus,
    ObjectLockRetainUntilDate,
    ObjectLockMode,
    ObjectLockLegalHoldStatus,
    IntelligentTieringAccessTier,
    BucketKeyStatus,
    ChecksumAlgorithm,
    ObjectAccessControlList,
    ObjectOwner,
    LifecycleExpirationDate,
    IntelligentTieringReferenceDate,
}

/// Columns of what Welkin's objects do not have.
const UNKNOWN: [&str; 2] = ["ObjectLockEventHoldStatus", "ObjectLockEventHoldDuration"];

impl Field {
    const ALL: [Self; 17] = [
        Self::Size,
        Self::LastModifiedDate,
        Self::ETag,
        Self::StorageClass,
        Self::IsMultipartUploaded,
        Self::ReplicationStatus,
        Self::EncryptionStatus,
        Self::ObjectLockRetainUntilDate,
        Self::ObjectLockMode,
        Self::ObjectLockLegalHoldStatus,
        Self::IntelligentTieringAccessTier,
        Self::BucketKeyStatus,
        Self::ChecksumAlgorithm,
        Self::ObjectAccessControlList,
        Self::ObjectOwner,
        Self::LifecycleExpirationDate,
        Self::IntelligentTieringReferenceDate,
    ];

    /// The column of this name.
    ///
    /// # Errors
    /// `NotImplemented` for those that Welkin refuses; `MalformedXML`
    pub(super) fn by_name(name: &str) -> Result<Self> {
        if UNKNOWN.contains(&name) {
            return Err(not_implemented(&format!("the inventory field {name}")));
        }
        Self::ALL.into_iter().find(|field| field.name() == name).ok_or_else(|| MalformedXML.into())
    }

    fn name(self) -> &'static str {
        match self {
            Self::Size => "Size",
            Self::LastModifiedDate => "LastModifiedDate",
            Self::ETag => "ETag",
            Self::StorageClass => "StorageClass",
            Self::IsMultipartUploaded => "IsMultipartUploaded",
            Self::ReplicationStatus => "ReplicationStatus",
            Self::EncryptionStatus => "EncryptionStatus",
            Self::ObjectLockRetainUntilDate => "ObjectLockRetainUntilDate",
            Self::ObjectLockMode => "ObjectLockMode",
            Self::ObjectLockLegalHoldStatus => "ObjectLockLegalHoldStatus",
            Self::IntelligentTieringAccessTier => "IntelligentTieringAccessTier",
            Self::BucketKeyStatus => "BucketKeyStatus",
            Self::ChecksumAlgorithm => "ChecksumAlgorithm",
            Self::ObjectAccessControlList => "ObjectAccessControlList",
            Self::ObjectOwner => "ObjectOwner",
            Self::LifecycleExpirationDate => "LifecycleExpirationDate",
            Self::IntelligentTieringReferenceDate => "IntelligentTieringReferenceDate",
        }
    }

    fn of(self, table: &Table<'_>, object: &Object, is_latest: bool) -> String {
        let lock = &object.settings.lock;
        let tiered = || Some(object).filter(|object| object.settings.storage_class == tiering::CLASS);
        let yes_or_no = |yes: bool| if yes { "ENABLED" } else { "DISABLED" }.to_owned();
        match self {
            Self::Size => object.size.to_string(),
            Self::LastModifiedDate => date(object.modified),
            Self::ETag => object.etag.clone(),
            Self::StorageClass => object.settings.storage_class.clone(),
            Self::IsMultipartUploaded => matches!(object.content, Content::Parts { .. }).to_string(),
            Self::ReplicationStatus => {
                object.replication.as_ref().map_or("", |progress| progress.status().name()).to_owned()
            }
            Self::EncryptionStatus => encryption(object).to_owned(),
            Self::ObjectLockRetainUntilDate => {
                lock.retention.map(|retention| date(retention.until)).unwrap_or_default()
            }
            Self::ObjectLockMode => lock.retention.map_or("", |retention| retention.mode.name()).to_owned(),
            Self::ObjectLockLegalHoldStatus => lock.held.map_or("", |held| if held { "ON" } else { "OFF" }).to_owned(),
            Self::IntelligentTieringAccessTier => {
                tiered().map(|object| object.tier(table.now)).unwrap_or_default().to_owned()
            }
            Self::IntelligentTieringReferenceDate => {
                tiered().map(|object| date(object.unread_since())).unwrap_or_default()
            }
            Self::BucketKeyStatus => yes_or_no(object.protection.shown().bucket_key == Some(true)),
            Self::ChecksumAlgorithm => object.checksum.algorithm.name().to_owned(),
            Self::ObjectAccessControlList => table.list(object),
            Self::ObjectOwner => object.settings.owner(table.bucket).id(),
            Self::LifecycleExpirationDate => {
                let due = table.lifecycle.filter(|_| is_latest).and_then(|lifecycle| lifecycle.expires(object));
                due.map(date).unwrap_or_default()
            }
        }
    }

    /// What the column has of a delete marker.
    fn of_marker(self, modified: Timestamp) -> String {
        if self == Self::LastModifiedDate { date(modified) } else { String::new() }
    }
}

fn date(time: Timestamp) -> String {
    time.to_iso8601(Fraction::Millis)
}

fn encryption(object: &Object) -> &'static str {
    let shown = object.protection.shown();
    match shown.algorithm.as_deref() {
        _ if shown.customer_algorithm.is_some() => "SSE-C",
        Some(AES256) => "SSE-S3",
        Some(AWS_KMS) => "SSE-KMS",
        Some(_) => "DSSE-KMS",
        None => "NOT-SSE",
    }
}

/// What the rows of an inventory are made from.
pub(super) struct Table<'a> {
    pub(super) bucket: &'a Bucket,
    pub(super) fields: &'a [Field],
    /// Whether all versions are listed, with columns that tell them apart.
    pub(super) all_versions: bool,
    pub(super) lifecycle: Option<&'a Lifecycle>,
    pub(super) now: Timestamp,
}

impl Table<'_> {
    /// The names of the columns, as manifests have them.
    pub(super) fn schema(&self) -> String {
        let mut names = vec!["Bucket", "Key"];
        if self.all_versions {
            names.extend(["VersionId", "IsLatest", "IsDeleteMarker"]);
        }
        names.extend(self.fields.iter().map(|field| field.name()));
        names.join(", ")
    }

    /// The row of a version, if it is listed.
    pub(super) fn row(&self, version: &Version, is_latest: bool) -> Option<String> {
        let marker = matches!(version, Version::Marker(_));
        if !self.all_versions && (marker || !is_latest) {
            return None;
        }
        let mut cells = vec![self.bucket.name.clone(), Encoding::Url.of(version.text())];
        if self.all_versions {
            cells.extend([version::shown(version.id()), is_latest.to_string(), marker.to_string()]);
        }
        cells.extend(self.fields.iter().map(|field| match version {
            Version::Object(object) => field.of(self, object, is_latest),
            Version::Marker(marker) => field.of_marker(marker.modified),
        }));
        let cells: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        Some(cells.join(","))
    }

    /// The access control list of an object, as JSON in Base64.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/objectacl.html>
    fn list(&self, object: &Object) -> String {
        let private = Acl::private(object.settings.owner(self.bucket));
        let acl = object.settings.acl.as_ref().filter(|_| self.bucket.takes_lists()).unwrap_or(&private);
        let grants: Vec<_> = acl
            .0
            .iter()
            .map(|grant| match grant.grantee {
                Grantee::User(user) => json!({
                    "canonicalId": user.id(), "type": "CanonicalUser", "permission": grant.permission.name(),
                }),
                Grantee::Group(group) => json!({
                    "uri": group.uri(), "type": "Group", "permission": grant.permission.name(),
                }),
            })
            .collect();
        BASE64.encode(json!({ "version": "2022-11-10", "status": "AVAILABLE", "grants": grants }).to_string())
    }
}
