//! Tokens of listings.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use welkin_kernel::Result;

use crate::errors::InvalidNextToken;

/// The token of the page after what is called `last`.
pub(crate) fn token(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(last)
}

/// Reads a token: what the page before ended with.
///
/// # Errors
/// `InvalidNextToken`
pub(crate) fn read_token(token: Option<&str>) -> Result<Option<String>> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
    let last = URL_SAFE_NO_PAD.decode(token).ok().and_then(|last| String::from_utf8(last).ok());
    last.map(Some).ok_or_else(|| InvalidNextToken.into())
}
