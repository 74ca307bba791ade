//! From JSON to a pattern.

use std::fmt;

use serde_json::{Map, Value};

use crate::Pattern;
use crate::cidr::Cidr;
use crate::matcher::{Comparison, Matcher, Text};
use crate::number::Decimal;
use crate::pattern::Rule;
use crate::wildcard::Wildcard;

/// Why a text is not a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is not JSON.
    #[error("failed to parse JSON: {0}")]
    NotJson(String),
    /// It is JSON, and not a pattern.
    #[error("{0}")]
    NotAPattern(String),
}

/// Deepest nesting.
const DEEPEST: usize = 64;

fn fault(what: impl fmt::Display) -> Fault {
    Fault::NotAPattern(what.to_string())
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// The text is not a pattern, and why.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        match serde_json::from_str(text) {
            Err(error) => Err(Fault::NotJson(error.to_string())),
            Ok(Value::Object(object)) => Self::of(&object, DEEPEST),
            Ok(_) => Err(fault("Filter must be an object")),
        }
    }

    fn of(object: &Map<String, Value>, depth: usize) -> Result<Self, Fault> {
        let depth = depth.checked_sub(1).ok_or_else(|| fault("is nested too deeply"))?;
        let mut pattern = Self { fields: Vec::new(), either: Vec::new() };
        for (key, value) in object {
            match value {
                Value::Array(choices) if key == "$or" && is_choice(choices) => {
                    let choices = choices.iter().filter_map(Value::as_object);
                    pattern.either.push(choices.map(|choice| Self::of(choice, depth)).collect::<Result<_, _>>()?);
                }
                Value::Array(matchers) if matchers.is_empty() => {
                    return Err(fault(format_args!("Empty arrays are not allowed: \"{key}\"")));
                }
                Value::Array(matchers) => {
                    let matchers = matchers.iter().map(|value| matcher(key, value)).collect::<Result<_, _>>()?;
                    pattern.fields.push((key.clone(), Rule::AnyOf(matchers)));
                }
                Value::Object(nested) if nested.is_empty() => {
                    return Err(fault(format_args!("Empty objects are not allowed: \"{key}\"")));
                }
                Value::Object(nested) => {
                    pattern.fields.push((key.clone(), Rule::Nested(Self::of(nested, depth)?)));
                }
                _ => return Err(fault(format_args!("\"{key}\" must be an object or an array"))),
            }
        }
        Ok(pattern)
    }
}

/// Names of operators, which no key of a choice may have.
const OPERATORS: [&str; 8] =
    ["anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"];

/// Whether an `$or` is one, and not merely a key of that name: it has at least two objects, without operators.
fn is_choice(choices: &[Value]) -> bool {
    let plain = |choice: &Value| {
        choice
            .as_object()
            .is_some_and(|object| !object.is_empty() && object.keys().all(|key| !OPERATORS.contains(&key.as_str())))
    };
    choices.len() >= 2 && choices.iter().all(plain)
}

fn matcher(key: &str, value: &Value) -> Result<Matcher, Fault> {
    let object = match value {
        Value::Object(object) => object,
        Value::Array(_) => {
            return Err(fault(format_args!("\"{key}\": match value must be String, number, true, false, or null")));
        }
        scalar => return exact(scalar).map(Matcher::Exact),
    };
    let mut members = object.iter();
    let (Some((operator, operand)), None) = (members.next(), members.next()) else {
        return Err(fault(format_args!("\"{key}\": only one key allowed in match expression")));
    };
    Ok(match operator.as_str() {
        "exists" => match operand {
            Value::Bool(true) => Matcher::Exists,
            Value::Bool(false) => Matcher::Absent,
            _ => return Err(fault("exists match pattern must be either true or false.")),
        },
        "numeric" => Matcher::Numeric(comparisons(operand)?),
        "anything-but" => anything_but(operand)?,
        "prefix" | "suffix" | "equals-ignore-case" | "wildcard" | "cidr" => Matcher::Text(text(operator, operand)?),
        other => return Err(fault(format_args!("Unrecognized match type {other}"))),
    })
}

fn exact(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Number(number) => in_range(number).map(|_| value.clone()),
        Value::Array(_) | Value::Object(_) => Err(fault("match value must be String, number, true, false, or null")),
        _ => Ok(value.clone()),
    }
}

fn in_range(number: &serde_json::Number) -> Result<Decimal, Fault> {
    Decimal::of(number).ok_or_else(|| fault("Value must be between -1.0E9 and 1.0E9, inclusive"))
}

fn text(operator: &str, operand: &Value) -> Result<Text, Fault> {
    let Value::String(operand) = operand else {
        return Err(fault(format_args!("{operator} match pattern must be a string")));
    };
    let malformed = || fault(format_args!("malformed {operator}: {operand}"));
    Ok(match operator {
        "prefix" => Text::Prefix(operand.clone()),
        "suffix" => Text::Suffix(operand.clone()),
        "equals-ignore-case" => Text::IgnoringCase(operand.to_lowercase()),
        "wildcard" => Text::Wildcard(Wildcard::parse(operand).ok_or_else(malformed)?),
        _ => Text::Cidr(Cidr::parse(operand).ok_or_else(malformed)?),
    })
}

/// `[">", 0, "<=", 150]`: one comparison, or a lower and an upper bound.
fn comparisons(operand: &Value) -> Result<Vec<(Comparison, Decimal)>, Fault> {
    let malformed = |what: &str| fault(format_args!("Value of numeric must be an array of {what}"));
    let parts = operand.as_array().ok_or_else(|| malformed("comparisons"))?;
    let pairs = parts.chunks(2).map(|pair| match pair {
        [Value::String(comparison), Value::Number(than)] => {
            let comparison = Comparison::parse(comparison)
                .ok_or_else(|| fault(format_args!("Unrecognized numeric range operator: {comparison}")))?;
            Ok((comparison, in_range(than)?))
        }
        _ => Err(malformed("operators and numbers in turn")),
    });
    let pairs = pairs.collect::<Result<Vec<_>, _>>()?;
    match pairs.as_slice() {
        [_] => Ok(pairs),
        [
            (Comparison::Greater | Comparison::GreaterOrEqual, low),
            (Comparison::Less | Comparison::LessOrEqual, high),
        ] => {
            if low < high {
                Ok(pairs)
            } else {
                Err(fault("Bottom must be less than top"))
            }
        }
        _ => Err(malformed("one comparison, or of a lower and an upper bound")),
    }
}

fn anything_but(operand: &Value) -> Result<Matcher, Fault> {
    let object = match operand {
        Value::Object(object) => object,
        Value::Array(values) if values.is_empty() => return Err(fault("Empty arrays are not allowed")),
        Value::Array(values) => return values.iter().map(exact).collect::<Result<_, _>>().map(Matcher::NoneOf),
        scalar => return Ok(Matcher::NoneOf(vec![exact(scalar)?])),
    };
    let mut members = object.iter();
    let (Some((operator, operand)), None) = (members.next(), members.next()) else {
        return Err(fault("only one key allowed in match expression"));
    };
    if !matches!(operator.as_str(), "prefix" | "suffix" | "wildcard" | "equals-ignore-case") {
        return Err(fault(format_args!("Unsupported anything-but pattern: {operator}")));
    }
    let operands = if let Value::Array(operands) = operand { operands } else { std::slice::from_ref(operand) };
    operands.iter().map(|operand| text(operator, operand)).collect::<Result<_, _>>().map(Matcher::NotText)
}
