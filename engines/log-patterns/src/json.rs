//! Patterns for messages that are JSON: `{ $.a.b[0] = 1 && … }`.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#matching-terms-json-log-events>

use std::collections::BTreeMap;

use serde_json::Value;

use crate::NotAPattern;
use crate::condition::{self, Check, Expression};
use crate::parser::Parser;

/// A selector: where a value is.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// As it was written.
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Member(String),
    Item(usize),
    Every,
}

impl Path {
    /// The selector that is all of a text.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parser = Parser::new(text);
        let path = path(&mut parser).ok()?;
        parser.peek().is_none().then_some(path)
    }

    /// What is there: nothing, a value, or several where a step is `*`.
    pub(crate) fn find<'a>(&self, message: &'a Value) -> Vec<&'a Value> {
        let mut found = vec![message];
        for step in &self.steps {
            found = found
                .into_iter()
                .flat_map(|value| match step {
                    Step::Member(name) => value.get(name).into_iter().collect::<Vec<_>>(),
                    Step::Item(at) => value.get(at).into_iter().collect(),
                    Step::Every => value.as_array().into_iter().flatten().collect(),
                })
                .collect();
        }
        found
    }
}

pub(crate) fn parse(parser: &mut Parser) -> Result<Expression<Path>, NotAPattern> {
    parser.expect("{", "expected {")?;
    let expression = condition::parse(parser, path, 0)?;
    parser.expect("}", "expected }")?;
    Ok(expression)
}

fn path(parser: &mut Parser) -> Result<Path, NotAPattern> {
    parser.expect("$", "a selector begins with $")?;
    let (mut text, mut steps) = (String::from("$"), Vec::new());
    loop {
        match parser.peek() {
            Some('.') => {
                parser.next();
                text.push('.');
                if parser.peek() == Some('[') {
                    continue;
                }
                let name = parser.run(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == '@');
                if name.is_empty() {
                    return Err(parser.fault("expected the name of a member"));
                }
                text.push_str(&name);
                steps.push(Step::Member(name));
            }
            Some('[') => {
                parser.next();
                let (step, written) = subscript(parser)?;
                text.push_str(&format!("[{written}]"));
                steps.push(step);
                parser.expect("]", "expected ]")?;
            }
            _ if steps.is_empty() => return Err(parser.fault("a selector names a member")),
            _ => return Ok(Path { text, steps }),
        }
    }
}

fn subscript(parser: &mut Parser) -> Result<(Step, String), NotAPattern> {
    parser.skip_space();
    match parser.peek() {
        Some('*') => {
            parser.next();
            Ok((Step::Every, "*".to_owned()))
        }
        Some('"' | '\'') => {
            let name = parser.quoted()?;
            let written = format!("'{name}'");
            Ok((Step::Member(name), written))
        }
        _ => {
            let digits = parser.run(|c| c.is_ascii_digit());
            let at = digits.parse().map_err(|_| parser.fault("expected a number"))?;
            Ok((Step::Item(at), digits))
        }
    }
}

pub(crate) fn matches(expression: &Expression<Path>, message: &Value) -> bool {
    expression.holds(&|path, check| {
        let found = path.find(message);
        match check {
            Check::Exists(wanted) => found.is_empty() != *wanted,
            // UNVERIFIED: what is not there is not unequal to anything either.
            _ => found.into_iter().any(|value| holds(check, value)),
        }
    })
}

fn holds(check: &Check, value: &Value) -> bool {
    match (check, value) {
        (Check::Null, value) => value.is_null(),
        (Check::True, value) => *value == Value::Bool(true),
        (Check::False, value) => *value == Value::Bool(false),
        (Check::Number(order, right), Value::Number(left)) => {
            left.as_f64().is_some_and(|left| order.holds(left, *right))
        }
        // A text is compared as a number only where it is one.
        (Check::Number(..), Value::String(left)) => check.holds_text(left),
        (Check::Number(order, _), _) => *order == condition::Order::Unequal,
        (check, value) => check.holds_text(&text(value)),
    }
}

/// A value as a text.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The values at every selector of the pattern.
pub(crate) fn values(expression: &Expression<Path>, message: &Value) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    expression.each(&mut |path: &Path, _| {
        if let Some(value) = path.find(message).first() {
            values.insert(path.text.clone(), text(value));
        }
    });
    values
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::{Pattern, select};

    /// The event of the documentation's examples.
    const EVENT: &str = r#"{
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": null,
        "cluster.name": "c",
        "flag": true, "off": false, "ratio": 2.5, "big": 1e3, "number-as-text": "7"
    }"#;

    #[test]
    fn conditions_on_members_hold_as_documented() {
        let cases = [
            (r#"{ $.eventType = "UpdateTrail" }"#, true),
            ("{ $.eventType = UpdateTrail }", true),
            ("{ $.eventType = Update* }", true),
            ("{ $.eventType = *Trail }", true),
            ("{ $.eventType = \"U*e*l\" }", true),
            ("{ $.eventType != UpdateTrail }", false),
            ("{ $.sourceIPAddress != 123.123.* }", true),
            ("{ $.sourceIPAddress = %^111\\.% }", true),
            ("{ $.arrayKey[0] = \"value\" }", true),
            ("{ $.arrayKey[1] = \"value\" }", false),
            ("{ $.arrayKey[*] = \"another value\" }", true),
            ("{ $.objectList[1].id = 2 }", true),
            ("{ $.objectList[*].id > 1 }", true),
            ("{ $.SomeObject IS NULL }", true),
            ("{ $.SomeOtherObject IS NULL }", false),
            ("{ $.SomeOtherObject NOT EXISTS }", true),
            ("{ $.SomeObject NOT EXISTS }", false),
            ("{ $.eventType = \"*\" }", true),
            ("{ $.none = \"*\" }", false),
            ("{ $.flag IS TRUE && $.off IS FALSE }", true),
            ("{ $.ratio >= 2.5 && $.ratio < 2.6 }", true),
            ("{ $.big = 1000 }", true),
            ("{ $.big = 1e3 }", true),
            ("{ $.number-as-text > 6 }", true),
            ("{ $.['cluster.name'] = c }", true),
            ("{ ($.ratio > 9 || $.flag IS TRUE) && $.big > 1 }", true),
            ("{ $.ratio > 9 || $.flag IS TRUE && $.big < 1 }", false),
            ("{ $.missing != x }", false),
        ];
        for (pattern, expected) in cases {
            assert_eq!(Pattern::parse(pattern).unwrap().matches(EVENT), expected, "{pattern}");
        }
        assert!(!Pattern::parse("{ $.a = 1 }").unwrap().matches("not JSON"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in
            ["{", "{}", "{ $ = 1 }", "{ $.a }", "{ $.a = }", "{ $.a = 1", "{ $.a > x }", "{ $.a[x] = 1 }", "{ a = 1 }"]
        {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
        let deep = format!("{{ {}$.a = 1{} }}", "(".repeat(9999), ")".repeat(9999));
        assert!(Pattern::parse(&deep).is_err());
    }

    #[test]
    fn values_are_selected_as_texts() {
        let pattern = Pattern::parse("{ $.objectList[0].id = 1 && $.eventType = * }").unwrap();
        let values = pattern.extract(EVENT).unwrap();
        assert_eq!(values["$.objectList[0].id"], "1");
        assert_eq!(values["$.eventType"], "UpdateTrail");
        assert_eq!(select("$.ratio", EVENT).unwrap(), "2.5");
        assert_eq!(select("$.none", EVENT), None);
    }
}
