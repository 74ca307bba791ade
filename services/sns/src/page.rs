//! Pages of listings and their tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use welkin_kernel::Result;

use crate::errors::invalid_because;

/// Things on a page.
///
/// Source: "Each call returns a limited list of topics, up to 100":
/// <https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html>
pub(crate) const SIZE: usize = 100;

/// The token of the page after what is called `last`.
pub(crate) fn token(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(last)
}

/// Reads a token: what the page before ended with.
///
/// # Errors
/// `InvalidParameter`
pub(crate) fn read_token(token: Option<&str>) -> Result<Option<String>> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
    let last = URL_SAFE_NO_PAD.decode(token).ok().and_then(|last| String::from_utf8(last).ok());
    match last {
        Some(last) => Ok(Some(last)),
        None => Err(invalid_because("NextToken", "the token is not one that SNS gave")),
    }
}
