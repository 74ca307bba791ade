//! Reading a managed policy.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{PolicyView, Usage, demand, known};
use crate::attachment;
use crate::role::Role;
use crate::user::User;

/// Tells of a managed policy.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPolicy {
    policy_arn: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPolicyResponse {
    policy: PolicyView,
}

impl Operation for GetPolicy {
    const NAME: &'static str = "GetPolicy";
    type Output = GetPolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:GetPolicy", &self.policy_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetPolicyResponse> {
        let policy = known(cx, &self.policy_arn).await?;
        let usage = usage(cx, &self.policy_arn).await?;
        Ok(GetPolicyResponse { policy: PolicyView::of(&policy, cx.here(), usage) })
    }
}

/// How often the account uses a policy.
pub(super) async fn usage(cx: &mut Cx, arn: &str) -> Result<Usage> {
    let count = |found: usize| u32::try_from(found).unwrap_or(u32::MAX);
    let attached = attachment::of_policy(cx, arn).await?.len();
    let users = cx.find::<User>(cx.here(), "boundary", arn, 0).await?.len();
    let roles = cx.find::<Role>(cx.here(), "boundary", arn, 0).await?.len();
    Ok(Usage { attached: count(attached), boundary: count(users + roles) })
}
