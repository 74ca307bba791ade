//! One statement, compiled, and whether it applies to a request.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::condition::Condition;
use crate::context::Context;
use crate::decision::{Element, StatementTrace};
use crate::document::Document;
use crate::pattern::Pattern;
use crate::principal::{Naming, PrincipalElement, PrincipalFacts};

/// What a statement does when it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// Grants.
    Allow,
    /// Forbids, whatever else grants.
    Deny,
}

/// A list of patterns, and whether the element is the `Not…` form.
#[derive(Debug)]
pub(crate) struct PatternElement {
    pub(crate) negated: bool,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) written: Vec<Box<str>>,
}

/// A statement of a policy.
#[derive(Debug)]
pub struct Statement {
    pub(crate) index: usize,
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    pub(crate) span: Range<usize>,
    pub(crate) principal: Option<PrincipalElement>,
    pub(crate) actions: PatternElement,
    pub(crate) resources: Option<PatternElement>,
    pub(crate) conditions: Vec<Condition>,
}

/// The facts of one evaluation, prepared once.
pub(crate) struct Facts<'a> {
    pub(crate) principal: &'a PrincipalFacts,
    /// In lower case.
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    /// The ARN through which it is addressed; statements with a principal belong to the resource and do not see it.
    pub(crate) alias: Option<&'a str>,
    pub(crate) context: &'a dyn Context,
    /// The caller has a permissions boundary.
    pub(crate) bounded: bool,
}

/// The first element of a statement that does not match.
pub(crate) enum Failed<'s> {
    Action,
    Principal,
    Resource,
    Condition(&'s Condition),
}

impl From<Failed<'_>> for Element {
    fn from(failed: Failed<'_>) -> Self {
        match failed {
            Failed::Action => Element::Action,
            Failed::Principal => Element::Principal,
            Failed::Resource => Element::Resource,
            Failed::Condition(condition) => {
                Element::Condition { operator: condition.operator_name().into(), key: condition.key().into() }
            }
        }
    }
}

impl Statement {
    /// Its place in the policy, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Its `Sid`, if it has one.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Its `Effect`.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The bytes of the source it was read from.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Its `Principal` or `NotPrincipal`.
    pub fn principal(&self) -> Option<&PrincipalElement> {
        self.principal.as_ref()
    }

    /// Whether the actions are those of a `NotAction`.
    pub fn is_not_action(&self) -> bool {
        self.actions.negated
    }

    /// The actions as written.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.actions.written.iter().map(|action| &**action)
    }

    /// Whether the resources are those of a `NotResource`.
    pub fn is_not_resource(&self) -> bool {
        self.resources.as_ref().is_some_and(|resources| resources.negated)
    }

    /// The resources as written; none where the policy's own resource is meant.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().flat_map(|resources| resources.written.iter().map(|resource| &**resource))
    }

    /// The condition keys the statement tests, in lower case, with the operator as written.
    pub fn conditions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.conditions.iter().map(|condition| (condition.operator_name(), condition.key()))
    }

    /// Every condition key and variable it looks at, in lower case.
    pub fn context_keys(&self) -> impl Iterator<Item = &str> {
        let resources = self.resources.iter().flat_map(|resources| resources.patterns.iter());
        resources.flat_map(Pattern::variables).chain(self.conditions.iter().flat_map(Condition::context_keys))
    }

    /// How the statement applies to the request, or the first element that does not match.
    /// The cheap tests come first, so a condition key is asked for only when it decides.
    pub(crate) fn applies(&self, facts: &Facts<'_>) -> Result<Naming, Failed<'_>> {
        let action = self.actions.patterns.iter().any(|pattern| pattern.matches(facts.action, facts.context));
        if action == self.actions.negated {
            return Err(Failed::Action);
        }
        let naming = match &self.principal {
            None => Naming::Direct,
            Some(element) => element.applies(facts.principal, self.effect, facts.bounded).ok_or(Failed::Principal)?,
        };
        if !self.covers_resource(facts) {
            return Err(Failed::Resource);
        }
        match self.conditions.iter().find(|condition| !condition.holds(facts.context, self.effect)) {
            None => Ok(naming),
            Some(failed) => Err(Failed::Condition(failed)),
        }
    }

    /// How the statement fares, with what it wants where that does not match.
    pub(crate) fn trace(&self, facts: &Facts<'_>, document: &Document) -> StatementTrace {
        let failed = self.applies(facts).err();
        let wanted = match &failed {
            Some(Failed::Resource) => self.resources().map(str::to_owned).collect(),
            Some(Failed::Principal) => {
                self.principal.iter().flat_map(|p| &p.entries).map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        };
        let conditions = match &failed {
            None | Some(Failed::Condition(_)) => {
                self.conditions.iter().map(|condition| condition.trace(facts.context, self.effect)).collect()
            }
            _ => Vec::new(),
        };
        StatementTrace {
            statement: self.index,
            sid: self.sid.as_deref().map(str::to_owned),
            effect: self.effect,
            line: document.place(self.span.start).0,
            failed: failed.map(Into::into),
            wanted,
            conditions,
        }
    }

    fn covers_resource(&self, facts: &Facts<'_>) -> bool {
        let Some(element) = &self.resources else { return true };
        let alias = facts.alias.filter(|_| self.principal.is_none());
        let names = |resource: &str| element.patterns.iter().any(|pattern| pattern.matches(resource, facts.context));
        let found = names(facts.resource) || alias.is_some_and(names);
        if !element.negated {
            return found;
        }
        // UNVERIFIED: AWS says a variable without a value makes the statement invalid. Matching
        // nothing would widen an `Allow` on everything but that resource, so it does not apply then.
        let resolved = || element.patterns.iter().all(|pattern| pattern.resolves(facts.context));
        !found && (self.effect == Effect::Deny || resolved())
    }
}
