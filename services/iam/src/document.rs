//! Policy documents as IAM takes and gives them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use welkin_kernel::{Error, Result};
use welkin_policy::{Document, DocumentKind};

use crate::errors::{LimitExceededException, MalformedPolicyDocumentException};

/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A document as answers show it: URL-encoded, as RFC 3986 has it.
pub(crate) fn encode(json: &str) -> String {
    utf8_percent_encode(json, RESERVED).to_string()
}

/// Reads a document that a caller sent.
pub(crate) fn parse(json: &str, kind: DocumentKind) -> Result<Document> {
    Document::parse(json, kind).map_err(|diagnostics| MalformedPolicyDocumentException::because(diagnostics.message()))
}

/// Refuses a document, or documents together, of more characters than the quota. `of` is whose they
/// are as AWS puts it, e.g. `user ada` or `policy`.
pub(crate) fn hold_size(size: usize, quota: u32, of: &str) -> Result<()> {
    if size <= quota as usize {
        return Ok(());
    }
    Err(too_large(quota, of))
}

fn too_large(quota: u32, of: &str) -> Error {
    LimitExceededException::because(format!("Maximum policy size of {quota} bytes exceeded for {of}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn answers_are_url_encoded_as_rfc_3986_has_it() {
        assert_eq!(encode(r#"{"a":"b c-._~*"}"#), "%7B%22a%22%3A%22b%20c-._~%2A%22%7D");
    }

    #[test]
    fn what_breaks_the_grammar_is_malformed() {
        for text in ["", "{}", "[]", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*"}]}"#] {
            let error = parse(text, DocumentKind::Identity).unwrap_err();
            assert!(error.is("MalformedPolicyDocumentException"), "{text}: {error}");
        }
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        assert_eq!(parse(text, DocumentKind::Identity).unwrap().source(), text);
    }
}
