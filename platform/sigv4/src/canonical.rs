//! Canonical requests: the one form in which client and server sign the same request.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use crate::{
    RequestView, Scope,
    encoding::{decode, escape, parameters, push_encoded, push_path},
    hash::{hex32, sha256},
};
use http::HeaderMap;

/// How paths become canonical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Dots and double slashes are resolved, and the path as sent is encoded once more. All services but S3.
    Standard,
    /// The path is encoded once and left as it is otherwise: S3 and what shares its signatures.
    S3,
}

/// Writes the canonical request. `None` if a signed header is absent, or names are not sorted or stand twice: no signer
/// writes such a list, and repeating a long header would make the server hash without end.
pub(crate) fn canonical_request(
    view: &RequestView<'_>,
    signed_headers: &str,
    payload_hash: &str,
    style: Style,
) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(512 + view.path.len() + 2 * view.query.len());
    out.extend_from_slice(view.method.as_bytes());
    out.push(b'\n');
    push_canonical_path(&mut out, view.path, style);
    out.push(b'\n');
    push_canonical_query(&mut out, view.query);
    out.push(b'\n');
    let mut previous = "";
    for name in signed_headers.split(';').filter(|name| !name.is_empty()) {
        if name <= previous {
            return None;
        }
        previous = name;
        push_header(&mut out, view.headers, name)?;
    }
    out.push(b'\n');
    out.extend_from_slice(signed_headers.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(payload_hash.as_bytes());
    Some(out)
}

/// The string to sign of a request.
pub(crate) fn string_to_sign(algorithm: &str, time: &str, scope: &Scope, canonical: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(192);
    out.extend_from_slice(algorithm.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(time.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(scope.to_string().as_bytes());
    out.push(b'\n');
    out.extend_from_slice(&hex32(&sha256(canonical)));
    out
}

fn push_canonical_path(out: &mut Vec<u8>, path: &str, style: Style) {
    match style {
        Style::S3 => push_once_encoded(out, path),
        Style::Standard if path.contains("//") || path.contains("/.") => {
            push_path(out, normalise(path).as_bytes());
        }
        Style::Standard if path.is_empty() => out.push(b'/'),
        Style::Standard => push_path(out, path.as_bytes()),
    }
}

/// Encodes once, whatever of it the client had encoded already. An escaped slash stays escaped: it is no separator.
fn push_once_encoded(out: &mut Vec<u8>, path: &str) {
    if path.is_empty() {
        out.push(b'/');
    }
    let mut rest = path.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if let Some(byte) = escape(rest) {
            push_encoded(out, byte);
            rest = rest.get(3..).unwrap_or_default();
        } else {
            push_path(out, &[first]);
            rest = tail;
        }
    }
}

/// Resolves `.`, `..` and empty segments; a path that ends with a dot segment ends with a slash (RFC 3986, 5.2.4).
fn normalise(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    let mut out = String::with_capacity(path.len());
    for segment in &segments {
        out.push('/');
        out.push_str(segment);
    }
    if out.is_empty() || ["/", "/.", "/.."].iter().any(|end| path.ends_with(end)) {
        out.push('/');
    }
    out
}

/// Names and values encoded, sorted by both, without the signature itself.
fn push_canonical_query(out: &mut Vec<u8>, query: &str) {
    if query.is_empty() {
        return;
    }
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> =
        parameters(query).map(|(name, value)| (encoded(name), encoded(value))).collect();
    pairs.retain(|(name, _)| name != b"X-Amz-Signature");
    pairs.sort_unstable();
    for (index, (name, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
}

fn encoded(raw: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    for &byte in decode(raw).as_ref() {
        push_encoded(&mut out, byte);
    }
    out
}

/// One line: the name and all values of a header, trimmed, runs of spaces made one.
fn push_header(out: &mut Vec<u8>, headers: &HeaderMap, name: &str) -> Option<()> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    push_trimmed(out, first.as_bytes());
    for value in values {
        out.push(b',');
        push_trimmed(out, value.as_bytes());
    }
    out.push(b'\n');
    Some(())
}

fn push_trimmed(out: &mut Vec<u8>, value: &[u8]) {
    let mut words = value.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
    if let Some(word) = words.next() {
        out.extend_from_slice(word);
    }
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(path: &str, style: Style) -> String {
        let mut out = Vec::new();
        push_canonical_path(&mut out, path, style);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn standard_paths_are_normalised_and_encoded_again() {
        for (raw, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/./", "/"),
            ("/a/../..", "/"),
            ("/a/b/..", "/a/"),
            ("/a/.", "/a/"),
            ("/a/b.", "/a/b."),
            ("/a//b/./c/", "/a/b/c/"),
            ("/a%20b", "/a%2520b"),
            ("/2015-03-31/functions/arn%3Aaws", "/2015-03-31/functions/arn%253Aaws"),
            ("/.hidden", "/.hidden"),
        ] {
            assert_eq!(path(raw, Style::Standard), canonical, "{raw}");
        }
    }

    #[test]
    fn s3_paths_are_encoded_once_and_kept() {
        for (raw, canonical) in [
            ("", "/"),
            ("/b//a/../k", "/b//a/../k"),
            ("/b/a%20b%2fc", "/b/a%20b%2Fc"),
            ("/b/a(b)+é", "/b/a%28b%29%2B%C3%A9"),
            ("/b/100%", "/b/100%25"),
            ("/b/%7Euser", "/b/~user"),
        ] {
            assert_eq!(path(raw, Style::S3), canonical, "{raw}");
        }
    }

    #[test]
    fn queries_are_sorted_after_encoding() {
        let mut out = Vec::new();
        push_canonical_query(&mut out, "b=2&a=%7E&a=1&&X-Amz-Signature=0&c&d=a+b&B=%e1%88%b4");
        assert_eq!(String::from_utf8_lossy(&out), "B=%E1%88%B4&a=1&a=~&b=2&c=&d=a%20b");
    }
}
