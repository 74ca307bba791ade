//! Tags of buckets.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Error, Operation, Result};

use super::Bucket;
use crate::errors::NoSuchTagSet;
use crate::tags::{self, Tag, Tagging, Tags};

/// Sets the tags of a bucket, in place of those it had.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketTagging {
    bucket: String,
    tagging: Tagging,
}

impl Operation for PutBucketTagging {
    const NAME: &str = "PutBucketTagging";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketTagging"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        bucket.check_tagging()?;
        bucket.tags = tags::from_list(&self.tagging.tag_set, tags::MOST_OF_BUCKET)?;
        bucket.save(cx).await?;
        cx.reply_status(204);
        Ok(Empty {})
    }
}

/// Tells the tags of a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketTagging {
    bucket: String,
}

/// Answer of [`GetBucketTagging`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketTaggingOutput {
    tag_set: Vec<Tag>,
}

impl Operation for GetBucketTagging {
    const NAME: &str = "GetBucketTagging";
    type Output = GetBucketTaggingOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketTagging"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketTaggingOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        if bucket.tags.is_empty() {
            return Err(Error::from(NoSuchTagSet).with("BucketName", bucket.name));
        }
        Ok(GetBucketTaggingOutput { tag_set: tags::to_list(&bucket.tags) })
    }
}

/// Removes the tags of a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteBucketTagging {
    bucket: String,
}

impl Operation for DeleteBucketTagging {
    const NAME: &str = "DeleteBucketTagging";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketTagging"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        bucket.check_tagging()?;
        bucket.tags = Tags::new();
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}
