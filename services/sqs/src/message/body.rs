//! What may be in a message, and its digest.

use md5::{Digest, Md5};
use welkin_kernel::Result;

use crate::errors::{InvalidMessageContents, InvalidParameterValue, missing};

/// Holds the body of a message against the rules.
///
/// # Errors
/// `MissingParameter`, `InvalidMessageContents`
pub(crate) fn check(body: &str) -> Result<()> {
    if body.is_empty() {
        return Err(missing("MessageBody"));
    }
    match first_forbidden(body) {
        None => Ok(()),
        Some(character) => Err(InvalidMessageContents::because(format!(
            "Invalid binary character '#x{:X}' was found in the message body, the set of allowed characters is #x9 | \
             #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
            u32::from(character)
        ))),
    }
}

/// The first character that no message may have: those that XML 1.0 does not have.
///
/// Reference: <https://www.w3.org/TR/REC-xml/#charsets>
pub(crate) fn first_forbidden(text: &str) -> Option<char> {
    text.chars().find(|c| match c {
        '\t' | '\n' | '\r' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        c => *c < ' ',
    })
}

/// Holds the size of a message, attributes included, against the queue's limit.
///
/// # Errors
/// `InvalidParameterValue`
pub(crate) fn check_size(size: usize, limit: u32) -> Result<()> {
    if size <= limit as usize {
        return Ok(());
    }
    Err(InvalidParameterValue::because(format!(
        "One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."
    )))
}

/// The digest by which clients check a body: MD5 in hexadecimal digits.
pub(crate) fn md5(body: &str) -> String {
    hex::encode(Md5::digest(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_outside_of_xml_are_found() {
        for text in ["a\tb\r\n", "é\u{e000}\u{fffd}", "\u{10000}\u{10ffff}"] {
            assert_eq!(first_forbidden(text), None);
        }
        for (text, bad) in [("a\0", '\0'), ("\u{1f}", '\u{1f}'), ("x\u{fffe}", '\u{fffe}'), ("\u{ffff}", '\u{ffff}')] {
            assert_eq!(first_forbidden(text), Some(bad));
        }
    }
}
