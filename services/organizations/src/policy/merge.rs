//! The inheritance of settings: from the policies at each level to the effective policy.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html>
//!
//! Pure: JSON in, JSON out. A policy is a tree; where a setting is, operators say how it changes what comes
//! from above, and what the levels below may do.

use serde_json::{Map, Value};

/// Nesting at most, of a policy's objects.
const DEPTH: usize = 24;

const ASSIGN: &str = "@@assign";
const APPEND: &str = "@@append";
const REMOVE: &str = "@@remove";
const ALLOWED: &str = "@@operators_allowed_for_child_policies";

/// Which operators the levels below may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Operators {
    assign: bool,
    append: bool,
    remove: bool,
}

impl Operators {
    const ALL: Self = Self { assign: true, append: true, remove: true };
    const NONE: Self = Self { assign: false, append: false, remove: false };

    fn and(self, other: Self) -> Self {
        Self {
            assign: self.assign && other.assign,
            append: self.append && other.append,
            remove: self.remove && other.remove,
        }
    }

    fn read(value: &Value) -> Result<Self, String> {
        let Value::Array(names) = value else { return Err(format!("{ALLOWED} must be a list")) };
        let mut operators = Self::NONE;
        for name in names {
            match name.as_str() {
                Some("@@all") => operators = Self::ALL,
                Some("@@none") => {}
                Some(ASSIGN) => operators.assign = true,
                Some(APPEND) => operators.append = true,
                Some(REMOVE) => operators.remove = true,
                _ => return Err(format!("{ALLOWED} names an unknown operator: {name}")),
            }
        }
        Ok(operators)
    }
}

/// What one policy, or all policies of one level, say at one place of the tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rule {
    assign: Option<Value>,
    append: Vec<Value>,
    remove: Vec<Value>,
    allowed: Option<Operators>,
    below: Vec<(String, Rule)>,
}

impl Rule {
    /// Reads a policy.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(policy: &Value) -> Result<Self, String> {
        Self::read(policy, 0)
    }

    fn read(value: &Value, depth: usize) -> Result<Self, String> {
        if depth > DEPTH {
            return Err("the policy is nested too deeply".to_owned());
        }
        let Value::Object(members) = value else { return Err(format!("{value} needs an operator")) };
        let mut rule = Self::default();
        for (key, value) in members {
            match key.as_str() {
                ASSIGN => rule.assign = Some(setting(value)?),
                APPEND => rule.append = list(value)?,
                REMOVE => rule.remove = list(value)?,
                ALLOWED => rule.allowed = Some(Operators::read(value)?),
                unknown if unknown.starts_with("@@") => return Err(format!("there is no operator {unknown}")),
                key => rule.below.push((key.to_owned(), Self::read(value, depth + 1)?)),
            }
        }
        if rule.assign.is_some() && !(rule.append.is_empty() && rule.remove.is_empty()) {
            return Err(format!("{ASSIGN} excludes {APPEND} and {REMOVE}"));
        }
        if rule.is_setting() && !rule.below.is_empty() {
            return Err("a setting has nothing below it".to_owned());
        }
        Ok(rule)
    }

    pub(super) fn is_setting(&self) -> bool {
        self.assign.is_some() || !self.append.is_empty() || !self.remove.is_empty()
    }

    /// The values that it gives.
    pub(super) fn values(&self) -> Vec<&Value> {
        let assigned = match &self.assign {
            Some(Value::Array(many)) => many.iter().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        };
        assigned.into_iter().chain(&self.append).collect()
    }

    /// What it says under a key.
    pub(super) fn below(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.below.iter().map(|(key, rule)| (key.as_str(), rule))
    }

    /// Joins what a second policy of the same level says. Of two single values the one that was there first
    /// holds, lists are united, and children may do what both permit.
    // UNVERIFIED: the documentation shows this for tag policies only.
    pub(super) fn beside(&mut self, other: Self) {
        self.assign = match (self.assign.take(), other.assign) {
            (Some(Value::Array(mut mine)), Some(Value::Array(theirs))) => {
                unite(&mut mine, theirs);
                Some(Value::Array(mine))
            }
            (mine, theirs) => mine.or(theirs),
        };
        unite(&mut self.append, other.append);
        unite(&mut self.remove, other.remove);
        self.allowed = match (self.allowed, other.allowed) {
            (Some(mine), Some(theirs)) => Some(mine.and(theirs)),
            (mine, theirs) => mine.or(theirs),
        };
        for (key, rule) in other.below {
            match self.below.iter_mut().find(|(mine, _)| *mine == key) {
                Some((_, mine)) => mine.beside(rule),
                None => self.below.push((key, rule)),
            }
        }
    }
}

