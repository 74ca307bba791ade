//! Policies: what a form may upload, and until when.

use super::{
    Form,
    condition::{Condition, invalid},
};
use crate::PostError;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::Value;

/// A policy is part of a form's fields, which S3 limits to 20 KB in all.
const MAX_POLICY: usize = 20 * 1024;

/// The policy of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// When it ends.
    pub expiration: Timestamp,
    /// What it demands, in its order.
    pub conditions: Vec<Condition>,
}

impl Policy {
    /// Parses a policy in base64.
    ///
    /// # Errors
    /// [`PostError::InvalidPolicy`] if it is not one.
    // UNVERIFIED: the wordings but for the conditions' `Invalid Simple-Condition: value must be a string.`
    pub fn parse(base64: &str) -> Result<Self, PostError> {
        if base64.len() > MAX_POLICY {
            return Err(invalid("Policy too large."));
        }
        let base64: String = base64.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let bytes = STANDARD.decode(base64).map_err(|_| invalid("Invalid Base64."))?;
        let text = String::from_utf8(bytes).map_err(|_| invalid("Invalid JSON."))?;
        let json: Value = serde_json::from_str(&standard_escapes(&text)).map_err(|_| invalid("Invalid JSON."))?;
        let members = json.as_object().ok_or_else(|| invalid("Invalid JSON."))?;
        let member =
            |name: &str| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let expiration = member("expiration").ok_or_else(|| invalid("Policy missing expiration."))?;
        let expiration = expiration.as_str().unwrap_or_default();
        let expiration = expiration
            .parse()
            .map_err(|_| PostError::InvalidPolicy(format!("Invalid 'expiration' value: '{expiration}'")))?;
        let conditions = member("conditions").ok_or_else(|| invalid("Policy missing conditions."))?;
        let conditions = conditions.as_array().ok_or_else(|| invalid("Invalid 'conditions' value: must be a List."))?;
        let mut all = Vec::with_capacity(conditions.len());
        for condition in conditions {
            all.extend(Condition::parse(condition)?);
        }
        Ok(Self { expiration, conditions: all })
    }

    /// Checks time, conditions (sizes excepted), and that every field is mentioned by a condition.
    ///
    /// # Errors
    /// If one does not hold.
    pub fn check(&self, form: &Form, bucket: &str, now: Timestamp) -> Result<(), PostError> {
        if now > self.expiration {
            return Err(PostError::PolicyExpired);
        }
        if let Some(failed) = self.conditions.iter().find(|condition| !condition.holds(form, bucket)) {
            return Err(PostError::ConditionFailed(failed.shown()));
        }
        let mentioned: Vec<String> = self.conditions.iter().filter_map(Condition::field).collect();
        let exempt =
            |name: &str| matches!(name, "x-amz-signature" | "file" | "policy") || name.starts_with("x-ignore-");
        let names = std::iter::once("bucket").chain(form.fields().map(|(name, _)| name));
        let mut extra: Vec<String> = Vec::new();
        for name in names {
            let known = exempt(name) || mentioned.iter().any(|field| field == name);
            if !known && !extra.iter().any(|field| field == name) {
                extra.push(name.to_owned());
            }
        }
        if extra.is_empty() { Ok(()) } else { Err(PostError::ExtraFields(extra)) }
    }

    /// Checks the size of the file, in bytes.
    ///
    /// # Errors
    /// If it is out of bounds.
    pub fn check_size(&self, size: u64) -> Result<(), PostError> {
        for condition in &self.conditions {
            if let Condition::ContentLengthRange { min, max } = *condition {
                if size > max {
                    return Err(PostError::TooLarge { size, max });
                }
                if size < min {
                    return Err(PostError::TooSmall { size, min });
                }
            }
        }
        Ok(())
    }

    /// The largest file that may come, in bytes; `None` if any may.
    pub fn max_size(&self) -> Option<u64> {
        let maxima = self.conditions.iter().filter_map(|condition| match condition {
            Condition::ContentLengthRange { max, .. } => Some(*max),
            Condition::Eq { .. } | Condition::StartsWith { .. } => None,
        });
        maxima.min()
    }
}

/// Rewrites the escapes `\$` and `\v`, which policies may have and JSON may not.
fn standard_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('$') => out.push('$'),
            Some('v') => out.push_str("\\u000b"),
            Some(next) => out.extend(['\\', next]),
            None => out.push('\\'),
        }
    }
    out
}
