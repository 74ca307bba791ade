//! Tags of keys. <https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Limit, Operation, Result};

use crate::access::Demand;
use crate::errors::{LimitExceededException, TagException};
use crate::{key_id, marker, quota};

/// A tag.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) tag_key: String,
    pub(crate) tag_value: String,
}

/// Tags of a key at most.
const MOST: usize = 50;

/// Refuses a tag that customers cannot give.
// UNVERIFIED: the wording.
fn check(tag: &Tag) -> Result<()> {
    if tag.tag_key.to_ascii_lowercase().starts_with("aws:") {
        return Err(TagException::because("Tags beginning with aws: are reserved"));
    }
    Ok(())
}

/// The tags of a request that makes a key.
pub(crate) fn read(tags: &[Tag]) -> Result<BTreeMap<String, String>> {
    let mut read = BTreeMap::new();
    for tag in tags {
        check(tag)?;
        if read.insert(tag.tag_key.clone(), tag.tag_value.clone()).is_some() {
            // UNVERIFIED: the wording.
            return Err(TagException::because("Duplicate tag keys"));
        }
    }
    check_count(&read)?;
    Ok(read)
}

/// Tags as the API lists them.
pub(crate) fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().map(|(tag_key, tag_value)| Tag { tag_key, tag_value }).collect()
}

/// Refuses too many tags.
fn check_count(tags: &BTreeMap<String, String>) -> Result<()> {
    if tags.len() > MOST {
        return Err(LimitExceededException::because(format!("A KMS key can have at most {MOST} tags.")));
    }
    Ok(())
}

/// Adds or changes tags. <https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource {
    key_id: String,
    tags: Vec<Tag>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        let access = Demand::of("TagResource", &target).by_the_owner().access(cx).await?;
        let tags = self.tags.iter().map(|tag| (tag.tag_key.clone(), tag.tag_value.clone())).collect();
        Ok(access.request_tags(&tags))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms TagResource", 10))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        key.not_pending_deletion()?;
        for tag in &self.tags {
            check(tag)?;
            key.tags.insert(tag.tag_key.clone(), tag.tag_value.clone());
        }
        check_count(&key.tags)?;
        cx.put(key.place, &key).await?;
        Ok(Empty {})
    }
}

/// Removes tags. <https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagResource {
    key_id: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        let access = Demand::of("UntagResource", &target).by_the_owner().access(cx).await?;
        Ok(access.tag_keys(self.tag_keys.iter().cloned()))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms UntagResource", 5))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        key.not_pending_deletion()?;
        key.tags.retain(|name, _| !self.tag_keys.contains(name));
        cx.put(key.place, &key).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of a key. <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListResourceTags {
    key_id: String,
    limit: Option<usize>,
    marker: Option<String>,
}

/// A page of tags.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListResourceTagsResponse {
    tags: Vec<Tag>,
    next_marker: Option<String>,
    truncated: bool,
}

impl Operation for ListResourceTags {
    const NAME: &'static str = "ListResourceTags";
    type Output = ListResourceTagsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        Demand::of("ListResourceTags", &target).by_the_owner().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms ListResourceTags", 2000))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListResourceTagsResponse> {
        let key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        let limit = self.limit.unwrap_or(MOST).min(MOST);
        let after = marker::read(self.marker.as_deref())?;
        let rest = key.tags.into_iter().filter(|(name, _)| after.as_ref().is_none_or(|after| name > after));
        let tags = rest.map(|(tag_key, tag_value)| Tag { tag_key, tag_value }).collect();
        let (tags, next_marker) = marker::page(tags, limit, |tag| &tag.tag_key);
        Ok(ListResourceTagsResponse { tags, truncated: next_marker.is_some(), next_marker })
    }
}
