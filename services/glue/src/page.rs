//! Pages of listings and their tokens.

use serde::de::DeserializeOwned;
use welkin_kernel::Result;
pub(crate) use welkin_kernel::page::token;

use crate::errors::invalid;

/// Things on a page where the caller does not say, and at most where the model says so.
pub(crate) const SIZE: usize = 100;

/// Things on a page of partitions or search results at most.
pub(crate) const LARGE_SIZE: usize = 1000;

/// The size of a page that the caller wishes.
pub(crate) fn size(wish: Option<u32>, default: usize) -> usize {
    wish.and_then(|wish| usize::try_from(wish).ok()).unwrap_or(default).max(1)
}

/// Reads a token: what the page before ended with.
///
/// # Errors
/// `InvalidInputException`
pub(crate) fn read_token<T: DeserializeOwned>(token: Option<&str>) -> Result<Option<T>> {
    // UNVERIFIED: the wording.
    welkin_kernel::page::read(token, || invalid("The NextToken is not valid."))
}
