//! Pages of listings and their tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use welkin_kernel::Result;

use crate::errors::invalid_parameter;

/// Things on a page, unless the caller wants fewer.
///
/// Source: the range of `Limit`: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html>
const SIZE: usize = 100;

/// Which page of a listing is asked for.
pub(crate) struct Wanted {
    /// What the page before ended with.
    pub(crate) after: Option<String>,
    size: usize,
}

impl Wanted {
    /// # Errors
    /// `ValidationException` for a token that is none.
    pub(crate) fn new(token: Option<&str>, limit: Option<u32>) -> Result<Self> {
        let after = match token {
            None => None,
            Some(token) => {
                let name = URL_SAFE_NO_PAD.decode(token).ok().and_then(|name| String::from_utf8(name).ok());
                Some(name.ok_or_else(|| invalid_parameter("NextToken", "The token is not valid."))?)
            }
        };
        let size = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(SIZE);
        Ok(Self { after, size })
    }

    /// Cuts what is on the page out of all things in the order of their names; and the token of the next page.
    pub(crate) fn cut<T>(&self, all: Vec<T>, name: impl Fn(&T) -> &str) -> (Vec<T>, Option<String>) {
        let mut page: Vec<T> =
            all.into_iter().filter(|thing| self.after.as_deref().is_none_or(|after| name(thing) > after)).collect();
        let more = page.len() > self.size;
        page.truncate(self.size);
        let token = page.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(name(last)));
        (page, token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_to_the_end() {
        let all = || ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        let mut token = None;
        let mut seen = Vec::new();
        for _ in 0..3 {
            let wanted = Wanted::new(token.as_deref(), Some(2)).expect("a page");
            let (page, next) = wanted.cut(all(), String::as_str);
            seen.extend(page);
            token = next;
        }
        assert_eq!((seen, token), (all(), None));
        assert!(Wanted::new(Some("!"), None).is_err_and(|error| error.is("ValidationException")));
    }
}
