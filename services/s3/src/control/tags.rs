//! Tags of whatever S3 has that takes them, by ARN.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Arn, Cx, Operation, Result};

use super::access_point::Address;
use super::errors::{AccessDenied, InvalidRequest, TooManyTags};
use super::grants;
use crate::bucket::Bucket;
use crate::tags::{self, MOST_OF_BUCKET, Tag, Tags};

/// What has the tags.
enum Tagged {
    Bucket(String),
    AccessPoint(Address),
    Grants(grants::Tagged),
}

impl Tagged {
    /// What an ARN names.
    ///
    /// # Errors
    /// `InvalidRequest`, `AccessDenied`
    // UNVERIFIED: the codes for ARNs of what takes no tags here.
    fn read(arn: &str, account: AccountId, cx: &Cx) -> Result<Self> {
        let invalid = || InvalidRequest::because("The specified resource ARN is not supported.");
        let parsed: Arn = arn.parse().map_err(|_| invalid())?;
        let (kind, name) = parsed.resource().split_once('/').unwrap_or(("", parsed.resource()));
        if parsed.service() != "s3" || name.is_empty() {
            return Err(invalid());
        }
        if kind.is_empty() && parsed.account().is_none() {
            return Ok(Self::Bucket(name.to_owned()));
        }
        match (parsed.account(), parsed.region()) {
            (Some(owner), _) if owner != account => Err(AccessDenied.into()),
            (Some(_), Some(region)) if region == cx.region() && kind == "accesspoint" => {
                Ok(Self::AccessPoint(Address::here(cx, account, name)))
            }
            (Some(_), Some(region)) if region == cx.region() && kind == "access-grants" => {
                grants::Tagged::read(name).map(Self::Grants).ok_or_else(invalid)
            }
            _ => Err(invalid()),
        }
    }

    async fn access(&self, cx: &mut Cx, action: &'static str, account: AccountId) -> Result<Access> {
        match self {
            Self::Bucket(name) => Ok(of_bucket(cx, name, account).await?.access(cx, action)),
            Self::AccessPoint(address) => address.access(cx, action).await,
            Self::Grants(of) => of.access(cx, action, account).await,
        }
    }

    async fn tags(&self, cx: &mut Cx, account: AccountId) -> Result<Tags> {
        match self {
            Self::Bucket(name) => Ok(of_bucket(cx, name, account).await?.tags),
            Self::AccessPoint(address) => Ok(address.open(cx).await?.tags),
            Self::Grants(of) => of.tags(cx, account).await,
        }
    }

    async fn set(&self, cx: &mut Cx, account: AccountId, tags: Tags) -> Result<()> {
        match self {
            Self::Bucket(name) => {
                let mut bucket = of_bucket(cx, name, account).await?;
                bucket.tags = tags;
                bucket.save(cx).await
            }
            Self::AccessPoint(address) => {
                let mut point = address.open(cx).await?;
                point.tags = tags;
                point.save(cx).await
            }
            Self::Grants(of) => of.set(cx, account, tags).await,
        }
    }
}

/// A bucket by its name, which the account must own.
async fn of_bucket(cx: &mut Cx, name: &str, account: AccountId) -> Result<Bucket> {
    match Bucket::open(cx, name).await? {
        bucket if bucket.owner == account => Ok(bucket),
        _ => Err(AccessDenied.into()),
    }
}

/// Adds tags to a resource, in place of those with the same keys.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_TagResource.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource {
    account_id: AccountId,
    resource_arn: String,
    tags: Vec<Tag>,
}

/// Answer of [`TagResource`] and of [`UntagResource`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Changed {}

impl Operation for TagResource {
    const NAME: &str = "TagResource";
    type Output = Changed;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let given = tags::from_list(&self.tags, MOST_OF_BUCKET)?;
        let tagged = Tagged::read(&self.resource_arn, self.account_id, cx)?;
        Ok(tagged.access(cx, "s3:TagResource", self.account_id).await?.request_tags(&given))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Changed> {
        let tagged = Tagged::read(&self.resource_arn, self.account_id, cx)?;
        let mut all = tagged.tags(cx, self.account_id).await?;
        all.extend(tags::from_list(&self.tags, MOST_OF_BUCKET)?);
        if matches!(tagged, Tagged::Grants(_)) && all.len() > MOST_OF_BUCKET {
            return Err(TooManyTags.into());
        }
        let all = tags::from_list(&tags::to_list(&all), MOST_OF_BUCKET)?;
        tagged.set(cx, self.account_id, all).await?;
        Ok(Changed {})
    }
}

/// Removes tags from a resource.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UntagResource.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagResource {
    account_id: AccountId,
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &str = "UntagResource";
    type Output = Changed;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tagged = Tagged::read(&self.resource_arn, self.account_id, cx)?;
        Ok(tagged.access(cx, "s3:UntagResource", self.account_id).await?.tag_keys(self.tag_keys.clone()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Changed> {
        let tagged = Tagged::read(&self.resource_arn, self.account_id, cx)?;
        let mut all = tagged.tags(cx, self.account_id).await?;
        all.retain(|key, _| !self.tag_keys.contains(key));
        tagged.set(cx, self.account_id, all).await?;
        Ok(Changed {})
    }
}

/// Lists the tags of a resource.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListTagsForResource.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResource {
    account_id: AccountId,
    resource_arn: String,
}

/// Answer of [`ListTagsForResource`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResourceOutput {
    tags: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    const NAME: &str = "ListTagsForResource";
    type Output = ListTagsForResourceOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tagged = Tagged::read(&self.resource_arn, self.account_id, cx)?;
        tagged.access(cx, "s3:ListTagsForResource", self.account_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTagsForResourceOutput> {
        let tagged = Tagged::read(&self.resource_arn, self.account_id, cx)?;
        Ok(ListTagsForResourceOutput { tags: tags::to_list(&tagged.tags(cx, self.account_id).await?) })
    }
}
