//! Tags of buses and rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Empty, Operation, Result};

use crate::bus::{Bus, BusAddress};
use crate::errors::{LimitExceededException, ResourceNotFoundException, invalid, invalid_parameter};
use crate::rule::{Rule, RuleAddress};

/// Tags of a resource at most.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-tagging.html>
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
/// `ValidationException` if a key is there twice.
pub(crate) fn map(tags: &[Tag]) -> Result<Tags> {
    let map: Tags = tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    // UNVERIFIED: the wording.
    if map.len() == tags.len() {
        Ok(map)
    } else {
        Err(invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive."))
    }
}

/// Holds the tags of a resource against the rules.
///
/// # Errors
/// `LimitExceededException`, `ValidationException`
pub(crate) fn check(tags: &Tags) -> Result<()> {
    if tags.len() > MOST {
        return Err(LimitExceededException::because(format!("The number of tags exceeds the limit of {MOST}.")));
    }
    // UNVERIFIED: the wording.
    match tags.keys().any(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        true => Err(invalid("System tags cannot be added/updated by requester.")),
        false => Ok(()),
    }
}

/// What can have tags.
enum Tagged {
    Bus(BusAddress),
    Rule(RuleAddress),
}

impl Tagged {
    /// # Errors
    /// `ValidationException` for an ARN of something else.
    fn of(cx: &Cx, text: &str) -> Result<Self> {
        let arn: Arn = text.parse().map_err(|_| not_an_arn())?;
        let own = arn.service() == "events" && arn.account() == Some(cx.account()) && arn.region() == Some(cx.region());
        let (kind, name) = arn.resource().split_once('/').filter(|_| own).ok_or_else(not_an_arn)?;
        match kind {
            "event-bus" => Ok(Self::Bus(BusAddress { place: cx.here(), name: name.to_owned() })),
            "rule" => {
                let (bus, name) = name.rsplit_once('/').unwrap_or((crate::bus::DEFAULT, name));
                let bus = BusAddress { place: cx.here(), name: bus.to_owned() };
                Ok(Self::Rule(RuleAddress { bus, name: name.to_owned() }))
            }
            _ => Err(not_an_arn()),
        }
    }

    /// Its tags; `None` if it is not there.
    async fn tags(&self, cx: &mut Cx) -> Result<Option<Tags>> {
        Ok(match self {
            Self::Bus(bus) => bus.find(cx).await?.map(|bus| bus.tags),
            Self::Rule(rule) => rule.find(cx).await?.map(|rule| rule.tags),
        })
    }

    async fn access(&self, cx: &mut Cx, action: &'static str) -> Result<Access> {
        let arn = match self {
            Self::Bus(bus) => bus.arn(),
            Self::Rule(rule) => rule.arn(),
        };
        let tags = self.tags(cx).await?.unwrap_or_default();
        Ok(Access::to(action).on(arn).resource_tags(&tags))
    }

    /// Changes its tags.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `ManagedRuleException`
    async fn change(&self, cx: &mut Cx, change: impl FnOnce(&mut Tags)) -> Result<()> {
        match self {
            Self::Bus(address) => {
                let mut bus: Bus = address.bus(cx).await?;
                change(&mut bus.tags);
                check(&bus.tags)?;
                cx.put(address.place, &bus).await
            }
            Self::Rule(address) => {
                let mut rule: Rule = address.rule(cx).await?;
                rule.must_not_be_managed(false)?;
                change(&mut rule.tags);
                check(&rule.tags)?;
                cx.put(address.bus.place, &rule).await
            }
        }
    }
}

fn not_an_arn() -> welkin_kernel::Error {
    invalid_parameter("ResourceARN", "Provided Arn is not in correct format.")
}

/// Adds tags to a bus or rule.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TagResource.html>
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
        let tagged = Tagged::of(cx, &self.resource_arn)?;
        Ok(tagged.access(cx, "events:TagResource").await?.request_tags(&map(&self.tags)?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let tags = map(&self.tags)?;
        Tagged::of(cx, &self.resource_arn)?.change(cx, |own| own.extend(tags)).await?;
        Ok(Empty {})
    }
}

/// Removes tags from a bus or rule.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UntagResource.html>
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
        let tagged = Tagged::of(cx, &self.resource_arn)?;
        Ok(tagged.access(cx, "events:UntagResource").await?.tag_keys(self.tag_keys.clone()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let tagged = Tagged::of(cx, &self.resource_arn)?;
        tagged.change(cx, |own| own.retain(|key, _| !self.tag_keys.contains(key))).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of a bus or rule.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTagsForResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResource {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResourceResponse {
    tags: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Output = ListTagsForResourceResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Tagged::of(cx, &self.resource_arn)?.access(cx, "events:ListTagsForResource").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTagsForResourceResponse> {
        let tagged = Tagged::of(cx, &self.resource_arn)?;
        let missing = || ResourceNotFoundException::because(format!("{} does not exist.", self.resource_arn));
        let tags = tagged.tags(cx).await?.ok_or_else(missing)?;
        Ok(ListTagsForResourceResponse { tags: tags.into_iter().map(|(key, value)| Tag { key, value }).collect() })
    }
}
