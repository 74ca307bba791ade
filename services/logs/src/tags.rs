//! Tags of log groups, by both families of operations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use crate::errors::{TooManyTagsException, invalid};
use crate::group::{Address, Group};

/// Tags of a group at most.
const MOST: usize = 50;

/// Holds the tags of a group against the rules.
///
/// # Errors
/// `TooManyTagsException`, `InvalidParameterException`
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<()> {
    if tags.len() > MOST {
        return Err(TooManyTagsException.into());
    }
    match tags.keys().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        // UNVERIFIED: the wording.
        Some(key) => Err(invalid(format!("Tag keys that begin with aws: are reserved: {key}"))),
        None => Ok(()),
    }
}

async fn access(cx: &mut Cx, address: &Address, action: &'static str) -> Result<Access> {
    let access = Access::to(action).on(address.arn());
    Ok(match cx.glance::<Group>(address.place, address.name.as_str()).await? {
        Some(group) => access.resource_tags(&group.tags),
        None => access,
    })
}

/// Adds tags to a log group.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TagResource {
    resource_arn: String,
    tags: BTreeMap<String, String>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::read(cx, &self.resource_arn)?;
        Ok(access(cx, &address, "logs:TagResource").await?.request_tags(&self.tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::read(cx, &self.resource_arn)?;
        let mut group = address.group(cx).await?;
        group.tags.extend(self.tags.clone());
        check(&group.tags)?;
        cx.put(address.place, &group).await?;
        Ok(Empty {})
    }
}

/// Removes tags from a log group.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::read(cx, &self.resource_arn)?;
        Ok(access(cx, &address, "logs:UntagResource").await?.tag_keys(self.tag_keys.clone()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::read(cx, &self.resource_arn)?;
        let mut group = address.group(cx).await?;
        group.tags.retain(|key, _| !self.tag_keys.contains(key));
        cx.put(address.place, &group).await?;
        Ok(Empty {})
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tags {
    tags: BTreeMap<String, String>,
}

/// Lists the tags of a log group.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListTagsForResource {
    resource_arn: String,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Output = Tags;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::read(cx, &self.resource_arn)?;
        access(cx, &address, "logs:ListTagsForResource").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Tags> {
        Ok(Tags { tags: Address::read(cx, &self.resource_arn)?.group(cx).await?.tags })
    }
}
