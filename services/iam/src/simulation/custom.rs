//! Policies that need not exist.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Operation, Result};
use welkin_policy::{DocumentKind, MapContext};

use super::caller::{Caller, EntityArn};
use super::context::{ContextEntry, Keys};
use super::evaluation::{Simulated, Simulation};
use super::organization::{self, OrganizationLevel};
use super::source::Source;
use super::{action, invalid, resource};
use crate::access;
use crate::page::Wanted;

/// Tells what the given policies would decide.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SimulateCustomPolicy {
    policy_input_list: Vec<String>,
    permissions_boundary_policy_input_list: Option<Vec<String>>,
    ordered_organization_policy_input_list: Option<Vec<OrganizationLevel>>,
    #[serde(flatten)]
    scene: Scene,
}

/// What both simulations ask about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Scene {
    action_names: Vec<String>,
    resource_arns: Option<Vec<String>>,
    resource_policy: Option<String>,
    resource_owner: Option<String>,
    pub(super) caller_arn: Option<String>,
    context_entries: Option<Vec<ContextEntry>>,
    resource_handling_option: Option<String>,
    max_items: Option<u32>,
    marker: Option<String>,
}

/// The policies that a simulation is of.
pub(super) struct Simulate {
    pub(super) identity: Vec<Source>,
    pub(super) boundary: Option<Source>,
    pub(super) service_control: Option<Vec<Vec<Source>>>,
}

impl Scene {
    /// Simulates.
    pub(super) fn simulate(&self, caller: Caller, policies: Simulate) -> Result<Simulated> {
        action::check(&self.action_names)?;
        let everything = ["*".to_owned()];
        let resources = self.resource_arns.as_deref().filter(|arns| !arns.is_empty()).unwrap_or(&everything);
        if let Some(option) = &self.resource_handling_option {
            resource::check_handling(option, resources)?;
        }
        let owner = match &self.resource_owner {
            Some(owner) => resource::owner(owner)?,
            None => caller.account,
        };
        let resource_policy = match &self.resource_policy {
            Some(json) => Some(resource::policy(json, &caller, &self.action_names, resources)?),
            None => None,
        };
        let entries = self.context_entries.as_deref().unwrap_or_default();
        let keys = Keys::read(entries, caller.keys.clone())?;
        let Simulate { identity, boundary, service_control } = policies;
        let simulation = Simulation { caller, owner, keys, identity, boundary, service_control, resource_policy };
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        simulation.run(&self.action_names, resources, wanted)
    }
}

/// The one boundary of the request.
pub(super) fn boundary(list: Option<&Vec<String>>) -> Result<Option<Source>> {
    let mut given = Source::list("PermissionsBoundaryPolicyInputList", list, DocumentKind::Boundary)?;
    // UNVERIFIED: the wording; "You can input only one permissions boundary".
    if given.len() > 1 {
        return Err(invalid("Only one permissions boundary policy can be simulated."));
    }
    Ok(given.pop())
}

impl Operation for SimulateCustomPolicy {
    const NAME: &'static str = "SimulateCustomPolicy";
    type Output = Simulated;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:SimulateCustomPolicy")
    }

    async fn run(&self, cx: &mut Cx) -> Result<Simulated> {
        let caller = match &self.scene.caller_arn {
            Some(arn) => Caller::named(cx, &EntityArn::parse(arn)?).await?,
            None => Caller { keys: MapContext::new(), ..Caller::unnamed(cx.account()) },
        };
        let policies = Simulate {
            identity: Source::list("PolicyInputList", Some(&self.policy_input_list), DocumentKind::Identity)?,
            boundary: boundary(self.permissions_boundary_policy_input_list.as_ref())?,
            service_control: match &self.ordered_organization_policy_input_list {
                Some(levels) => Some(organization::read(levels)?),
                None => None,
            },
        };
        self.scene.simulate(caller, policies)
    }
}
