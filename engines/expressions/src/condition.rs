//! Conditions: of writes, of filters and of keys.
//!
//! Reference: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html>

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::lexer::Token;
use crate::parser::Parser;
use crate::{Invalid, Item, Number, Path, Placeholders, Value};

/// A condition on an item.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    #[doc(hidden)]
    Compare(Operand, Comparator, Operand),
    #[doc(hidden)]
    Between(Operand, Operand, Operand),
    #[doc(hidden)]
    In(Operand, Vec<Operand>),
    #[doc(hidden)]
    Exists(Path, bool),
    #[doc(hidden)]
    HasType(Path, String),
    #[doc(hidden)]
    BeginsWith(Operand, Operand),
    #[doc(hidden)]
    Contains(Operand, Operand),
    #[doc(hidden)]
    And(Box<Condition>, Box<Condition>),
    #[doc(hidden)]
    Or(Box<Condition>, Box<Condition>),
    #[doc(hidden)]
    Not(Box<Condition>),
}

/// What is compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// What lies at a path.
    Path(Path),
    /// A value of the call.
    Value(Value),
    /// The size of what lies at a path.
    Size(Path),
}

/// How two operands are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparator {
    /// `=`
    Equal,
    /// `<>`
    Different,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Condition {
    /// Reads the expression that a call has in `member`, e.g. `ConditionExpression`.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(member: &str, text: &str, placeholders: &Placeholders) -> Result<Self, Invalid> {
        let read = || {
            let mut parser = Parser::new(text, placeholders)?;
            let condition = either(&mut parser)?;
            parser.end()?;
            Ok(condition)
        };
        read().map_err(|invalid: Invalid| invalid.within(member))
    }

    /// Whether an item meets it; one that is not there is empty.
    pub fn holds(&self, item: &Item) -> bool {
        match self {
            Self::And(a, b) => a.holds(item) && b.holds(item),
            Self::Or(a, b) => a.holds(item) || b.holds(item),
            Self::Not(condition) => !condition.holds(item),
            Self::Exists(path, wanted) => path.find(item).is_some() == *wanted,
            Self::HasType(path, kind) => path.find(item).is_some_and(|value| value.type_name() == kind),
            Self::Compare(a, comparator, b) => compare(a.of(item), *comparator, b.of(item)),
            Self::Between(value, low, high) => {
                let value = value.of(item);
                compare(value.clone(), Comparator::GreaterOrEqual, low.of(item))
                    && compare(value, Comparator::LessOrEqual, high.of(item))
            }
            Self::In(value, list) => list.iter().any(|one| compare(value.of(item), Comparator::Equal, one.of(item))),
            Self::BeginsWith(value, start) => match (value.of(item).as_deref(), start.of(item).as_deref()) {
                (Some(Value::S(text)), Some(Value::S(start))) => text.starts_with(start),
                (Some(Value::B(bytes)), Some(Value::B(start))) => bytes.starts_with(start),
                _ => false,
            },
            Self::Contains(value, part) => match (value.of(item), part.of(item)) {
                (Some(value), Some(part)) => contains(&value, &part),
                _ => false,
            },
        }
    }

    /// Attributes that it reads.
    pub fn attributes(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a str>) {
        let operands: Vec<&Operand> = match self {
            Self::And(a, b) | Self::Or(a, b) => {
                a.collect(found);
                return b.collect(found);
            }
            Self::Not(condition) => return condition.collect(found),
            Self::Exists(path, _) | Self::HasType(path, _) => return found.push(&path.attribute),
            Self::Compare(a, _, b) | Self::BeginsWith(a, b) | Self::Contains(a, b) => vec![a, b],
            Self::Between(a, b, c) => vec![a, b, c],
            Self::In(a, list) => std::iter::once(a).chain(list).collect(),
        };
        found.extend(operands.into_iter().filter_map(|operand| match operand {
            Operand::Path(path) | Operand::Size(path) => Some(path.attribute.as_str()),
            Operand::Value(_) => None,
        }));
    }
}

