//! Labels of an operation's URI template, in the path of a request.

use std::borrow::Cow;

use crate::form;
use crate::parse_error::{Fail, ParseErrorKind};

/// A piece of a URI template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Literal(&'static str),
    Label { name: &'static str, greedy: bool },
}

/// Splits the path of a template (`/{Bucket}/{Key+}?list-type=2`) into its pieces.
pub(crate) fn parts(uri: &'static str) -> impl Iterator<Item = Part> {
    let mut rest = uri.split_once('?').map_or(uri, |(path, _)| path);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(inside) = rest.strip_prefix('{')
            && let Some((label, after)) = inside.split_once('}')
        {
            rest = after;
            let greedy = label.strip_suffix('+');
            return Some(Part::Label { name: greedy.unwrap_or(label), greedy: greedy.is_some() });
        }
        let end = rest.char_indices().skip(1).find(|(_, c)| *c == '{').map_or(rest.len(), |(at, _)| at);
        let (literal, after) = rest.split_at(end);
        rest = after;
        Some(Part::Literal(literal))
    })
}

/// Constant parameters of a template's query string.
pub(crate) fn constants(uri: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let query = uri.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter(|p| !p.is_empty()).map(|p| p.split_once('=').unwrap_or((p, "")))
}

/// Decoded values of the labels in `path`, which is raw.
pub(crate) fn read<'a>(uri: &'static str, path: &'a str) -> Result<Vec<(&'static str, Cow<'a, str>)>, Fail> {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let parts: Vec<Part> = parts(uri).collect();
    let mut labels = Vec::new();
    let mut rest = path;
    for (index, part) in parts.iter().enumerate() {
        match *part {
            Part::Literal(literal) => rest = strip_literal(rest, literal).ok_or_else(mismatch)?,
            Part::Label { name, greedy } => {
                let raw = match (parts.get(index + 1), greedy) {
                    (None, true) => rest,
                    (Some(Part::Literal(next)), true) => rest.rfind(next).and_then(|at| rest.get(..at)).unwrap_or(rest),
                    (Some(Part::Literal(next)), false) if !next.starts_with('/') => {
                        rest.find(next).and_then(|at| rest.get(..at)).unwrap_or(rest)
                    }
                    _ => rest.split_once('/').map_or(rest, |(segment, _)| segment),
                };
                rest = rest.get(raw.len()..).unwrap_or_default();
                labels.push((name, form::decode(raw, false).map_err(|f| Fail { kind: ParseErrorKind::Path, ..f })?));
            }
        }
    }
    if matches!(rest, "" | "/") { Ok(labels) } else { Err(mismatch()) }
}

fn mismatch() -> Fail {
    Fail::new(ParseErrorKind::Path, "The path is not that of the operation.")
}

/// A trailing slash of the template may be missing in the path (`/{Bucket}/` and `/bucket`).
fn strip_literal<'a>(path: &'a str, literal: &str) -> Option<&'a str> {
    if let Some(rest) = path.strip_prefix(literal) {
        return Some(rest);
    }
    if let Some(rest) = literal.strip_suffix('/').filter(|short| *short == path) {
        return path.strip_prefix(rest);
    }
    // Clients may escape more than they must.
    let decoded_length = decoded_prefix(path, literal)?;
    path.get(decoded_length..)
}

/// Length of the raw text that decodes to `literal`.
fn decoded_prefix(path: &str, literal: &str) -> Option<usize> {
    let bytes = path.as_bytes();
    let mut at = 0;
    for wanted in literal.bytes() {
        let (byte, length) = match bytes.get(at)? {
            b'%' => {
                let hex = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16));
                ((hex(at + 1)? * 16 + hex(at + 2)?) as u8, 3)
            }
            byte => (*byte, 1),
        };
        if byte != wanted {
            return None;
        }
        at += length;
    }
    Some(at)
}

/// Appends `text` with all but unreserved characters percent-encoded; a greedy label keeps its slashes.
pub(crate) fn encode(out: &mut String, text: &str, greedy: bool) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b'/' if greedy => out.push('/'),
            _ => {
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn labels(uri: &'static str, path: &str) -> Vec<(&'static str, String)> {
        read(uri, path).unwrap().into_iter().map(|(n, v)| (n, v.into_owned())).collect()
    }

    #[test]
    fn reads_labels_of_all_kinds() {
        assert_eq!(labels("/{Bucket}/{Key+}", "/b/a/b%2Fc//d"), [("Bucket", "b".into()), ("Key", "a/b/c//d".into())]);
        assert_eq!(labels("/{Bucket}/{Key+}?acl", "/b/%20+"), [("Bucket", "b".into()), ("Key", " +".into())]);
        assert_eq!(labels("/v1/{Arn+}/tags", "/v1/a/tags/b/tags"), [("Arn", "a/tags/b".into())]);
        assert_eq!(labels("/x/{Id}.json", "/x/7.json"), [("Id", "7".into())]);
        assert_eq!(labels("/{Bucket}", "/b/"), [("Bucket", "b".into())]);
        assert_eq!(labels("/tags/", "/tags"), []);
        assert_eq!(labels("/a:b/{Id}", "/a%3Ab/1"), [("Id", "1".into())]);
    }

    #[test]
    fn refuses_another_path() {
        assert!(read("/a/{Id}", "/b/1").is_err());
        assert!(read("/a/{Id}", "/a/1/2").is_err());
        assert!(read("/a/{Id}", "/a/%zz").is_err());
        assert!(read("/a/{Id}", "/a/%ff").is_err());
    }
}
