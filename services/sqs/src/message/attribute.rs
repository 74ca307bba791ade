//! Attributes of messages: their rules, their size, their digest, and which of them a receiver asked for.
//!
//! Reference: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>

use std::collections::BTreeMap;

use bytes::Bytes;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use welkin_kernel::{Error, Result};

use crate::errors::InvalidParameterValue;
use crate::message::body::first_forbidden;

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

/// Most attributes of a message.
const MOST: usize = 10;

/// Longest name and type of an attribute, in characters.
const LONGEST_NAME: usize = 256;

impl MessageAttribute {
    /// The value, as it counts for sizes and digests.
    fn value(&self) -> &[u8] {
        match (&self.string_value, &self.binary_value) {
            (Some(text), _) => text.as_bytes(),
            (None, Some(bytes)) => bytes,
            (None, None) => &[],
        }
    }

    pub(crate) fn string_value(&self) -> Option<&str> {
        self.string_value.as_deref()
    }

    /// The type without the label that callers may append after a dot.
    fn logical_type(&self) -> &str {
        self.data_type.split('.').next().unwrap_or_default()
    }

    fn check(&self, name: &str) -> Result<()> {
        let invalid = |what: &str| Err(refused(name, what));
        match self.logical_type() {
            "" => return invalid("must contain non-empty message attribute type."),
            "String" | "Number" | "Binary" => {}
            _ => {
                return invalid(
                    "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, \
                     and String.",
                );
            }
        }
        if self.data_type.len() > LONGEST_NAME {
            return invalid("has a message attribute type that is longer than 256 characters.");
        }
        let is_binary = self.logical_type() == "Binary";
        if is_binary && self.string_value.is_some() || !is_binary && self.binary_value.is_some() {
            return invalid("has a message attribute value that does not fit its type.");
        }
        if self.value().is_empty() {
            let kind = if is_binary { "Binary" } else { "String" };
            return invalid(&format!(
                "must contain non-empty message attribute value for message attribute type '{kind}'."
            ));
        }
        if self.string_value.as_deref().is_some_and(|text| first_forbidden(text).is_some()) {
            return invalid("has a value with characters that are not allowed in messages.");
        }
        if self.logical_type() == "Number" && !self.string_value.as_deref().is_some_and(is_number) {
            return Err(InvalidParameterValue::because(format!(
                "Can't cast the value of message (user) attribute '{name}' to a number."
            )));
        }
        Ok(())
    }
}

fn refused(name: &str, what: &str) -> Error {
    InvalidParameterValue::because(format!("The message (user) attribute '{name}' {what}"))
}

/// A decimal number with a point, a sign and an exponent at will.
fn is_number(text: &str) -> bool {
    let first = text.bytes().find(|b| !matches!(b, b'+' | b'-' | b'.'));
    first.is_some_and(|b| b.is_ascii_digit()) && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Holds attributes against the rules.
///
/// # Errors
/// `InvalidParameterValue`
pub(crate) fn check(attributes: &MessageAttributes) -> Result<()> {
    if attributes.len() > MOST {
        return Err(InvalidParameterValue::because(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{MOST}].",
            attributes.len()
        )));
    }
    for (name, attribute) in attributes {
        check_name(name)?;
        attribute.check(name)?;
    }
    Ok(())
}

fn check_name(name: &str) -> Result<()> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    let dotted = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    let lower = name.to_ascii_lowercase();
    let reserved = lower.starts_with("aws.") || lower.starts_with("amazon.");
    if name.is_empty() || name.len() > LONGEST_NAME || !plain || dotted || reserved {
        return Err(InvalidParameterValue::because(format!(
            "The message (user) attribute name '{name}' is invalid. A name can have letters, digits, '_', '-' and \
             '.', neither begins nor ends with a period, has no two periods in succession, is at most 256 characters \
             long and does not begin with AWS. or Amazon."
        )));
    }
    Ok(())
}

/// Bytes that attributes add to a message: names, types and values.
pub(crate) fn size(attributes: &MessageAttributes) -> usize {
    attributes.iter().map(|(name, attribute)| name.len() + attribute.data_type.len() + attribute.value().len()).sum()
}

/// The digest by which clients check attributes; `None` if there are none.
///
/// Each part in the order of the names, with its length before it: name, type, a byte that tells text (1) from
/// bytes (2), value. Reference:
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation>
pub(crate) fn md5<'a>(attributes: impl IntoIterator<Item = (&'a String, &'a MessageAttribute)>) -> Option<String> {
    let mut digest = Md5::new();
    let mut any = false;
    for (name, attribute) in attributes {
        any = true;
        part(&mut digest, name.as_bytes());
        part(&mut digest, attribute.data_type.as_bytes());
        digest.update([if attribute.string_value.is_some() { 1 } else { 2 }]);
        part(&mut digest, attribute.value());
    }
    any.then(|| hex::encode(digest.finalize()))
}

fn part(digest: &mut Md5, bytes: &[u8]) {
    // Parts are shorter than a message.
    digest.update((bytes.len() as u32).to_be_bytes());
    digest.update(bytes);
}

/// Whether a receiver who asks for `wanted` names gets the attribute `name`.
pub(crate) fn is_wanted(wanted: &[String], name: &str) -> bool {
    wanted.iter().any(|wanted| match wanted.strip_suffix(".*") {
        Some(prefix) => name.starts_with(prefix),
        None => wanted == "All" || wanted == name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(data_type: &str, value: &str) -> MessageAttribute {
        MessageAttribute { data_type: data_type.into(), string_value: Some(value.into()), binary_value: None }
    }

    fn one(name: &str, attribute: MessageAttribute) -> MessageAttributes {
        BTreeMap::from([(name.to_owned(), attribute)])
    }

    #[test]
    fn names_types_and_values_are_held_against_the_rules() {
        for name in ["a", "A.b-c_9", &"n".repeat(256)] {
            assert!(check(&one(name, text("String", "v"))).is_ok(), "{name}");
        }
        for name in ["", ".a", "a.", "a..b", "aws.x", "AMAZON.x", "a b", "é", &"n".repeat(257)] {
            assert!(check(&one(name, text("String", "v"))).is_err(), "{name}");
        }
        for (kind, value) in [("String", "v"), ("String.label", "v"), ("Number", "-1.5e3"), ("Number.int", "7")] {
            assert!(check(&one("a", text(kind, value))).is_ok(), "{kind}");
        }
        for (kind, value) in
            [("", "v"), ("Text", "v"), ("String", ""), ("Number", "x"), ("Binary", "v"), ("Number", "inf")]
        {
            assert!(check(&one("a", text(kind, value))).is_err(), "{kind} {value}");
        }
        let eleven = (0..11).map(|n| (format!("a{n}"), text("String", "v"))).collect();
        assert!(check(&eleven).is_err());
    }

    #[test]
    fn receivers_ask_by_name_prefix_or_all() {
        let asks = |wanted: &[&str], name| is_wanted(&wanted.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>(), name);
        assert!(asks(&["All"], "a") && asks(&[".*"], "a") && asks(&["b", "a"], "a") && asks(&["foo.*"], "foo.bar"));
        assert!(!asks(&[], "a") && !asks(&["b"], "a") && !asks(&["foo.*"], "fo"));
    }
}
