//! Tags of parameters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use crate::errors::{InvalidResourceId, TooManyTagsError, invalid, not_implemented};
use crate::name::Address;
use crate::parameter::{Parameter, access};

/// Tags of a parameter at most.
const MOST: usize = 50;

/// A tag as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: String,
    value: String,
}

/// Tags by their keys.
pub(crate) fn map(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

/// Holds the tags of a parameter against the rules.
///
/// # Errors
/// `TooManyTagsError`, `ValidationException`
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<()> {
    if tags.len() > MOST {
        return Err(TooManyTagsError.into());
    }
    match tags.keys().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        // UNVERIFIED: the wording.
        Some(key) => Err(invalid(format!("aws: prefixed tag key names are not allowed for external use: {key}"))),
        None => Ok(()),
    }
}

/// The parameter that is meant; other resources of Systems Manager do not exist.
fn address(cx: &Cx, kind: &str, id: &str) -> Result<Address> {
    if kind != "Parameter" {
        return Err(not_implemented(&format!("tags of the resource type {kind}")));
    }
    Ok(Address::here(cx, id))
}

async fn tagged(cx: &mut Cx, address: &Address) -> Result<Parameter> {
    address.find(cx).await?.ok_or_else(|| InvalidResourceId.into())
}

/// Adds tags to a parameter.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddTagsToResource {
    resource_type: String,
    resource_id: String,
    tags: Vec<Tag>,
}

impl Operation for AddTagsToResource {
    const NAME: &'static str = "AddTagsToResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = address(cx, &self.resource_type, &self.resource_id)?;
        Ok(access(cx, &address, "ssm:AddTagsToResource").await?.request_tags(&map(&self.tags)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = address(cx, &self.resource_type, &self.resource_id)?;
        let mut parameter = tagged(cx, &address).await?;
        parameter.tags.extend(map(&self.tags));
        check(&parameter.tags)?;
        cx.put(address.place, &parameter).await?;
        Ok(Empty {})
    }
}

/// Removes tags from a parameter.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_RemoveTagsFromResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveTagsFromResource {
    resource_type: String,
    resource_id: String,
    tag_keys: Vec<String>,
}

impl Operation for RemoveTagsFromResource {
    const NAME: &'static str = "RemoveTagsFromResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = address(cx, &self.resource_type, &self.resource_id)?;
        Ok(access(cx, &address, "ssm:RemoveTagsFromResource").await?.tag_keys(self.tag_keys.clone()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = address(cx, &self.resource_type, &self.resource_id)?;
        let mut parameter = tagged(cx, &address).await?;
        parameter.tags.retain(|key, _| !self.tag_keys.contains(key));
        cx.put(address.place, &parameter).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of a parameter.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListTagsForResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResource {
    resource_type: String,
    resource_id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResourceResult {
    tag_list: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Output = ListTagsForResourceResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = address(cx, &self.resource_type, &self.resource_id)?;
        access(cx, &address, "ssm:ListTagsForResource").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTagsForResourceResult> {
        let address = address(cx, &self.resource_type, &self.resource_id)?;
        let tags = tagged(cx, &address).await?.tags;
        Ok(ListTagsForResourceResult { tag_list: tags.into_iter().map(|(key, value)| Tag { key, value }).collect() })
    }
}
