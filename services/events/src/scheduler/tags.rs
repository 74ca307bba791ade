//! Tags of groups.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Empty, Operation, Result};

use super::errors::{ServiceQuotaExceededException, invalid};
use super::group::{self, Group};

/// Tags of a group at most.
///
/// Source: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-group-tags.html>
const MOST: usize = 50;

/// A tag as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: String,
    value: String,
}

/// Tags by their keys.
pub(super) type Tags = BTreeMap<String, String>;

pub(super) fn map(tags: &[Tag]) -> Tags {
    tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

/// The name in a group's ARN.
///
/// # Errors
/// `ValidationException`
fn name(cx: &Cx, text: &str) -> Result<String> {
    let arn: Option<Arn> = text.parse().ok();
    let arn = arn.filter(|arn| arn.account() == Some(cx.account()) && arn.region() == Some(cx.region()));
    let name = arn.as_ref().and_then(|arn| arn.resource().strip_prefix("schedule-group/")).map(str::to_owned);
    name.ok_or_else(|| invalid(format_args!("{text} is not the ARN of a schedule group.")))
}

async fn access(cx: &mut Cx, action: &'static str, text: &str) -> Result<Access> {
    let name = name(cx, text)?;
    let access = Access::to(action).on(group::arn(cx.here(), &name));
    Ok(match Group::named(cx, &name).await {
        Ok(group) => access.resource_tags(&group.tags),
        Err(_) => access,
    })
}

/// Adds tags to a group.
///
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_TagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource {
    resource_arn: String,
    tags: Vec<Tag>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(access(cx, "scheduler:TagResource", &self.resource_arn).await?.request_tags(&map(&self.tags)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (here, name) = (cx.here(), name(cx, &self.resource_arn)?);
        let mut group = Group::named(cx, &name).await?;
        group.tags.extend(map(&self.tags));
        if group.tags.len() > MOST {
            return Err(ServiceQuotaExceededException.into());
        }
        cx.put(here, &group).await?;
        Ok(Empty {})
    }
}

/// Removes tags from a group.
///
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UntagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(access(cx, "scheduler:UntagResource", &self.resource_arn).await?.tag_keys(self.tag_keys.clone()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (here, name) = (cx.here(), name(cx, &self.resource_arn)?);
        let mut group = Group::named(cx, &name).await?;
        group.tags.retain(|key, _| !self.tag_keys.contains(key));
        cx.put(here, &group).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of a group.
///
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListTagsForResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResource {
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
        access(cx, "scheduler:ListTagsForResource", &self.resource_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTagsForResourceOutput> {
        let name = name(cx, &self.resource_arn)?;
        let tags = Group::named(cx, &name).await?.tags;
        Ok(ListTagsForResourceOutput { tags: tags.into_iter().map(|(key, value)| Tag { key, value }).collect() })
    }
}
