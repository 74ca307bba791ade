//! Transfer acceleration: whether a bucket answers at `BUCKET.s3-accelerate.amazonaws.com`.
//!
//! Welkin is as fast there as anywhere; what it keeps is who may use the name.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::Bucket;
use crate::errors::{InvalidRequest, MalformedXML};

/// The state of a bucket that was ever accelerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Acceleration {
    Enabled,
    Suspended,
}

/// The configuration as the API has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    status: Option<String>,
}

/// The label of the accelerated end point, and what follows it in host names.
const ENDPOINT: &str = "s3-accelerate.";

/// Whether a request came to the accelerated end point, with the bucket in the host's name or without.
enum Came {
    Elsewhere,
    ByHost,
    ByPath,
}

fn came(cx: &Cx, bucket: &str) -> Came {
    let host = cx.facts().headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    match host.strip_prefix(bucket).and_then(|rest| rest.strip_prefix('.')) {
        Some(rest) if rest.starts_with(ENDPOINT) => Came::ByHost,
        _ if host.starts_with(ENDPOINT) => Came::ByPath,
        _ => Came::Elsewhere,
    }
}

/// Refuses requests at the accelerated end point for what is not done there: making, deleting and listing buckets.
// UNVERIFIED: that they are not is documented, not the error.
pub(crate) fn check_operation(cx: &Cx, bucket: &str) -> Result<()> {
    match came(cx, bucket) {
        Came::Elsewhere => Ok(()),
        _ => Err(InvalidRequest::because("This operation is not supported on the S3 Transfer Acceleration endpoint.")),
    }
}

impl Bucket {
    /// Refuses requests at the accelerated end point if the bucket does not answer there.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
    pub(super) fn check_acceleration(&self, cx: &Cx) -> Result<()> {
        let message = match (came(cx, &self.name), self.acceleration) {
            (Came::Elsewhere, _) | (Came::ByHost, Some(Acceleration::Enabled)) => return Ok(()),
            (Came::ByPath, _) => "The S3 Transfer Acceleration endpoint supports only virtual style requests.",
            (Came::ByHost, None) => "S3 Transfer Acceleration is not configured on this bucket",
            (Came::ByHost, Some(Acceleration::Suspended)) => "S3 Transfer Acceleration is disabled on this bucket",
        };
        Err(InvalidRequest::because(message))
    }
}

/// Says whether a bucket is accelerated.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAccelerateConfiguration.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketAccelerateConfiguration {
    bucket: String,
    accelerate_configuration: Configuration,
}

impl Operation for PutBucketAccelerateConfiguration {
    const NAME: &str = "PutBucketAccelerateConfiguration";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutAccelerateConfiguration"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        let acceleration = match self.accelerate_configuration.status.as_deref() {
            Some("Enabled") => Acceleration::Enabled,
            Some("Suspended") => Acceleration::Suspended,
            _ => return Err(MalformedXML.into()),
        };
        if bucket.name.contains('.') {
            return Err(InvalidRequest::because(
                "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
            ));
        }
        // What never was accelerated stays so.
        if bucket.acceleration.is_some() || acceleration == Acceleration::Enabled {
            bucket.acceleration = Some(acceleration);
            bucket.save(cx).await?;
        }
        Ok(Empty {})
    }
}

/// Tells whether a bucket is accelerated; of one that never was the answer names no status.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAccelerateConfiguration.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketAccelerateConfiguration {
    bucket: String,
}

/// Answer of [`GetBucketAccelerateConfiguration`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketAccelerateConfigurationOutput {
    status: Option<Acceleration>,
}

impl Operation for GetBucketAccelerateConfiguration {
    const NAME: &str = "GetBucketAccelerateConfiguration";
    type Output = GetBucketAccelerateConfigurationOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open_charged(cx, &self.bucket).await?.access(cx, "s3:GetAccelerateConfiguration"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketAccelerateConfigurationOutput> {
        Ok(GetBucketAccelerateConfigurationOutput { status: Bucket::open(cx, &self.bucket).await?.acceleration })
    }
}
