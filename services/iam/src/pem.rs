//! PEM, the textual encoding of certificates and keys: RFC 7468.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// A block between `-----BEGIN label-----` and `-----END label-----`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) label: String,
    pub(crate) der: Vec<u8>,
}

/// The blocks of a text that has nothing but blocks and white space; `None` if it has anything else.
pub(crate) fn blocks(text: &str) -> Option<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (label, after) = rest.strip_prefix("-----BEGIN ")?.split_once("-----")?;
        let (body, after) = after.split_once("-----END ")?;
        let after = after.strip_prefix(label)?.strip_prefix("-----")?;
        let body: String = body.split_ascii_whitespace().collect();
        blocks.push(Block { label: label.to_owned(), der: BASE64.decode(body).ok()? });
        rest = after.trim_start();
    }
    Some(blocks)
}

/// A block as text, in lines of 64 characters.
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let body = BASE64.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_encoded_is_read_again() {
        let text = format!("{}\n{}", encode("A B", &[7; 100]), encode("C", &[]));
        let read = blocks(&text).unwrap();
        assert_eq!(read[0], Block { label: "A B".into(), der: vec![7; 100] });
        assert_eq!(read[1], Block { label: "C".into(), der: Vec::new() });
        assert_eq!(blocks("  \n"), Some(Vec::new()));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "x",
            "-----BEGIN A-----",
            "-----BEGIN A-----\nAA==\n-----END B-----",
            "-----BEGIN A-----\n!\n-----END A-----",
        ] {
            assert_eq!(blocks(text), None, "{text}");
        }
    }
}
