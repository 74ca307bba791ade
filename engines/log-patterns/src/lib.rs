//! The filter patterns of Amazon CloudWatch Logs: which events match, and which values they have.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>.
//!
//! ```
//! # use welkin_log_patterns::Pattern;
//! let pattern = Pattern::parse("{ $.status >= 400 && $.user = \"a*\" }").unwrap();
//! assert!(pattern.matches(r#"{"status": 404, "user": "anna"}"#));
//! assert!(!pattern.matches(r#"{"status": 200, "user": "anna"}"#));
//! ```

mod condition;
mod json;
mod parser;
mod regex;
mod space;
mod term;

use std::collections::BTreeMap;

use parser::Parser;

/// A text that is no filter pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at character {at}")]
pub struct NotAPattern {
    what: &'static str,
    at: usize,
}

/// A filter pattern.
#[derive(Clone, Debug)]
pub struct Pattern(Form);

#[derive(Clone, Debug)]
enum Form {
    Terms(term::Terms),
    Json(condition::Expression<json::Path>),
    Space(space::Fields),
}

impl Pattern {
    /// Reads a pattern. The empty one matches everything.
    ///
    /// # Errors
    /// The text is not of the language.
    pub fn parse(text: &str) -> Result<Self, NotAPattern> {
        let mut parser = Parser::new(text);
        parser.skip_space();
        let form = match parser.peek() {
            Some('{') => Form::Json(json::parse(&mut parser)?),
            Some('[') => Form::Space(space::parse(&mut parser)?),
            _ => Form::Terms(term::parse(&mut parser)?),
        };
        parser.skip_space();
        match parser.peek() {
            None => Ok(Self(form)),
            Some(_) => Err(parser.fault("unexpected text")),
        }
    }

    /// Whether a message matches.
    pub fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Form::Terms(terms) => terms.match_text(message),
            Form::Json(expression) => {
                serde_json::from_str(message).is_ok_and(|message| json::matches(expression, &message))
            }
            Form::Space(fields) => fields.read(message).is_some(),
        }
    }

    /// The values that a message has for what the pattern names, as texts; `None` if it does not match.
    pub fn extract(&self, message: &str) -> Option<BTreeMap<String, String>> {
        match &self.0 {
            Form::Terms(terms) => terms.match_text(message).then(BTreeMap::new),
            Form::Json(expression) => {
                let message = serde_json::from_str(message).ok()?;
                json::matches(expression, &message).then(|| json::values(expression, &message))
            }
            Form::Space(fields) => fields.read(message),
        }
    }

    /// Whether the pattern has a regular expression.
    pub fn has_regex(&self) -> bool {
        match &self.0 {
            Form::Terms(terms) => terms.has_regex(),
            Form::Json(expression) => expression.has_regex(),
            Form::Space(fields) => fields.has_regex(),
        }
    }
}

/// The value that a selector, such as `$.a.b[0]`, finds in a message that is JSON, as a text.
pub fn select(selector: &str, message: &str) -> Option<String> {
    let path = json::Path::read(selector)?;
    let message = serde_json::from_str(message).ok()?;
    path.find(&message).first().map(|value| json::text(value))
}
