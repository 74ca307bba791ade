//! The names of condition operators, taken apart.

use std::cmp::Ordering;

/// An operator with its qualifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(super) set: Option<Set>,
    pub(super) if_exists: bool,
    pub(super) negated: bool,
    pub(super) family: Family,
}

/// `ForAllValues:` and `ForAnyValue:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    All,
    Any,
}

/// How values are read and compared; negation is apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    String { ignore_case: bool },
    StringLike,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

/// A comparison of the request's value with the policy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(super) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Order::Equal => ordering.is_eq(),
            Order::Less => ordering.is_lt(),
            Order::LessOrEqual => ordering.is_le(),
            Order::Greater => ordering.is_gt(),
            Order::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Operator {
    /// Reads an operator's name, such as `ForAnyValue:StringNotLikeIfExists`.
    /// UNVERIFIED: names are taken in any case, as IAM takes key names.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let (set, name) = match name.split_once(':') {
            Some(("forallvalues", rest)) => (Some(Set::All), rest),
            Some(("foranyvalue", rest)) => (Some(Set::Any), rest),
            Some(_) => return None,
            None => (None, name.as_str()),
        };
        let (if_exists, name) = match name.strip_suffix("ifexists") {
            Some(rest) => (true, rest),
            None => (false, name),
        };
        let (family, negated) = family(name)?;
        let nonsense = family == Family::Null && if_exists;
        (!nonsense).then_some(Self { set, if_exists, negated, family })
    }
}

fn family(name: &str) -> Option<(Family, bool)> {
    if let Some(order) = name.strip_prefix("numeric") {
        return order_of(order).map(|(order, negated)| (Family::Number(order), negated));
    }
    if let Some(order) = name.strip_prefix("date") {
        return order_of(order).map(|(order, negated)| (Family::Date(order), negated));
    }
    Some(match name {
        "stringequals" => (Family::String { ignore_case: false }, false),
        "stringnotequals" => (Family::String { ignore_case: false }, true),
        "stringequalsignorecase" => (Family::String { ignore_case: true }, false),
        "stringnotequalsignorecase" => (Family::String { ignore_case: true }, true),
        "stringlike" => (Family::StringLike, false),
        "stringnotlike" => (Family::StringLike, true),
        "bool" => (Family::Bool, false),
        "binaryequals" => (Family::Binary, false),
        "ipaddress" => (Family::Ip, false),
        "notipaddress" => (Family::Ip, true),
        "arnequals" | "arnlike" => (Family::Arn, false),
        "arnnotequals" | "arnnotlike" => (Family::Arn, true),
        "null" => (Family::Null, false),
        _ => return None,
    })
}

fn order_of(name: &str) -> Option<(Order, bool)> {
    Some(match name {
        "equals" => (Order::Equal, false),
        "notequals" => (Order::Equal, true),
        "lessthan" => (Order::Less, false),
        "lessthanequals" => (Order::LessOrEqual, false),
        "greaterthan" => (Order::Greater, false),
        "greaterthanequals" => (Order::GreaterOrEqual, false),
        _ => return None,
    })
}
