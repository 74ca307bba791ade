//! Ownership controls: the owner of a bucket owns its objects (`BucketOwnerEnforced`), and nothing else yet.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Error, Operation, Result};

use super::Bucket;
use crate::errors::{MalformedXML, OwnershipControlsNotFoundError, not_implemented};

/// The bucket's owner owns every object; there are no access control lists.
pub(crate) const ENFORCED: &str = "BucketOwnerEnforced";

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

/// The refusal of all that needs access control lists.
pub(crate) fn lists_not_implemented() -> Error {
    not_implemented("access control lists (object ownership other than BucketOwnerEnforced)")
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
        match self.ownership_controls.rules.as_slice() {
            [rule] if rule.object_ownership == ENFORCED => {}
            [rule] if matches!(rule.object_ownership.as_str(), "BucketOwnerPreferred" | "ObjectWriter") => {
                return Err(lists_not_implemented());
            }
            _ => return Err(MalformedXML.into()),
        }
        bucket.ownership_controls = true;
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
        let rules = vec![Rule { object_ownership: ENFORCED.to_owned() }];
        Ok(GetBucketOwnershipControlsOutput { ownership_controls: OwnershipControls { rules } })
    }
}
