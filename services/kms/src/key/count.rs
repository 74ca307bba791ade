//! How many keys customers have: the resource quota.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Place, Resource, Result, Scope};

use super::Key;
use crate::errors::LimitExceededException;

/// Customer managed keys in an account and Region at most.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
const MOST: u64 = 100_000;

/// The number of customer managed keys in an account and Region. Keys are made a few a second at most, so that
/// keeping it makes nobody wait.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct KeyCount {
    keys: u64,
}

impl Resource for KeyCount {
    const KIND: &'static str = "kms/key-count";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        ().into_key()
    }
}

/// Counts a key that is to be made.
///
/// # Errors
/// `LimitExceededException`: there are as many as there may be.
pub(crate) async fn add(cx: &mut Cx, place: Place) -> Result<()> {
    let keys = match cx.get::<KeyCount>(place, ()).await? {
        Some(count) => count.keys,
        // Keys that were made before they were counted: those of services among them, for once.
        None => cx.count::<Key>(place, (), ("\u{10ffff}",)).await?,
    };
    cx.put(place, &KeyCount { keys: one_more(keys)? }).await
}

/// Counts a key that is no more.
pub(crate) async fn remove(cx: &mut Cx, place: Place) -> Result<()> {
    match cx.get::<KeyCount>(place, ()).await? {
        Some(count) => cx.put(place, &KeyCount { keys: count.keys.saturating_sub(1) }).await,
        None => Ok(()),
    }
}

// UNVERIFIED: the wording.
fn one_more(keys: u64) -> Result<u64> {
    if keys < MOST {
        return Ok(keys + 1);
    }
    Err(LimitExceededException::because(format!("An account can have at most {MOST} KMS keys in a Region.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_key_is_made_and_no_more() {
        assert_eq!(one_more(0).ok(), Some(1));
        assert_eq!(one_more(99_999).ok(), Some(100_000));
        assert!(one_more(100_000).is_err_and(|e| e.is("LimitExceededException")));
    }
}
