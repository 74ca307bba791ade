//! Source identities that an identity provider states.

use welkin_kernel::Result;

use crate::errors::InvalidIdentityTokenException;

/// A source identity from a token or an assertion.
pub(crate) fn read(value: Option<&str>) -> Result<String> {
    // Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html
    value.filter(|text| is_name(text)).map(str::to_owned).ok_or_else(|| {
        InvalidIdentityTokenException::because(
            "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"",
        )
    })
}

/// Whether a text can name a session or its source.
pub(crate) fn is_name(text: &str) -> bool {
    (2..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}
