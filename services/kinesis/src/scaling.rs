//! How on-demand streams grow: a shard that is used to the half for a minute becomes two.
//!
//! Source: <https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html#ondemandmode>,
//! <https://aws.amazon.com/blogs/big-data/amazon-kinesis-data-streams-on-demand-capacity-mode-now-scales-up-to-1-gb-second-ingest-capacity/>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Result, Schedule, Timestamp};

use crate::hash_key::HashKey;
use crate::shard::{Head, Load, Shard, ShardNumber, split};
use crate::stream::limits::on_demand_limit;
use crate::stream::{Address, Mode, Stream};

/// Bytes and records in a minute that are half of what a shard takes.
const HALF_BYTES: u64 = 60 * 512 * 1024;
const HALF_RECORDS: u64 = 60 * 500;

/// How long after the end of such a minute a shard is split.
// UNVERIFIED: AWS says up to 15 minutes.
const DELAY: Duration = Duration::from_secs(60);

fn minute(time: Timestamp) -> i64 {
    time.secs().div_euclid(60)
}

/// Counts a record among what its shard takes in the present minute.
pub(crate) fn count(load: &mut Load, now: Timestamp, bytes: usize, key: HashKey) {
    let minute = minute(now);
    if load.minute != minute {
        *load = Load { minute, ..Load::default() };
    }
    load.bytes += bytes as u64;
    load.records += 1;
    load.keys = Some(load.keys.map_or((key, key), |(least, most)| (least.min(key), most.max(key))));
}

/// Whether a shard is used to the half, and splitting it would help: not if all goes to one key.
fn is_hot(load: &Load) -> bool {
    let is_used = load.bytes >= HALF_BYTES || load.records >= HALF_RECORDS;
    is_used && load.keys.is_some_and(|(least, most)| least < most)
}

/// Has a shard split that is used to the half.
pub(crate) async fn look(cx: &mut Cx, address: &Address, stream: &Stream, head: &Head) -> Result<()> {
    if stream.mode != Mode::OnDemand || !is_hot(&head.load) {
        return Ok(());
    }
    let grow = Grow { address: address.clone(), id: stream.id, shard: head.shard };
    let due = Timestamp::from_secs((head.load.minute + 1) * 60).plus(DELAY);
    let id = format!("kinesis/grow {} {}", stream.id, head.shard);
    cx.enqueue_at(address.place, &grow, Schedule::at(due).id(id)).await?;
    Ok(())
}

/// Splits a shard of an on-demand stream.
#[derive(Serialize, Deserialize)]
pub(crate) struct Grow {
    address: Address,
    id: u64,
    shard: ShardNumber,
}

impl Job for Grow {
    const NAME: &'static str = "kinesis/grow";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let Some(mut stream) = self.address.same(cx, self.id).await? else { return Ok(()) };
        let limit = on_demand_limit(self.address.place.region);
        if stream.mode != Mode::OnDemand || !stream.is_there() || stream.open_count() >= limit {
            return Ok(());
        }
        let place = self.address.place;
        let Some(shard) = cx.get::<Shard>(place, (self.id, self.shard)).await? else { return Ok(()) };
        let middle = HashKey(shard.start.0 + (shard.end.0 - shard.start.0) / 2 + 1);
        split::split(cx, place, &mut stream, self.shard, middle).await?;
        cx.put(place, &stream).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_hot_when_half_of_its_minute_is_used_by_more_than_one_key() {
        let mut load = Load::default();
        let at = Timestamp::from_secs(600);
        for _ in 0..30 {
            count(&mut load, at, 1024 * 1024, HashKey(7));
        }
        assert!(!is_hot(&load), "one key");
        count(&mut load, at, 1, HashKey(8));
        assert!(is_hot(&load));
        count(&mut load, Timestamp::from_secs(660), 1, HashKey(8));
        assert!(!is_hot(&load), "another minute");
        for key in 0..30_000 {
            count(&mut load, Timestamp::from_secs(660), 1, HashKey(key));
        }
        assert!(is_hot(&load), "records count as bytes do");
    }
}