/// A value of a setting: a scalar or a list of them.
fn setting(value: &Value) -> Result<Value, String> {
    match value {
        Value::Object(_) => Err(format!("{ASSIGN} takes a value or a list of values")),
        Value::Array(_) => list(value).map(Value::Array),
        scalar => Ok(scalar.clone()),
    }
}

fn list(value: &Value) -> Result<Vec<Value>, String> {
    let values = match value {
        Value::Array(many) => many.clone(),
        one => vec![one.clone()],
    };
    match values.iter().all(|value| !value.is_object() && !value.is_array()) {
        true => Ok(values),
        false => Err("a list holds values only".to_owned()),
    }
}

fn unite(mine: &mut Vec<Value>, theirs: Vec<Value>) {
    for value in theirs {
        if !mine.contains(&value) {
            mine.push(value);
        }
    }
}

/// What has come down to some level.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Inherited {
    value: Option<Value>,
    allowed: Operators,
    below: Vec<(String, Inherited)>,
}

impl Default for Inherited {
    fn default() -> Self {
        Self { value: None, allowed: Operators::ALL, below: Vec::new() }
    }
}

impl Inherited {
    /// Applies what a level says.
    pub(super) fn apply(&mut self, rule: &Rule) {
        self.change(rule, Operators::ALL);
    }

    fn change(&mut self, rule: &Rule, from_above: Operators) {
        // What is forbidden at a place is forbidden below it, and a child cannot permit it again.
        let may = from_above.and(self.allowed);
        if let Some(value) = rule.assign.as_ref().filter(|_| may.assign) {
            self.value = Some(value.clone());
        }
        if may.append && !rule.append.is_empty() {
            let mut values = self.take_list();
            unite(&mut values, rule.append.clone());
            self.value = Some(Value::Array(values));
        }
        if may.remove && !rule.remove.is_empty() && self.value.is_some() {
            let mut values = self.take_list();
            values.retain(|value| !rule.remove.contains(value));
            self.value = Some(Value::Array(values));
        }
        for (key, below) in &rule.below {
            let at = self.below.iter().position(|(known, _)| known == key);
            let at = at.unwrap_or_else(|| {
                self.below.push((key.clone(), Self::default()));
                self.below.len() - 1
            });
            if let Some((_, inherited)) = self.below.get_mut(at) {
                inherited.change(below, may);
            }
        }
        if let Some(allowed) = rule.allowed {
            self.allowed = self.allowed.and(allowed);
        }
    }

    fn take_list(&mut self) -> Vec<Value> {
        match self.value.take() {
            Some(Value::Array(values)) => values,
            Some(one) => vec![one],
            None => Vec::new(),
        }
    }

    /// The policy without operators; `None` if nothing is set.
    pub(super) fn effective(&self) -> Option<Value> {
        if let Some(value) = &self.value {
            return Some(value.clone());
        }
        let members: Map<String, Value> =
            self.below.iter().filter_map(|(key, below)| Some((key.clone(), below.effective()?))).collect();
        (!members.is_empty()).then_some(Value::Object(members))
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
