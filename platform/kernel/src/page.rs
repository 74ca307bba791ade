//! Pages of listings and their tokens.
//!
//! A token holds where its page begins: what the page before ended with. It is opaque to clients, as AWS's are.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// The token of the page after `last`: a name, or whatever else the next page begins after.
///
/// # Errors
/// A fault of Welkin's: `last` cannot be written as JSON.
pub fn token(last: &(impl Serialize + ?Sized)) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(last).map_err(Error::internal)?))
}

/// What the page before ended with; `None` for no token, and for an empty one.
///
/// # Errors
/// What `refusal` gives, when the token is none that [`token`] gave.
pub fn read<T: DeserializeOwned>(token: Option<&str>, refusal: impl FnOnce() -> Error) -> Result<Option<T>> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
    let last = URL_SAFE_NO_PAD.decode(token).ok().and_then(|last| serde_json::from_slice(&last).ok());
    last.map(Some).ok_or_else(refusal)
}

/// Cuts a page of at most `size` things out of all of them, which are in the order of their names; and the token of
/// the next page.
///
/// # Errors
/// What `refusal` gives, when `token` is none that a page before ended with.
pub fn cut<T>(
    mut all: Vec<T>,
    size: usize,
    token: Option<&str>,
    name: impl Fn(&T) -> &str,
    refusal: impl FnOnce() -> Error,
) -> Result<(Vec<T>, Option<String>)> {
    if let Some(after) = read::<String>(token, refusal)? {
        all.retain(|thing| name(thing) > after.as_str());
    }
    let more = all.len() > size;
    all.truncate(size);
    let next = all.last().filter(|_| more).map(|last| self::token(name(last))).transpose()?;
    Ok((all, next))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn refusal() -> Error {
        Error::internal("not a token")
    }

    #[test]
    fn pages_follow_one_another_and_hold_everything_once() {
        let all: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let (page, next) = cut(all.clone(), 2, token.as_deref(), String::as_str, refusal).unwrap();
            seen.extend(page);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn what_is_no_token_is_refused_and_none_is_the_beginning() {
        assert!(read::<String>(Some("!"), refusal).is_err());
        assert!(read::<(u32, u32)>(Some(&token("a").unwrap()), refusal).is_err());
        assert_eq!(read::<String>(Some(""), refusal).unwrap(), None);
        assert_eq!(read::<(u32, u32)>(Some(&token(&(1, 2)).unwrap()), refusal).unwrap(), Some((1, 2)));
    }
}
