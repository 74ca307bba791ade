//! Tokens by which listings go on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use welkin_kernel::Result;

use super::errors::InvalidNextToken;

/// A token that says after what a listing goes on.
pub(crate) fn of(last: &str) -> String {
    BASE64.encode(last)
}

/// What a token says.
///
/// # Errors
/// `InvalidNextToken`
pub(crate) fn read(token: &str) -> Result<String> {
    match BASE64.decode(token).ok().and_then(|text| String::from_utf8(text).ok()) {
        Some(text) => Ok(text),
        None => Err(InvalidNextToken.into()),
    }
}
