//! Versioning: told honestly, not switched on yet. `PutBucketVersioning` is refused by name.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::Bucket;

/// Tells whether a bucket keeps versions: none ever did, so the answer names no status.
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
    status: Option<String>,
}

impl Operation for GetBucketVersioning {
    const NAME: &str = "GetBucketVersioning";
    type Output = GetBucketVersioningOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketVersioning"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketVersioningOutput> {
        Bucket::open(cx, &self.bucket).await?;
        Ok(GetBucketVersioningOutput { status: None })
    }
}
