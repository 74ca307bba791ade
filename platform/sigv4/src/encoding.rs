//! Percent-encoding as canonical requests want it.

use std::borrow::Cow;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// RFC 3986's unreserved characters: the only ones that stay as they are.
pub(crate) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Appends `byte`, percent-encoded unless it is unreserved.
pub(crate) fn push_encoded(out: &mut Vec<u8>, byte: u8) {
    if is_unreserved(byte) {
        out.push(byte);
    } else {
        // INVARIANT: a nibble is below 16.
        out.extend_from_slice(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
}

/// Appends `text`, percent-encoded except for slashes and unreserved characters.
pub(crate) fn push_path(out: &mut Vec<u8>, text: &[u8]) {
    for &byte in text {
        if byte == b'/' { out.push(byte) } else { push_encoded(out, byte) }
    }
}

/// The byte that the escape at the start of `bytes` stands for.
pub(crate) fn escape(bytes: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    match bytes {
        [b'%', high, low, ..] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

/// Decodes escapes, and plus signs as spaces, of one name or value of a query.
pub(crate) fn decode(raw: &str) -> Cow<'_, [u8]> {
    if !raw.bytes().any(|byte| byte == b'%' || byte == b'+') {
        return Cow::Borrowed(raw.as_bytes());
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if let Some(byte) = escape(rest) {
            out.push(byte);
            rest = rest.get(3..).unwrap_or_default();
        } else {
            out.push(if first == b'+' { b' ' } else { first });
            rest = tail;
        }
    }
    Cow::Owned(out)
}

/// Like [`decode`], as text; bytes that are not UTF-8 become U+FFFD.
pub(crate) fn decode_text(raw: &str) -> Cow<'_, str> {
    match decode(raw) {
        Cow::Borrowed(_) => Cow::Borrowed(raw),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// The parameters of a raw query, still encoded, empty ones left out.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|part| !part.is_empty()).map(|part| part.split_once('=').unwrap_or((part, "")))
}
