//! `UpdateShardCount`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Place, Result};

use super::merge::merge;
use super::split::{check_provisioned, split};
use crate::errors::{LimitExceededException, invalid};
use crate::hash_key::HashKey;
use crate::stream::create::check_limit;
use crate::stream::mode::WINDOW;
use crate::stream::{self, Address, Carry, Change, Status, Stream};

/// Changes of the number in 24 hours, and shards to which it can be set.
///
/// Source: the reference of the operation.
const CHANGES: usize = 10;
const MOST: u64 = 10_000;

/// Sets the number of open shards of a stream; they become equally large.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateShardCount {
    stream_name: Option<String>,
    target_shard_count: u64,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateShardCountOutput {
    stream_name: String,
    current_shard_count: u64,
    target_shard_count: u64,
    #[serde(rename = "StreamARN")]
    stream_arn: String,
}

impl Operation for UpdateShardCount {
    const NAME: &'static str = "UpdateShardCount";
    type Output = UpdateShardCountOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        stream::access(cx, &address, "kinesis:UpdateShardCount").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UpdateShardCountOutput> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        let mut stream = address.idle(cx).await?;
        check_provisioned(&address, &stream)?;
        let (current, target) = (stream.open_count(), self.target_shard_count);
        check_target(current, target)?;
        let since = cx.now().minus(WINDOW);
        stream.count_changes.retain(|change| *change > since);
        if stream.count_changes.len() >= CHANGES {
            return Err(LimitExceededException::because(format!(
                "UpdateShardCount cannot be called more than {CHANGES} times in a rolling 24 hour period. Stream {} under \
                 account {}.",
                address.name, address.place.account
            )));
        }
        let streams = Stream::all(cx, address.place).await?;
        check_limit(cx, &streams, target.saturating_sub(current))?;
        stream.count_changes.push(cx.now());
        Carry::begin(cx, &address, stream, Status::Updating, Change::Count(target)).await?;
        Ok(UpdateShardCountOutput {
            stream_arn: address.arn().to_string(),
            stream_name: address.name,
            current_shard_count: current,
            target_shard_count: target,
        })
    }
}

fn check_target(current: u64, target: u64) -> Result<()> {
    if target == current {
        // UNVERIFIED: the wording.
        return Err(invalid(format!("TargetShardCount must differ from the current shard count {current}.")));
    }
    if target > current * 2 {
        return Err(LimitExceededException::because(format!(
            "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: \
             {current} Target shard count: {target}"
        )));
    }
    if target * 2 < current {
        return Err(LimitExceededException::because(format!(
            "UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: \
             {current} Target shard count: {target}"
        )));
    }
    if target > MOST && target > current {
        return Err(LimitExceededException::because(format!(
            "UpdateShardCount cannot scale a stream to more than {MOST} shards."
        )));
    }
    Ok(())
}

/// Splits and merges the open shards until there are `count` of equal size: first every place at which one of them is
/// to begin is made such a place, then what lies between is merged.
pub(crate) async fn set(cx: &mut Cx, place: Place, stream: &mut Stream, count: u64) -> Result<()> {
    let starts = HashKey::even(count);
    for start in &starts {
        if let Some(shard) = stream.route(*start) {
            split(cx, place, stream, shard.number, *start).await?;
        }
    }
    let mut at = 0;
    while let Some(next) = stream.open.get(at + 1).copied() {
        if starts.binary_search(&next.start).is_ok() {
            at += 1;
        } else {
            let shard = stream.open[at].number;
            merge(cx, place, stream, shard, next.number).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_at_most_double_and_at_least_half() {
        for (current, target) in [(4, 8), (4, 2), (5, 3), (1, 2), (4, 5)] {
            assert!(check_target(current, target).is_ok(), "{current} to {target}");
        }
        for (current, target) in [(4, 9), (4, 1), (5, 2), (4, 4), (9_000, 10_001)] {
            assert!(check_target(current, target).is_err(), "{current} to {target}");
        }
    }
}