impl Operand {
    fn of<'a>(&'a self, item: &'a Item) -> Option<Cow<'a, Value>> {
        match self {
            Self::Path(path) => path.find(item).map(Cow::Borrowed),
            Self::Value(value) => Some(Cow::Borrowed(value)),
            Self::Size(path) => size(path.find(item)?).map(Cow::Owned),
        }
    }
}

/// What `size` says of a value; numbers, booleans and null have none.
fn size(value: &Value) -> Option<Value> {
    let size = match value {
        Value::S(text) => text.len(),
        Value::B(bytes) => bytes.len(),
        Value::SS(set) => set.len(),
        Value::NS(set) => set.len(),
        Value::BS(set) => set.len(),
        Value::M(map) => map.len(),
        Value::L(list) => list.len(),
        Value::N(_) | Value::Null | Value::Bool(_) => return None,
    };
    size.to_string().parse::<Number>().ok().map(Value::N)
}

fn compare(a: Option<Cow<'_, Value>>, comparator: Comparator, b: Option<Cow<'_, Value>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => match comparator {
            Comparator::Equal => a == b,
            Comparator::Different => a != b,
            Comparator::Less => a.compare(&b) == Some(Ordering::Less),
            Comparator::Greater => a.compare(&b) == Some(Ordering::Greater),
            Comparator::LessOrEqual => a.compare(&b).is_some_and(Ordering::is_le),
            Comparator::GreaterOrEqual => a.compare(&b).is_some_and(Ordering::is_ge),
        },
        // What is not there is different from everything, even from what is not there.
        _ => comparator == Comparator::Different,
    }
}

fn contains(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::S(text), Value::S(part)) => text.contains(part.as_str()),
        (Value::B(bytes), Value::B(part)) => part.is_empty() || bytes.windows(part.len()).any(|window| window == part),
        (Value::SS(set), Value::S(part)) => set.contains(part),
        (Value::NS(set), Value::N(part)) => set.contains(part),
        (Value::BS(set), Value::B(part)) => set.contains(part),
        (Value::L(list), part) => list.contains(part),
        _ => false,
    }
}

fn either(parser: &mut Parser<'_>) -> Result<Condition, Invalid> {
    let mut condition = both(parser)?;
    while parser.keyword("OR") {
        condition = Condition::Or(Box::new(condition), Box::new(both(parser)?));
    }
    Ok(condition)
}

fn both(parser: &mut Parser<'_>) -> Result<Condition, Invalid> {
    let mut condition = negation(parser)?;
    while parser.keyword("AND") {
        condition = Condition::And(Box::new(condition), Box::new(negation(parser)?));
    }
    Ok(condition)
}

fn negation(parser: &mut Parser<'_>) -> Result<Condition, Invalid> {
    if parser.keyword("NOT") {
        return parser.nested(|parser| Ok(Condition::Not(Box::new(negation(parser)?))));
    }
    if parser.sign("(") {
        return parser.nested(|parser| {
            let condition = either(parser)?;
            parser.expect(")")?;
            Ok(condition)
        });
    }
    if let (Some(Token::Word(name)), true) = (parser.peek().cloned(), parser.follows("("))
        && name != "size"
    {
        return function(parser, &name);
    }
    comparison(parser)
}

fn comparison(parser: &mut Parser<'_>) -> Result<Condition, Invalid> {
    let left = operand(parser)?;
    if parser.keyword("BETWEEN") {
        let low = operand(parser)?;
        if !parser.keyword("AND") {
            return Err(parser.unexpected());
        }
        let high = operand(parser)?;
        return between(left, low, high);
    }
    if parser.keyword("IN") {
        parser.expect("(")?;
        let mut list = vec![operand(parser)?];
        while parser.sign(",") {
            list.push(operand(parser)?);
        }
        parser.expect(")")?;
        if list.len() > 100 {
            return Err(count("IN", list.len()));
        }
        return Ok(Condition::In(left, list));
    }
    let Some(Token::Sign(sign)) = parser.peek() else { return Err(parser.unexpected()) };
    let comparator = match *sign {
        "=" => Comparator::Equal,
        "<>" => Comparator::Different,
        "<" => Comparator::Less,
        "<=" => Comparator::LessOrEqual,
        ">" => Comparator::Greater,
        ">=" => Comparator::GreaterOrEqual,
        _ => return Err(parser.unexpected()),
    };
    let sign = *sign;
    parser.take();
    let right = operand(parser)?;
    if !matches!(comparator, Comparator::Equal | Comparator::Different) {
        for operand in [&left, &right] {
            check_ordered(sign, operand)?;
        }
    }
    Ok(Condition::Compare(left, comparator, right))
}

