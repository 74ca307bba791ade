//! The decision again, with everything that was looked at.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::context::{Context, Values};
use crate::decision::{Decision, KeyUse, Outcome, PolicyTrace, StatementTrace};
use crate::evaluate::evaluate;
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
    let action = request.action.to_ascii_lowercase();
    let facts = Facts {
        principal: request.principal,
        action: &action,
        resource: request.resource,
        context: &recorder,
        bounded: policies.boundary.is_some(),
    };
    decision.policies = all(policies).map(|(level, policy)| trace(policy, level, &facts)).collect();
    let seen = recorder.seen.into_inner();
    decision.keys = seen.into_iter().map(|(key, values)| KeyUse { key, values }).collect();
    decision
}

/// Every policy, with the level of the organization it is attached to.
fn all<'a>(policies: &'a Policies<'a>) -> impl Iterator<Item = (Option<&'a str>, &'a Attached<'a>)> {
    let levels = policies.scps.iter().chain(policies.rcps);
    let of_levels = levels.flat_map(|level| level.policies.iter().map(|policy| (Some(level.id), policy)));
    let single = policies.vpc_endpoint.iter().chain(&policies.resource).chain(&policies.boundary);
    let own = single.chain(policies.session.unwrap_or_default()).chain(policies.identity);
    of_levels.chain(own.map(|policy| (None, policy)))
}

fn trace(policy: &Attached<'_>, level: Option<&str>, facts: &Facts<'_>) -> PolicyTrace {
    let statements: Vec<_> = policy
        .document
        .statements()
        .iter()
        .map(|statement| StatementTrace {
            statement: statement.index(),
            sid: statement.sid().map(str::to_owned),
            effect: statement.effect(),
            failed: statement.applies(facts).err().map(Into::into),
        })
        .collect();
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
