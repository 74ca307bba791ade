//! The simulation itself: each action on each resource, and the answers about it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use welkin_kernel::{AccountId, Arn, Result};
use welkin_policy::{
    Attached, Context, Decision, Document, DocumentKind, Effect, Element, Level, Outcome, Policies, Request,
    ResourceRule, Statement,
};

use super::action;
use super::caller::Caller;
use super::context::Keys;
use super::resource;
use super::source::{PolicySource, Source};
use crate::page::Wanted;

/// Everything that is simulated.
pub(super) struct Simulation {
    pub(super) caller: Caller,
    /// Who owns resources whose ARN does not say.
    pub(super) owner: AccountId,
    pub(super) keys: Keys,
    pub(super) identity: Vec<Source>,
    pub(super) boundary: Option<Source>,
    /// Service control policies by level; `None` without organization.
    pub(super) service_control: Option<Vec<Vec<Source>>>,
    pub(super) resource_policy: Option<Source>,
}

/// What to answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Simulated {
    evaluation_results: Vec<EvaluationResult>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EvaluationResult {
    eval_action_name: String,
    eval_resource_name: String,
    eval_decision: EvalDecision,
    matched_statements: Vec<MatchedStatement>,
    missing_context_values: Vec<String>,
    organizations_decision_detail: Option<OrganizationsDecision>,
    permissions_boundary_decision_detail: Option<BoundaryDecision>,
    eval_decision_details: Option<BTreeMap<String, EvalDecision>>,
    resource_specific_results: Option<Vec<ResourceResult>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceResult {
    eval_resource_name: String,
    eval_resource_decision: EvalDecision,
    matched_statements: Vec<MatchedStatement>,
    missing_context_values: Vec<String>,
    permissions_boundary_decision_detail: Option<BoundaryDecision>,
    eval_decision_details: Option<BTreeMap<String, EvalDecision>>,
}

/// In the order of what restricts least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum EvalDecision {
    Allowed,
    ImplicitDeny,
    ExplicitDeny,
}

