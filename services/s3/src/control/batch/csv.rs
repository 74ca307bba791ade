//! Comma-separated values, as manifests and completion reports have them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What of a key is written as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

/// A key as manifests have it.
pub(super) fn encode_key(key: &str) -> String {
    utf8_percent_encode(key, PLAIN).to_string()
}

/// The key that a manifest encodes; `None` if it is no text.
// UNVERIFIED: that `+` is a space in manifests that users write, as it is in those of S3 Inventory.
pub(super) fn decode_key(key: &str) -> Option<String> {
    let spaced = key.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(|key| key.into_owned())
}

/// A line of these values; those are put in quotes that need it.
pub(super) fn line<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let quoted = |value: &str| match value.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value.to_owned(),
    };
    let values: Vec<String> = values.into_iter().map(quoted).collect();
    values.join(",") + "\n"
}

/// The values of a line; `None` if its quotes are not in pairs.
pub(super) fn values(line: &str) -> Option<Vec<String>> {
    let (mut values, mut value) = (Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = line.trim_end_matches('\r').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                value.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => values.push(std::mem::take(&mut value)),
            c => value.push(c),
        }
    }
    values.push(value);
    (!quoted).then_some(values)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written() {
        let row = ["b", "a \"key\", in quotes", "", "two\nlines"];
        let written = line(row);
        assert_eq!(written, "b,\"a \"\"key\"\", in quotes\",,\"two\nlines\"\n");
        assert_eq!(values(written.trim_end_matches('\n')).unwrap(), row);
        assert_eq!(values("\"b\",\"k\"\r").unwrap(), ["b", "k"]);
        assert_eq!(values("\"b,k"), None);
    }

    #[test]
    fn keys_are_encoded_as_in_the_user_guide() {
        assert_eq!(decode_key("object%20key%20with+spaces").unwrap(), "object key with spaces");
        assert_eq!(encode_key("photos/é 1,2+3.jpg"), "photos/%C3%A9%201%2C2%2B3.jpg");
        for key in ["photos/é 1,2+3.jpg", "%", "a\"b\n"] {
            assert_eq!(decode_key(&encode_key(key)).unwrap(), key);
        }
        assert_eq!(decode_key("%ff"), None);
    }
}
