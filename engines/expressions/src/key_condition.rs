//! Key conditions of queries.
//!
//! Reference: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html>

use crate::condition::{Comparator, Condition, Operand};
use crate::{Invalid, Placeholders, Value};

/// The items of one partition, in a range of sort keys.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyCondition {
    /// Value of the partition key.
    pub partition: Value,
    /// Of the sort key.
    pub range: Range,
}

/// A range of sort keys.
#[derive(Clone, Debug, PartialEq)]
pub enum Range {
    /// All.
    All,
    /// One value.
    Equal(Value),
    /// Below, and the value itself if so said.
    Below(Value, bool),
    /// Above, and the value itself if so said.
    Above(Value, bool),
    /// Between two values, which belong to it.
    Between(Value, Value),
    /// What begins with this.
    Begins(Value),
}

impl KeyCondition {
    /// Reads an expression for a key of these attributes.
    ///
    /// # Errors
    /// It is none, or not one that a query can be made of.
    pub fn parse(
        text: &str,
        placeholders: &Placeholders,
        partition: &str,
        sort: Option<&str>,
    ) -> Result<Self, Invalid> {
        const MEMBER: &str = "KeyConditionExpression";
        let mut terms = Vec::new();
        flatten(Condition::parse(MEMBER, text, placeholders)?, &mut terms).map_err(|i| i.within(MEMBER))?;
        let mut found = (None, None);
        for term in terms {
            let (name, range) = term_of(term).map_err(|invalid| invalid.within(MEMBER))?;
            let slot = match range {
                Range::Equal(value) if name == partition => found.0.replace(value).is_some(),
                _ if name == partition => return Err(Invalid::new("Query key condition not supported")),
                range if Some(name.as_str()) == sort => found.1.replace(range).is_some(),
                _ => return Err(missing(if found.0.is_none() { partition } else { sort.unwrap_or(partition) })),
            };
            if slot {
                return Err(
                    Invalid::new("KeyConditionExpressions must only contain one condition per key").within(MEMBER)
                );
            }
        }
        let partition = found.0.ok_or_else(|| missing(partition))?;
        Ok(Self { partition, range: found.1.unwrap_or(Range::All) })
    }
}

fn missing(key: &str) -> Invalid {
    Invalid::new(format!("Query condition missed key schema element: {key}"))
}

fn flatten(condition: Condition, terms: &mut Vec<Condition>) -> Result<(), Invalid> {
    match condition {
        Condition::And(a, b) => {
            flatten(*a, terms)?;
            flatten(*b, terms)
        }
        Condition::Or(..) => Err(operator("OR")),
        Condition::Not(_) => Err(operator("NOT")),
        Condition::In(..) => Err(operator("IN")),
        Condition::Compare(_, Comparator::Different, _) => Err(operator("<>")),
        Condition::Contains(..) => Err(operator("contains")),
        Condition::Exists(_, true) => Err(operator("attribute_exists")),
        Condition::Exists(_, false) => Err(operator("attribute_not_exists")),
        Condition::HasType(..) => Err(operator("attribute_type")),
        term => {
            terms.push(term);
            Ok(())
        }
    }
}

fn operator(name: &str) -> Invalid {
    Invalid::new(format!("Invalid operator used in KeyConditionExpression: {name}"))
}

fn term_of(term: Condition) -> Result<(String, Range), Invalid> {
    let nested = || Invalid::new("KeyConditionExpressions cannot have conditions on nested attributes");
    let name = |path: crate::Path| if path.steps.is_empty() { Ok(path.attribute) } else { Err(nested()) };
    match term {
        Condition::Compare(Operand::Path(path), comparator, Operand::Value(value)) => {
            Ok((name(path)?, range(comparator, value)))
        }
        Condition::Compare(Operand::Value(value), comparator, Operand::Path(path)) => {
            Ok((name(path)?, range(turned(comparator), value)))
        }
        Condition::Between(Operand::Path(path), Operand::Value(low), Operand::Value(high)) => {
            Ok((name(path)?, Range::Between(low, high)))
        }
        Condition::BeginsWith(Operand::Path(path), Operand::Value(start)) => Ok((name(path)?, Range::Begins(start))),
        Condition::Compare(Operand::Size(_), ..) | Condition::Compare(_, _, Operand::Size(_)) => Err(operator("size")),
        _ => Err(Invalid::new(
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
        )),
    }
}

fn range(comparator: Comparator, value: Value) -> Range {
    match comparator {
        Comparator::Equal | Comparator::Different => Range::Equal(value),
        Comparator::Less => Range::Below(value, false),
        Comparator::LessOrEqual => Range::Below(value, true),
        Comparator::Greater => Range::Above(value, false),
        Comparator::GreaterOrEqual => Range::Above(value, true),
    }
}

fn turned(comparator: Comparator) -> Comparator {
    match comparator {
        Comparator::Less => Comparator::Greater,
        Comparator::LessOrEqual => Comparator::GreaterOrEqual,
        Comparator::Greater => Comparator::Less,
        Comparator::GreaterOrEqual => Comparator::LessOrEqual,
        same => same,
    }
}
