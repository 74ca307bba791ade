//! Attributes of messages: their rules and their size.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use welkin_kernel::{Error, Result};

use crate::errors::InvalidParameterValueException;

/// Attributes by their names.
pub(crate) type MessageAttributes = BTreeMap<String, MessageAttribute>;

/// An attribute of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MessageAttribute {
    data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    binary_value: Option<Bytes>,
}

/// Longest name and type of an attribute, in characters.
const LONGEST_NAME: usize = 256;

impl MessageAttribute {
    /// A text.
    pub(crate) fn text(value: &str) -> Self {
        Self { data_type: "String".to_owned(), string_value: Some(value.to_owned()), binary_value: None }
    }

    pub(crate) fn data_type(&self) -> &str {
        &self.data_type
    }

    pub(crate) fn string_value(&self) -> Option<&str> {
        self.string_value.as_deref()
    }

    fn value(&self) -> &[u8] {
        match (&self.string_value, &self.binary_value) {
            (Some(text), _) => text.as_bytes(),
            (None, Some(bytes)) => bytes,
            (None, None) => &[],
        }
    }

    /// As envelopes have it.
    pub(crate) fn to_json(&self) -> Value {
        let value = match (&self.string_value, &self.binary_value) {
            (Some(text), _) => text.clone(),
            (None, bytes) => STANDARD.encode(bytes.as_deref().unwrap_or_default()),
        };
        json!({ "Type": self.data_type, "Value": value })
    }

    fn check(&self, name: &str) -> Result<()> {
        let invalid = |what: String| Err(refused(name, &what));
        let kind = self.data_type.split('.').next().unwrap_or_default();
        match kind {
            "" => return invalid("must contain non-empty message attribute type.".to_owned()),
            "String" | "Number" | "Binary" => {}
            _ => {
                return invalid(
                    "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, \
                     and String."
                        .to_owned(),
                );
            }
        }
        if self.data_type.len() > LONGEST_NAME {
            return invalid("has a message attribute type that is longer than 256 characters.".to_owned());
        }
        let binary = kind == "Binary";
        if self.value().is_empty() || binary && self.string_value.is_some() || !binary && self.binary_value.is_some() {
            return invalid(format!(
                "must contain non-empty message attribute value for message attribute type '{kind}'."
            ));
        }
        let text = self.string_value.as_deref().unwrap_or_default();
        if kind == "Number" && !is_number(text) {
            return invalid("has a value that is not a number.".to_owned());
        }
        if self.data_type == "String.Array" && !is_array(text) {
            return invalid(
                "has a value that is not a JSON array of strings, numbers, true, false and null.".to_owned(),
            );
        }
        Ok(())
    }
}

// UNVERIFIED: the wording of some of these.
fn refused(name: &str, what: &str) -> Error {
    InvalidParameterValueException::because(format!("The message attribute '{name}' {what}"))
}

/// A decimal number with a point, a sign and an exponent at will.
fn is_number(text: &str) -> bool {
    let first = text.bytes().find(|b| !matches!(b, b'+' | b'-' | b'.'));
    first.is_some_and(|b| b.is_ascii_digit()) && text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_array(text: &str) -> bool {
    let array: Option<Vec<Value>> = serde_json::from_str(text).ok();
    array.is_some_and(|values| !values.iter().any(|value| value.is_array() || value.is_object()))
}

/// Holds attributes against the rules.
///
/// # Errors
/// `InvalidParameterValue`
pub(crate) fn check(attributes: &MessageAttributes) -> Result<()> {
    attributes.iter().try_for_each(|(name, attribute)| {
        check_name(name)?;
        attribute.check(name)
    })
}

fn check_name(name: &str) -> Result<()> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    let dotted = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    // Names that begin with AWS. are those by which SNS itself is told how to send.
    let lower = name.to_ascii_lowercase();
    let reserved = lower.starts_with("amazon.") || lower.starts_with("aws.") && !name.starts_with("AWS.SNS.");
    if name.is_empty() || name.len() > LONGEST_NAME || !plain || dotted || reserved {
        return Err(InvalidParameterValueException::because(format!("Invalid message attribute name '{name}'.")));
    }
    Ok(())
}

/// Bytes that attributes add to a message: names, types and values.
pub(crate) fn size(attributes: &MessageAttributes) -> usize {
    attributes.iter().map(|(name, attribute)| name.len() + attribute.data_type.len() + attribute.value().len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: &str, value: &str) -> MessageAttributes {
        let attribute =
            MessageAttribute { data_type: kind.into(), string_value: Some(value.into()), binary_value: None };
        BTreeMap::from([("a".to_owned(), attribute)])
    }

    #[test]
    fn types_and_values_are_held_against_the_rules() {
        for (kind, value) in
            [("String", "v"), ("String.Array", r#"["a", 1, true, null]"#), ("Number", "-1.5e3"), ("String.x", "v")]
        {
            assert!(check(&text(kind, value)).is_ok(), "{kind}");
        }
        for (kind, value) in
            [("", "v"), ("Text", "v"), ("String", ""), ("Number", "x"), ("Binary", "v"), ("String.Array", r#"[{}]"#)]
        {
            assert!(check(&text(kind, value)).is_err(), "{kind} {value}");
        }
    }
}
