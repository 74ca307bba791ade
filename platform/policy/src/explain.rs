//! The decision again, with everything that was looked at.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::context::{Context, Values};
use crate::decision::{Decision, KeyUse, Outcome, PolicyTrace};
use crate::evaluate::{evaluate, facts, lacking};
use crate::request::{Attached, Policies, Request};
use crate::statement::{Effect, Facts};

/// Decides a request as [`evaluate`] does and fills in `keys` and `policies`.
///
/// Every statement of every policy is tried, so this costs more than an evaluation. Policies that
/// do not restrict the caller (SCPs of a service-linked role) are traced nevertheless.
pub fn explain(request: &Request<'_>, policies: &Policies<'_>) -> Decision {
    let recorder = Recorder { context: request.context, seen: RefCell::default() };
    let request = Request { context: &recorder, ..*request };
    let mut decision = evaluate(&request, policies);
    if decision.outcome == Outcome::ExplicitDeny {
        decision.missing = lacking(&request, policies);
    }
    let action = request.action.to_ascii_lowercase();
    let facts = facts(&request, policies, &action);
    decision.policies = all(policies).map(|(level, policy)| trace(policy, level, &facts)).collect();
    if let Some(by) = &mut decision.by {
        // The first policy of that name is the one: those of levels are tried in the same order.
        let of = |policy: &&PolicyTrace| {
            policy.kind == by.kind && policy.policy == by.policy && policy.outcome == decision.outcome
        };
        if let Some(policy) = decision.policies.iter().find(of) {
            by.level = policy.level.clone();
            by.line = policy.statements.get(by.statement).map(|statement| statement.line);
        }
    }
    let seen = recorder.seen.into_inner();
    decision.keys = seen.into_iter().map(|(key, values)| KeyUse { key, values }).collect();
    decision
}

/// Every policy, with the level of the organization it is attached to.
fn all<'a>(policies: &'a Policies<'a>) -> impl Iterator<Item = (Option<&'a str>, &'a Attached<'a>)> {
    let levels = policies.scps.iter().chain(policies.rcps);
    let of_levels = levels.flat_map(|level| level.policies.iter().map(|policy| (Some(level.id), policy)));
    let single = policies.vpc_endpoint.iter().chain(&policies.resource).chain(&policies.acl).chain(&policies.boundary);
    let own = single.chain(policies.session.unwrap_or_default()).chain(policies.identity);
    of_levels.chain(own.map(|policy| (None, policy)))
}

fn trace(policy: &Attached<'_>, level: Option<&str>, facts: &Facts<'_>) -> PolicyTrace {
    let statements = policy.document.statements().iter();
    let statements: Vec<_> = statements.map(|statement| statement.trace(facts, policy.document)).collect();
    let applies = |effect| statements.iter().any(|statement| statement.effect == effect && statement.failed.is_none());
    let outcome = match () {
        () if applies(Effect::Deny) => Outcome::ExplicitDeny,
        () if applies(Effect::Allow) => Outcome::Allow,
        () => Outcome::ImplicitDeny,
    };
    PolicyTrace { kind: policy.kind, policy: policy.id.into(), level: level.map(str::to_owned), outcome, statements }
}

/// Remembers the keys that were asked for.
struct Recorder<'a> {
    context: &'a dyn Context,
    seen: RefCell<BTreeMap<String, Option<Vec<String>>>>,
}

impl Context for Recorder<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let values = self.context.values(key);
        let copy = values.as_ref().map(|values| values.iter().map(str::to_owned).collect());
        self.seen.borrow_mut().insert(key.to_owned(), copy);
        values
    }
}
