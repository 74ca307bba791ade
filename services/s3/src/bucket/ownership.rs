//! Who owns the objects of a bucket, and whether there are access control lists.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Error, Operation, Result};

use super::Bucket;
use crate::errors::{InvalidBucketAclWithObjectOwnership, MalformedXML, OwnershipControlsNotFoundError};

/// Who owns the objects of a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ownership {
    /// The bucket's owner; there are no lists.
    #[default]
    BucketOwnerEnforced,
    /// The bucket's owner, if the writer hands the object over; else the writer.
    BucketOwnerPreferred,
    /// The writer.
    ObjectWriter,
}

impl Ownership {
    /// The ownership of this name.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        [Self::BucketOwnerEnforced, Self::BucketOwnerPreferred, Self::ObjectWriter]
            .into_iter()
            .find(|ownership| ownership.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
            Self::ObjectWriter => "ObjectWriter",
        }
    }

    /// Whether it is what new buckets have.
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Bucket {
    /// Who owns objects: where nothing is said, their writers.
    pub(crate) fn ownership(&self) -> Ownership {
        if self.ownership_controls { self.ownership } else { Ownership::ObjectWriter }
    }

    /// Whether there are access control lists.
    pub(crate) fn takes_lists(&self) -> bool {
        self.ownership() != Ownership::BucketOwnerEnforced
    }
}

/// Ownership controls as the API has them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OwnershipControls {
    #[serde(default)]
    rules: Vec<Rule>,
}

/// The rule.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    object_ownership: String,
}

/// Sets the ownership controls.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketOwnershipControls {
    bucket: String,
    ownership_controls: OwnershipControls,
}

impl Operation for PutBucketOwnershipControls {
    const NAME: &str = "PutBucketOwnershipControls";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketOwnershipControls");
        Ok(match self.ownership_controls.rules.first() {
            Some(rule) => access.key("s3:x-amz-object-ownership", &rule.object_ownership),
            None => access,
        })
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        let [rule] = self.ownership_controls.rules.as_slice() else { return Err(MalformedXML.into()) };
        let ownership = Ownership::by_name(&rule.object_ownership).ok_or(MalformedXML)?;
        if ownership == Ownership::BucketOwnerEnforced && bucket.grants_others() {
            return Err(Error::from(InvalidBucketAclWithObjectOwnership).with("BucketName", bucket.name));
        }
        (bucket.ownership_controls, bucket.ownership) = (true, ownership);
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}

/// Tells the ownership controls.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketOwnershipControls.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketOwnershipControls {
    bucket: String,
}

/// Answer of [`GetBucketOwnershipControls`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketOwnershipControlsOutput {
    ownership_controls: OwnershipControls,
}

impl Operation for GetBucketOwnershipControls {
    const NAME: &str = "GetBucketOwnershipControls";
    type Output = GetBucketOwnershipControlsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketOwnershipControls"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketOwnershipControlsOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        if !bucket.ownership_controls {
            return Err(Error::from(OwnershipControlsNotFoundError).with("BucketName", bucket.name));
        }
        let rules = vec![Rule { object_ownership: bucket.ownership.name().to_owned() }];
        Ok(GetBucketOwnershipControlsOutput { ownership_controls: OwnershipControls { rules } })
    }
}

/// Deletes the ownership controls: writers own their objects from then on.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketOwnershipControls.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteBucketOwnershipControls {
    bucket: String,
}

impl Operation for DeleteBucketOwnershipControls {
    const NAME: &str = "DeleteBucketOwnershipControls";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketOwnershipControls"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        bucket.ownership_controls = false;
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}
