//! Policies of event data stores and channels.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/security_iam_resource-based-policy-examples.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::policy::{Document, DocumentKind};
use welkin_kernel::{Access, Arn, Cx, Empty, Operation, Result};

use super::channel::Channel;
use super::store::EventDataStore;
use crate::errors::{
    ResourceARNNotValidException, ResourceNotFoundException, ResourcePolicyNotFoundException,
    ResourcePolicyNotValidException, ResourceTypeNotSupportedException,
};

/// A resource of Lake.
pub(crate) enum Item {
    Store(EventDataStore),
    Channel(Channel),
}

impl Item {
    /// The resource of the account that an ARN names, if it is one of Lake's.
    pub(crate) async fn find(cx: &mut Cx, arn: &str) -> Result<Option<Self>> {
        let here = cx.here();
        let Some((kind, id)) = parse(arn)
            .filter(|arn| arn.account() == Some(here.account) && arn.region() == Some(here.region))
            .and_then(split)
        else {
            return Ok(None);
        };
        Ok(match kind.as_str() {
            "eventdatastore" => cx.get::<EventDataStore>(here, id).await?.map(Self::Store),
            "channel" => cx.get::<Channel>(here, id).await?.map(Self::Channel),
            _ => None,
        })
    }

    /// Its tags.
    pub(crate) fn tags(&mut self) -> &mut std::collections::BTreeMap<String, String> {
        match self {
            Self::Store(store) => &mut store.tags,
            Self::Channel(channel) => &mut channel.tags,
        }
    }

    fn policy(&mut self) -> &mut Option<String> {
        match self {
            Self::Store(store) => &mut store.policy,
            Self::Channel(channel) => &mut channel.policy,
        }
    }

    /// Stores it, in the account of the call.
    pub(crate) async fn save(&self, cx: &mut Cx) -> Result<()> {
        let account = cx.account();
        match self {
            Self::Store(store) => store.save(cx, account).await,
            Self::Channel(channel) => channel.save(cx, account).await,
        }
    }

    /// The demand of an operation on it.
    pub(crate) fn access(&self, cx: &Cx, action: &'static str) -> Access {
        let account = cx.account();
        match self {
            Self::Store(store) => Access::to(action).on(store.arn(account)).resource_tags(&store.tags),
            Self::Channel(channel) => Access::to(action).on(channel.arn(account)).resource_tags(&channel.tags),
        }
    }
}

fn parse(arn: &str) -> Option<Arn> {
    arn.parse().ok().filter(|arn: &Arn| arn.service() == "cloudtrail")
}

/// Kind and id of a resource.
fn split(arn: Arn) -> Option<(String, String)> {
    arn.resource().split_once('/').map(|(kind, id)| (kind.to_owned(), id.to_owned()))
}

/// The resource whose policy a request is about.
// UNVERIFIED: the wordings.
async fn named(cx: &mut Cx, arn: &str) -> Result<Item> {
    if let Some(item) = Item::find(cx, arn).await? {
        return Ok(item);
    }
    match parse(arn).and_then(split) {
        None => Err(ResourceARNNotValidException::because(format!("The resource ARN {arn} is not valid."))),
        Some((kind, _)) if kind == "eventdatastore" || kind == "channel" => {
            Err(ResourceNotFoundException::because(format!("Resource {arn} was not found.")))
        }
        Some((kind, _)) => {
            Err(ResourceTypeNotSupportedException::because(format!("Resources of the type {kind} have no policy.")))
        }
    }
}

/// Sets the policy of an event data store or channel.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutResourcePolicy {
    resource_arn: String,
    resource_policy: String,
}

/// Shows the policy of an event data store or channel.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetResourcePolicy {
    resource_arn: String,
}

/// Removes the policy of an event data store or channel.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteResourcePolicy {
    resource_arn: String,
}

/// The policy.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResourcePolicyResponse {
    resource_arn: String,
    resource_policy: String,
}

impl Operation for PutResourcePolicy {
    const NAME: &'static str = "PutResourcePolicy";
    type Output = ResourcePolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(named(cx, &self.resource_arn).await?.access(cx, "cloudtrail:PutResourcePolicy"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ResourcePolicyResponse> {
        let mut item = named(cx, &self.resource_arn).await?;
        Document::parse(&self.resource_policy, DocumentKind::Resource)
            .map_err(|diagnostics| ResourcePolicyNotValidException::because(diagnostics.to_string()))?;
        *item.policy() = Some(self.resource_policy.clone());
        item.save(cx).await?;
        Ok(ResourcePolicyResponse {
            resource_arn: self.resource_arn.clone(),
            resource_policy: self.resource_policy.clone(),
        })
    }
}

impl Operation for GetResourcePolicy {
    const NAME: &'static str = "GetResourcePolicy";
    type Output = ResourcePolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(named(cx, &self.resource_arn).await?.access(cx, "cloudtrail:GetResourcePolicy"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ResourcePolicyResponse> {
        let policy = named(cx, &self.resource_arn).await?.policy().take();
        Ok(ResourcePolicyResponse {
            resource_arn: self.resource_arn.clone(),
            resource_policy: policy.ok_or(ResourcePolicyNotFoundException)?,
        })
    }
}

impl Operation for DeleteResourcePolicy {
    const NAME: &'static str = "DeleteResourcePolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(named(cx, &self.resource_arn).await?.access(cx, "cloudtrail:DeleteResourcePolicy"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut item = named(cx, &self.resource_arn).await?;
        if item.policy().take().is_none() {
            return Err(ResourcePolicyNotFoundException.into());
        }
        item.save(cx).await?;
        Ok(Empty {})
    }
}
