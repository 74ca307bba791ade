//! A JSON scanner that remembers where every value stands and refuses duplicate keys.

use std::collections::HashSet;
use std::ops::Range;

/// Nesting that no policy reaches: the grammar needs seven levels.
const MAX_DEPTH: usize = 32;

/// A value and the bytes it was read from.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Json,
}

#[derive(Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The digits as written.
    Number(String),
    String(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) node: Node,
}

/// Why the text is not JSON, and at which byte.
#[derive(Debug)]
pub(crate) struct JsonError {
    pub(crate) what: String,
    pub(crate) span: Range<usize>,
    pub(crate) duplicate: bool,
}

/// Reads the one JSON value that `text` must be.
pub(crate) fn scan(text: &str) -> Result<Node, JsonError> {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0 };
    let node = scanner.value(0)?;
    scanner.space();
    if scanner.at < text.len() { Err(scanner.error("text after the end of the policy")) } else { Ok(node) }
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn error(&self, what: impl Into<String>) -> JsonError {
        // The scanner stops at whole characters only; the span is one character, or none at the end.
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.chars().next().map_or(0, char::len_utf8);
        let start = self.text.len() - rest.len();
        JsonError { what: what.into(), span: start..start + length, duplicate: false }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Node, JsonError> {
        if depth > MAX_DEPTH {
            return Err(self.error("nested too deeply"));
        }
        self.space();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Json::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Json::Bool(true))?,
            Some(b'f') => self.word("false", Json::Bool(false))?,
            Some(b'n') => self.word("null", Json::Null)?,
            Some(_) => return Err(self.error("expected a value")),
            None => return Err(self.error("unexpected end of the policy")),
        };
        Ok(Node { span: start..self.at, value })
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, JsonError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.error("expected a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn array(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.take(b']') {
                return Ok(Json::Array(items));
            }
            if !self.take(b',') {
                return Err(self.error("expected ',' or ']'"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.at += 1;
        let mut members = Vec::new();
        let mut seen = HashSet::new();
        self.space();
        if self.take(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.error("expected a key in quotation marks"));
            }
            let key = self.string()?;
            let key_span = start..self.at;
            if !seen.insert(key.clone()) {
                return Err(JsonError { what: format!("duplicate key {key:?}"), span: key_span, duplicate: true });
            }
            self.space();
            if !self.take(b':') {
                return Err(self.error("expected ':'"));
            }
            let node = self.value(depth + 1)?;
            members.push(Member { key, key_span, node });
            self.space();
            if self.take(b'}') {
                return Ok(Json::Object(members));
            }
            if !self.take(b',') {
                return Err(self.error("expected ',' or '}'"));
            }
        }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.error("expected a digit")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        Ok(Json::Number(self.text[start..self.at].to_owned()))
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            // Both ends stand at ASCII bytes or at the ends of the text: character boundaries.
            out.push_str(&self.text[start..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(_) => return Err(self.error("control character in a string")),
                None => return Err(self.error("unterminated string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        self.at += 1;
        let Some(byte) = self.peek() else { return Err(self.error("unterminated string")) };
        let plain = match byte {
            b'"' | b'\\' | b'/' => byte as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(self.error("unknown escape")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let high = self.hex4()?;
        let code = match high {
            0xd800..=0xdbff => {
                if !self.take(b'\\') || self.peek() != Some(b'u') {
                    return Err(self.error("lone surrogate"));
                }
                let low = self.hex4()?;
                if !(0xdc00..=0xdfff).contains(&low) {
                    return Err(self.error("lone surrogate"));
                }
                0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
            }
            _ => high,
        };
        char::from_u32(code).ok_or_else(|| self.error("lone surrogate"))
    }

    /// Reads `u` and four hexadecimal digits.
    fn hex4(&mut self) -> Result<u32, JsonError> {
        self.at += 1;
        let digits = self.bytes.get(self.at..self.at + 4).filter(|four| four.iter().all(u8::is_ascii_hexdigit));
        let Some(digits) = digits else { return Err(self.error("expected four hexadecimal digits")) };
        let code = digits.iter().fold(0, |code, digit| code * 16 + (*digit as char).to_digit(16).unwrap_or(0));
        self.at += 4;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places_and_refusals() {
        for (text, what, at) in [
            ("", "unexpected end of the policy", 0),
            ("{", "expected a key in quotation marks", 1),
            ("{\"a\" 1}", "expected ':'", 5),
            ("{\"a\":1 \"b\":2}", "expected ',' or '}'", 7),
            ("[1,]", "expected a value", 3),
            ("[1 2]", "expected ',' or ']'", 3),
            ("\"a", "unterminated string", 2),
            ("\"\\x\"", "unknown escape", 2),
            ("\"\\ud800\"", "lone surrogate", 7),
            ("\"\n\"", "control character in a string", 1),
            ("01", "text after the end of the policy", 1),
            ("{} x", "text after the end of the policy", 3),
            ("{\"a\":1,\"a\":2}", "duplicate key \"a\"", 7),
            ("-", "expected a digit", 1),
        ] {
            let error = scan(text).unwrap_err();
            assert_eq!((error.what.as_str(), error.span.start), (what, at), "{text}");
        }
        assert_eq!(scan(&"[".repeat(10_000)).unwrap_err().what, "nested too deeply");
    }

    fn same(node: &Node, oracle: &serde_json::Value) -> bool {
        match (&node.value, oracle) {
            (Json::Null, serde_json::Value::Null) => true,
            (Json::Bool(a), serde_json::Value::Bool(b)) => a == b,
            (Json::Number(a), serde_json::Value::Number(b)) => a.parse::<f64>().ok() == b.as_f64(),
            (Json::String(a), serde_json::Value::String(b)) => a == b,
            (Json::Array(a), serde_json::Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
            }
            (Json::Object(a), serde_json::Value::Object(b)) => {
                a.len() == b.len() && a.iter().all(|member| same(&member.node, &b[&member.key]))
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(text in r#"[\[\]{}:,"\\un0-9dD8ab.eE+\- ]{0,24}"#) {
            let ours = scan(&text);
            match serde_json::from_str::<serde_json::Value>(&text) {
                Ok(oracle) => match ours {
                    Ok(node) => prop_assert!(same(&node, &oracle)),
                    Err(error) => prop_assert!(error.duplicate, "{}", error.what),
                },
                // serde_json refuses numbers that overflow f64; a scanner that keeps digits does not.
                Err(oracle) => prop_assert!(ours.is_err() || oracle.to_string().contains("out of range")),
            }
        }
    }
}
