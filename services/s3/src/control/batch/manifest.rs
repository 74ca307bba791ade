//! Manifests as requests name them.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Result};

use crate::control::errors::InvalidRequest;
use crate::control::reach;

/// Where the list of a job's objects is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct JobManifest {
    pub(super) spec: JobManifestSpec,
    pub(super) location: JobManifestLocation,
}

/// Its format.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct JobManifestSpec {
    pub(super) format: Format,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) fields: Vec<Field>,
}

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Format {
    #[serde(rename = "S3BatchOperations_CSV_20180820")]
    Csv,
    #[serde(rename = "S3InventoryReport_CSV_20161130")]
    Inventory,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Field {
    Ignore,
    Bucket,
    Key,
    VersionId,
}

/// The object that it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct JobManifestLocation {
    #[serde(rename = "ObjectArn")]
    pub(super) object_arn: String,
    #[serde(rename = "ObjectVersionId", default, skip_serializing_if = "Option::is_none")]
    pub(super) object_version_id: Option<String>,
    #[serde(rename = "ETag")]
    pub(super) etag: String,
}

/// A bucket or access point, and a key in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Located {
    pub(super) bucket: String,
    pub(super) key: String,
}

impl JobManifestLocation {
    /// Reads the ARN of the object.
    ///
    /// # Errors
    /// `InvalidRequest`
    pub(super) fn located(&self) -> Result<Located> {
        if let Some((point, key)) = reach::split_object(&self.object_arn) {
            return Ok(Located { bucket: point.to_owned(), key: key.to_owned() });
        }
        let arn: Option<Arn> = self.object_arn.parse().ok();
        let of_bucket = arn.as_ref().filter(|arn| arn.service() == "s3" && arn.account().is_none());
        match of_bucket.and_then(|arn| arn.resource().split_once('/')) {
            Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                Ok(Located { bucket: bucket.to_owned(), key: key.to_owned() })
            }
            // UNVERIFIED: the wording.
            _ => Err(InvalidRequest::because("Invalid manifest object ARN")),
        }
    }
}

impl JobManifest {
    /// What a manifest must say of itself.
    ///
    /// # Errors
    /// `InvalidRequest`
    // UNVERIFIED: the wording; the reference says when fields are given.
    pub(super) fn check(&self) -> Result<()> {
        self.location.located()?;
        let count = |wanted: Field| self.spec.fields.iter().filter(|field| **field == wanted).count();
        let message = match self.spec.format {
            Format::Inventory if !self.spec.fields.is_empty() => {
                "Manifest fields must not be specified for the format S3InventoryReport_CSV_20161130"
            }
            Format::Csv if count(Field::Bucket) != 1 || count(Field::Key) != 1 || count(Field::VersionId) > 1 => {
                "Manifest fields must contain Bucket and Key, each of them once"
            }
            _ => return Ok(()),
        };
        Err(InvalidRequest::because(message))
    }
}

/// The bucket, or access point, that an ARN names.
///
/// # Errors
/// `InvalidRequest`
pub(super) fn bucket_of(arn: &str) -> Result<String> {
    let parsed: Option<Arn> = arn.parse().ok().filter(|arn: &Arn| arn.service() == "s3");
    match parsed {
        Some(parsed) if parsed.account().is_none() && !parsed.resource().contains('/') => {
            Ok(parsed.resource().to_owned())
        }
        Some(parsed) if parsed.resource().starts_with("accesspoint/") => Ok(arn.to_owned()),
        // UNVERIFIED: the wording.
        _ => Err(InvalidRequest::because(format!("Invalid bucket ARN: {arn}"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn manifests_are_named_by_the_arn_of_an_object() {
        let at = |arn: &str| {
            let location =
                JobManifestLocation { object_arn: arn.to_owned(), object_version_id: None, etag: "e".to_owned() };
            location.located().map(|located| (located.bucket, located.key))
        };
        assert_eq!(at("arn:aws:s3:::b/a/k.csv").unwrap(), ("b".to_owned(), "a/k.csv".to_owned()));
        let point = "arn:aws:s3:us-east-1:111122223333:accesspoint/p";
        assert_eq!(at(&format!("{point}/object/k")).unwrap(), (point.to_owned(), "k".to_owned()));
        for wrong in ["arn:aws:s3:::b", "arn:aws:s3:::b/", "arn:aws:sqs:::b/k", "b/k"] {
            assert!(at(wrong).unwrap_err().is("InvalidRequest"), "{wrong}");
        }
        assert!(bucket_of("arn:aws:s3:::b/k").unwrap_err().is("InvalidRequest"));
        assert_eq!(bucket_of("arn:aws:s3:::b").unwrap(), "b");
    }
}
