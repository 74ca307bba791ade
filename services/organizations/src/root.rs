//! The root of the tree, and the policy types that are enabled in it.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Operation, Result};

use crate::errors::{
    PolicyTypeAlreadyEnabledException, PolicyTypeNotAvailableForOrganizationException, PolicyTypeNotEnabledException,
    RootNotFoundException,
};
use crate::organization::{self, FeatureSet, Organization, PolicyTypeStatus};
use crate::policy::{self, PolicyType};
use crate::{membership, tree};

/// A root in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RootView {
    id: String,
    arn: Arn,
    name: String,
    policy_types: Vec<EnabledType>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EnabledType {
    #[serde(rename = "Type")]
    kind: PolicyType,
    status: PolicyTypeStatus,
}

impl RootView {
    fn of(organization: &Organization) -> Self {
        let enabled = organization.enabled.iter();
        Self {
            id: organization.root.clone(),
            arn: tree::arn(organization, &organization.root),
            name: "Root".to_owned(),
            policy_types: enabled.map(|kind| EnabledType { kind: *kind, status: PolicyTypeStatus::Enabled }).collect(),
        }
    }
}

/// Lists the root of the organization; there is one.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListRoots.html>
#[derive(Debug, Deserialize)]
pub(crate) struct ListRoots {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRootsResponse {
    roots: Vec<RootView>,
}

impl Operation for ListRoots {
    const NAME: &'static str = "ListRoots";
    type Output = ListRootsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("organizations:ListRoots"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListRootsResponse> {
        let organization = organization::managed(cx).await?;
        Ok(ListRootsResponse { roots: vec![RootView::of(&organization)] })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyTypeResponse {
    root: RootView,
}

async fn demand(cx: &mut Cx, action: &'static str, root: &str, kind: &str) -> Result<Access> {
    Ok(organization::demand(cx, action, |org| tree::arn(org, root)).await?.key("organizations:PolicyType", kind))
}

async fn of_root(cx: &mut Cx, root: &str) -> Result<Organization> {
    let organization = organization::managed(cx).await?;
    if organization.root == root { Ok(organization) } else { Err(RootNotFoundException.into()) }
}

/// Puts a type of policies into force: from then on every root, OU and account needs one that allows.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnablePolicyType.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnablePolicyType {
    root_id: String,
    policy_type: String,
}

impl Operation for EnablePolicyType {
    const NAME: &'static str = "EnablePolicyType";
    type Output = PolicyTypeResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "organizations:EnablePolicyType", &self.root_id, &self.policy_type).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PolicyTypeResponse> {
        let mut organization = of_root(cx, &self.root_id).await?;
        let kind = PolicyType::parse(&self.policy_type)?;
        if organization.features != FeatureSet::All {
            return Err(PolicyTypeNotAvailableForOrganizationException.into());
        }
        if !organization.enabled.insert(kind) {
            return Err(PolicyTypeAlreadyEnabledException.into());
        }
        cx.put(organization.place(), &organization).await?;
        policy::attach_default_everywhere(cx, &organization, kind).await?;
        membership::changed(cx, &organization).await?;
        Ok(PolicyTypeResponse { root: RootView::of(&organization) })
    }
}

/// Puts a type of policies out of force, and detaches all of them.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DisablePolicyType.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DisablePolicyType {
    root_id: String,
    policy_type: String,
}

impl Operation for DisablePolicyType {
    const NAME: &'static str = "DisablePolicyType";
    type Output = PolicyTypeResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "organizations:DisablePolicyType", &self.root_id, &self.policy_type).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PolicyTypeResponse> {
        let mut organization = of_root(cx, &self.root_id).await?;
        let kind = PolicyType::parse(&self.policy_type)?;
        if !organization.enabled.remove(&kind) {
            return Err(PolicyTypeNotEnabledException.into());
        }
        cx.put(organization.place(), &organization).await?;
        policy::detach_everywhere(cx, &organization, kind).await?;
        membership::changed(cx, &organization).await?;
        Ok(PolicyTypeResponse { root: RootView::of(&organization) })
    }
}
