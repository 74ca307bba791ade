//! Texts with variables in angle brackets.

use serde_json::Value;

/// A text with variables.
pub(super) struct Template<'a> {
    parts: Vec<Part<'a>>,
}

enum Part<'a> {
    Text(&'a str),
    /// A variable, and whether it is within a JSON string.
    Variable(&'a str, bool),
}

impl<'a> Template<'a> {
    /// Reads a template. A `<` that begins no name is text.
    pub(super) fn parse(text: &'a str) -> Self {
        let mut parts = Vec::new();
        let (mut within, mut escaped) = (false, false);
        let (mut begin, mut at) = (0, 0);
        let bytes = text.as_bytes();
        while let Some(byte) = bytes.get(at) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if within => escaped = true,
                b'"' => within = !within,
                b'<' => {
                    if let Some(name) = text.get(at + 1..).and_then(variable) {
                        parts.extend(text.get(begin..at).filter(|text| !text.is_empty()).map(Part::Text));
                        parts.push(Part::Variable(name, within));
                        at += name.len() + 2;
                        begin = at;
                        continue;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        parts.extend(text.get(begin..).filter(|text| !text.is_empty()).map(Part::Text));
        Self { parts }
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = &'a str> {
        self.parts.iter().filter_map(|part| if let Part::Variable(name, _) = part { Some(*name) } else { None })
    }

    /// Whether it is one JSON value or several after one another, whatever the variables are.
    pub(super) fn is_json(&self) -> bool {
        let filled = self.fill(|_| Some(Value::from(0)));
        let mut values = serde_json::Deserializer::from_str(&filled).into_iter::<serde::de::IgnoredAny>();
        let mut count = 0;
        values.all(|value| {
            count += 1;
            value.is_ok()
        }) && count > 0
    }

    /// The text with values in place of the variables.
    pub(super) fn fill(&self, value: impl Fn(&str) -> Option<Value>) -> String {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Variable(name, true) => match value(name) {
                    // Source: "EventBridge doesn't escape values", and removes the quotes of objects within a string.
                    Some(Value::String(text)) => filled.push_str(&text),
                    Some(other) => filled.push_str(&other.to_string().replace('"', "")),
                    None => {}
                },
                // UNVERIFIED: what is not there is an empty text, where nothing would break the JSON.
                Part::Variable(name, false) => {
                    filled.push_str(&value(name).unwrap_or_else(|| Value::from("")).to_string());
                }
            }
        }
        filled
    }
}

/// The name that a text begins with, if a `>` follows it.
fn variable(text: &str) -> Option<&str> {
    let (name, _) = text.split_once('>')?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (!name.is_empty() && name.bytes().all(fits)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_told_from_text() {
        let names = |text| Template::parse(text).variables().collect::<Vec<_>>();
        assert_eq!(names(r#""<a> < <b-1> <c d> <> <d""#), ["a", "b-1"]);
        let template = Template::parse(r#"{"ü":"\"<a>","b":<b>}"#);
        assert_eq!(template.fill(|name| Some(Value::from(name))), r#"{"ü":"\"a","b":"b"}"#);
        assert!(template.is_json() && !Template::parse("<a> is <b").is_json() && !Template::parse(" ").is_json());
    }
}
