//! The `Condition` element: operators and what they do with keys that are missing or have many values.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

mod date;
mod kind;
mod network;
mod number;
mod operator;

use std::net::IpAddr;

use base64::Engine as _;

use crate::arn::ArnPattern;
use crate::context::Context;
use crate::decision::ConditionTrace;
use crate::pattern::{Pattern, Reading};
use crate::statement::Effect;
use date::Moment;
pub use kind::ValueKind;
use network::Network;
use number::Decimal;
pub(crate) use operator::Operator;
use operator::{Family, Order, Set};

/// One operator applied to one key.
#[derive(Debug)]
pub(crate) struct Condition {
    operator: Operator,
    name: Box<str>,
    key: Box<str>,
    /// The values as the policy has them.
    written: Box<[Box<str>]>,
    operand: Operand,
}

/// The values of the policy, read as the operator reads them. A value that cannot be read so
/// matches nothing and is left out.
#[derive(Debug)]
enum Operand {
    Text(Vec<Pattern>),
    TextIgnoringCase(Vec<Pattern>),
    Number(Order, Vec<Decimal>),
    Date(Order, Vec<Moment>),
    Bool(Vec<Pattern>),
    Binary(Vec<Vec<u8>>),
    Ip(Vec<Network>),
    Arn(Vec<ArnPattern>),
    Null(Vec<bool>),
}

impl Condition {
    pub(crate) fn new(operator: Operator, name: &str, key: &str, values: &[String], variables: bool) -> Self {
        let operand = Operand::new(operator.family, values, variables);
        let written = values.iter().map(|value| value.as_str().into()).collect();
        Self { operator, name: name.into(), key: key.to_ascii_lowercase().into(), written, operand }
    }

    /// What it wants, what the request has, and whether it holds.
    pub(crate) fn trace(&self, context: &dyn Context, effect: Effect) -> ConditionTrace {
        let given = context.values(&self.key).filter(|values| !values.is_empty());
        ConditionTrace {
            operator: self.name.as_ref().into(),
            key: self.key.as_ref().into(),
            wanted: self.written.iter().map(|value| value.as_ref().into()).collect(),
            given: given.map(|values| values.iter().map(str::to_owned).collect()),
            holds: self.holds(context, effect),
        }
    }

    pub(crate) fn operator_name(&self) -> &str {
        &self.name
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The key and the variables its values hold.
    pub(crate) fn context_keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.key()).chain(self.operand.variables())
    }

    /// Whether the condition holds for a statement of this effect.
    pub(crate) fn holds(&self, context: &dyn Context, effect: Effect) -> bool {
        let found = context.values(&self.key);
        let values = found.as_ref().filter(|values| !values.is_empty());
        if let Operand::Null(wanted) = &self.operand {
            return wanted.contains(&values.is_none());
        }
        // UNVERIFIED: AWS says a variable without a value makes the statement invalid. A value that
        // matches nothing would make a negated `Allow` hold for anyone, so that one fails instead.
        let negated = self.operator.negated;
        if negated && effect == Effect::Allow && !self.operand.resolves(context) {
            return false;
        }
        let matches = |value: &str| self.operand.matches(value, context) != negated;
        match (self.operator.set, values) {
            (None, None) => negated || self.operator.if_exists,
            (None, Some(values)) if negated => values.iter().all(matches),
            (None, Some(values)) => values.iter().any(matches),
            // "No keys in the request, or the values resolve to an empty data set, such as an
            // empty string": ForAllValues is true, ForAnyValue false.
            (Some(Set::All), None) => true,
            (Some(Set::All), Some(values)) => values.iter().filter(|value| !value.is_empty()).all(matches),
            (Some(Set::Any), None) => self.operator.if_exists,
            (Some(Set::Any), Some(values)) => values.iter().filter(|value| !value.is_empty()).any(matches),
        }
    }
}

impl Operand {
    fn new(family: Family, values: &[String], variables: bool) -> Self {
        let text = |wildcards, variables| {
            let reading = Reading { wildcards, variables, resource: false };
            values.iter().map(|value| Pattern::new(value, reading)).collect()
        };
        match family {
            Family::String { ignore_case: true } => Operand::TextIgnoringCase(text(false, variables)),
            Family::String { ignore_case: false } => Operand::Text(text(false, variables)),
            Family::StringLike => Operand::Text(text(true, variables)),
            Family::Number(order) => Operand::Number(order, values.iter().filter_map(|v| Decimal::parse(v)).collect()),
            Family::Date(order) => Operand::Date(order, values.iter().filter_map(|v| Moment::parse(v)).collect()),
            Family::Bool => Operand::Bool(text(false, variables)),
            Family::Binary => Operand::Binary(values.iter().filter_map(|v| decode(v)).collect()),
            Family::Ip => Operand::Ip(values.iter().filter_map(|v| Network::parse(v)).collect()),
            Family::Arn => Operand::Arn(values.iter().map(|v| ArnPattern::new(v, variables)).collect()),
            Family::Null => Operand::Null(values.iter().filter_map(|v| boolean(v)).collect()),
        }
    }

    /// Whether one value of the request matches any value of the policy.
    fn matches(&self, value: &str, context: &dyn Context) -> bool {
        match self {
            Operand::Text(patterns) => patterns.iter().any(|pattern| pattern.matches(value, context)),
            Operand::TextIgnoringCase(patterns) => patterns
                .iter()
                .any(|pattern| pattern.text(context).is_some_and(|text| same_ignoring_case(&text, value))),
            Operand::Number(order, numbers) => {
                Decimal::parse(value).is_some_and(|value| numbers.iter().any(|number| order.holds(value.cmp(number))))
            }
            Operand::Date(order, dates) => {
                Moment::parse(value).is_some_and(|value| dates.iter().any(|date| order.holds(value.cmp(date))))
            }
            Operand::Bool(patterns) => boolean(value).is_some_and(|value| {
                patterns.iter().any(|pattern| pattern.text(context).and_then(|text| boolean(&text)) == Some(value))
            }),
            Operand::Binary(values) => decode(value).is_some_and(|value| values.contains(&value)),
            Operand::Ip(networks) => {
                value.parse::<IpAddr>().is_ok_and(|address| networks.iter().any(|network| network.contains(address)))
            }
            Operand::Arn(patterns) => patterns.iter().any(|pattern| pattern.matches(value, context)),
            Operand::Null(_) => false,
        }
    }

    /// The variables in the values of the policy.
    fn variables(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Operand::Text(patterns) | Operand::TextIgnoringCase(patterns) | Operand::Bool(patterns) => {
                Box::new(patterns.iter().flat_map(Pattern::variables))
            }
            Operand::Arn(patterns) => Box::new(patterns.iter().flat_map(ArnPattern::variables)),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// Whether every variable in the values of the policy has a value in the request.
    fn resolves(&self, context: &dyn Context) -> bool {
        match self {
            Operand::Text(patterns) | Operand::TextIgnoringCase(patterns) | Operand::Bool(patterns) => {
                patterns.iter().all(|pattern| pattern.resolves(context))
            }
            Operand::Arn(patterns) => patterns.iter().all(|pattern| pattern.resolves(context)),
            _ => true,
        }
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

fn same_ignoring_case(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!a.is_ascii() && a.to_lowercase() == b.to_lowercase())
}
