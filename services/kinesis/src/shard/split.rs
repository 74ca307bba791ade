//! `SplitShard`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Place, Result};

use super::{Lineage, Shard, ShardNumber, close, open};
use crate::errors::{ValidationException, invalid};
use crate::hash_key::HashKey;
use crate::stream::create::check_limit;
use crate::stream::{self, Address, Carry, Change, Mode, Status, Stream};

/// Makes two shards of one.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SplitShard.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SplitShard {
    stream_name: Option<String>,
    shard_to_split: String,
    new_starting_hash_key: String,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

impl Operation for SplitShard {
    const NAME: &'static str = "SplitShard";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        stream::access(cx, &address, "kinesis:SplitShard").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        let stream = address.idle(cx).await?;
        check_provisioned(&address, &stream)?;
        let shard = Shard::with_id(cx, &address, &stream, &self.shard_to_split).await?;
        check_open(&address, &shard)?;
        let at = HashKey::parse(&self.new_starting_hash_key)
            .ok_or_else(|| invalid(format!("NewStartingHashKey {} is not a hash key.", self.new_starting_hash_key)))?;
        if at <= shard.start || at > shard.end {
            return Err(invalid(format!(
                "NewStartingHashKey {at} used in SplitShard() on shard {} in stream {} under account {} is not both \
                 greater than one plus the shard's StartingHashKey {} and less than the shard's EndingHashKey {}.",
                self.shard_to_split, address.name, address.place.account, shard.start, shard.end
            )));
        }
        let streams = Stream::all(cx, address.place).await?;
        check_limit(cx, &streams, 1)?;
        Carry::begin(cx, &address, stream, Status::Updating, Change::Split(shard.number, at)).await?;
        Ok(Empty {})
    }
}

/// Refuses to have the shards of on-demand streams changed.
///
/// # Errors
/// `ValidationException`
pub(super) fn check_provisioned(address: &Address, stream: &Stream) -> Result<()> {
    if stream.mode == Mode::Provisioned {
        return Ok(());
    }
    // UNVERIFIED: the wording.
    Err(ValidationException::because(format!(
        "Request is invalid. Stream {} under account {} is in On-Demand mode.",
        address.name, address.place.account
    )))
}

/// # Errors
/// `InvalidArgumentException`
pub(super) fn check_open(address: &Address, shard: &Shard) -> Result<()> {
    if shard.closed.is_none() {
        return Ok(());
    }
    Err(invalid(format!(
        "Shard {} in stream {} under account {} has already been merged or split, and thus is not eligible for merging \
         or splitting.",
        super::id(shard.number),
        address.name,
        address.place.account
    )))
}

/// Splits an open shard of a stream at a hash key, which begins the second part. What is closed already, or has no such
/// inside, stays as it is.
pub(crate) async fn split(
    cx: &mut Cx,
    place: Place,
    stream: &mut Stream,
    number: ShardNumber,
    at: HashKey,
) -> Result<()> {
    let Some(index) = stream.open.iter().position(|open| open.number == number) else { return Ok(()) };
    let (start, end) = (stream.open[index].start, stream.end(index));
    if at <= start || at > end {
        return Ok(());
    }
    close(cx, place, stream, number).await?;
    let lineage = Lineage { parent: Some(number), adjacent: None };
    let first = open(cx, place, stream, start, HashKey(at.0 - 1), lineage).await?;
    let second = open(cx, place, stream, at, end, lineage).await?;
    stream.open.splice(index..=index, [first, second]);
    Ok(())
}
