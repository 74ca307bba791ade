//! Conditions of policies.

use super::Form;
use crate::PostError;
use serde_json::Value;

/// A condition on a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A field has exactly this value.
    Eq {
        /// Field as the policy writes it, without the dollar sign.
        field: String,
        /// Value.
        value: String,
    },
    /// A field's value starts like this.
    StartsWith {
        /// Field as the policy writes it, without the dollar sign.
        field: String,
        /// Prefix.
        prefix: String,
    },
    /// The file's size in bytes is within bounds.
    ContentLengthRange {
        /// Least size.
        min: u64,
        /// Greatest size.
        max: u64,
    },
}

impl Condition {
    /// Parses a member of `conditions`; an object may hold several conditions.
    pub(super) fn parse(json: &Value) -> Result<Vec<Self>, PostError> {
        match json {
            Value::Object(pairs) if !pairs.is_empty() => pairs
                .iter()
                .map(|(field, value)| match value {
                    Value::String(value) => Ok(Self::Eq { field: field.clone(), value: value.clone() }),
                    _ => Err(invalid("Invalid Simple-Condition: value must be a string.")),
                })
                .collect(),
            Value::Array(parts) => Self::parse_array(parts).map(|condition| vec![condition]),
            // UNVERIFIED: wording.
            _ => Err(invalid("Invalid Condition: must be an object or an array.")),
        }
    }

    fn parse_array(parts: &[Value]) -> Result<Self, PostError> {
        let [operator, first, second] = parts else {
            return Err(invalid("Invalid Condition: wrong number of arguments."));
        };
        // UNVERIFIED: that operators are case-insensitive, and the wordings.
        match operator.as_str().map(str::to_ascii_lowercase).as_deref() {
            Some("eq") => field(first, second).map(|(field, value)| Self::Eq { field, value }),
            Some("starts-with") => field(first, second).map(|(field, prefix)| Self::StartsWith { field, prefix }),
            Some("content-length-range") => match (size(first), size(second)) {
                (Some(min), Some(max)) => Ok(Self::ContentLengthRange { min, max }),
                _ => Err(invalid("Invalid content-length-range: sizes must be non-negative integers.")),
            },
            _ => Err(invalid("Invalid Condition: unknown operation.")),
        }
    }

    /// The field it is about, in lower case.
    pub(super) fn field(&self) -> Option<String> {
        match self {
            Self::Eq { field, .. } | Self::StartsWith { field, .. } => Some(field.to_ascii_lowercase()),
            Self::ContentLengthRange { .. } => None,
        }
    }

    /// Whether it holds; sizes are judged later.
    pub(super) fn holds(&self, form: &Form, bucket: &str) -> bool {
        let values = |field: &str| {
            let field = field.to_ascii_lowercase();
            let implicit = (field == "bucket").then_some(bucket);
            let given: Vec<&str> = form.fields().filter(|(name, _)| *name == field).map(|(_, value)| value).collect();
            implicit.into_iter().chain(given).collect::<Vec<_>>()
        };
        match self {
            Self::Eq { field, value } => {
                let values = values(field);
                !values.is_empty() && values.iter().all(|given| given == value)
            }
            Self::StartsWith { field, prefix } => {
                let list = field.eq_ignore_ascii_case("content-type");
                let starts = |given: &str| {
                    if list {
                        given.split(',').all(|part| part.trim().starts_with(prefix.as_str()))
                    } else {
                        given.starts_with(prefix.as_str())
                    }
                };
                let values = values(field);
                !values.is_empty() && values.into_iter().all(starts)
            }
            Self::ContentLengthRange { .. } => true,
        }
    }

    /// As S3 shows it.
    pub(super) fn shown(&self) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        match self {
            Self::Eq { field, value } => format!("[\"eq\", {}, {}]", quoted(&format!("${field}")), quoted(value)),
            Self::StartsWith { field, prefix } => {
                format!("[\"starts-with\", {}, {}]", quoted(&format!("${field}")), quoted(prefix))
            }
            Self::ContentLengthRange { min, max } => format!("[\"content-length-range\", {min}, {max}]"),
        }
    }
}

fn field(field: &Value, value: &Value) -> Result<(String, String), PostError> {
    match (field.as_str().and_then(|field| field.strip_prefix('$')), value.as_str()) {
        (Some(field), Some(value)) => Ok((field.to_owned(), value.to_owned())),
        _ => Err(invalid("Invalid Condition: expected a field that starts with '$' and a string.")),
    }
}

/// A size as a number, or a string of digits, as some libraries write it.
fn size(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

pub(super) fn invalid(what: &str) -> PostError {
    PostError::InvalidPolicy(what.to_owned())
}