impl From<Outcome> for EvalDecision {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Allow => Self::Allowed,
            Outcome::ImplicitDeny => Self::ImplicitDeny,
            Outcome::ExplicitDeny => Self::ExplicitDeny,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MatchedStatement {
    source_policy_id: String,
    source_policy_type: PolicySource,
    start_position: Position,
    end_position: Position,
}

/// From 1. The end is behind the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Position {
    line: usize,
    column: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OrganizationsDecision {
    allowed_by_organizations: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BoundaryDecision {
    allowed_by_permissions_boundary: bool,
}

/// One action on one resource, decided.
struct Evaluated {
    decision: EvalDecision,
    matched: Vec<MatchedStatement>,
    missing: BTreeSet<String>,
    organizations: Option<OrganizationsDecision>,
    boundary: Option<BoundaryDecision>,
    details: Option<BTreeMap<String, EvalDecision>>,
}

impl Simulation {
    /// Simulates every action on every resource and answers a page of the actions.
    pub(super) fn run(&self, actions: &[String], resources: &[String], wanted: Wanted<'_>) -> Result<Simulated> {
        // Results keep the order of the request, so a page's name is its place there.
        let numbered: Vec<_> = actions.iter().enumerate().collect();
        let page = wanted.of(numbered, |(index, _)| format!("{index:08}"))?;
        let page = page.map(|(_, action)| self.action(action, resources));
        Ok(Simulated { is_truncated: page.is_truncated(), evaluation_results: page.items, marker: page.marker })
    }

    fn action(&self, name: &str, resources: &[String]) -> EvaluationResult {
        let specific = resources != ["*"];
        let evaluated: Vec<_> = resources.iter().map(|resource| self.evaluate(name, resource)).collect();
        let mut matched = Vec::new();
        for statement in evaluated.iter().flat_map(|one| &one.matched) {
            if !matched.contains(statement) {
                matched.push(statement.clone());
            }
        }
        let missing: BTreeSet<_> = evaluated.iter().flat_map(|one| one.missing.iter().cloned()).collect();
        let organizations = evaluated.iter().filter_map(|one| one.organizations);
        let boundaries = evaluated.iter().filter_map(|one| one.boundary);
        EvaluationResult {
            eval_action_name: name.to_owned(),
            eval_resource_name: if specific { action::resource_form(name, resources) } else { "*".to_owned() },
            eval_decision: evaluated.iter().map(|one| one.decision).max().unwrap_or(EvalDecision::ImplicitDeny),
            matched_statements: matched,
            missing_context_values: missing.into_iter().collect(),
            organizations_decision_detail: organizations.min_by_key(|detail| detail.allowed_by_organizations),
            permissions_boundary_decision_detail: boundaries.min_by_key(|d| d.allowed_by_permissions_boundary),
            eval_decision_details: strictest(&evaluated),
            resource_specific_results: specific.then(|| {
                resources.iter().zip(evaluated).map(|(resource, one)| ResourceResult::of(resource, one)).collect()
            }),
        }
    }

    /// Decides one action on one resource.
    fn evaluate(&self, action: &str, resource: &str) -> Evaluated {
        let owner = resource.parse::<Arn>().ok().and_then(|arn| arn.account()).unwrap_or(self.owner);
        let identity: Vec<_> = self.identity.iter().map(|source| source.attached(DocumentKind::Identity)).collect();
        let levels = self.service_control.iter().flatten().enumerate();
        let levels: Vec<_> = levels.map(|(depth, level)| (depth.to_string(), scps(level))).collect();
        let levels: Vec<_> = levels.iter().map(|(id, policies)| Level { id, policies }).collect();
        let policies = Policies {
            identity: &identity,
            boundary: self.boundary.as_ref().map(|source| source.attached(DocumentKind::Boundary)),
            scps: &levels,
            resource: self.resource_policy.as_ref().map(|source| source.attached(source.document.kind())),
            resource_rule: self.resource_policy.as_ref().map_or(ResourceRule::Standard, |_| resource::rule(action)),
            ..Policies::default()
        };
        let owner_text = owner.to_string();
        let request = Request {
            principal: &self.caller.facts,
            action,
            resource,
            alias: None,
            resource_account: Some(&owner_text),
            context: &self.keys,
        };
        let decision = welkin_policy::explain(&request, &policies);
        let across = owner != self.caller.account;
        Evaluated {
            decision: decision.outcome.into(),
            matched: self.matched(&decision),
            missing: self.missing(&decision),
            organizations: self.service_control.as_ref().map(|_| OrganizationsDecision {
                allowed_by_organizations: levels.iter().all(|level| level_allows(&decision, level.id)),
            }),
            boundary: self.boundary.as_ref().map(|_| BoundaryDecision {
                allowed_by_permissions_boundary: outcome_of(&decision, DocumentKind::Boundary) == Outcome::Allow,
            }),
            details: match (across, resource) {
                (true, _) => Some(self.details(&decision)),
                (false, "*") => None,
                (false, _) => Some(BTreeMap::new()),
            },
        }
    }

    /// The identity and resource policies with what became of their statements.
    fn traced<'a>(&'a self, decision: &'a Decision) -> impl Iterator<Item = (&'a Source, &'a Statement, Traced<'a>)> {
        let identity = self.identity.iter().zip(of_kind(decision, DocumentKind::Identity));
        let resource = self
            .resource_policy
            .iter()
            .flat_map(|source| std::iter::repeat(source).zip(of_kind(decision, source.document.kind())));
        identity.chain(resource).flat_map(|(source, trace)| {
            let statements = source.document.statements().iter().zip(&trace.statements);
            statements.map(move |(statement, traced)| (source, statement, Traced(traced.failed.as_ref())))
        })
    }

    /// The statements that decided: those that deny, or else those that allow what is allowed.
    fn matched(&self, decision: &Decision) -> Vec<MatchedStatement> {
        let effect = match decision.outcome {
            Outcome::Allow => Effect::Allow,
            Outcome::ExplicitDeny => Effect::Deny,
            Outcome::ImplicitDeny => return Vec::new(),
        };
        let deciding =
            self.traced(decision).filter(|(_, statement, traced)| statement.effect() == effect && traced.0.is_none());
        deciding.map(|(source, statement, _)| MatchedStatement::of(source, statement)).collect()
    }

    /// The keys without value that statements about this action and resource look at.
    fn missing(&self, decision: &Decision) -> BTreeSet<String> {
        let relevant = self.traced(decision).filter(|(_, _, traced)| traced.is_about_the_request());
        let keys = relevant.flat_map(|(source, statement, _)| {
            statement.context_keys().map(|key| (&*source.document, key)).collect::<Vec<_>>()
        });
        let absent = keys.filter(|(_, key)| self.keys.values(key).is_none_or(|values| values.is_empty()));
        absent.map(|(document, key): (&Document, _)| document.written(key).to_owned()).collect()
    }

    /// What each type of policy says across accounts.
    // UNVERIFIED: the names of the types.
    fn details(&self, decision: &Decision) -> BTreeMap<String, EvalDecision> {
        let mut details = BTreeMap::new();
        let mut tell = |name: &str, kind| details.insert(name.to_owned(), outcome_of(decision, kind).into());
        tell("IAM Policy", DocumentKind::Identity);
        tell("Resource Policy", self.resource_policy.as_ref().map_or(DocumentKind::Resource, |p| p.document.kind()));
        if self.boundary.is_some() {
            tell("Permissions Boundary Policy", DocumentKind::Boundary);
        }
        details
    }
}

/// What became of a statement: the element that did not match.
#[derive(Clone, Copy)]
struct Traced<'a>(Option<&'a Element>);

