//! Policies that a user, group or role has.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Operation, Result};
use welkin_policy::DocumentKind;

use super::caller::{Caller, EntityArn};
use super::custom::{Scene, Simulate, boundary};
use super::evaluation::Simulated;
use super::exclusion::{Exclusions, PolicyIdentifier};
use super::source::{self, PolicySource, Source};
use crate::access;
use crate::entity::Kind;
use crate::group::Group;
use crate::role::Role;
use crate::user::User;

/// Tells what the policies of a user, group or role would decide.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SimulatePrincipalPolicy {
    policy_source_arn: String,
    policy_input_list: Option<Vec<String>>,
    permissions_boundary_policy_input_list: Option<Vec<String>>,
    policy_exclusion_list: Option<Vec<PolicyIdentifier>>,
    #[serde(flatten)]
    scene: Scene,
}

/// Demands `action` on an entity that an ARN names.
pub(super) async fn demand(cx: &mut Cx, action: &'static str, arn: &str) -> Result<Access> {
    let entity = EntityArn::parse(arn)?;
    if entity.account != cx.account() {
        return Ok(access::to(cx, action)?.on(&entity.arn));
    }
    match entity.kind {
        Kind::User => access::on::<User>(cx, action, entity.name()).await,
        Kind::Group => access::on::<Group>(cx, action, entity.name()).await,
        Kind::Role => access::on::<Role>(cx, action, entity.name()).await,
    }
}

/// Service control policies of the present account, by level; `None` without an organization.
async fn service_control(cx: &mut Cx) -> Result<Option<Vec<Vec<Source>>>> {
    let Some(membership) = cx.membership(cx.account()).await? else { return Ok(None) };
    if membership.management {
        return Ok(Some(Vec::new()));
    }
    let source = |policy: &welkin_kernel::NamedPolicy| Source {
        id: policy.id.clone(),
        kind: PolicySource::None,
        of: String::new(),
        document: policy.document.clone(),
    };
    Ok(Some(membership.service_control.iter().map(|level| level.iter().map(source).collect()).collect()))
}

impl Operation for SimulatePrincipalPolicy {
    const NAME: &'static str = "SimulatePrincipalPolicy";
    type Output = Simulated;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:SimulatePrincipalPolicy", &self.policy_source_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Simulated> {
        let entity = EntityArn::parse(&self.policy_source_arn)?;
        let exclusions = Exclusions::read(self.policy_exclusion_list.as_ref())?;
        let own = source::of_entity(cx, &entity, &exclusions).await?;
        let mut identity = own.identity;
        identity.extend(Source::list("PolicyInputList", self.policy_input_list.as_ref(), DocumentKind::Identity)?);
        let caller = match &self.scene.caller_arn {
            Some(arn) => EntityArn::parse(arn)?,
            None => entity,
        };
        let policies = Simulate {
            identity,
            boundary: boundary(self.permissions_boundary_policy_input_list.as_ref())?.or(own.boundary),
            service_control: if exclusions.exclude_service_control() { None } else { service_control(cx).await? },
        };
        let caller = Caller::named(cx, &caller).await?;
        self.scene.simulate(caller, policies)
    }
}
