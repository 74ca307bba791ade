//! The decision.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>

use crate::decision::{Decision, Outcome, Reason};
use crate::document::DocumentKind;
use crate::principal::Naming;
use crate::request::{Attached, Level, Policies, Request, ResourceRule};
use crate::statement::{Effect, Facts, Statement};

/// Decides a request.
///
/// 1. An explicit deny in any policy ends it.
/// 2. Every level of RCPs and SCPs, and the VPC endpoint's policy, must allow.
/// 3. Then the resource's policy and the caller's own are combined: see [`ResourceRule`].
///
/// Fails closed: what no policy allows is denied. `keys` and `policies` of the answer stay empty;
/// [`crate::explain`] fills them.
pub fn evaluate(request: &Request<'_>, policies: &Policies<'_>) -> Decision {
    let action = request.action.to_ascii_lowercase();
    let evaluation = Evaluation { request, policies, facts: facts(request, policies, &action) };
    if let Some(hit) = evaluation.deny() {
        return Decision::new(Outcome::ExplicitDeny, Some(hit.reason()), Vec::new());
    }
    match evaluation.guardrails().and_then(|()| evaluation.grant()) {
        Ok(by) => Decision::new(Outcome::Allow, by.map(|hit| hit.reason()), Vec::new()),
        Err(missing) => Decision::new(Outcome::ImplicitDeny, None, missing),
    }
}

/// The kinds of policy that lack an `Allow`, whatever denies.
pub(crate) fn lacking(request: &Request<'_>, policies: &Policies<'_>) -> Vec<DocumentKind> {
    let action = request.action.to_ascii_lowercase();
    let evaluation = Evaluation { request, policies, facts: facts(request, policies, &action) };
    evaluation.guardrails().and_then(|()| evaluation.grant()).err().unwrap_or_default()
}

/// What statements are held against; `action` is the request's in lower case.
pub(crate) fn facts<'a>(request: &Request<'a>, policies: &Policies<'_>, action: &'a str) -> Facts<'a> {
    Facts {
        principal: request.principal,
        action,
        resource: request.resource,
        alias: request.alias,
        context: request.context,
        bounded: policies.boundary.is_some(),
    }
}

/// A statement that applies.
#[derive(Clone, Copy)]
struct Hit<'a> {
    policy: Attached<'a>,
    statement: &'a Statement,
    naming: Naming,
}

impl Hit<'_> {
    fn reason(&self) -> Reason {
        Reason {
            kind: self.policy.kind,
            policy: self.policy.id.to_owned(),
            statement: self.statement.index,
            sid: self.statement.sid.as_deref().map(str::to_owned),
            span: self.statement.span.clone(),
            line: None,
            level: None,
        }
    }
}

/// The one that names the caller more closely; the first of two that do alike.
fn closest<'a>(best: Hit<'a>, hit: Hit<'a>) -> Hit<'a> {
    if hit.naming > best.naming { hit } else { best }
}

struct Evaluation<'a> {
    request: &'a Request<'a>,
    policies: &'a Policies<'a>,
    facts: Facts<'a>,
}

impl<'a> Evaluation<'a> {
    /// The first statement of one effect that applies.
    fn first(&self, policy: &Attached<'a>, effect: Effect) -> Option<Hit<'a>> {
        policy.document.with_effect(effect).find_map(|statement| {
            let naming = statement.applies(&self.facts).ok()?;
            Some(Hit { policy: *policy, statement, naming })
        })
    }

    /// The `Allow` of a policy that names the caller most closely.
    fn strongest(&self, policy: &Attached<'a>) -> Option<Hit<'a>> {
        let hits = policy.document.with_effect(Effect::Allow).filter_map(|statement| {
            let naming = statement.applies(&self.facts).ok()?;
            Some(Hit { policy: *policy, statement, naming })
        });
        hits.reduce(closest)
    }

    fn any(&self, policies: &[Attached<'a>], effect: Effect) -> Option<Hit<'a>> {
        policies.iter().find_map(|policy| self.first(policy, effect))
    }

    /// SCPs restrict the principals of an account, but no service-linked role; and callers without
    /// an account have no SCPs.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
    fn scps(&self) -> &'a [Level<'a>] {
        let principal = self.request.principal;
        let exempt = principal.is_service_linked() || !principal.has_identity_policies();
        if exempt { &[] } else { self.policies.scps }
    }

    /// RCPs restrict whoever uses the resources of an account, but no service-linked role.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
    fn rcps(&self) -> &'a [Level<'a>] {
        if self.request.principal.is_service_linked() { &[] } else { self.policies.rcps }
    }

    fn deny(&self) -> Option<Hit<'a>> {
        let policies = self.policies;
        let levels = |levels: &'a [Level<'a>]| levels.iter().find_map(|level| self.any(level.policies, Effect::Deny));
        let one = |policy: &'a Option<Attached<'a>>| self.any(policy.as_slice(), Effect::Deny);
        levels(self.scps())
            .or_else(|| levels(self.rcps()))
            .or_else(|| one(&policies.vpc_endpoint))
            .or_else(|| one(&policies.resource))
            .or_else(|| one(&policies.boundary))
            .or_else(|| self.any(policies.session.unwrap_or_default(), Effect::Deny))
            .or_else(|| self.any(policies.identity, Effect::Deny))
    }

