//! Versioning of buckets.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::Bucket;
use crate::errors::{IllegalVersioningConfigurationException, InvalidBucketState, MalformedXML, not_implemented};
use crate::object::version;

/// Whether a bucket keeps versions. A bucket that never did has no versioning at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Versioning {
    /// Every write and every deletion makes a version.
    Enabled,
    /// There are versions; what is written now is the null version.
    Suspended,
}

impl Bucket {
    /// The id of a version as answers have it: of buckets without versions they have none.
    pub(crate) fn shown_version(&self, version: Option<&str>) -> Option<String> {
        self.versioning.map(|_| version::shown(version))
    }
}

/// The configuration as the API has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    status: Option<String>,
    #[serde(rename = "MFADelete")]
    mfa_delete: Option<String>,
}

/// Has a bucket keep versions, or stop making them.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketVersioning {
    bucket: String,
    versioning_configuration: Configuration,
}

impl Operation for PutBucketVersioning {
    const NAME: &str = "PutBucketVersioning";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketVersioning"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        let configuration = &self.versioning_configuration;
        match configuration.mfa_delete.as_deref() {
            None | Some("Disabled") => {}
            Some("Enabled") => return Err(not_implemented("MFA delete")),
            Some(_) => return Err(MalformedXML.into()),
        }
        let versioning = match configuration.status.as_deref() {
            Some("Enabled") => Versioning::Enabled,
            Some("Suspended") => Versioning::Suspended,
            Some(_) => return Err(MalformedXML.into()),
            None => return Err(IllegalVersioningConfigurationException.into()),
        };
        if versioning == Versioning::Suspended && bucket.object_lock.is_some() {
            return Err(InvalidBucketState::because(
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
            ));
        }
        if versioning == Versioning::Suspended && bucket.replicates {
            return Err(InvalidBucketState::because(
                "A replication configuration is present on this bucket, so you cannot change the versioning state. To \
                 change the versioning state, first delete the replication configuration.",
            ));
        }
        bucket.versioning = Some(versioning);
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}

/// Tells whether a bucket keeps versions; of one that never did the answer names no status.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketVersioning {
    bucket: String,
}

/// Answer of [`GetBucketVersioning`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketVersioningOutput {
    status: Option<Versioning>,
}

impl Operation for GetBucketVersioning {
    const NAME: &str = "GetBucketVersioning";
    type Output = GetBucketVersioningOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketVersioning"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketVersioningOutput> {
        Ok(GetBucketVersioningOutput { status: Bucket::open(cx, &self.bucket).await?.versioning })
    }
}
