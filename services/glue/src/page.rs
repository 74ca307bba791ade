//! Pages of listings and their tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use welkin_kernel::{Error, Result};

use crate::errors::invalid;

/// Things on a page where the caller does not say, and at most where the model says so.
pub(crate) const SIZE: usize = 100;

/// Things on a page of partitions or search results at most.
pub(crate) const LARGE_SIZE: usize = 1000;

/// The size of a page that the caller wishes.
pub(crate) fn size(wish: Option<u32>, default: usize) -> usize {
    wish.and_then(|wish| usize::try_from(wish).ok()).unwrap_or(default).max(1)
}

/// The token of the page after what is called `last`.
///
/// # Errors
/// A fault of Welkin's.
pub(crate) fn token(last: &impl Serialize) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(last).map_err(Error::internal)?))
}

/// Reads a token: what the page before ended with.
///
/// # Errors
/// `InvalidInputException`
pub(crate) fn read_token<T: DeserializeOwned>(token: Option<&str>) -> Result<Option<T>> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
    let last = URL_SAFE_NO_PAD.decode(token).ok().and_then(|last| serde_json::from_slice(&last).ok());
    // UNVERIFIED: the wording.
    last.map(Some).ok_or_else(|| invalid("The NextToken is not valid."))
}