    /// What must allow besides the policies that grant.
    fn guardrails(&self) -> Result<(), Vec<DocumentKind>> {
        let allows = |level: &Level<'a>| self.any(level.policies, Effect::Allow).is_some();
        if !self.rcps().iter().all(allows) {
            return Err(vec![DocumentKind::Rcp]);
        }
        if !self.scps().iter().all(allows) {
            return Err(vec![DocumentKind::Scp]);
        }
        match &self.policies.vpc_endpoint {
            Some(policy) if self.first(policy, Effect::Allow).is_none() => Err(vec![DocumentKind::VpcEndpoint]),
            _ => Ok(()),
        }
    }

    /// The statement that grants, `None` inside for the root user, or the policies that should have.
    fn grant(&self) -> Result<Option<Hit<'a>>, Vec<DocumentKind>> {
        let granting = self.policies.resource_rule != ResourceRule::ListOnly;
        let policy = self.policies.resource.as_ref().filter(|_| granting);
        let hits = policy.into_iter().chain(&self.policies.acl).filter_map(|policy| self.strongest(policy));
        let resource = hits.reduce(closest);
        let no_resource = || {
            let kind = self.policies.resource.map(|policy| policy.kind);
            kind.unwrap_or(match self.policies.resource_rule {
                ResourceRule::Trust => DocumentKind::Trust,
                _ => DocumentKind::Resource,
            })
        };
        // Callers without an identity in IAM, and resources that decide alone.
        let alone = self.policies.resource_rule == ResourceRule::ResourceOnly;
        if alone || !self.request.principal.has_identity_policies() {
            return resource.map(Some).ok_or_else(|| vec![no_resource()]);
        }
        let needs_resource = matches!(self.policies.resource_rule, ResourceRule::KeyPolicy | ResourceRule::Trust);
        match (self.is_same_account(), resource) {
            (true, Some(hit)) if hit.naming == Naming::Direct => Ok(Some(hit)),
            (true, Some(hit)) if hit.naming == Naming::Role => {
                let missing = self.missing_limits();
                if missing.is_empty() { Ok(Some(hit)) } else { Err(missing) }
            }
            (true, None) if needs_resource => Err(vec![no_resource()]),
            (true, _) => self.identity_side(),
            (false, Some(hit)) => self.identity_side().map(|by| by.or(Some(hit))),
            (false, None) => {
                let mut missing = self.identity_side().err().unwrap_or_default();
                missing.push(no_resource());
                Err(missing)
            }
        }
    }

    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>
    fn is_same_account(&self) -> bool {
        match (self.request.resource_account, &self.request.principal.account) {
            (Some(owner), Some(caller)) => owner == caller,
            (None, _) => true,
            (Some(_), None) => false,
        }
    }

    /// Identity policies, within boundary and session policies.
    fn identity_side(&self) -> Result<Option<Hit<'a>>, Vec<DocumentKind>> {
        let by = self.any(self.policies.identity, Effect::Allow);
        let mut missing = Vec::new();
        if by.is_none() && !self.request.principal.is_root() {
            missing.push(DocumentKind::Identity);
        }
        missing.extend(self.missing_limits());
        if missing.is_empty() { Ok(by) } else { Err(missing) }
    }

    /// The boundary and session policies that are there and do not allow.
    fn missing_limits(&self) -> Vec<DocumentKind> {
        let mut missing = Vec::new();
        if let Some(boundary) = &self.policies.boundary
            && self.first(boundary, Effect::Allow).is_none()
        {
            missing.push(DocumentKind::Boundary);
        }
        // A federated user has no permissions but those its session policies pass on.
        let allowed = match self.policies.session {
            Some(session) => self.any(session, Effect::Allow).is_some(),
            None => !self.request.principal.is_federated_user(),
        };
        if !allowed {
            missing.push(DocumentKind::Session);
        }
        missing
    }
}
