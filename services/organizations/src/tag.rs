//! Tags of accounts, OUs, policies and the root:
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Resource, Result, Scope};

use crate::errors::{TargetNotFoundException, constraint, invalid};
use crate::organization::{self, Organization};
use crate::page::page;
use crate::policy::{self, Policy};
use crate::{membership, resource_policy, tree};

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
pub(crate) async fn get(cx: &mut Cx, organization: &Organization, id: &str) -> Result<Tags> {
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

/// Demands `action` on a resource that has tags.
async fn demand(cx: &mut Cx, action: &'static str, id: &str) -> Result<Access> {
    if id.starts_with("p-") {
        return policy::demand(cx, action, id).await;
    }
    let arn = |org: &Organization| match id.starts_with("rp-") {
        true => org.arn("resourcepolicy", id),
        false => tree::arn(org, id),
    };
    organization::delegable_on(cx, action, arn).await
}

/// Whether the resource exists.
async fn hold_exists(cx: &mut Cx, organization: &Organization, id: &str) -> Result<()> {
    let exists = if id.starts_with("p-") {
        cx.exists::<Policy>(organization.place(), id).await?
    } else if id.starts_with("rp-") {
        resource_policy::of(cx, organization).await?.is_some_and(|policy| policy.id == id)
    } else {
        tree::exists(cx, organization, id).await?
    };
    if exists { Ok(()) } else { Err(TargetNotFoundException.into()) }
}

/// Gives a resource other tags. Those of an account are conditions of calls.
async fn change(cx: &mut Cx, id: &str, change: impl FnOnce(&mut Tags)) -> Result<Empty> {
    let organization = organization::changeable(cx).await?;
    hold_exists(cx, &organization, id).await?;
    let mut tags = get(cx, &organization, id).await?;
    change(&mut tags);
    put(cx, &organization, id, tags).await?;
    if let Ok(account) = id.parse() {
        membership::changed_for(cx, &organization, account).await?;
    }
    Ok(Empty {})
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
        let access = demand(cx, "organizations:TagResource", &self.resource_id).await?;
        Ok(access.request_tags(&read(Some(&self.tags))?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let tags = read(Some(&self.tags))?;
        change(cx, &self.resource_id, |present| present.extend(tags)).await
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
        let access = demand(cx, "organizations:UntagResource", &self.resource_id).await?;
        Ok(access.tag_keys(self.tag_keys.iter().cloned()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        change(cx, &self.resource_id, |present| present.retain(|key, _| !self.tag_keys.contains(key))).await
    }
}

/// Lists the tags of a resource.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTagsForResource.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResource {
    resource_id: String,
    next_token: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResourceResponse {
    tags: Vec<Tag>,
    next_token: Option<String>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Output = ListTagsForResourceResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "organizations:ListTagsForResource", &self.resource_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTagsForResourceResponse> {
        let organization = organization::readable(cx).await?;
        hold_exists(cx, &organization, &self.resource_id).await?;
        let tags = get(cx, &organization, &self.resource_id).await?;
        let tags = tags.into_iter().map(|(key, value)| Tag { key, value }).collect();
        let (tags, next_token) = page(tags, self.next_token.as_ref(), None, |tag: &Tag| tag.key.clone())?;
        Ok(ListTagsForResourceResponse { tags, next_token })
    }
}