fn between(value: Operand, low: Operand, high: Operand) -> Result<Condition, Invalid> {
    for operand in [&value, &low, &high] {
        check_ordered("BETWEEN", operand)?;
    }
    if let (Operand::Value(low), Operand::Value(high)) = (&low, &high) {
        match low.compare(high) {
            None => {
                return Err(Invalid::new("The BETWEEN operator requires same data type for lower and upper bounds"));
            }
            Some(Ordering::Greater) => {
                return Err(Invalid::new(
                    "The BETWEEN operator requires upper bound to be greater than or equal to lower bound",
                ));
            }
            Some(_) => {}
        }
    }
    Ok(Condition::Between(value, low, high))
}

fn check_ordered(operator: &str, operand: &Operand) -> Result<(), Invalid> {
    match operand {
        Operand::Value(value) if !matches!(value, Value::S(_) | Value::N(_) | Value::B(_)) => {
            Err(kind(operator, value.type_name()))
        }
        _ => Ok(()),
    }
}

fn kind(operator: &str, kind: &str) -> Invalid {
    Invalid::new(format!(
        "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {kind}"
    ))
}

fn count(operator: &str, number: usize) -> Invalid {
    Invalid::new(format!(
        "Incorrect number of operands for operator or function; operator or function: {operator}, number of operands: \
         {number}"
    ))
}

fn operand(parser: &mut Parser<'_>) -> Result<Operand, Invalid> {
    if let Some(value) = parser.value()? {
        return Ok(Operand::Value(value));
    }
    if parser.follows("(") && parser.keyword("size") {
        let mut arguments = arguments(parser)?;
        return match (arguments.pop(), arguments.is_empty()) {
            (Some(Operand::Path(path)), true) => Ok(Operand::Size(path)),
            (Some(_), true) => Err(kind("size", "value")),
            _ => Err(count("size", arguments.len() + 1)),
        };
    }
    Ok(Operand::Path(parser.path()?))
}

fn arguments(parser: &mut Parser<'_>) -> Result<Vec<Operand>, Invalid> {
    parser.expect("(")?;
    parser.nested(|parser| {
        let mut arguments = vec![operand(parser)?];
        while parser.sign(",") {
            arguments.push(operand(parser)?);
        }
        parser.expect(")")?;
        Ok(arguments)
    })
}