impl Traced<'_> {
    /// Whether it would apply, given the right context.
    fn is_about_the_request(self) -> bool {
        matches!(self.0, None | Some(Element::Condition { .. }))
    }
}

fn scps(level: &[Source]) -> Vec<Attached<'_>> {
    level.iter().map(|source| source.attached(DocumentKind::Scp)).collect()
}

fn of_kind(decision: &Decision, kind: DocumentKind) -> impl Iterator<Item = &welkin_policy::PolicyTrace> {
    decision.policies.iter().filter(move |policy| policy.kind == kind)
}

/// Whether one level of the organization allows.
fn level_allows(decision: &Decision, level: &str) -> bool {
    let policies = || decision.policies.iter().filter(|policy| policy.level.as_deref() == Some(level));
    policies().any(|policy| policy.outcome == Outcome::Allow)
        && policies().all(|policy| policy.outcome != Outcome::ExplicitDeny)
}

/// What the policies of a kind say together.
fn outcome_of(decision: &Decision, kind: DocumentKind) -> Outcome {
    let has = |outcome| of_kind(decision, kind).any(|policy| policy.outcome == outcome);
    match () {
        () if has(Outcome::ExplicitDeny) => Outcome::ExplicitDeny,
        () if has(Outcome::Allow) => Outcome::Allow,
        () => Outcome::ImplicitDeny,
    }
}

/// The strictest decision of each type over all resources; `None` where no resource has any.
fn strictest(evaluated: &[Evaluated]) -> Option<BTreeMap<String, EvalDecision>> {
    let mut all: Option<BTreeMap<String, EvalDecision>> = None;
    for details in evaluated.iter().filter_map(|one| one.details.as_ref()) {
        let all = all.get_or_insert_default();
        for (name, decision) in details {
            let kept = all.entry(name.clone()).or_insert(*decision);
            *kept = (*kept).max(*decision);
        }
    }
    all
}

impl MatchedStatement {
    fn of(source: &Source, statement: &Statement) -> Self {
        let span = statement.span();
        let position = |byte| {
            let (line, column) = source.document.place(byte);
            Position { line, column }
        };
        Self {
            source_policy_id: source.id.clone(),
            source_policy_type: source.kind,
            start_position: position(span.start),
            end_position: position(span.end),
        }
    }
}

impl ResourceResult {
    fn of(resource: &str, one: Evaluated) -> Self {
        Self {
            eval_resource_name: resource.to_owned(),
            eval_resource_decision: one.decision,
            matched_statements: one.matched,
            missing_context_values: one.missing.into_iter().collect(),
            permissions_boundary_decision_detail: one.boundary,
            eval_decision_details: one.details,
        }
    }
}
