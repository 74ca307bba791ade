//! A pattern, and whether a document matches it.

use serde_json::{Map, Value};

use crate::Dialect;
use crate::matcher::Matcher;

/// A pattern that JSON documents match or do not.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    pub(crate) dialect: Dialect,
    pub(crate) rules: Rules,
}

/// What an object must have.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rules {
    /// All must hold.
    pub(crate) fields: Vec<(String, Rule)>,
    /// Of each `$or`, one must match.
    pub(crate) either: Vec<Vec<Rules>>,
}

/// What a key demands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    /// One of these accepts the value.
    AnyOf(Vec<Matcher>),
    /// An object that matches.
    Nested(Rules),
}

impl Pattern {
    /// Whether a document matches. One that is no object has no keys.
    pub fn matches(&self, document: &Value) -> bool {
        self.rules.match_object(document, self.dialect)
    }

    /// Whether keys of objects below the document's own are demanded.
    pub fn is_nested(&self) -> bool {
        self.rules.are_nested()
    }
}

impl Rules {
    fn match_object(&self, document: &Value, dialect: Dialect) -> bool {
        let empty = Map::new();
        let object = document.as_object().unwrap_or(&empty);
        self.fields.iter().all(|(key, rule)| rule.holds(object.get(key), dialect))
            && self.either.iter().all(|choices| choices.iter().any(|choice| choice.match_object(document, dialect)))
    }

    fn are_nested(&self) -> bool {
        self.fields.iter().any(|(_, rule)| matches!(rule, Rule::Nested(_)))
            || self.either.iter().flatten().any(Self::are_nested)
    }
}

impl Rule {
    fn holds(&self, found: Option<&Value>, dialect: Dialect) -> bool {
        match self {
            Self::AnyOf(matchers) => matchers.iter().any(|matcher| matcher.accepts(found, dialect)),
            Self::Nested(rules) => match found {
                // One of several objects matches as a whole, however deep in arrays.
                Some(Value::Array(values)) => values.iter().any(|value| self.holds(Some(value), dialect)),
                // What is not there may be what must be absent.
                found => rules.match_object(found.unwrap_or(&Value::Null), dialect),
            },
        }
    }
}
