//! The resource policy of an instance: which other accounts may use it.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-cross-accounts.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::policy::{Document, DocumentKind};
use welkin_kernel::{Access, AccountId, Cx, Empty, Operation, Result, Timestamp};

use super::instance::Instance;
use super::{access, home};
use crate::control::errors::{AccessGrantsInstanceResourcePolicyNotExists, InvalidResourcePolicy};
use crate::errors::not_implemented;

/// A policy, and when it was put.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InstancePolicy {
    pub(super) json: String,
    created: Timestamp,
}

/// A policy as it is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Report {
    policy: String,
    created_at: Timestamp,
}

impl Report {
    fn of(policy: InstancePolicy) -> Self {
        Self { policy: policy.json, created_at: policy.created }
    }
}

/// Sets the resource policy of an instance.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutAccessGrantsInstanceResourcePolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutAccessGrantsInstanceResourcePolicy {
    account_id: AccountId,
    policy: String,
    organization: Option<String>,
}

impl Operation for PutAccessGrantsInstanceResourcePolicy {
    const NAME: &str = "PutAccessGrantsInstanceResourcePolicy";
    type Output = Report;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "s3:PutAccessGrantsInstanceResourcePolicy", self.account_id, false).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Report> {
        if self.organization.is_some() {
            return Err(not_implemented("Organization of PutAccessGrantsInstanceResourcePolicy"));
        }
        let place = home(cx, self.account_id);
        let mut instance = Instance::open(cx, place).await?;
        if Document::parse(&self.policy, DocumentKind::Resource).is_err() {
            return Err(InvalidResourcePolicy.into());
        }
        let policy = InstancePolicy { json: self.policy.clone(), created: cx.now() };
        instance.policy = Some(policy.clone());
        cx.put(place, &instance).await?;
        Ok(Report::of(policy))
    }
}

/// Tells the resource policy of an instance.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessGrantsInstanceResourcePolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessGrantsInstanceResourcePolicy {
    account_id: AccountId,
}

impl Operation for GetAccessGrantsInstanceResourcePolicy {
    const NAME: &str = "GetAccessGrantsInstanceResourcePolicy";
    type Output = Report;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "s3:GetAccessGrantsInstanceResourcePolicy", self.account_id, false).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Report> {
        let place = home(cx, self.account_id);
        match Instance::open(cx, place).await?.policy {
            Some(policy) => Ok(Report::of(policy)),
            None => Err(AccessGrantsInstanceResourcePolicyNotExists.into()),
        }
    }
}

/// Removes the resource policy of an instance.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessGrantsInstanceResourcePolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteAccessGrantsInstanceResourcePolicy {
    account_id: AccountId,
}

impl Operation for DeleteAccessGrantsInstanceResourcePolicy {
    const NAME: &str = "DeleteAccessGrantsInstanceResourcePolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "s3:DeleteAccessGrantsInstanceResourcePolicy", self.account_id, false).await
    }

    // UNVERIFIED: that it is no error if there is none.
    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = home(cx, self.account_id);
        let mut instance = Instance::open(cx, place).await?;
        instance.policy = None;
        cx.put(place, &instance).await?;
        Ok(Empty {})
    }
}
