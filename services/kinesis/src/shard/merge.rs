//! `MergeShards`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Place, Result};

use super::split::{check_open, check_provisioned};
use super::{Lineage, Shard, ShardNumber, close, open};
use crate::errors::invalid;
use crate::stream::{self, Address, Carry, Change, Status, Stream};

/// Makes one shard of two whose hash keys are next to one another.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_MergeShards.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MergeShards {
    stream_name: Option<String>,
    shard_to_merge: String,
    adjacent_shard_to_merge: String,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

impl Operation for MergeShards {
    const NAME: &'static str = "MergeShards";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        stream::access(cx, &address, "kinesis:MergeShards").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        let stream = address.idle(cx).await?;
        check_provisioned(&address, &stream)?;
        let shard = Shard::with_id(cx, &address, &stream, &self.shard_to_merge).await?;
        let adjacent = Shard::with_id(cx, &address, &stream, &self.adjacent_shard_to_merge).await?;
        check_open(&address, &shard)?;
        check_open(&address, &adjacent)?;
        let follows = |a: &Shard, b: &Shard| a.end.0.checked_add(1) == Some(b.start.0);
        if !follows(&shard, &adjacent) && !follows(&adjacent, &shard) {
            return Err(invalid(format!(
                "Shards {} and {} in stream {} under account {} are not an adjacent pair of shards eligible for merging",
                self.shard_to_merge, self.adjacent_shard_to_merge, address.name, address.place.account
            )));
        }
        let change = Change::Merge(shard.number, adjacent.number);
        Carry::begin(cx, &address, stream, Status::Updating, change).await?;
        Ok(Empty {})
    }
}

/// Merges two open shards next to one another, in whichever order they are named.
pub(crate) async fn merge(
    cx: &mut Cx,
    place: Place,
    stream: &mut Stream,
    parent: ShardNumber,
    adjacent: ShardNumber,
) -> Result<()> {
    let at = |number| stream.open.iter().position(|open| open.number == number);
    let (Some(a), Some(b)) = (at(parent), at(adjacent)) else { return Ok(()) };
    if a.abs_diff(b) != 1 {
        return Ok(());
    }
    let (first, second) = (a.min(b), a.max(b));
    let (start, end) = (stream.open[first].start, stream.end(second));
    close(cx, place, stream, parent).await?;
    close(cx, place, stream, adjacent).await?;
    let lineage = Lineage { parent: Some(parent), adjacent: Some(adjacent) };
    let merged = open(cx, place, stream, start, end, lineage).await?;
    stream.open.splice(first..=second, [merged]);
    Ok(())
}
