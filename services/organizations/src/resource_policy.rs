//! The organization's own policy: which member accounts may do what in it.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html>

use serde::{Deserialize, Serialize};
use serde_json::Value;
use welkin_kernel::{Access, AccountId, Arn, Cx, Empty, Error, IntoKey, Key, Operation, Resource, Result, Scope};
use welkin_policy::{Document, DocumentKind, matches_action};

use crate::account::Account;
use crate::errors::{ResourcePolicyNotFoundException, invalid};
use crate::organization::{self, Organization, random_id};
use crate::service_access::hold_all_features;
use crate::tag::{self, Tag};

/// What the policy can let member accounts do, besides reading.
const CHANGES: &[&str] = &[
    "organizations:AttachPolicy",
    "organizations:CreatePolicy",
    "organizations:DeletePolicy",
    "organizations:DetachPolicy",
    "organizations:DisablePolicyType",
    "organizations:EnablePolicyType",
    "organizations:TagResource",
    "organizations:UntagResource",
    "organizations:UpdatePolicy",
];

/// The policy. There is one, or none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ResourcePolicy {
    pub(crate) id: String,
    pub(crate) content: String,
}

impl Resource for ResourcePolicy {
    const KIND: &'static str = "organizations/resource-policy";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

/// The organization's policy, if it has one.
pub(crate) async fn of(cx: &mut Cx, organization: &Organization) -> Result<Option<ResourcePolicy>> {
    cx.get::<ResourcePolicy>(organization.place(), ()).await
}

/// The policy in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResourcePolicyResponse {
    resource_policy: ResourcePolicyView,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourcePolicyView {
    resource_policy_summary: ResourcePolicySummary,
    content: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourcePolicySummary {
    id: String,
    arn: Arn,
}

impl ResourcePolicyResponse {
    fn of(organization: &Organization, policy: ResourcePolicy) -> Self {
        let arn = organization.arn("resourcepolicy", &policy.id);
        let resource_policy_summary = ResourcePolicySummary { arn, id: policy.id };
        Self { resource_policy: ResourcePolicyView { resource_policy_summary, content: policy.content } }
    }
}

/// The strings of an element that is one or a list of them.
fn strings(element: Option<&Value>) -> Vec<&str> {
    match element {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn unsupported(action: &str) -> Option<Error> {
    let reads = |action: &str| {
        let name = action.strip_prefix("organizations:").unwrap_or_default();
        name.starts_with("Describe") || name.starts_with("List")
    };
    let known = reads(action) || CHANGES.iter().any(|known| matches_action(action, known));
    // A pattern for everything would hand over what cannot be.
    let all = matches!(action, "*" | "organizations:*");
    (all || !known).then(|| {
        invalid(
            "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
            "The provided policy document contains an action that isn't supported in the resource policy.",
        )
    })
}

/// The account that a principal names.
fn account_of(principal: &str) -> Option<AccountId> {
    principal.parse().ok().or_else(|| principal.parse::<Arn>().ok()?.account())
}

/// Checks the policy: its grammar, that its actions can be delegated, and that its principals are members.
async fn check(cx: &mut Cx, organization: &Organization, content: &str) -> Result<()> {
    let malformed = || invalid("INVALID_RESOURCE_POLICY_JSON", "The provided policy document isn't a valid policy.");
    if Document::parse(content, DocumentKind::Resource).is_err() {
        return Err(malformed());
    }
    let policy: Value = serde_json::from_str(content).map_err(|_| malformed())?;
    let statements = match policy.get("Statement") {
        Some(Value::Array(many)) => many.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    for statement in statements {
        if let Some(error) = strings(statement.get("Action")).into_iter().find_map(unsupported) {
            return Err(error);
        }
        let principals = strings(statement.get("Principal").and_then(|principal| principal.get("AWS")));
        let mut members = !principals.is_empty();
        for principal in principals {
            members &= match account_of(principal) {
                Some(account) => cx.exists::<Account>(organization.place(), account).await?,
                None => false,
            };
        }
        if !members {
            let message = "The principals of the policy must be member accounts of the organization, or in them.";
            return Err(invalid("INVALID_PRINCIPAL", message));
        }
    }
    Ok(())
}

/// Gives the organization its policy, in place of the one that it has.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_PutResourcePolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutResourcePolicy {
    content: String,
    tags: Option<Vec<Tag>>,
}

impl Operation for PutResourcePolicy {
    const NAME: &'static str = "PutResourcePolicy";
    type Output = ResourcePolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        const ACTION: &str = "organizations:PutResourcePolicy";
        let tags = tag::read(self.tags.as_ref())?;
        let Some(organization) = organization::of(cx, cx.account()).await? else { return Ok(Access::to(ACTION)) };
        let id = of(cx, &organization).await?.map_or_else(|| "*".to_owned(), |policy| policy.id);
        let arn = organization.arn("resourcepolicy", id);
        Ok(organization::on(cx, &organization, Access::to(ACTION), arn).await?.request_tags(&tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ResourcePolicyResponse> {
        let organization = organization::managed(cx).await?;
        hold_all_features(&organization)?;
        check(cx, &organization, &self.content).await?;
        let tags = tag::read(self.tags.as_ref())?;
        let id = match of(cx, &organization).await? {
            Some(_) if !tags.is_empty() => {
                return Err(invalid(
                    "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED",
                    "Updating an existing resource policy with tags isn't supported.",
                ));
            }
            Some(policy) => policy.id,
            None => random_id(cx, "rp-", 8),
        };
        let policy = ResourcePolicy { id, content: self.content.clone() };
        cx.put(organization.place(), &policy).await?;
        if !tags.is_empty() {
            tag::put(cx, &organization, &policy.id, tags).await?;
        }
        Ok(ResourcePolicyResponse::of(&organization, policy))
    }
}

/// Shows the organization's policy.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeResourcePolicy.html>
#[derive(Debug, Deserialize)]
pub(crate) struct DescribeResourcePolicy {}

impl Operation for DescribeResourcePolicy {
    const NAME: &'static str = "DescribeResourcePolicy";
    type Output = ResourcePolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        organization::delegable(cx, "organizations:DescribeResourcePolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ResourcePolicyResponse> {
        let organization = organization::readable(cx).await?;
        let policy = of(cx, &organization).await?.ok_or(ResourcePolicyNotFoundException)?;
        Ok(ResourcePolicyResponse::of(&organization, policy))
    }
}

/// Removes the organization's policy: what it let member accounts do they can do no more.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeleteResourcePolicy.html>
#[derive(Debug, Deserialize)]
pub(crate) struct DeleteResourcePolicy {}

impl Operation for DeleteResourcePolicy {
    const NAME: &'static str = "DeleteResourcePolicy";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("organizations:DeleteResourcePolicy"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = organization::managed(cx).await?;
        let policy = cx.delete::<ResourcePolicy>(organization.place(), ()).await?;
        let policy = policy.ok_or(ResourcePolicyNotFoundException)?;
        tag::put(cx, &organization, &policy.id, Default::default()).await?;
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reading_and_policies_can_be_delegated() {
        for action in ["organizations:List*", "organizations:DescribeAccount", "organizations:*Policy"] {
            assert!(unsupported(action).is_none(), "{action}");
        }
        for action in ["*", "organizations:*", "organizations:CreateAccount", "s3:GetObject", "organizations:Move*"] {
            assert!(unsupported(action).is_some_and(|error| error.is("InvalidInputException")), "{action}");
        }
    }
}
