//! Access by attributes: whether the tags of a bucket decide who may do what to it and its objects.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::Bucket;
use crate::errors::{MalformedXML, MethodNotAllowed};

/// The status as the API has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    status: Option<String>,
}

impl Bucket {
    /// Adds the tags as condition keys, where they count: `aws:ResourceTag/…` and `s3:BucketTag/…`.
    pub(super) fn tag_keys(&self, access: Access) -> Access {
        if !self.abac {
            return access;
        }
        let key = |access: Access, (key, value): (&String, &String)| access.key(format!("s3:BucketTag/{key}"), value);
        self.tags.iter().fold(access.resource_tags(&self.tags), key)
    }

    /// Tags that decide are set by `TagResource` and `UntagResource` alone.
    // UNVERIFIED: that the older operations do not work then is documented, not the error.
    pub(super) fn check_tagging(&self) -> Result<()> {
        if self.abac { Err(MethodNotAllowed.into()) } else { Ok(()) }
    }
}

/// Says whether the tags of a bucket decide.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAbac.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketAbac {
    bucket: String,
    abac_status: Status,
}

impl Operation for PutBucketAbac {
    const NAME: &str = "PutBucketAbac";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketAbac"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        bucket.abac = match self.abac_status.status.as_deref() {
            Some("Enabled") => true,
            Some("Disabled") => false,
            _ => return Err(MalformedXML.into()),
        };
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}

/// Tells whether the tags of a bucket decide.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAbac.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketAbac {
    bucket: String,
}

/// Answer of [`GetBucketAbac`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketAbacOutput {
    abac_status: Status,
}

impl Operation for GetBucketAbac {
    const NAME: &str = "GetBucketAbac";
    type Output = GetBucketAbacOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketAbac"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketAbacOutput> {
        let status = if Bucket::open(cx, &self.bucket).await?.abac { "Enabled" } else { "Disabled" };
        Ok(GetBucketAbacOutput { abac_status: Status { status: Some(status.to_owned()) } })
    }
}
