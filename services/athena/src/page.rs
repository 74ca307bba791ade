//! Pages of lists that are short enough to be read whole.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use welkin_kernel::Result;

use crate::errors::argument;

/// A token for what comes after this.
pub(crate) fn token(after: &str) -> String {
    URL_SAFE_NO_PAD.encode(after)
}

/// What a token is for.
///
/// # Errors
/// `InvalidRequestException` when the token is not one that a listing gave.
// UNVERIFIED: the wording.
pub(crate) fn read(token: &str) -> Result<String> {
    let after = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    after.ok_or_else(|| argument("Invalid next token"))
}

/// The page of `all`, which is in the order of its ids, and the token of the next one.
///
/// # Errors
/// As for [`read`].
pub(crate) fn cut<T>(
    mut all: Vec<T>,
    most: Option<usize>,
    page: Option<&str>,
    id: impl Fn(&T) -> &str,
) -> Result<(Vec<T>, Option<String>)> {
    if let Some(page) = page {
        let after = read(page)?;
        all.retain(|each| id(each) > after.as_str());
    }
    let most = most.filter(|most| *most > 0).unwrap_or(MOST).min(MOST);
    let more = all.len() > most;
    all.truncate(most);
    let next = all.last().filter(|_| more).map(|last| token(id(last)));
    Ok((all, next))
}

/// Things of a page at most, and unless the caller says: `MaxResults` of the lists in the API reference.
pub(crate) const MOST: usize = 50;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another() {
        let all = || vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let (first, next) = cut(all(), Some(2), None, |it| it).unwrap();
        assert_eq!(first, ["a", "b"]);
        let (second, end) = cut(all(), Some(2), next.as_deref(), |it| it).unwrap();
        assert_eq!((second, end), (vec!["c".to_owned()], None));
        assert!(cut(all(), None, Some("!"), |it| it).is_err_and(|e| e.is("InvalidRequestException")));
    }
}
