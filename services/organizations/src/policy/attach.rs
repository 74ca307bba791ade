//! Attaching and detaching a policy.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Resource, Result};

use super::edit::demand;
use super::{Attachment, Policy, PolicyType, RCP_FULL_ACCESS, find, named, on_target};
use crate::errors::{
    DuplicatePolicyAttachmentException, PolicyNotAttachedException, PolicyTypeNotEnabledException,
    TargetNotFoundException, constraint, invalid,
};
use crate::organization::{self, Organization};
use crate::{membership, tree};

async fn demand_both(cx: &mut Cx, action: &'static str, policy: &str, target: &str) -> Result<Access> {
    let on_policy = demand(cx, action, policy).await?;
    let on_target = organization::delegable_on(cx, action, |org| tree::arn(org, target)).await?;
    let Some(organization) = organization::of(cx, cx.account()).await? else { return Ok(on_policy) };
    Ok(on_policy.and(match find(cx, &organization, policy).await? {
        Some(policy) => on_target.key("organizations:PolicyType", policy.kind.name()),
        None => on_target,
    }))
}

/// The policy and the target, both of which must exist, and the policies of its type that are there.
async fn both(cx: &mut Cx, policy: &str, target: &str) -> Result<(Organization, Policy, Vec<Attachment>)> {
    let organization = organization::changeable(cx).await?;
    let policy = named(cx, &organization, policy).await?;
    if !tree::exists(cx, &organization, target).await? {
        return Err(TargetNotFoundException.into());
    }
    if !organization.enabled.contains(&policy.kind) {
        return Err(PolicyTypeNotEnabledException.into());
    }
    let present = on_target(cx, &organization, policy.kind, target).await?;
    Ok((organization, policy, present))
}

/// Attaches a policy to the root, an OU or an account; it binds all accounts there at once.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttachPolicy {
    policy_id: String,
    target_id: String,
}

impl Operation for AttachPolicy {
    const NAME: &'static str = "AttachPolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand_both(cx, "organizations:AttachPolicy", &self.policy_id, &self.target_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (organization, policy, present) = both(cx, &self.policy_id, &self.target_id).await?;
        if present.iter().any(|attachment| attachment.policy == policy.id) {
            return Err(DuplicatePolicyAttachmentException.into());
        }
        if present.len() >= policy.kind.facts().attached {
            return Err(constraint(
                "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                "You have attached the maximum number of policies of this type to the target.",
            ));
        }
        let (target, since) = (self.target_id.clone(), Some(cx.now()));
        let attachment = Attachment { target, kind: policy.kind, policy: policy.id, since };
        cx.put(organization.place(), &attachment).await?;
        membership::changed(cx, &organization).await?;
        Ok(Empty {})
    }
}

/// Detaches a policy from the root, an OU or an account.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DetachPolicy {
    policy_id: String,
    target_id: String,
}

impl Operation for DetachPolicy {
    const NAME: &'static str = "DetachPolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand_both(cx, "organizations:DetachPolicy", &self.policy_id, &self.target_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (organization, policy, present) = both(cx, &self.policy_id, &self.target_id).await?;
        if policy.id == RCP_FULL_ACCESS {
            return Err(invalid("NON_DETACHABLE_POLICY", "You can't detach RCPFullAWSAccess."));
        }
        let Some(attachment) = present.iter().find(|attachment| attachment.policy == policy.id) else {
            return Err(PolicyNotAttachedException.into());
        };
        if present.len() == 1 && policy.kind == PolicyType::ServiceControl {
            return Err(constraint(
                "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                "You cannot remove the last policy attached to the specified target. You must have at least one \
                 attached at all times.",
            ));
        }
        cx.delete::<Attachment>(organization.place(), attachment.key()).await?;
        membership::changed(cx, &organization).await?;
        Ok(Empty {})
    }
}
