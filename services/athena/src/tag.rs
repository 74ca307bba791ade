//! Tags of workgroups, data catalogs and capacity reservations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Empty, Operation, Result};

use crate::capacity::Reservation;
use crate::catalog::DataCatalog;
use crate::errors::{argument, missing};
use crate::page;
use crate::workgroup::WorkGroup;

/// A tag.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

/// Tags of a resource at most.
///
/// Source: <https://docs.aws.amazon.com/athena/latest/ug/tags.html#tag-restrictions>
const MOST: usize = 50;

/// Tags by their keys.
///
/// # Errors
/// `InvalidRequestException`
// UNVERIFIED: the wordings.
pub(crate) fn map(tags: &[Tag]) -> Result<BTreeMap<String, String>> {
    let mut map = BTreeMap::new();
    for tag in tags {
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(argument("Tag keys beginning with aws: are reserved for system use"));
        }
        if map.insert(tag.key.clone(), tag.value.clone()).is_some() {
            return Err(argument(format!("Duplicate tag key found: {}", tag.key)));
        }
    }
    if map.len() > MOST { Err(argument("Too many tags: a resource has at most 50")) } else { Ok(map) }
}

/// What has tags.
enum Tagged {
    WorkGroup(Box<WorkGroup>),
    Catalog(DataCatalog),
    Reservation(Reservation),
}

impl Tagged {
    // UNVERIFIED: the wordings.
    async fn find(cx: &mut Cx, resource: &str) -> Result<Self> {
        let arn: Arn = resource.parse().map_err(|_| argument(format!("Invalid ARN: {resource}")))?;
        let here =
            arn.service() == "athena" && arn.account() == Some(cx.account()) && arn.region() == Some(cx.region());
        let place = cx.here();
        let found = match arn.resource().split_once('/') {
            Some(("workgroup", name)) if here => {
                WorkGroup::get(cx, place, name).await?.map(Box::new).map(Self::WorkGroup)
            }
            Some(("datacatalog", name)) if here => DataCatalog::get(cx, place, name).await?.map(Self::Catalog),
            Some(("capacity-reservation", name)) if here => {
                cx.get::<Reservation>(place, name).await?.map(Self::Reservation)
            }
            _ => return Err(argument(format!("Invalid ARN: {resource}"))),
        };
        found.ok_or_else(|| missing(resource, format!("Resource {resource} is not found.")))
    }

    fn tags(&mut self) -> &mut BTreeMap<String, String> {
        match self {
            Self::WorkGroup(group) => &mut group.tags,
            Self::Catalog(catalog) => &mut catalog.tags,
            Self::Reservation(reservation) => &mut reservation.tags,
        }
    }

    async fn save(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        match self {
            Self::WorkGroup(group) => cx.put(place, &**group).await,
            Self::Catalog(catalog) => cx.put(place, catalog).await,
            Self::Reservation(reservation) => cx.put(place, reservation).await,
        }
    }
}

async fn access(cx: &mut Cx, action: &'static str, resource: &str) -> Result<Access> {
    let mut tagged = Tagged::find(cx, resource).await?;
    Ok(Access::to(action).on(resource).resource_tags(&*tagged.tags()))
}

/// Adds tags to a resource.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_TagResource.html>
#[derive(Deserialize)]
pub(crate) struct TagResource {
    #[serde(rename = "ResourceARN")]
    resource: String,
    #[serde(rename = "Tags")]
    tags: Vec<Tag>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(access(cx, "athena:TagResource", &self.resource).await?.request_tags(&map(&self.tags)?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut tagged = Tagged::find(cx, &self.resource).await?;
        tagged.tags().extend(map(&self.tags)?);
        if tagged.tags().len() > MOST {
            return Err(argument("Too many tags: a resource has at most 50"));
        }
        tagged.save(cx).await?;
        Ok(Empty {})
    }
}

/// Removes tags from a resource.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_UntagResource.html>
#[derive(Deserialize)]
pub(crate) struct UntagResource {
    #[serde(rename = "ResourceARN")]
    resource: String,
    #[serde(rename = "TagKeys")]
    keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(access(cx, "athena:UntagResource", &self.resource).await?.tag_keys(self.keys.clone()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut tagged = Tagged::find(cx, &self.resource).await?;
        tagged.tags().retain(|key, _| !self.keys.contains(key));
        tagged.save(cx).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of a resource.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListTagsForResource.html>
#[derive(Deserialize)]
pub(crate) struct ListTagsForResource {
    #[serde(rename = "ResourceARN")]
    resource: String,
    #[serde(rename = "NextToken")]
    next_token: Option<String>,
}

/// The tags.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResourceOutput {
    tags: Vec<Tag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Output = ListTagsForResourceOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:ListTagsForResource", &self.resource).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTagsForResourceOutput> {
        let mut tagged = Tagged::find(cx, &self.resource).await?;
        let tags = std::mem::take(tagged.tags()).into_iter().map(|(key, value)| Tag { key, value }).collect();
        let (tags, next_token) = page::cut(tags, None, self.next_token.as_deref(), |tag: &Tag| &tag.key)?;
        Ok(ListTagsForResourceOutput { tags, next_token })
    }
}
