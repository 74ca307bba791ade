//! The root of the tree, and the policy types that are enabled in it.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Operation, Result};

use crate::errors::{
    PolicyTypeAlreadyEnabledException, PolicyTypeNotAvailableForOrganizationException, PolicyTypeNotEnabledException,
    RootNotFoundException, constraint,
};
use crate::organization::{self, FeatureSet, Organization, PolicyTypeStatus};
use crate::policy::{self, PolicyType};
use crate::{membership, service_access, tree};

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

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        organization::delegable(cx, "organizations:ListRoots").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListRootsResponse> {
        let organization = organization::readable(cx).await?;
        Ok(ListRootsResponse { roots: vec![RootView::of(&organization)] })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyTypeResponse {
    root: RootView,
}

async fn demand(cx: &mut Cx, action: &'static str, root: &str, kind: PolicyType) -> Result<Access> {
    let access = organization::delegable_on(cx, action, |org| tree::arn(org, root)).await?;
    Ok(access.key("organizations:PolicyType", kind.name()))
}

async fn of_root(cx: &mut Cx, root: &str) -> Result<Organization> {
    let organization = organization::changeable(cx).await?;
    if organization.root == root { Ok(organization) } else { Err(RootNotFoundException.into()) }
}

/// Puts a type of policies into force: from then on every root, OU and account needs one that allows.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnablePolicyType.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnablePolicyType {
    root_id: String,
    policy_type: PolicyType,
}

impl Operation for EnablePolicyType {
    const NAME: &'static str = "EnablePolicyType";
    type Output = PolicyTypeResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "organizations:EnablePolicyType", &self.root_id, self.policy_type).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PolicyTypeResponse> {
        let mut organization = of_root(cx, &self.root_id).await?;
        let kind = self.policy_type;
        if organization.features != FeatureSet::All {
            return Err(PolicyTypeNotAvailableForOrganizationException.into());
        }
        if let Some(service) = kind.facts().needs_access
            && !service_access::is_enabled(cx, &organization, service).await?
        {
            let message = "You attempted to enable a policy type before you enabled service access.";
            return Err(constraint("SERVICE_ACCESS_NOT_ENABLED", message));
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
    policy_type: PolicyType,
}

impl Operation for DisablePolicyType {
    const NAME: &'static str = "DisablePolicyType";
    type Output = PolicyTypeResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "organizations:DisablePolicyType", &self.root_id, self.policy_type).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PolicyTypeResponse> {
        let mut organization = of_root(cx, &self.root_id).await?;
        let kind = self.policy_type;
        if !organization.enabled.remove(&kind) {
            return Err(PolicyTypeNotEnabledException.into());
        }
        cx.put(organization.place(), &organization).await?;
        policy::detach_everywhere(cx, &organization, kind).await?;
        membership::changed(cx, &organization).await?;
        Ok(PolicyTypeResponse { root: RootView::of(&organization) })
    }
}
