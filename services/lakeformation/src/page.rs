//! Pages of listings.

use welkin_kernel::Result;
use welkin_kernel::page::{read, token};

use crate::errors::invalid;

/// Things on a page where the caller does not say.
// UNVERIFIED: how many there are.
const SIZE: usize = 100;

/// One page of what there is, in an order that is always the same, and the token of the next one: how many came before.
///
/// # Errors
/// `InvalidInputException`: the token is none.
pub(crate) fn page<T>(all: Vec<T>, size: Option<u32>, from: Option<&str>) -> Result<(Vec<T>, Option<String>)> {
    // UNVERIFIED: the wording.
    let from: usize = read(from, || invalid("The NextToken is not valid."))?.unwrap_or(0);
    let size = size.and_then(|size| usize::try_from(size).ok()).unwrap_or(SIZE).max(1);
    let until = from.saturating_add(size);
    let next = (all.len() > until).then(|| token(&until)).transpose()?;
    Ok((all.into_iter().skip(from).take(size).collect(), next))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::page;

    #[test]
    fn pages_follow_one_another() {
        let (first, token) = page((0..5).collect(), Some(2), None).unwrap();
        let (second, token) = page((0..5).collect(), Some(2), token.as_deref()).unwrap();
        let (last, end) = page((0..5).collect(), Some(2), token.as_deref()).unwrap();
        assert_eq!((first, second, last, end), (vec![0, 1], vec![2, 3], vec![4], None));
        assert!(page(vec![1], None, Some("nonsense")).is_err());
    }
}
