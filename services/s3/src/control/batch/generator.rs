//! Manifests that S3 makes by itself: of which objects of a bucket, and where they are written.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3JobManifestGenerator.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{AccountId, Result, Timestamp};

use super::manifest::bucket_of;
use crate::control::errors::InvalidRequest;
use crate::encryption::Protection;
use crate::object::Object;

/// The generator of a job's manifest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct JobManifestGenerator {
    #[serde(rename = "S3JobManifestGenerator")]
    given: Option<S3JobManifestGenerator>,
}

/// What it does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct S3JobManifestGenerator {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expected_bucket_owner: Option<AccountId>,
    pub(super) source_bucket: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) manifest_output_location: Option<S3ManifestOutputLocation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) filter: Option<Filter>,
    pub(super) enable_manifest_output: bool,
}

/// Where the manifest is written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct S3ManifestOutputLocation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expected_manifest_bucket_owner: Option<AccountId>,
    pub(super) bucket: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) manifest_prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) manifest_encryption: Option<GeneratedManifestEncryption>,
    pub(super) manifest_format: String,
}

/// How it is encrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct GeneratedManifestEncryption {
    #[serde(rename = "SSES3", default, skip_serializing_if = "Option::is_none")]
    s3: Option<Managed>,
    #[serde(rename = "SSEKMS", default, skip_serializing_if = "Option::is_none")]
    kms: Option<ByKms>,
}

/// With a key of S3's.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Managed {}

/// With a key of KMS.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ByKms {
    key_id: String,
}

impl GeneratedManifestEncryption {
    /// The KMS key that is named.
    pub(super) fn key_id(&self) -> Option<&str> {
        self.kms.as_ref().map(|kms| kms.key_id.as_str())
    }
}

/// Which objects are in the manifest: those of which all holds that is said.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Filter {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) eligible_for_replication: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_after: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_before: Option<Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    object_replication_statuses: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_name_constraint: Option<KeyNameConstraint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_size_greater_than_bytes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_size_less_than_bytes: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    match_any_storage_class: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    match_any_object_encryption: Vec<ObjectEncryption>,
}

/// How keys begin and end, and what they contain.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct KeyNameConstraint {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    match_any_prefix: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    match_any_suffix: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    match_any_substring: Vec<String>,
}

/// A kind of encryption.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct ObjectEncryption {
    #[serde(rename = "SSES3", skip_serializing_if = "Option::is_none")]
    s3: Option<Managed>,
    #[serde(rename = "SSEKMS", skip_serializing_if = "Option::is_none")]
    kms: Option<KmsFilter>,
    #[serde(rename = "DSSEKMS", skip_serializing_if = "Option::is_none")]
    dual: Option<DualFilter>,
    #[serde(rename = "SSEC", skip_serializing_if = "Option::is_none")]
    customer: Option<Managed>,
    #[serde(rename = "NOTSSE", skip_serializing_if = "Option::is_none")]
    none: Option<Managed>,
}

/// A key of KMS, and whether a Bucket Key is used.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KmsFilter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kms_key_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bucket_key_enabled: Option<bool>,
}

/// A key of KMS under which objects lie in two layers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DualFilter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kms_key_arn: Option<String>,
}

impl JobManifestGenerator {
    /// What it says.
    ///
    /// # Errors
    /// `InvalidRequest`
    // UNVERIFIED: the wording of all of these.
    pub(super) fn given(&self) -> Result<&S3JobManifestGenerator> {
        self.given.as_ref().ok_or_else(|| InvalidRequest::because("S3JobManifestGenerator must be specified"))
    }

    /// # Errors
    /// `InvalidRequest`
    pub(super) fn check(&self) -> Result<()> {
        let given = self.given()?;
        if bucket_of(&given.source_bucket)?.starts_with("arn:") {
            return Err(InvalidRequest::because("SourceBucket must be the ARN of a bucket"));
        }
        match &given.manifest_output_location {
            Some(location) => bucket_of(&location.bucket).map(drop),
            None if given.enable_manifest_output => {
                Err(InvalidRequest::because("ManifestOutputLocation is required when EnableManifestOutput is true"))
            }
            None => Ok(()),
        }
    }
}

impl Filter {
    /// The only prefix that keys may have, if there is one.
    pub(super) fn prefix(&self) -> &str {
        match self.key_name_constraint.as_ref().map(|constraint| constraint.match_any_prefix.as_slice()) {
            Some([only]) => only,
            _ => "",
        }
    }

    /// Whether an object is in the manifest, as far as the object itself tells.
    pub(super) fn takes(&self, object: &Object) -> bool {
        let size = i64::try_from(object.size).unwrap_or(i64::MAX);
        let status = object.replication.as_ref().map_or("NONE", |progress| progress.status().name());
        let any = |wanted: &[String], is: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == is);
        self.created_after.is_none_or(|time| object.modified > time)
            && self.created_before.is_none_or(|time| object.modified < time)
            && self.object_size_greater_than_bytes.is_none_or(|bytes| size > bytes)
            && self.object_size_less_than_bytes.is_none_or(|bytes| size < bytes)
            && any(&self.object_replication_statuses, status)
            && any(&self.match_any_storage_class, &object.settings.storage_class)
            && self.key_name_constraint.as_ref().is_none_or(|constraint| constraint.takes(&object.key))
            && self.takes_encryption(&object.protection)
    }

    fn takes_encryption(&self, protection: &Protection) -> bool {
        let wanted = &self.match_any_object_encryption;
        wanted.is_empty() || wanted.iter().any(|kind| kind.is_of(protection))
    }
}

impl KeyNameConstraint {
    fn takes(&self, key: &str) -> bool {
        let any = |texts: &[String], is: &dyn Fn(&str) -> bool| texts.is_empty() || texts.iter().any(|text| is(text));
        any(&self.match_any_prefix, &|text| key.starts_with(text))
            && any(&self.match_any_suffix, &|text| key.ends_with(text))
            && any(&self.match_any_substring, &|text| key.contains(text))
    }
}

impl ObjectEncryption {
    fn is_of(&self, protection: &Protection) -> bool {
        let by_kms = |arn: &str, bucket_key: bool| {
            self.kms.as_ref().is_some_and(|kms| {
                kms.kms_key_arn.as_deref().is_none_or(|wanted| wanted == arn)
                    && kms.bucket_key_enabled.is_none_or(|wanted| wanted == bucket_key)
            })
        };
        match protection {
            Protection::S3 { .. } => self.s3.is_some(),
            Protection::Kms { key_arn, .. } => by_kms(key_arn, false),
            Protection::BucketKey { key_arn, .. } => by_kms(key_arn, true),
            Protection::Dual { key_arn, .. } => {
                self.dual.as_ref().is_some_and(|dual| dual.kms_key_arn.as_ref().is_none_or(|wanted| wanted == key_arn))
            }
            Protection::Customer { .. } => self.customer.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_of_the_prefixes_one_of_the_suffixes_and_one_of_the_substrings() {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let constraint = KeyNameConstraint {
            match_any_prefix: list(&["a/", "b/"]),
            match_any_suffix: list(&[".csv"]),
            match_any_substring: list(&["2026"]),
        };
        for (key, taken) in [
            ("a/2026.csv", true),
            ("b/x2026y.csv", true),
            ("c/2026.csv", false),
            ("a/2026.txt", false),
            ("a/2025.csv", false),
        ] {
            assert_eq!(constraint.takes(key), taken, "{key}");
        }
        assert!(KeyNameConstraint::default().takes("anything"));
    }
}
