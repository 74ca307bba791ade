//! What a shard takes and gives in a second.
//!
//! Source: <https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html>. What is written is counted with
//! the shard's head, in the transaction that writes. What is read is counted in memory, as request quotas are (decision
//! 0003): a reader would have to write otherwise.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, Timestamp};

use crate::errors::ProvisionedThroughputExceededException;
use crate::shard::{self, ShardNumber};
use crate::stream::Address;

/// Bytes and records a second that a shard takes.
pub(crate) const WRITE_BYTES: f64 = 1024.0 * 1024.0;
pub(crate) const WRITE_RECORDS: f64 = 1000.0;

/// Bytes a second that a shard gives, and calls a second that ask for them.
const READ_BYTES: f64 = 2.0 * 1024.0 * 1024.0;
const READ_CALLS: f64 = 5.0;

/// What is left of a second's worth.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Buckets {
    bytes: f64,
    count: f64,
    filled: Timestamp,
}

impl Buckets {
    /// Those of a shard that has not been written to for a second.
    pub(crate) fn full(now: Timestamp) -> Self {
        Self { bytes: WRITE_BYTES, count: WRITE_RECORDS, filled: now }
    }

    fn fill(&mut self, now: Timestamp, bytes: f64, count: f64) {
        let gained = if now >= self.filled { now.since(self.filled).as_secs_f64() } else { 0.0 };
        self.bytes = (self.bytes + gained * bytes).min(bytes);
        self.count = (self.count + gained * count).min(count);
        self.filled = now;
    }

    /// Lets the time until `now` pass for one who writes.
    pub(crate) fn pass(&mut self, now: Timestamp) {
        self.fill(now, WRITE_BYTES, WRITE_RECORDS);
    }

    /// Takes a record of so many bytes; `false` if there is no room for it now.
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        let bytes = bytes as f64;
        if self.count < 1.0 || self.bytes < bytes.min(WRITE_BYTES) {
            return false;
        }
        self.count -= 1.0;
        self.bytes -= bytes;
        true
    }
}

/// Shards whose readers are remembered; then they start afresh.
const MOST: usize = 65_536;

static READ: LazyLock<Mutex<HashMap<(u64, ShardNumber), Buckets>>> = LazyLock::new(Mutex::default);

fn with_bucket<T>(cx: &Cx, stream: u64, shard: ShardNumber, work: impl FnOnce(&mut Buckets) -> T) -> T {
    let mut read = READ.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if read.len() >= MOST {
        read.clear();
    }
    let full = Buckets { bytes: READ_BYTES, count: READ_CALLS, filled: cx.now() };
    let bucket = read.entry((stream, shard)).or_insert(full);
    bucket.fill(cx.now(), READ_BYTES, READ_CALLS);
    work(bucket)
}

/// Takes a call that reads a shard; `false` if there were too many, or what they got was too much.
pub(crate) fn may_read(cx: &Cx, stream: u64, shard: ShardNumber) -> bool {
    with_bucket(cx, stream, shard, |bucket| {
        if bucket.count < 1.0 || bucket.bytes <= 0.0 {
            return false;
        }
        bucket.count -= 1.0;
        true
    })
}

/// Counts what a call has read. More than a second's worth keeps later calls waiting.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn has_read(cx: &Cx, stream: u64, shard: ShardNumber, bytes: usize) {
    with_bucket(cx, stream, shard, |bucket| bucket.bytes -= bytes as f64);
}

/// The refusal of one who writes or reads too much.
pub(crate) fn exceeded(address: &Address, shard: ShardNumber) -> Error {
    ProvisionedThroughputExceededException::because(exceeded_message(address, shard))
}

/// The same, in words.
pub(crate) fn exceeded_message(address: &Address, shard: ShardNumber) -> String {
    format!(
        "Rate exceeded for shard {} in stream {} under account {}.",
        shard::id(shard),
        address.name,
        address.place.account
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_a_mebibyte_and_a_thousand_records() {
        let at = Timestamp::from_millis;
        let mut bucket = Buckets::full(at(0));
        assert_eq!((0..1500).filter(|_| bucket.take(10)).count(), 1000);
        bucket.pass(at(500));
        assert_eq!((0..1500).filter(|_| bucket.take(10)).count(), 500);
        bucket.pass(at(10_000));
        assert!(bucket.take(1024 * 1024) && !bucket.take(1));
        bucket.pass(at(10_250));
        assert_eq!((0..1000).filter(|_| bucket.take(1024)).count(), 256);
        bucket.pass(at(0));
        assert!(!bucket.take(1024), "a clock that was set back gives nothing");
    }
}
