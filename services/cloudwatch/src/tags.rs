//! Tags of alarms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Empty, Operation, Result};

use crate::alarm::Alarm;
use crate::errors::{ResourceNotFoundException, invalid_value};

/// Tags of an alarm at most.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html>
const MOST: usize = 50;

/// A tag as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: String,
    value: String,
}

/// Tags by their keys.
pub(crate) type Tags = BTreeMap<String, String>;

/// # Errors
/// `InvalidParameterValue` if a key is there twice.
pub(crate) fn map(tags: &[Tag]) -> Result<Tags> {
    let map: Tags = tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    // UNVERIFIED: the wordings here.
    if map.len() == tags.len() { Ok(map) } else { Err(invalid_value("Duplicate tag keys found.")) }
}

/// Holds the tags of an alarm against the rules.
///
/// # Errors
/// `InvalidParameterValue`
pub(crate) fn check(tags: &Tags) -> Result<()> {
    if tags.len() > MOST {
        return Err(invalid_value(format_args!("The number of tags exceeds the limit of {MOST}.")));
    }
    match tags.keys().any(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        true => Err(invalid_value("Tag keys must not begin with aws:.")),
        false => Ok(()),
    }
}

/// The name of the alarm of an ARN.
///
/// # Errors
/// `InvalidParameterValue` for an ARN of something else.
fn name(cx: &Cx, text: &str) -> Result<String> {
    let arn: Option<Arn> = text.parse().ok();
    let own = |arn: &Arn| {
        arn.service() == "cloudwatch" && arn.account() == Some(cx.account()) && arn.region() == Some(cx.region())
    };
    let name = arn.filter(own).and_then(|arn| arn.resource().strip_prefix("alarm:").map(str::to_owned));
    name.ok_or_else(|| {
        invalid_value(format_args!("The value {text} for parameter ResourceARN is not the ARN of an alarm."))
    })
}

async fn access(cx: &mut Cx, action: &'static str, arn: &str) -> Result<Access> {
    let name = name(cx, arn)?;
    let place = cx.here();
    let tags = cx.get::<Alarm>(place, name.as_str()).await?.map(|alarm| alarm.tags).unwrap_or_default();
    Ok(Access::to(action).on(arn).resource_tags(&tags))
}

async fn alarm(cx: &mut Cx, arn: &str) -> Result<Alarm> {
    let name = name(cx, arn)?;
    let place = cx.here();
    let missing = || {
        ResourceNotFoundException::because(format!("{arn} does not exist."))
            .with("ResourceType", "alarm")
            .with("ResourceId", name.clone())
    };
    cx.get::<Alarm>(place, name.as_str()).await?.ok_or_else(missing)
}

/// Adds tags to an alarm.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    tags: Vec<Tag>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(access(cx, "cloudwatch:TagResource", &self.resource_arn).await?.request_tags(&map(&self.tags)?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut alarm = alarm(cx, &self.resource_arn).await?;
        alarm.tags.extend(map(&self.tags)?);
        check(&alarm.tags)?;
        cx.put(cx.here(), &alarm).await?;
        Ok(Empty {})
    }
}

/// Removes tags from an alarm.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_UntagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagResource {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(access(cx, "cloudwatch:UntagResource", &self.resource_arn).await?.tag_keys(self.tag_keys.clone()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut alarm = alarm(cx, &self.resource_arn).await?;
        alarm.tags.retain(|key, _| !self.tag_keys.contains(key));
        cx.put(cx.here(), &alarm).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of an alarm.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListTagsForResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResource {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResourceOutput {
    tags: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Output = ListTagsForResourceOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "cloudwatch:ListTagsForResource", &self.resource_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTagsForResourceOutput> {
        let alarm = alarm(cx, &self.resource_arn).await?;
        Ok(ListTagsForResourceOutput { tags: alarm.tags.into_iter().map(|(key, value)| Tag { key, value }).collect() })
    }
}
