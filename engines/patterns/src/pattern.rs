//! A pattern, and whether a document matches it.

use serde_json::{Map, Value};

use crate::matcher::Matcher;

/// A pattern that JSON documents match or do not.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// All must hold.
    pub(crate) fields: Vec<(String, Rule)>,
    /// Of each `$or`, one must match.
    pub(crate) either: Vec<Vec<Pattern>>,
}

/// What a key demands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    /// One of these accepts the value.
    AnyOf(Vec<Matcher>),
    /// An object that matches.
    Nested(Pattern),
}

impl Pattern {
    /// Whether a document matches. One that is no object has no keys.
    pub fn matches(&self, document: &Value) -> bool {
        let empty = Map::new();
        let object = document.as_object().unwrap_or(&empty);
        self.fields.iter().all(|(key, rule)| rule.holds(object.get(key)))
            && self.either.iter().all(|choices| choices.iter().any(|choice| choice.matches(document)))
    }

    /// Whether keys of objects below the document's own are demanded.
    pub fn is_nested(&self) -> bool {
        self.fields.iter().any(|(_, rule)| matches!(rule, Rule::Nested(_)))
            || self.either.iter().flatten().any(Self::is_nested)
    }
}

impl Rule {
    fn holds(&self, found: Option<&Value>) -> bool {
        match self {
            Self::AnyOf(matchers) => matchers.iter().any(|matcher| matcher.accepts(found)),
            Self::Nested(pattern) => match found {
                // One of several objects matches as a whole.
                Some(Value::Array(values)) => values.iter().any(|value| pattern.matches(value)),
                // What is not there may be what must be absent.
                found => pattern.matches(found.unwrap_or(&Value::Null)),
            },
        }
    }
}
