//! Filter policies: which messages a subscription gets.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>

use serde::{Deserialize, Serialize};
use serde_json::Value;
use welkin_kernel::{Error, Result};
use welkin_patterns::Pattern;

use crate::errors::invalid;
use crate::publish::attribute::MessageAttributes;

/// A filter policy, as its JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct FilterPolicy(String);

/// What a filter policy is held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Scope {
    #[default]
    MessageAttributes,
    MessageBody,
}

/// Limits of filter policies.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html>
const LONGEST: usize = 262_144;
const MOST_KEYS: usize = 5;
const MOST_COMBINATIONS: u64 = 150;
// UNVERIFIED: the limit for wildcards.
const MOST_WILDCARD_POINTS: u64 = 100;

impl Scope {
    /// # Errors
    /// `InvalidParameter`
    pub(crate) fn parse(text: &str) -> Result<Self> {
        match text {
            "MessageAttributes" => Ok(Self::MessageAttributes),
            "MessageBody" => Ok(Self::MessageBody),
            _ => Err(invalid(format_args!(
                "FilterPolicyScope: Invalid value [{text}]. Please use either MessageBody or MessageAttributes"
            ))),
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::MessageAttributes => "MessageAttributes",
            Self::MessageBody => "MessageBody",
        }
    }
}

fn refused(what: impl std::fmt::Display) -> Error {
    invalid(format_args!("FilterPolicy: {what}"))
}

impl FilterPolicy {
    /// Reads a filter policy.
    ///
    /// # Errors
    /// `InvalidParameter`
    pub(crate) fn parse(text: &str) -> Result<Self> {
        if text.len() > LONGEST {
            return Err(refused(format_args!("must not be longer than {LONGEST} bytes")));
        }
        let complexity = Pattern::parse(text).map_err(refused)?.complexity();
        if complexity.keys > MOST_KEYS {
            return Err(refused(format_args!("Filter policy can not have more than {MOST_KEYS} keys")));
        }
        if complexity.wildcards > MOST_WILDCARD_POINTS {
            return Err(refused("Filter policy is too complex: too many wildcards"));
        }
        Ok(Self(text.to_owned()))
    }

    /// Holds it against the rules of a scope.
    ///
    /// # Errors
    /// `InvalidParameter`
    pub(crate) fn check(&self, scope: Scope) -> Result<()> {
        let pattern = self.pattern()?;
        let complexity = pattern.complexity();
        let combinations = match scope {
            Scope::MessageAttributes if pattern.is_nested() => {
                return Err(invalid("Filter policy scope MessageAttributes does not support nested filter policy"));
            }
            Scope::MessageAttributes => complexity.combinations,
            Scope::MessageBody => complexity.nested_combinations,
        };
        if combinations > MOST_COMBINATIONS { Err(refused("Filter policy is too complex")) } else { Ok(()) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a message passes.
    ///
    /// # Errors
    /// A fault: what is stored is no pattern.
    pub(crate) fn passes(&self, scope: Scope, body: &str, attributes: &MessageAttributes) -> Result<bool> {
        let document = match scope {
            Scope::MessageAttributes => as_document(attributes),
            // A body that is not JSON has no keys.
            Scope::MessageBody => match serde_json::from_str(body) {
                Ok(document @ Value::Object(_)) => document,
                _ => return Ok(false),
            },
        };
        Ok(self.pattern()?.matches(&document))
    }

    fn pattern(&self) -> Result<Pattern> {
        Pattern::parse(&self.0).map_err(|fault| Error::internal(format_args!("a stored filter policy: {fault}")))
    }
}

/// Attributes as a document: texts, numbers, and arrays as what they stand for. Bytes cannot be filtered by.
fn as_document(attributes: &MessageAttributes) -> Value {
    let values = attributes.iter().filter_map(|(name, attribute)| {
        let text = attribute.string_value()?;
        let value = match attribute.data_type() {
            "String.Array" => serde_json::from_str(text).ok().filter(Value::is_array)?,
            number if number.split('.').next() == Some("Number") => {
                // JSON has fewer forms of numbers than attributes.
                let number = text.parse::<f64>().ok().and_then(serde_json::Number::from_f64)?;
                Value::Number(number)
            }
            _ => Value::from(text),
        };
        Some((name.clone(), value))
    });
    Value::Object(values.collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    fn attributes(all: &[(&str, &str, &str)]) -> MessageAttributes {
        let json: serde_json::Map<String, Value> = all
            .iter()
            .map(|(name, kind, value)| ((*name).to_owned(), json!({ "DataType": kind, "StringValue": value })))
            .collect();
        serde_json::from_value(json.into()).unwrap()
    }

    #[test]
    fn attributes_count_by_their_types() {
        let message = attributes(&[
            ("store", "String", "example_corp"),
            ("price", "Number", "+210.75"),
            ("interests", "String.Array", r#"["soccer", "rugby", true]"#),
            ("code", "String", "7"),
        ]);
        let passes = |policy: Value| {
            FilterPolicy::parse(&policy.to_string()).unwrap().passes(Scope::MessageAttributes, "", &message).unwrap()
        };
        assert!(passes(json!({ "store": ["example_corp"], "price": [{ "numeric": [">=", 100] }] })));
        assert!(passes(json!({ "interests": ["rugby"] })) && passes(json!({ "interests": [true] })));
        assert!(!passes(json!({ "code": [7] })) && !passes(json!({ "store": ["other"] })));
        assert!(passes(json!({ "none": [{ "exists": false }] })) && !passes(json!({ "none": ["x"] })));
    }

    #[test]
    fn bodies_are_documents() {
        let passes = |policy: Value, body: &str| {
            let policy = FilterPolicy::parse(&policy.to_string()).unwrap();
            policy.passes(Scope::MessageBody, body, &MessageAttributes::new()).unwrap()
        };
        let policy = json!({ "order": { "total": [{ "numeric": [">", 10] }] } });
        assert!(passes(policy.clone(), r#"{"order":{"total":11}}"#));
        assert!(!passes(policy.clone(), r#"{"order":{"total":9}}"#) && !passes(policy, "order"));
        assert!(!passes(json!({ "a": [{ "exists": false }] }), "not JSON"));
    }

    #[test]
    fn limits_are_those_of_the_reference() {
        let check = |policy: Value, scope| FilterPolicy::parse(&policy.to_string()).and_then(|p| p.check(scope));
        let values = |count: usize| (0..count).collect::<Vec<_>>();
        assert!(check(json!({ "a": values(15), "b": values(10) }), Scope::MessageAttributes).is_ok());
        assert!(check(json!({ "a": values(16), "b": values(10) }), Scope::MessageAttributes).is_err());
        assert!(check(json!({ "a": 1 }), Scope::MessageAttributes).is_err());
        let nested = json!({ "a": { "b": values(75) } });
        assert!(check(nested.clone(), Scope::MessageBody).is_ok());
        assert!(check(nested, Scope::MessageAttributes).is_err());
        assert!(check(json!({ "a": { "b": values(76) } }), Scope::MessageBody).is_err());
        let six: serde_json::Map<String, Value> = (0..6).map(|n| (n.to_string(), json!(["x"]))).collect();
        assert!(check(six.into(), Scope::MessageAttributes).is_err());
    }
}
