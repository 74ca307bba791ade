//! Listing policies and what they are attached to.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Arn, Cx, Operation, Page, Result};

use super::edit::demand;
use super::{Attachment, Policy, PolicySummary, PolicyType, Target, find, named, on_target};
use crate::account::Account;
use crate::errors::TargetNotFoundException;
use crate::organization::{self, Organization, target};
use crate::page::page;
use crate::tree;
use crate::unit::Unit;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Policies {
    policies: Vec<PolicySummary>,
    next_token: Option<String>,
}

impl Policies {
    fn of(
        organization: &Organization,
        policies: Vec<Policy>,
        token: Option<&String>,
        most: Option<u32>,
    ) -> Result<Self> {
        let (page, next_token) = page(policies, token, most, |policy| policy.id.clone())?;
        let policies = page.iter().map(|policy| PolicySummary::of(organization, policy)).collect();
        Ok(Self { policies, next_token })
    }
}

/// Lists the policies of a type.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPolicies.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPolicies {
    filter: PolicyType,
    next_token: Option<String>,
    max_results: Option<u32>,
}

impl Operation for ListPolicies {
    const NAME: &'static str = "ListPolicies";
    type Output = Policies;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = organization::delegable(cx, "organizations:ListPolicies").await?;
        Ok(access.key("organizations:PolicyType", self.filter.name()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Policies> {
        let organization = organization::readable(cx).await?;
        let kind = self.filter;
        let mut policies = cx.list::<Policy>(organization.place(), (), Page::ALL).await?;
        policies.retain(|policy| policy.kind == kind);
        policies.extend(kind.default_policy());
        Policies::of(&organization, policies, self.next_token.as_ref(), self.max_results)
    }
}

/// Lists the policies of a type that are attached directly to the root, an OU or an account.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPoliciesForTarget.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPoliciesForTarget {
    target_id: String,
    filter: PolicyType,
    next_token: Option<String>,
    max_results: Option<u32>,
}

impl Operation for ListPoliciesForTarget {
    const NAME: &'static str = "ListPoliciesForTarget";
    type Output = Policies;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = |org: &Organization| tree::arn(org, &self.target_id);
        let access = organization::delegable_on(cx, "organizations:ListPoliciesForTarget", target).await?;
        Ok(access.key("organizations:PolicyType", self.filter.name()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Policies> {
        let organization = organization::readable(cx).await?;
        let kind = self.filter;
        if !tree::exists(cx, &organization, &self.target_id).await? {
            return Err(TargetNotFoundException.into());
        }
        let mut policies = Vec::new();
        for attachment in on_target(cx, &organization, kind, &self.target_id).await? {
            policies.extend(find(cx, &organization, &attachment.policy).await?);
        }
        Policies::of(&organization, policies, self.next_token.as_ref(), self.max_results)
    }
}

/// Lists the root, OUs and accounts that a policy is attached to.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTargetsForPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTargetsForPolicy {
    policy_id: String,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTargetsForPolicyResponse {
    targets: Vec<TargetView>,
    next_token: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TargetView {
    target_id: String,
    arn: Arn,
    name: String,
    #[serde(rename = "Type")]
    kind: Target,
}

impl Operation for ListTargetsForPolicy {
    const NAME: &'static str = "ListTargetsForPolicy";
    type Output = ListTargetsForPolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "organizations:ListTargetsForPolicy", &self.policy_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTargetsForPolicyResponse> {
        let organization = organization::readable(cx).await?;
        let policy = named(cx, &organization, &self.policy_id).await?;
        let attachments = cx.find::<Attachment>(organization.place(), "policy", &policy.id, 0).await?;
        let (attachments, next_token) =
            page(attachments, self.next_token.as_ref(), self.max_results, |attachment| attachment.target.clone())?;
        let mut targets = Vec::with_capacity(attachments.len());
        for attachment in attachments {
            targets.extend(view(cx, &organization, attachment.target).await?);
        }
        Ok(ListTargetsForPolicyResponse { targets, next_token })
    }
}

async fn view(cx: &mut Cx, organization: &Organization, id: String) -> Result<Option<TargetView>> {
    let place = organization.place();
    let Some(kind) = target(&id) else { return Ok(None) };
    let name = match (kind, id.parse::<AccountId>()) {
        (Target::Root, _) => Some("Root".to_owned()),
        (Target::OrganizationalUnit, _) => cx.get::<Unit>(place, &id).await?.map(|unit| unit.name),
        (Target::Account, Ok(account)) => match cx.get::<Account>(place, account).await? {
            Some(account) => Some(account.profile(cx).await?.name),
            None => None,
        },
        (Target::Account, Err(_)) => None,
    };
    Ok(name.map(|name| TargetView { arn: tree::arn(organization, &id), target_id: id, name, kind }))
}
