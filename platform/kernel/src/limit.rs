//! Request quotas: token buckets on the kernel's clock.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::{AccountId, Region, Timestamp};

/// A request quota that a call counts against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Its name; calls of one name, account and Region share a bucket.
    pub name: &'static str,
    /// Requests a second.
    pub rate: f64,
    /// Requests at once.
    pub burst: f64,
    /// Account that is charged; the caller's unless said.
    pub account: Option<AccountId>,
    /// What a caller is told who has used it up.
    pub message: &'static str,
}

impl Limit {
    /// `rate` requests a second, a second's worth at once, charged to the caller's account.
    pub const fn per_second(name: &'static str, rate: f64) -> Self {
        Self { name, rate, burst: rate, account: None, message: "Rate exceeded" }
    }

    /// With a message of the service's own.
    #[must_use]
    pub const fn saying(self, message: &'static str) -> Self {
        Self { message, ..self }
    }
}

/// The buckets. They live in memory: a restart fills them, as a second without calls does.
#[derive(Debug, Default)]
pub(crate) struct Buckets(Mutex<HashMap<(&'static str, AccountId, Region), Bucket>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled: Timestamp,
}

/// How much earlier than another a call may have begun that comes here after it.
const OUT_OF_ORDER: Duration = Duration::from_secs(60);

/// Buckets at most; when there are more, those that are full again are dropped.
const MOST: usize = 65_536;

impl Buckets {
    /// Takes a token; `false` if there is none.
    pub(crate) fn take(&self, limit: &Limit, account: AccountId, region: Region, now: Timestamp) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(|e| e.into_inner());
        if buckets.len() >= MOST {
            buckets.retain(|_, bucket| now.since(bucket.filled).as_secs() < 2);
        }
        let full = Bucket { tokens: limit.burst, filled: now };
        let bucket = buckets.entry((limit.name, account, region)).or_insert(full);
        if now >= bucket.filled {
            let gained = now.since(bucket.filled).as_secs_f64() * limit.rate;
            bucket.tokens = (bucket.tokens + gained).min(limit.burst);
            bucket.filled = now;
        } else if bucket.filled.since(now) > OUT_OF_ORDER {
            // The clock was set back: start afresh rather than starve until it catches up.
            *bucket = full;
        }
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_then_its_rate() {
        let buckets = Buckets::default();
        let limit = Limit { burst: 3.0, ..Limit::per_second("test", 10.0) };
        let take = |millis| buckets.take(&limit, AccountId::DEFAULT, Region::US_EAST_1, Timestamp::from_millis(millis));
        assert_eq!((0..5).filter(|_| take(0)).count(), 3);
        assert!(take(100) && !take(100));
        assert_eq!((0..99).filter(|_| take(60_000)).count(), 3);
        assert!(!take(59_990), "a call that began a little earlier gains nothing");
        assert!(!take(60_000));
        assert!(take(-1_000), "a clock that was set back does not starve callers");
    }
}
