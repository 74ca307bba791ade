//! DeleteBucket.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Error, Operation, Page, Result};

use super::{
    Bucket, OwnedBucket, accelerate, configured, cors, lifecycle, logging, notification, replication, website,
};
use crate::control::access_point::keeps_bucket;
use crate::encryption::bucket_key;
use crate::errors::{BucketHasAccessPointsAttached, BucketNotEmpty};
use crate::object::Object;
use crate::object::version::Version;
use crate::upload;

/// Deletes an empty bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteBucket {
    bucket: String,
}

impl Operation for DeleteBucket {
    const NAME: &str = "DeleteBucket";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        accelerate::check_operation(cx, &self.bucket)?;
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:DeleteBucket"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let place = bucket.place();
        if keeps_bucket(cx, &self.bucket, bucket.owner).await? {
            return Err(Error::from(BucketHasAccessPointsAttached).with("BucketName", self.bucket.as_str()));
        }
        let objects = cx.list::<Object>(place, (&self.bucket,), Page::of(1, None)).await?;
        if !objects.is_empty() {
            return Err(Error::from(BucketNotEmpty).with("BucketName", self.bucket.as_str()));
        }
        if !cx.list::<Version>(place, (&self.bucket,), Page::of(1, None)).await?.is_empty() {
            let message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";
            return Err(BucketNotEmpty::because(message).with("BucketName", self.bucket.as_str()));
        }
        // UNVERIFIED: uploads in progress do not keep a general purpose bucket; they end with it.
        upload::abort_all(cx, &bucket).await?;
        bucket_key::forget(cx, place, &self.bucket)?;
        configured::forget(cx, place, &self.bucket)?;
        cors::forget(cx, place, &self.bucket)?;
        lifecycle::forget(cx, place, &bucket).await?;
        logging::forget(cx, place, &self.bucket)?;
        notification::forget(cx, place, &self.bucket)?;
        replication::forget(cx, place, &self.bucket)?;
        website::forget(cx, place, &self.bucket)?;
        cx.delete::<OwnedBucket>(place, (self.bucket.as_bytes(),)).await?;
        cx.delete::<Bucket>(place, (&self.bucket,)).await?;
        Ok(Empty {})
    }
}
