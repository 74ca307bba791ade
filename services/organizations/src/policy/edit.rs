//! Making, changing and removing a policy.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Page, Result};

use super::content::check;
use super::{Attachment, Policy, PolicyType, PolicyView, find, named};
use crate::errors::{
    DuplicatePolicyException, PolicyInUseException, PolicyTypeNotAvailableForOrganizationException, constraint, invalid,
};
use crate::membership;
use crate::organization::{self, FeatureSet, Organization, random_id};
use crate::tag::{self, Tag};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyResponse {
    policy: PolicyView,
}

/// Demands `action` on a policy.
pub(crate) async fn demand(cx: &mut Cx, action: &'static str, id: &str) -> Result<Access> {
    let access = Access::to(action);
    let Some(organization) = organization::of(cx, cx.account()).await? else { return Ok(access) };
    let access = match find(cx, &organization, id).await? {
        Some(policy) => organization::on(cx, &organization, access, policy.arn(&organization))
            .await?
            .key("organizations:PolicyType", policy.kind.name()),
        None => access,
    };
    organization::share(cx, &organization, access, action).await
}

/// Policies of a type, besides AWS's own.
async fn of_type(cx: &mut Cx, organization: &Organization, kind: PolicyType) -> Result<Vec<Policy>> {
    let mut policies = cx.list::<Policy>(organization.place(), (), Page::ALL).await?;
    policies.retain(|policy| policy.kind == kind);
    Ok(policies)
}

fn hold_name_free(policies: &[Policy], kind: PolicyType, name: &str) -> Result<()> {
    let mut taken = policies.iter().any(|policy| policy.name == name);
    taken |= kind.default_policy().is_some_and(|policy| policy.name == name);
    if taken { Err(DuplicatePolicyException.into()) } else { Ok(()) }
}

fn hold_own(policy: &Policy) -> Result<()> {
    if policy.is_aws_managed() {
        return Err(invalid(
            "IMMUTABLE_POLICY",
            "You specified a policy that is managed by AWS and can't be modified.",
        ));
    }
    Ok(())
}

/// Makes a policy that can be attached to the root, OUs and accounts.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePolicy {
    content: String,
    description: String,
    name: String,
    #[serde(rename = "Type")]
    kind: PolicyType,
    tags: Option<Vec<Tag>>,
}

impl Operation for CreatePolicy {
    const NAME: &'static str = "CreatePolicy";
    type Output = PolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tags = tag::read(self.tags.as_ref())?;
        let access = organization::delegable(cx, "organizations:CreatePolicy").await?;
        Ok(access.key("organizations:PolicyType", self.kind.name()).request_tags(&tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<PolicyResponse> {
        let organization = organization::changeable(cx).await?;
        let kind = self.kind;
        if organization.features != FeatureSet::All {
            return Err(PolicyTypeNotAvailableForOrganizationException.into());
        }
        check(kind, &self.content)?;
        let present = of_type(cx, &organization, kind).await?;
        hold_name_free(&present, kind, &self.name)?;
        if present.len() >= kind.facts().number {
            let message = "You have exceeded the number of policies that you can have in an organization.";
            return Err(constraint("POLICY_NUMBER_LIMIT_EXCEEDED", message));
        }
        let policy = Policy {
            id: random_id(cx, "p-", 8),
            name: self.name.clone(),
            description: self.description.clone(),
            kind,
            content: self.content.clone(),
            updated: Some(cx.now()),
        };
        cx.put(organization.place(), &policy).await?;
        tag::put(cx, &organization, &policy.id, tag::read(self.tags.as_ref())?).await?;
        Ok(PolicyResponse { policy: PolicyView::of(&organization, &policy) })
    }
}

/// Shows a policy with its content.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribePolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribePolicy {
    policy_id: String,
}

impl Operation for DescribePolicy {
    const NAME: &'static str = "DescribePolicy";
    type Output = PolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "organizations:DescribePolicy", &self.policy_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PolicyResponse> {
        let organization = organization::readable(cx).await?;
        let policy = named(cx, &organization, &self.policy_id).await?;
        Ok(PolicyResponse { policy: PolicyView::of(&organization, &policy) })
    }
}

/// Changes a policy; it binds at once wherever it is attached.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_UpdatePolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdatePolicy {
    policy_id: String,
    name: Option<String>,
    description: Option<String>,
    content: Option<String>,
}

impl Operation for UpdatePolicy {
    const NAME: &'static str = "UpdatePolicy";
    type Output = PolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "organizations:UpdatePolicy", &self.policy_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PolicyResponse> {
        let organization = organization::changeable(cx).await?;
        let mut policy = named(cx, &organization, &self.policy_id).await?;
        hold_own(&policy)?;
        if let Some(name) = self.name.as_ref().filter(|name| **name != policy.name) {
            hold_name_free(&of_type(cx, &organization, policy.kind).await?, policy.kind, name)?;
            policy.name.clone_from(name);
        }
        if let Some(description) = &self.description {
            policy.description.clone_from(description);
        }
        if let Some(content) = &self.content {
            check(policy.kind, content)?;
            policy.content.clone_from(content);
            policy.updated = Some(cx.now());
        }
        cx.put(organization.place(), &policy).await?;
        membership::changed(cx, &organization).await?;
        Ok(PolicyResponse { policy: PolicyView::of(&organization, &policy) })
    }
}

/// Removes a policy that is attached nowhere.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeletePolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeletePolicy {
    policy_id: String,
}

impl Operation for DeletePolicy {
    const NAME: &'static str = "DeletePolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "organizations:DeletePolicy", &self.policy_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = organization::changeable(cx).await?;
        let policy = named(cx, &organization, &self.policy_id).await?;
        hold_own(&policy)?;
        if !cx.find::<Attachment>(organization.place(), "policy", &policy.id, 1).await?.is_empty() {
            return Err(PolicyInUseException.into());
        }
        tag::put(cx, &organization, &policy.id, Default::default()).await?;
        cx.delete::<Policy>(organization.place(), &policy.id).await?;
        Ok(Empty {})
    }
}
