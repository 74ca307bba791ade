//! Condition keys of a request, resolved only when a statement asks for one.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The values of one condition key. A single borrowed value costs no allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values<'a> {
    /// A single-valued key.
    One(Cow<'a, str>),
    /// A multi-valued key (`aws:TagKeys`, `dynamodb:Attributes`). Empty counts as absent.
    Many(Cow<'a, [String]>),
}

impl Values<'_> {
    /// The values in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let (one, many) = match self {
            Values::One(value) => (Some(value.as_ref()), &[][..]),
            Values::Many(values) => (None, values.as_ref()),
        };
        one.into_iter().chain(many.iter().map(String::as_str))
    }

    /// Whether there is no value at all.
    pub fn is_empty(&self) -> bool {
        matches!(self, Values::Many(values) if values.is_empty())
    }

    /// The value, if there is exactly one.
    pub fn single(&self) -> Option<&str> {
        match self {
            Values::One(value) => Some(value),
            Values::Many(values) => match values.as_ref() {
                [value] => Some(value),
                _ => None,
            },
        }
    }
}

impl<'a> From<&'a str> for Values<'a> {
    fn from(value: &'a str) -> Self {
        Values::One(Cow::Borrowed(value))
    }
}

impl From<String> for Values<'_> {
    fn from(value: String) -> Self {
        Values::One(Cow::Owned(value))
    }
}

impl<'a> From<&'a [String]> for Values<'a> {
    fn from(values: &'a [String]) -> Self {
        Values::Many(Cow::Borrowed(values))
    }
}

impl From<Vec<String>> for Values<'_> {
    fn from(values: Vec<String>) -> Self {
        Values::Many(Cow::Owned(values))
    }
}

/// The request context: condition keys and their values.
///
/// Numbers are decimal text, booleans `true`/`false`, dates ISO 8601 or Unix seconds, binary
/// values base64; the operator in the policy decides how a value is read.
pub trait Context {
    /// The values of `key`, which is given in ASCII lower case (key names are not
    /// case-sensitive: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>).
    /// `None` when the request does not carry the key.
    fn values(&self, key: &str) -> Option<Values<'_>>;
}

/// A context held in a map, for tests and for the policy simulator.
#[derive(Debug, Clone, Default)]
pub struct MapContext {
    keys: BTreeMap<String, Vec<String>>,
}

impl MapContext {
    /// A context without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a single-valued key.
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.keys.insert(key.to_ascii_lowercase(), vec![value.into()]);
        self
    }

    /// Adds a multi-valued key.
    pub fn with_all<S: Into<String>>(mut self, key: &str, values: impl IntoIterator<Item = S>) -> Self {
        self.keys.insert(key.to_ascii_lowercase(), values.into_iter().map(Into::into).collect());
        self
    }
}

impl Context for MapContext {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        self.keys.get(key).map(|values| match values.as_slice() {
            [value] => Values::from(value.as_str()),
            values => Values::from(values),
        })
    }
}
