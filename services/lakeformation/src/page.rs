//! Pages of listings and their tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use welkin_kernel::Result;

use crate::errors::invalid;

/// Things on a page where the caller does not say.
// UNVERIFIED: how many there are.
const SIZE: usize = 100;

/// One page of what there is, in an order that is always the same, and the token of the next one: how many came before.
///
/// # Errors
/// `InvalidInputException`: the token is none.
pub(crate) fn page<T>(all: Vec<T>, size: Option<u32>, token: Option<&str>) -> Result<(Vec<T>, Option<String>)> {
    let from = match token.filter(|token| !token.is_empty()) {
        None => 0,
        // UNVERIFIED: the wording.
        Some(token) => read(token).ok_or_else(|| invalid("The NextToken is not valid."))?,
    };
    let size = size.and_then(|size| usize::try_from(size).ok()).unwrap_or(SIZE).max(1);
    let until = from.saturating_add(size);
    let more = all.len() > until;
    let page = all.into_iter().skip(from).take(size).collect();
    Ok((page, more.then(|| URL_SAFE_NO_PAD.encode(format!("from {until}")))))
}

fn read(token: &str) -> Option<usize> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    text.strip_prefix("from ")?.parse().ok()
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
