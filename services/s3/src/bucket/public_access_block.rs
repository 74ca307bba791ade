//! Block Public Access of a bucket.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Error, Operation, Result};

use super::Bucket;
use crate::errors::NoSuchPublicAccessBlockConfiguration;

/// What is blocked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PublicAccessBlock {
    /// Requests that set a public access control list are refused.
    #[serde(default)]
    pub(crate) block_public_acls: bool,
    /// Public access control lists have no effect.
    #[serde(default)]
    pub(crate) ignore_public_acls: bool,
    /// Public bucket policies are refused.
    #[serde(default)]
    pub(crate) block_public_policy: bool,
    /// A public bucket policy serves the owner's account and AWS services only.
    #[serde(default)]
    pub(crate) restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// What both block: the most restrictive of the two counts.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            block_public_acls: self.block_public_acls || other.block_public_acls,
            ignore_public_acls: self.ignore_public_acls || other.ignore_public_acls,
            block_public_policy: self.block_public_policy || other.block_public_policy,
            restrict_public_buckets: self.restrict_public_buckets || other.restrict_public_buckets,
        }
    }
}

/// What new buckets have, since April 2023.
pub(crate) const ALL: PublicAccessBlock = PublicAccessBlock {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
};

/// Sets what is blocked.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutPublicAccessBlock {
    bucket: String,
    public_access_block_configuration: PublicAccessBlock,
}

impl Operation for PutPublicAccessBlock {
    const NAME: &str = "PutPublicAccessBlock";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketPublicAccessBlock"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        bucket.own_block = Some(self.public_access_block_configuration);
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}

/// Tells what is blocked.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPublicAccessBlock {
    bucket: String,
}

/// Answer of [`GetPublicAccessBlock`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPublicAccessBlockOutput {
    public_access_block_configuration: PublicAccessBlock,
}

impl Operation for GetPublicAccessBlock {
    const NAME: &str = "GetPublicAccessBlock";
    type Output = GetPublicAccessBlockOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketPublicAccessBlock"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetPublicAccessBlockOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        match bucket.own_block {
            Some(block) => Ok(GetPublicAccessBlockOutput { public_access_block_configuration: block }),
            None => Err(Error::from(NoSuchPublicAccessBlockConfiguration).with("BucketName", bucket.name)),
        }
    }
}

/// Blocks nothing any more.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeletePublicAccessBlock {
    bucket: String,
}

impl Operation for DeletePublicAccessBlock {
    const NAME: &str = "DeletePublicAccessBlock";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketPublicAccessBlock"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        bucket.own_block = None;
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}
