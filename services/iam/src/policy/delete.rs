//! Removing a managed policy.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::get::usage;
use super::version::PolicyVersion;
use super::{Policy, demand, own};
use crate::errors::DeleteConflictException;
use crate::{account, entity};

/// Removes a managed policy that nothing uses and that has its default version only.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeletePolicy {
    policy_arn: String,
}

impl Operation for DeletePolicy {
    const NAME: &'static str = "DeletePolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:DeletePolicy", &self.policy_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let policy = own(cx, &self.policy_arn).await?;
        let usage = usage(cx, &self.policy_arn).await?;
        if usage.attached + usage.boundary > 0 {
            return Err(DeleteConflictException::because("Cannot delete a policy attached to entities."));
        }
        if PolicyVersion::all(cx, &policy).await?.len() > 1 {
            return Err(DeleteConflictException::because(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's \
                 versions. The default version is deleted with the policy.",
            ));
        }
        cx.delete_all::<PolicyVersion>(cx.here(), (&policy.id,))?;
        cx.delete::<Policy>(cx.here(), entity::key(&policy.name)).await?;
        account::changed_with(cx, |account| account.policies = account.policies.saturating_sub(1)).await?;
        Ok(Empty {})
    }
}
