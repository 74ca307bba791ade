//! Names and values of a query string or form, found without decoding what is not looked at.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Pairs as they stand on the wire; a name without `=` has the value `""`.
pub(super) fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// The decoded value of the first `name`.
pub(super) fn value<'a>(text: &'a str, name: &str) -> Option<Cow<'a, str>> {
    pairs(text).find(|(key, _)| is(key, name)).map(|(_, value)| decode(value))
}

/// Whether there is a `name`.
pub(super) fn has(text: &str, name: &str) -> bool {
    pairs(text).any(|(key, _)| is(key, name))
}

/// Whether an encoded text stands for `plain`.
pub(super) fn is(encoded: &str, plain: &str) -> bool {
    if encoded.contains(['%', '+']) { decode(encoded) == plain } else { encoded == plain }
}

/// Decodes `%XX` and `+`.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned());
    }
    percent_decode_str(text).decode_utf8_lossy()
}
