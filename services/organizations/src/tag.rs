//! Tags of accounts, OUs, policies and the root:
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Empty, IntoKey, Key, Operation, Resource, Result, Scope};

use crate::errors::{TargetNotFoundException, constraint, invalid};
use crate::organization::{self, Organization};
use crate::policy::Policy;
use crate::tree;

/// Tags of a resource at most.
const MOST: usize = 50;

/// A tag on the wire.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: String,
    value: String,
}

/// Tags by key.
pub(crate) type Tags = BTreeMap<String, String>;

/// The tags of a resource of the organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tagged {
    id: String,
    tags: Tags,
}

impl Resource for Tagged {
    const KIND: &'static str = "organizations/tags";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.id).into_key()
    }
}

/// The tags of a request, in which no key may come twice.
pub(crate) fn read(list: Option<&Vec<Tag>>) -> Result<Tags> {
    let mut tags = Tags::new();
    for Tag { key, value } in list.into_iter().flatten() {
        if key.len() >= 4 && key.as_bytes()[..4].eq_ignore_ascii_case(b"aws:") {
            return Err(invalid("INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag."));
        }
        if tags.insert(key.clone(), value.clone()).is_some() {
            return Err(invalid(
                "DUPLICATE_TAG_KEY",
                "Tag keys must be unique among the tags attached to the same entity.",
            ));
        }
    }
    Ok(tags)
}

/// The tags of a resource.
async fn get(cx: &mut Cx, organization: &Organization, id: &str) -> Result<Tags> {
    Ok(cx.get::<Tagged>(organization.place(), id).await?.map(|tagged| tagged.tags).unwrap_or_default())
}

/// Gives a resource these tags in place of those that it has.
pub(crate) async fn put(cx: &mut Cx, organization: &Organization, id: &str, tags: Tags) -> Result<()> {
    if tags.len() > MOST {
        return Err(constraint(
            "MAX_TAG_LIMIT_EXCEEDED",
            "You have exceeded the number of tags allowed on the resource.",
        ));
    }
    if tags.is_empty() {
        cx.delete::<Tagged>(organization.place(), id).await?;
        return Ok(());
    }
    cx.put(organization.place(), &Tagged { id: id.to_owned(), tags }).await
}

fn arn(organization: &Organization, id: &str) -> Arn {
    if id.starts_with("p-") { organization.arn("policy", id) } else { tree::arn(organization, id) }
}

/// The caller's organization, in which the resource must exist.
async fn with(cx: &mut Cx, id: &str) -> Result<Organization> {
    let organization = organization::managed(cx).await?;
    let exists = if id.starts_with("p-") {
        cx.exists::<Policy>(organization.place(), id).await?
    } else {
        tree::exists(cx, &organization, id).await?
    };
    if exists { Ok(organization) } else { Err(TargetNotFoundException.into()) }
}

/// Adds tags to a resource, or gives those that it has other values.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_TagResource.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource {
    resource_id: String,
    tags: Vec<Tag>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = organization::demand(cx, "organizations:TagResource", |org| arn(org, &self.resource_id)).await?;
        Ok(access.request_tags(&read(Some(&self.tags))?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = with(cx, &self.resource_id).await?;
        let mut tags = get(cx, &organization, &self.resource_id).await?;
        tags.extend(read(Some(&self.tags))?);
        put(cx, &organization, &self.resource_id, tags).await?;
        Ok(Empty {})
    }
}

/// Removes tags from a resource.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_UntagResource.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagResource {
    resource_id: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = organization::demand(cx, "organizations:UntagResource", |org| arn(org, &self.resource_id)).await?;
        Ok(access.tag_keys(self.tag_keys.iter().cloned()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = with(cx, &self.resource_id).await?;
        let mut tags = get(cx, &organization, &self.resource_id).await?;
        tags.retain(|key, _| !self.tag_keys.contains(key));
        put(cx, &organization, &self.resource_id, tags).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of a resource.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTagsForResource.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResource {
    resource_id: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResourceResponse {
    tags: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Output = ListTagsForResourceResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        organization::demand(cx, "organizations:ListTagsForResource", |org| arn(org, &self.resource_id)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTagsForResourceResponse> {
        let organization = with(cx, &self.resource_id).await?;
        let tags = get(cx, &organization, &self.resource_id).await?;
        Ok(ListTagsForResourceResponse { tags: tags.into_iter().map(|(key, value)| Tag { key, value }).collect() })
    }
}
