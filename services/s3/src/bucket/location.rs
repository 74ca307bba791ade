//! HeadBucket and GetBucketLocation.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Region, Result};

use super::Bucket;
use crate::control::access_point::name::ALIAS;

/// Tells whether a bucket exists and may be accessed.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HeadBucket {
    bucket: String,
}

/// Answer of [`HeadBucket`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HeadBucketOutput {
    bucket_arn: String,
    bucket_region: String,
    access_point_alias: bool,
}

impl Operation for HeadBucket {
    const NAME: &str = "HeadBucket";
    type Output = HeadBucketOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:ListBucket"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<HeadBucketOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        Ok(HeadBucketOutput {
            bucket_arn: bucket.arn(),
            bucket_region: bucket.region.name().to_owned(),
            access_point_alias: bucket.via.is_some() && self.bucket.ends_with(ALIAS),
        })
    }
}

/// Tells the Region of a bucket, wherever it is asked.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketLocation {
    bucket: String,
}

/// Answer of [`GetBucketLocation`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketLocationOutput {
    location_constraint: Option<String>,
}

impl Operation for GetBucketLocation {
    const NAME: &str = "GetBucketLocation";
    type Output = GetBucketLocationOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open_anywhere(cx, &self.bucket).await?.access(cx, "s3:GetBucketLocation"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketLocationOutput> {
        let region = Bucket::open_anywhere(cx, &self.bucket).await?.region;
        let location_constraint = (region != Region::US_EAST_1).then(|| region.name().to_owned());
        Ok(GetBucketLocationOutput { location_constraint })
    }
}
