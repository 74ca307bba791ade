//! Pages of lists that are short enough to be read whole.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use welkin_kernel::Result;

use crate::errors::InvalidNextTokenException;

/// Things of a page unless the caller says, and at most.
const MOST: usize = 1000;

/// The page of `all`, which is in the order of its ids, and the token of the next one.
///
/// # Errors
/// `InvalidNextTokenException` when the token is not one that a listing gave.
pub(crate) fn cut<T>(
    mut all: Vec<T>,
    most: Option<usize>,
    token: Option<&str>,
    id: impl Fn(&T) -> &str,
) -> Result<(Vec<T>, Option<String>)> {
    if let Some(token) = token {
        let after = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let after = after.ok_or(InvalidNextTokenException)?;
        all.retain(|each| id(each) > after.as_str());
    }
    let most = most.unwrap_or(MOST).min(MOST);
    let more = all.len() > most;
    all.truncate(most);
    let next = all.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(id(last)));
    Ok((all, next))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another() {
        let all = || vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let (first, token) = cut(all(), Some(2), None, |it| it).unwrap();
        assert_eq!(first, ["a", "b"]);
        let (second, end) = cut(all(), Some(2), token.as_deref(), |it| it).unwrap();
        assert_eq!((second, end), (vec!["c".to_owned()], None));
        assert!(cut(all(), None, Some("!"), |it| it).is_err_and(|e| e.is("InvalidNextTokenException")));
    }
}
