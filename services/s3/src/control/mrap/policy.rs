//! Policies of Multi-Region Access Points: proposed at once, established by and by.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointPermissions.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Operation, Result};

use super::create::Accepted;
use super::request::{Asked, Request};
use super::{Mrap, access, managing};
use crate::bucket::public_access_block::PublicAccessBlock;
use crate::control::access_point::policy::{PointPolicy, PolicyStatus};
use crate::control::account_block;
use crate::control::errors::AccessDenied;

impl Mrap {
    /// What is blocked of it, by itself or by its account.
    pub(crate) async fn blocked(&self, cx: &mut Cx) -> Result<PublicAccessBlock> {
        Ok(self.block.and(account_block::blocked(cx, self.account).await?))
    }
}

/// Proposes a policy of a Multi-Region Access Point.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutMultiRegionAccessPointPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutMultiRegionAccessPointPolicy {
    account_id: AccountId,
    client_token: String,
    details: PolicyDetails,
}

/// Which policy, and whose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyDetails {
    pub(super) name: String,
    pub(super) policy: String,
}

impl Operation for PutMultiRegionAccessPointPolicy {
    const NAME: &str = "PutMultiRegionAccessPointPolicy";
    type Output = Accepted;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        managing(cx, "s3:PutMultiRegionAccessPointPolicy", self.account_id, &self.details.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Accepted> {
        let asked = Asked::PutPolicy(self.details.clone());
        if let Some(arn) = Request::earlier(cx, self.account_id, &self.client_token, &asked).await? {
            return Ok(Accepted { request_token_arn: arn });
        }
        let mut mrap = Mrap::open(cx, self.account_id, &self.details.name).await?;
        let policy = PointPolicy::parse(&self.details.policy, &mrap.arn())?;
        if policy.public && mrap.blocked(cx).await?.block_public_policy {
            return Err(AccessDenied::because(
                "Public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
            ));
        }
        mrap.proposed = Some(policy);
        mrap.save(cx).await?;
        let request_token_arn = Request::accept(cx, self.account_id, &self.client_token, asked).await?;
        Ok(Accepted { request_token_arn })
    }
}

/// Tells the policies of a Multi-Region Access Point.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetMultiRegionAccessPointPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMultiRegionAccessPointPolicy {
    account_id: AccountId,
    name: String,
}

/// Answer of [`GetMultiRegionAccessPointPolicy`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMultiRegionAccessPointPolicyOutput {
    policy: Policies,
}

/// The policy that counts, and the one that was put last.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policies {
    established: Option<Text>,
    proposed: Option<Text>,
}

/// A policy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    policy: String,
}

impl Text {
    fn of(policy: PointPolicy) -> Self {
        Self { policy: policy.json }
    }
}

impl Operation for GetMultiRegionAccessPointPolicy {
    const NAME: &str = "GetMultiRegionAccessPointPolicy";
    type Output = GetMultiRegionAccessPointPolicyOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "s3:GetMultiRegionAccessPointPolicy", self.account_id, &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let mrap = Mrap::open(cx, self.account_id, &self.name).await?;
        let policy = Policies { established: mrap.established.map(Text::of), proposed: mrap.proposed.map(Text::of) };
        Ok(GetMultiRegionAccessPointPolicyOutput { policy })
    }
}

/// Tells whether the policy of a Multi-Region Access Point makes it public.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetMultiRegionAccessPointPolicyStatus.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMultiRegionAccessPointPolicyStatus {
    account_id: AccountId,
    name: String,
}

/// Answer of [`GetMultiRegionAccessPointPolicyStatus`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMultiRegionAccessPointPolicyStatusOutput {
    established: PolicyStatus,
}

impl Operation for GetMultiRegionAccessPointPolicyStatus {
    const NAME: &str = "GetMultiRegionAccessPointPolicyStatus";
    type Output = GetMultiRegionAccessPointPolicyStatusOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "s3:GetMultiRegionAccessPointPolicyStatus", self.account_id, &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let mrap = Mrap::open(cx, self.account_id, &self.name).await?;
        let is_public = mrap.established.is_some_and(|policy| policy.public);
        Ok(GetMultiRegionAccessPointPolicyStatusOutput { established: PolicyStatus { is_public } })
    }
}
