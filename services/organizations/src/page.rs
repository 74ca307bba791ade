//! Listings in pages: `NextToken` and `MaxResults`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use welkin_kernel::Result;

use crate::errors::invalid;

/// Items of a page at most, and unless the caller says otherwise.
const USUAL: u32 = 20;

/// A page of `items`, sorted by `name`, and the token of the next one if there is one.
pub(crate) fn page<T>(
    mut items: Vec<T>,
    token: Option<&String>,
    most: Option<u32>,
    name: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>)> {
    items.sort_by_cached_key(&name);
    if let Some(token) = token {
        let after = BASE64.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let after = after.ok_or_else(|| {
            invalid(
                "INVALID_NEXT_TOKEN",
                "You specified an invalid value for nextToken. You must get the value from \
                 the response of a previous call to the API.",
            )
        })?;
        items.retain(|item| name(item) > after);
    }
    let most = most.unwrap_or(USUAL) as usize;
    let more = items.len() > most;
    items.truncate(most);
    let next = items.last().filter(|_| more).map(|item| BASE64.encode(name(item)));
    Ok((items, next))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn pages_follow_on_each_other_and_hold_everything_once() {
        let all: Vec<String> = (10..55).map(|n| n.to_string()).collect();
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let (items, next) = page(all.clone(), token.as_ref(), None, String::clone).unwrap();
            seen.extend(items);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
        assert!(page(all, Some(&"?".to_owned()), None, String::clone).unwrap_err().is("InvalidInputException"));
    }
}