fn function(parser: &mut Parser<'_>, name: &str) -> Result<Condition, Invalid> {
    let operands = match name {
        "attribute_exists" | "attribute_not_exists" => 1,
        "attribute_type" | "begins_with" | "contains" => 2,
        _ => return Err(Invalid::new(format!("Invalid function name; function: {name}"))),
    };
    parser.take();
    let arguments = arguments(parser)?;
    if arguments.len() != operands {
        return Err(count(name, arguments.len()));
    }
    let mut arguments = arguments.into_iter();
    match (name, arguments.next(), arguments.next()) {
        ("attribute_exists" | "attribute_not_exists", Some(Operand::Path(path)), None) => {
            Ok(Condition::Exists(path, name == "attribute_exists"))
        }
        ("attribute_type", Some(Operand::Path(path)), Some(Operand::Value(Value::S(kind)))) => {
            const TYPES: [&str; 10] = ["S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"];
            if !TYPES.contains(&kind.as_str()) {
                return Err(Invalid::new(format!(
                    "Invalid attribute type name found; type: {kind}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}"
                )));
            }
            Ok(Condition::HasType(path, kind))
        }
        ("begins_with", Some(value), Some(start)) => {
            for operand in [&value, &start] {
                if let Operand::Value(value) = operand
                    && !matches!(value, Value::S(_) | Value::B(_))
                {
                    return Err(kind(name, value.type_name()));
                }
            }
            Ok(Condition::BeginsWith(value, start))
        }
        ("contains", Some(value), Some(part)) => Ok(Condition::Contains(value, part)),
        _ => Err(Invalid::new(format!("Operator or function requires a document path; operator or function: {name}"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Value {
        Value::N(text.parse().unwrap())
    }

    fn placeholders() -> Placeholders {
        let values =
            [(":one", number("1")), (":two", number("2")), (":a", Value::S("a".into())), (":null", Value::Null)];
        Placeholders::new(
            BTreeMap::from([("#n".into(), "name".into())]),
            values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        )
    }

    fn holds(text: &str) -> bool {
        let list = Value::L(vec![number("1"), Value::S("a".into())]);
        let item = Item::from([
            ("name".into(), Value::S("abc".into())),
            ("n".into(), number("1.50")),
            ("l".into(), list),
            ("s".into(), Value::SS(vec!["a".into(), "b".into()])),
        ]);
        Condition::parse("ConditionExpression", text, &placeholders()).unwrap().holds(&item)
    }

    fn refusal(text: &str) -> String {
        Condition::parse("ConditionExpression", text, &placeholders()).unwrap_err().to_string()
    }

    #[test]
    fn what_the_documentation_describes_holds() {
        for text in [
            "n > :one AND n < :two",
            "n BETWEEN :one AND :two",
            "NOT n IN (:one, :two)",
            "begins_with(#n, :a)",
            "contains(l, :a) and contains(s, :a) AND contains(#n, :a)",
            "size(s) = :two",
            "attribute_exists(l[0]) AND attribute_not_exists(l[2])",
            "gone <> :one",
            "(n = :one OR n > :one) AND NOT gone = :one",
        ] {
            assert!(holds(text), "{text}");
        }
        assert!(!holds("gone < :one"));
        assert!(!holds("#n > :one"), "types differ");
        assert!(!holds("n = :two OR n = :one AND gone = :one"));
    }

    #[test]
    fn what_is_wrong_is_told_in_the_words_of_the_service() {
        for (text, message) in [
            ("", "The expression can not be empty;"),
            ("a = :none", "An expression attribute value used in expression is not defined; attribute value: :none"),
            (
                "#none = :a",
                "An expression attribute name used in the document path is not defined; attribute name: #none",
            ),
            ("status = :a", "Attribute name is a reserved keyword; reserved keyword: status"),
            ("a == :a", "Syntax error; token: \"=\", near: \"= = :a\""),
            ("foo(a)", "Invalid function name; function: foo"),
            (
                "a < :null",
                "Incorrect operand type for operator or function; operator or function: <, operand type: NULL",
            ),
            (
                "begins_with(a)",
                "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1",
            ),
            (
                "a BETWEEN :two AND :one",
                "The BETWEEN operator requires upper bound to be greater than or equal to lower bound",
            ),
        ] {
            assert_eq!(refusal(text), format!("Invalid ConditionExpression: {message}"));
        }
        assert!(refusal(&"(".repeat(4000)).contains("nesting"));
        assert!(refusal(&"a".repeat(4097)).contains("Expression size has exceeded"));
    }

    #[test]
    fn placeholders_that_nothing_uses_are_told() {
        let placeholders = placeholders();
        Condition::parse("ConditionExpression", "#n = :a", &placeholders).unwrap();
        assert_eq!(
            placeholders.check_used().unwrap_err().to_string(),
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:null, :one, :two}"
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "([a-z#:().,=<> \\[\\]0-9é-]|AND|NOT|IN){0,60}") {
            let _ = Condition::parse("ConditionExpression", &text, &placeholders());
            let _ = crate::Update::parse(&text, &placeholders());
            let _ = crate::Projection::parse(&text, &placeholders());
        }
    }
}
