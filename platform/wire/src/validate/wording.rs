//! How services tell of constraints that an input does not meet.

use welkin_model::{Protocol, Service};

use super::{Constraint, Violation};
use crate::Value;
use crate::scalar::float_text;

/// Characters of a value that are shown.
const SHOWN: usize = 1024;

/// Code and message with which `service` answers violations.
pub fn validation_error(service: &Service, protocol: Protocol, violations: &[Violation]) -> (&'static str, String) {
    let missing = violations.iter().find(|v| v.constraint == Constraint::Required);
    match (service.id, missing) {
        ("ec2" | "sqs", Some(violation)) => {
            ("MissingParameter", format!("The request must contain the parameter {}.", violation.member))
        }
        ("ec2", None) => ("InvalidParameterValue", first_invalid(violations)),
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html
        ("cloudwatch", Some(violation)) => {
            ("MissingParameter", format!("The parameter {} is required.", violation.member))
        }
        ("sns", Some(violation)) => {
            let name = violation.member;
            ("InvalidParameter", format!("Invalid parameter: {name} Reason: no value for required parameter"))
        }
        ("sqs", None) => ("InvalidParameterValue", first_invalid(violations)),
        // UNVERIFIED: which of its codes Organizations takes for each constraint.
        ("organizations", _) => ("InvalidInputException", common(violations)),
        ("route53", _) => ("InvalidInput", common(violations)),
        ("cloudfront", _) => ("InvalidArgument", common(violations)),
        ("apigateway" | "apigatewayv2" | "greengrass" | "mq", _) => ("BadRequestException", common(violations)),
        _ if matches!(protocol, Protocol::Query | Protocol::Ec2) => ("ValidationError", common(violations)),
        // Services that keep the codes of their query days.
        _ if service.query_compatible => ("ValidationError", common(violations)),
        _ => ("ValidationException", common(violations)),
    }
}

fn first_invalid(violations: &[Violation]) -> String {
    match violations.first() {
        Some(v) => {
            let value = v.value.as_deref().unwrap_or_default();
            format!("Value ({value}) for parameter {} is invalid. {}.", v.member, sentence(&v.constraint))
        }
        None => "The request is invalid.".to_owned(),
    }
}

/// The wording that most services share.
fn common(violations: &[Violation]) -> String {
    let plural = if violations.len() == 1 { "error" } else { "errors" };
    let each: Vec<String> = violations.iter().map(one).collect();
    format!("{} validation {plural} detected: {}", violations.len(), each.join("; "))
}

fn one(violation: &Violation) -> String {
    let value = match &violation.value {
        Some(value) => format!("Value '{value}'"),
        None if violation.sensitive => "Value".to_owned(),
        None => "Value null".to_owned(),
    };
    format!("{value} at '{}' failed to satisfy constraint: {}", violation.path, sentence(&violation.constraint))
}

fn sentence(constraint: &Constraint) -> String {
    match constraint {
        Constraint::Required => "Member must not be null".to_owned(),
        Constraint::MinLength(n) => format!("Member must have length greater than or equal to {}", number(*n)),
        Constraint::MaxLength(n) => format!("Member must have length less than or equal to {}", number(*n)),
        Constraint::MinValue(n) => format!("Member must have value greater than or equal to {}", number(*n)),
        Constraint::MaxValue(n) => format!("Member must have value less than or equal to {}", number(*n)),
        Constraint::Pattern(pattern) => format!("Member must satisfy regular expression pattern: {pattern}"),
        Constraint::Enum(values) => format!("Member must satisfy enum value set: [{}]", values.join(", ")),
        // UNVERIFIED: no documentation shows the wording for unions.
        Constraint::Union => "Member must have exactly one member set".to_owned(),
        Constraint::Items(all) => format!("Member must satisfy constraint: [{}]", sentences(all)),
        Constraint::Keys(all) => format!("Map keys must satisfy constraint: [{}]", sentences(all)),
        Constraint::Values(all) => format!("Map value must satisfy constraint: [{}]", sentences(all)),
    }
}

fn sentences(constraints: &[Constraint]) -> String {
    constraints.iter().map(sentence).collect::<Vec<_>>().join(", ")
}

fn number(n: f64) -> String {
    if n.fract() == 0.0 && n.abs() < 9e15 { format!("{n:.0}") } else { float_text(n) }
}

/// A value as messages show it.
pub(super) fn shown(value: &Value) -> String {
    let whole = text(value, 0);
    match whole.char_indices().nth(SHOWN) {
        Some((end, _)) => whole.get(..end).unwrap_or_default().to_owned(),
        None => whole,
    }
}

fn text(value: &Value, depth: usize) -> String {
    match value {
        _ if depth > 4 => String::new(),
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) => float_text(*float),
        Value::Decimal(text) => text.to_string(),
        Value::String(text) => text.clone(),
        Value::Blob(bytes) => format!("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", bytes.len()),
        Value::Timestamp(timestamp) => timestamp.to_iso8601(crate::Fraction::AsNeeded),
        Value::List(list) => {
            let items: Vec<String> = list.iter().take(SHOWN).map(|v| text(v, depth + 1)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(map) => {
            let entries: Vec<String> =
                map.iter().take(SHOWN).map(|(name, v)| format!("{name}={}", text(v, depth + 1))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Document(value) => text(value, depth + 1),
        Value::Stream(_) => String::new(),
    }
}
