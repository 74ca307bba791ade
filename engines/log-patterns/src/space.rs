//! Patterns for messages of fields between spaces: `[ip, user, status = 4*, …]`.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#matching-terms-space-delimited-log-events>

use std::collections::BTreeMap;

use crate::NotAPattern;
use crate::condition::{self, Expression};
use crate::parser::Parser;

/// The fields of a message, in order.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    before: Vec<Field>,
    /// The fields after `...`, which stands for any number of them.
    after: Option<Vec<Field>>,
}

#[derive(Clone, Debug, Default)]
struct Field {
    name: Option<String>,
    condition: Option<Expression<String>>,
}

pub(crate) fn parse(parser: &mut Parser) -> Result<Fields, NotAPattern> {
    parser.expect("[", "expected [")?;
    let mut fields = Fields { before: Vec::new(), after: None };
    if parser.pass("]") {
        return Err(parser.fault("a pattern of fields has one at least"));
    }
    loop {
        if parser.pass("...") || parser.pass("…") {
            if fields.after.is_some() {
                return Err(parser.fault("a pattern can have only one ellipsis"));
            }
            fields.after = Some(Vec::new());
        } else {
            let field = field(parser)?;
            fields.after.as_mut().unwrap_or(&mut fields.before).push(field);
        }
        if parser.pass("]") {
            return Ok(fields);
        }
        parser.expect(",", "expected , or ]")?;
    }
}

fn name(parser: &mut Parser) -> Result<String, NotAPattern> {
    parser.skip_space();
    let name = parser.run(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if name.is_empty() { Err(parser.fault("expected the name of a field")) } else { Ok(name) }
}

fn field(parser: &mut Parser) -> Result<Field, NotAPattern> {
    parser.skip_space();
    match parser.peek() {
        // A field without a name.
        Some(',' | ']') => return Ok(Field::default()),
        Some('(') => {}
        _ => {
            let alone = parser.peek_field();
            if let Some(name) = alone {
                return Ok(Field { name: Some(name), condition: None });
            }
        }
    }
    let condition = condition::parse(parser, name, 0)?;
    let mut names = Vec::new();
    condition.each(&mut |name, _| names.push(name.clone()));
    // A condition is about its own field: another name in it would mean nothing.
    if names.iter().any(|other| Some(other) != names.first()) {
        return Err(parser.fault("a condition is about one field"));
    }
    Ok(Field { name: names.into_iter().next(), condition: Some(condition) })
}

impl Fields {
    /// The values of a message by the names of the fields, if it matches.
    pub(crate) fn read(&self, message: &str) -> Option<BTreeMap<String, String>> {
        let words = words(message);
        let ends = self.after.as_deref().unwrap_or_default();
        let enough = match self.after {
            Some(_) => words.len() >= self.before.len() + ends.len(),
            None => words.len() == self.before.len(),
        };
        if !enough {
            return None;
        }
        let mut values = BTreeMap::new();
        let skipped = words.len() - self.before.len() - ends.len();
        let none = Field::default();
        let fields = self.before.iter().chain(std::iter::repeat_n(&none, skipped)).chain(ends);
        for (at, (field, word)) in fields.zip(words).enumerate() {
            if field.condition.as_ref().is_some_and(|c| !c.holds(&|_, check| check.holds_text(word))) {
                return None;
            }
            let name = field.name.clone().unwrap_or_else(|| (at + 1).to_string());
            values.insert(format!("${name}"), word.to_owned());
        }
        Some(values)
    }

    pub(crate) fn has_regex(&self) -> bool {
        let mut all = self.before.iter().chain(self.after.iter().flatten());
        all.any(|field| field.condition.as_ref().is_some_and(Expression::has_regex))
    }
}

/// The fields of a message: words, and what is between brackets or quotes.
fn words(message: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = message.trim_start();
    while let Some(first) = rest.chars().next() {
        let closing = match first {
            '[' => Some(']'),
            '"' => Some('"'),
            _ => None,
        };
        let inner = closing.and_then(|closing| rest.get(1..)?.split_once(closing));
        let (word, after) = match inner {
            Some(inner) => inner,
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        words.push(word);
        rest = after.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::Pattern;

    /// The event of the documentation's examples.
    const EVENT: &str = r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;

    #[test]
    fn conditions_on_fields_hold_as_documented() {
        let cases = [
            ("[ip, user, username, timestamp, request, status_code, bytes]", true),
            ("[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]", true),
            ("[ip, user, username, timestamp, request =*.html*, status_code = 404, bytes > 1000]", true),
            ("[ip, user, username, timestamp, request, status_code = 2*, bytes]", false),
            ("[ip, user, username, timestamp, request, status_code, bytes > 2000]", false),
            ("[..., status_code = 4*, bytes]", true),
            ("[ip = %127\\.0\\.0\\.[1-9]%, ...]", true),
            ("[ip, ..., bytes = 1]", false),
            ("[ip, user]", false),
            ("[ip != 127.0.0.1, ...]", false),
            ("[..., status_code = 404 || status_code = 410, bytes]", true),
            ("[..., (status_code > 400 && status_code < 404), bytes]", false),
            ("[, , user = frank, ...]", true),
            ("[ip, user, username, timestamp, request = \"GET /index.html HTTP/1.0\", ...]", true),
        ];
        for (pattern, expected) in cases {
            assert_eq!(Pattern::parse(pattern).unwrap().matches(EVENT), expected, "{pattern}");
        }
    }

    #[test]
    fn fields_are_told_by_name_or_number() {
        let values = Pattern::parse("[ip, ..., bytes]").unwrap().extract(EVENT).unwrap();
        assert_eq!(values["$ip"], "127.0.0.1");
        assert_eq!(values["$4"], "10/Oct/2000:13:25:15 -0700");
        assert_eq!(values["$5"], "GET /index.html HTTP/1.0");
        assert_eq!(values["$bytes"], "1534");
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in ["[", "[]", "[a b]", "[a, ..., b, ...]", "[a = 1 && b = 2]", "[a =]", "[a] b"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
