//! Tags of trails, event data stores and channels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Error, Operation, Result};

use crate::errors::{InvalidTagParameterException, ResourceNotFoundException, TagsLimitExceededException};
use crate::lake::policy::Item;
use crate::trail::Trail;

/// A tag.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: String,
    value: Option<String>,
}

/// Tags of a resource at most: the reference of AddTags.
const MOST: usize = 50;

/// Tags by their keys.
// UNVERIFIED: the wording.
pub(crate) fn map(tags: &[Tag]) -> Result<BTreeMap<String, String>> {
    let mut map = BTreeMap::new();
    for tag in tags {
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(InvalidTagParameterException::because("Tag keys beginning with aws: are reserved."));
        }
        if map.insert(tag.key.clone(), tag.value.clone().unwrap_or_default()).is_some() {
            return Err(InvalidTagParameterException::because("Duplicate tag keys are not allowed."));
        }
    }
    if map.len() > MOST {
        return Err(TagsLimitExceededException.into());
    }
    Ok(map)
}

/// What has tags.
enum Tagged {
    Trail(Trail),
    Lake(Item),
}

impl Tagged {
    fn tags(&mut self) -> &mut BTreeMap<String, String> {
        match self {
            Self::Trail(trail) => &mut trail.tags,
            Self::Lake(item) => item.tags(),
        }
    }

    async fn save(&self, cx: &mut Cx) -> Result<()> {
        match self {
            Self::Trail(trail) => trail.save(cx).await,
            Self::Lake(item) => item.save(cx).await,
        }
    }
}

/// The resource that a request names by its ARN.
async fn find(cx: &mut Cx, resource: &str) -> Result<Tagged> {
    if let Some(item) = Item::find(cx, resource).await? {
        return Ok(Tagged::Lake(item));
    }
    Trail::find(cx, resource).await.map(Tagged::Trail).map_err(|error| told(error, resource))
}

/// The resource that a request names by its ARN, to be changed.
async fn find_to_change(cx: &mut Cx, resource: &str) -> Result<Tagged> {
    if let Some(item) = Item::find(cx, resource).await? {
        return Ok(Tagged::Lake(item));
    }
    Trail::find_to_change(cx, resource).await.map(Tagged::Trail).map_err(|error| told(error, resource))
}

fn told(error: Error, resource: &str) -> Error {
    if error.is("TrailNotFoundException") {
        return ResourceNotFoundException::because(format!("Resource {resource} was not found."));
    }
    error
}

async fn access(cx: &mut Cx, action: &'static str, resource: &str) -> Result<Access> {
    Ok(match find(cx, resource).await? {
        Tagged::Trail(trail) => Access::to(action).on(trail.arn()).owned_by(cx.account()).resource_tags(&trail.tags),
        Tagged::Lake(item) => item.access(cx, action),
    })
}

/// Adds or changes tags. <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AddTags.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddTags {
    resource_id: String,
    tags_list: Vec<Tag>,
}

impl Operation for AddTags {
    const NAME: &'static str = "AddTags";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = access(cx, "cloudtrail:AddTags", &self.resource_id).await?;
        Ok(access.request_tags(&map(&self.tags_list)?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut resource = find_to_change(cx, &self.resource_id).await?;
        resource.tags().extend(map(&self.tags_list)?);
        if resource.tags().len() > MOST {
            return Err(TagsLimitExceededException.into());
        }
        resource.save(cx).await?;
        Ok(Empty {})
    }
}

/// Removes tags. <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RemoveTags.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveTags {
    resource_id: String,
    tags_list: Vec<Tag>,
}

impl Operation for RemoveTags {
    const NAME: &'static str = "RemoveTags";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = access(cx, "cloudtrail:RemoveTags", &self.resource_id).await?;
        Ok(access.tag_keys(self.tags_list.iter().map(|tag| tag.key.clone())))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut resource = find_to_change(cx, &self.resource_id).await?;
        let tags = resource.tags();
        for tag in &self.tags_list {
            let same = |value: &String| tag.value.as_ref().is_none_or(|given| given == value);
            if tags.get(&tag.key).is_some_and(same) {
                tags.remove(&tag.key);
            }
        }
        resource.save(cx).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of resources. <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTags {
    resource_id_list: Vec<String>,
}

/// Tags by resource.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsResponse {
    resource_tag_list: Vec<ResourceTag>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceTag {
    resource_id: String,
    tags_list: Vec<Tag>,
}

impl Operation for ListTags {
    const NAME: &'static str = "ListTags";
    type Output = ListTagsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let mut demands: Option<Access> = None;
        for resource in &self.resource_id_list {
            let demand = access(cx, "cloudtrail:ListTags", resource).await?;
            demands = Some(match demands {
                Some(demands) => demands.and(demand),
                None => demand,
            });
        }
        Ok(demands.unwrap_or_else(|| Access::to("cloudtrail:ListTags")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTagsResponse> {
        let mut resource_tag_list = Vec::new();
        for resource in &self.resource_id_list {
            let tags = std::mem::take(find(cx, resource).await?.tags()).into_iter();
            resource_tag_list.push(ResourceTag {
                resource_id: resource.clone(),
                tags_list: tags.map(|(key, value)| Tag { key, value: Some(value) }).collect(),
            });
        }
        Ok(ListTagsResponse { resource_tag_list })
    }
}
