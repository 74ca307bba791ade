//! `ListShards`, and how a shard is shown.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp, page};

use super::{Shard, ShardNumber, id};
use crate::errors::{ExpiredNextTokenException, invalid};
use crate::sequence::SequenceNumber;
use crate::stream::{self, Address, DATA, Stream};

/// A shard as the API has it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Shown {
    shard_id: String,
    parent_shard_id: Option<String>,
    adjacent_parent_shard_id: Option<String>,
    hash_key_range: HashKeyRange,
    sequence_number_range: SequenceNumberRange,
}

/// A range of hash keys.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HashKeyRange {
    starting_hash_key: String,
    ending_hash_key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SequenceNumberRange {
    starting_sequence_number: String,
    ending_sequence_number: Option<String>,
}

impl HashKeyRange {
    pub(crate) fn of(shard: &Shard) -> Self {
        Self { starting_hash_key: shard.start.to_string(), ending_hash_key: shard.end.to_string() }
    }
}

impl Shown {
    pub(crate) fn of(stream: &Stream, shard: &Shard) -> Self {
        let number = |position| SequenceNumber { position, shard: shard.number, stream: stream.id }.to_string();
        Self {
            shard_id: id(shard.number),
            parent_shard_id: shard.lineage.parent.map(id),
            adjacent_parent_shard_id: shard.lineage.adjacent.map(id),
            hash_key_range: HashKeyRange::of(shard),
            sequence_number_range: SequenceNumberRange {
                starting_sequence_number: number(shard.first),
                ending_sequence_number: shard.closed.map(|closed| number(closed.last)),
            },
        }
    }
}

/// Which shards are wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShardFilter {
    #[serde(rename = "Type")]
    kind: String,
    shard_id: Option<String>,
    timestamp: Option<Timestamp>,
}

/// Lists the shards of a stream.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListShards {
    stream_name: Option<String>,
    next_token: Option<String>,
    exclusive_start_shard_id: Option<String>,
    max_results: Option<usize>,
    stream_creation_timestamp: Option<Timestamp>,
    shard_filter: Option<ShardFilter>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListShardsOutput {
    shards: Vec<Shown>,
    next_token: Option<String>,
}

/// Where a page begins.
#[derive(Serialize, Deserialize)]
struct Token {
    address: Address,
    stream: u64,
    after: ShardNumber,
    filter: Option<ShardFilter>,
    given: Timestamp,
}

/// How long a token holds.
const TOKEN_LIFE: Duration = Duration::from_secs(300);

/// Shards of an answer, unless it is said otherwise.
const PAGE: usize = 1000;

impl Operation for ListShards {
    const NAME: &'static str = "ListShards";
    const EVENT: welkin_kernel::Event = DATA;
    type Output = ListShardsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = match self.token()? {
            Some(token) => token.address,
            None => Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?,
        };
        stream::access(cx, &address, "kinesis:ListShards").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListShardsOutput> {
        let token = self.token()?;
        let address = match &token {
            Some(_) if self.stream_name.is_some() || self.stream_creation_timestamp.is_some() => {
                return Err(invalid("NextToken and StreamName cannot be provided together."));
            }
            Some(token) => token.address.clone(),
            None => Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?,
        };
        let stream = address.stream(cx).await?;
        let (filter, mut after) = match token {
            Some(token) if token.stream != stream.id || cx.now() > token.given.plus(TOKEN_LIFE) => {
                return Err(ExpiredNextTokenException.into());
            }
            Some(token) => (token.filter, Some(token.after)),
            None => (self.shard_filter.clone(), None),
        };
        if let Some(id) = &self.exclusive_start_shard_id {
            after = after.max(Some(Shard::number_of(&address, id)?));
        }
        let mut shards = Shard::of_stream(cx, address.place, stream.id).await?;
        if let Some(filter) = &filter {
            filter.apply(cx, &address, &stream, &mut shards)?;
        }
        shards.retain(|shard| after.is_none_or(|after| shard.number > after));
        let size = self.max_results.unwrap_or(PAGE);
        let more = shards.len() > size;
        shards.truncate(size);
        let next_token = match shards.last().filter(|_| more) {
            Some(last) => {
                let (stream, after) = (stream.id, last.number);
                Some(page::token(&Token { address, stream, after, filter, given: cx.now() })?)
            }
            None => None,
        };
        Ok(ListShardsOutput { shards: shards.iter().map(|shard| Shown::of(&stream, shard)).collect(), next_token })
    }
}

impl ListShards {
    fn token(&self) -> Result<Option<Token>> {
        page::read(self.next_token.as_deref(), || invalid("NextToken is invalid."))
    }
}

impl ShardFilter {
    fn apply(&self, cx: &Cx, address: &Address, stream: &Stream, shards: &mut Vec<Shard>) -> Result<()> {
        let horizon = cx.now().minus(stream.retention()).max(stream.created);
        let timestamp = || self.timestamp.ok_or_else(|| invalid("Timestamp is required for this type of ShardFilter."));
        match self.kind.as_str() {
            "AFTER_SHARD_ID" => {
                let id = self.shard_id.as_deref();
                let id = id.ok_or_else(|| invalid("ShardId is required for the ShardFilter type AFTER_SHARD_ID."))?;
                let after = Shard::number_of(address, id)?;
                shards.retain(|shard| shard.number > after);
            }
            "AT_TRIM_HORIZON" => shards.retain(|shard| shard.was_open_at(horizon)),
            "FROM_TRIM_HORIZON" => shards.retain(|shard| is_from(shard, horizon)),
            "AT_LATEST" => shards.retain(|shard| shard.closed.is_none()),
            "AT_TIMESTAMP" => {
                let time = timestamp()?.max(horizon);
                shards.retain(|shard| shard.was_open_at(time));
            }
            "FROM_TIMESTAMP" => {
                let time = timestamp()?.max(horizon);
                shards.retain(|shard| is_from(shard, time));
            }
            other => return Err(invalid(format!("{other} is no type of ShardFilter."))),
        }
        Ok(())
    }
}

/// Whether a shard took records at a time or after it.
fn is_from(shard: &Shard, time: Timestamp) -> bool {
    shard.closed.is_none_or(|closed| closed.at >= time)
}
