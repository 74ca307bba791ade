//! From JSON to a pattern.

use std::fmt;

use serde_json::{Map, Value};

use crate::cidr::Cidr;
use crate::matcher::{Comparison, Matcher, Text};
use crate::number::Decimal;
use crate::pattern::{Rule, Rules};
use crate::wildcard::Wildcard;
use crate::{Dialect, Pattern};

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
    /// Reads a filter policy.
    ///
    /// # Errors
    /// The text is not a pattern, and why.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        Self::parse_in(text, Dialect::FilterPolicy)
    }

    /// Reads a pattern in a dialect.
    ///
    /// # Errors
    /// The text is not a pattern, and why.
    pub fn parse_in(text: &str, dialect: Dialect) -> Result<Self, Fault> {
        match (serde_json::from_str(text), dialect) {
            (Err(error), _) => Err(Fault::NotJson(error.to_string())),
            (Ok(Value::Object(object)), Dialect::EventPattern) if object.is_empty() => {
                Err(fault("Empty objects are not allowed"))
            }
            (Ok(Value::Object(object)), _) => Ok(Self { dialect, rules: Parser { dialect }.rules(&object, DEEPEST)? }),
            (Ok(_), Dialect::FilterPolicy) => Err(fault("Filter must be an object")),
            (Ok(_), Dialect::EventPattern) => Err(fault("Filter is not an object")),
        }
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

/// Reads in a dialect.
#[derive(Clone, Copy)]
struct Parser {
    dialect: Dialect,
}

impl Parser {
    fn rules(self, object: &Map<String, Value>, depth: usize) -> Result<Rules, Fault> {
        let depth = depth.checked_sub(1).ok_or_else(|| fault("is nested too deeply"))?;
        let mut rules = Rules { fields: Vec::new(), either: Vec::new() };
        for (key, value) in object {
            match value {
                Value::Array(choices) if key == "$or" && is_choice(choices) => {
                    let choices = choices.iter().filter_map(Value::as_object);
                    rules.either.push(choices.map(|choice| self.rules(choice, depth)).collect::<Result<_, _>>()?);
                }
                Value::Array(matchers) if matchers.is_empty() => {
                    return Err(self.about("Empty arrays are not allowed", key));
                }
                Value::Array(matchers) => {
                    let matchers = matchers.iter().map(|value| self.matcher(key, value)).collect::<Result<_, _>>()?;
                    rules.fields.push((key.clone(), Rule::AnyOf(matchers)));
                }
                Value::Object(nested) if nested.is_empty() => {
                    return Err(self.about("Empty objects are not allowed", key));
                }
                Value::Object(nested) => {
                    rules.fields.push((key.clone(), Rule::Nested(self.rules(nested, depth)?)));
                }
                _ => return Err(fault(format_args!("\"{key}\" must be an object or an array"))),
            }
        }
        Ok(rules)
    }

    /// A fault, with the key where the dialect tells it.
    fn about(self, what: &str, key: &str) -> Fault {
        match self.dialect {
            Dialect::FilterPolicy => fault(format_args!("{what}: \"{key}\"")),
            Dialect::EventPattern => fault(what),
        }
    }

    fn matcher(self, key: &str, value: &Value) -> Result<Matcher, Fault> {
        const SCALARS: &str = "Match value must be String, number, true, false, or null";
        let object = match value {
            Value::Object(object) => object,
            Value::Array(_) if self.dialect == Dialect::EventPattern => return Err(fault(SCALARS)),
            Value::Array(_) => {
                return Err(fault(format_args!("\"{key}\": match value must be String, number, true, false, or null")));
            }
            scalar => return self.exact(scalar).map(Matcher::Exact),
        };
        let mut members = object.iter();
        let (Some((operator, operand)), None) = (members.next(), members.next()) else {
            return Err(match self.dialect {
                Dialect::FilterPolicy => fault(format_args!("\"{key}\": only one key allowed in match expression")),
                Dialect::EventPattern => fault("Only one key allowed in match expression"),
            });
        };
        Ok(match operator.as_str() {
            "exists" => match operand {
                Value::Bool(true) => Matcher::Exists,
                Value::Bool(false) => Matcher::Absent,
                _ => return Err(fault("exists match pattern must be either true or false.")),
            },
            "numeric" => Matcher::Numeric(self.comparisons(operand)?),
            "anything-but" => self.anything_but(operand)?,
            "prefix" | "suffix" if operand.is_object() => Matcher::Text(ignoring_case(operator, operand)?),
            "prefix" | "suffix" | "equals-ignore-case" | "wildcard" | "cidr" => Matcher::Text(text(operator, operand)?),
            other => return Err(fault(format_args!("Unrecognized match type {other}"))),
        })
    }

    fn exact(self, value: &Value) -> Result<Value, Fault> {
        match value {
            // Of events, numbers that are out of range are compared as they are.
            Value::Number(number) if self.dialect == Dialect::FilterPolicy => {
                self.in_range(number).map(|_| value.clone())
            }
            Value::Array(_) | Value::Object(_) => {
                Err(fault("match value must be String, number, true, false, or null"))
            }
            _ => Ok(value.clone()),
        }
    }

    fn in_range(self, number: &serde_json::Number) -> Result<Decimal, Fault> {
        Decimal::of(number, self.dialect).ok_or_else(|| fault(format_args!("Value must be {}", self.dialect.range())))
    }

    /// `[">", 0, "<=", 150]`: one comparison, or a lower and an upper bound.
    fn comparisons(self, operand: &Value) -> Result<Vec<(Comparison, Decimal)>, Fault> {
        let malformed = |what: &str| fault(format_args!("Value of numeric must be an array of {what}"));
        let parts = operand.as_array().ok_or_else(|| malformed("comparisons"))?;
        let pairs = parts.chunks(2).map(|pair| match pair {
            [Value::String(comparison), Value::Number(than)] => {
                let comparison = Comparison::parse(comparison)
                    .ok_or_else(|| fault(format_args!("Unrecognized numeric range operator: {comparison}")))?;
                Ok((comparison, self.in_range(than)?))
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

    fn anything_but(self, operand: &Value) -> Result<Matcher, Fault> {
        let object = match operand {
            Value::Object(object) => object,
            Value::Array(values) if values.is_empty() => return Err(fault("Empty arrays are not allowed")),
            Value::Array(values) => {
                self.of_one_kind(values)?;
                return values.iter().map(|value| self.exact(value)).collect::<Result<_, _>>().map(Matcher::NoneOf);
            }
            scalar => {
                self.of_one_kind(std::slice::from_ref(scalar))?;
                return Ok(Matcher::NoneOf(vec![self.exact(scalar)?]));
            }
        };
        let mut members = object.iter();
        let (Some((operator, operand)), None) = (members.next(), members.next()) else {
            return Err(fault("only one key allowed in match expression"));
        };
        if !matches!(operator.as_str(), "prefix" | "suffix" | "wildcard" | "equals-ignore-case") {
            return Err(fault(format_args!("Unsupported anything-but pattern: {operator}")));
        }
        let operands = if let Value::Array(operands) = operand { operands } else { std::slice::from_ref(operand) };
        if operands.is_empty() {
            return Err(fault("Empty arrays are not allowed"));
        }
        operands.iter().map(|operand| text(operator, operand)).collect::<Result<_, _>>().map(Matcher::NotText)
    }

    /// What an event must not be: texts or numbers, and not both.
    fn of_one_kind(self, values: &[Value]) -> Result<(), Fault> {
        if self.dialect == Dialect::FilterPolicy
            || values.iter().all(Value::is_string)
            || values.iter().all(Value::is_number)
        {
            return Ok(());
        }
        match values {
            [_] => Err(fault("Value of anything-but must be an array or single string/number value.")),
            _ => Err(fault(
                "Inside anything but list, either all values are number or string, mixed type is not supported",
            )),
        }
    }
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

/// `{"prefix": {"equals-ignore-case": "a"}}`
fn ignoring_case(operator: &str, operand: &Value) -> Result<Text, Fault> {
    let mut members = operand.as_object().into_iter().flatten();
    match (members.next(), members.next()) {
        (Some((kind, Value::String(text))), None) if kind == "equals-ignore-case" => Ok(match operator {
            "prefix" => Text::PrefixIgnoringCase(text.to_lowercase()),
            _ => Text::SuffixIgnoringCase(text.to_lowercase()),
        }),
        (Some((kind, _)), None) if kind == "equals-ignore-case" => {
            Err(fault(format_args!("{operator} match pattern must be a string")))
        }
        (Some((kind, _)), None) => Err(fault(format_args!("Unsupported {operator} pattern: {kind}"))),
        _ => Err(fault("only one key allowed in match expression")),
    }
}
