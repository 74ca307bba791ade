//! `GetRecords`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Event, Operation, Place, Result};

use super::iterator::Iterator;
use super::{Reading, Record, read};
use crate::errors::{DryRunOperationException, invalid};
use crate::metric;
use crate::shard::list::HashKeyRange;
use crate::shard::{self, Shard};
use crate::stream::{self, Address, DATA, Stream};
use crate::throughput;

/// Records and bytes of an answer at most.
const RECORDS: usize = 10_000;
const BYTES: usize = 10 * 1024 * 1024;

/// Reads records of a shard.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRecords {
    shard_iterator: String,
    limit: Option<usize>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    dry_run: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRecordsOutput {
    records: Vec<Record>,
    next_shard_iterator: Option<String>,
    millis_behind_latest: u64,
    child_shards: Option<Vec<ChildShard>>,
}

/// A shard that came out of one that was read to its end.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChildShard {
    shard_id: String,
    parent_shards: Vec<String>,
    hash_key_range: HashKeyRange,
}

/// The shards that came out of a shard.
pub(crate) async fn children(cx: &mut Cx, place: Place, stream: &Stream, parent: &Shard) -> Result<Vec<ChildShard>> {
    let shards = Shard::of_stream(cx, place, stream.id).await?;
    let parents = |shard: &Shard| [shard.lineage.parent, shard.lineage.adjacent].into_iter().flatten();
    let of_parent = shards.iter().filter(|shard| parents(shard).any(|number| number == parent.number));
    Ok(of_parent
        .map(|shard| ChildShard {
            shard_id: shard::id(shard.number),
            parent_shards: parents(shard).map(shard::id).collect(),
            hash_key_range: HashKeyRange::of(shard),
        })
        .collect())
}

impl Operation for GetRecords {
    const NAME: &'static str = "GetRecords";
    const EVENT: Event = DATA;
    type Output = GetRecordsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let iterator = Iterator::read(&self.shard_iterator)?;
        stream::access(cx, &iterator.address, "kinesis:GetRecords").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetRecordsOutput> {
        let iterator = Iterator::read(&self.shard_iterator)?;
        let address = &iterator.address;
        if self.stream_arn.as_ref().is_some_and(|arn| Address::of_arn(arn).is_ok_and(|named| named != *address)) {
            return Err(invalid("The ShardIterator is not one of the stream that StreamARN names."));
        }
        iterator.check_age(cx)?;
        let stream = address.ready(cx).await?;
        let id = shard::id(iterator.shard);
        let shard = Shard::with_id(cx, address, &stream, &id).await?;
        if shard.stream != iterator.stream {
            return Err(invalid("The ShardIterator is one of a stream that is no more."));
        }
        if self.dry_run.unwrap_or(false) {
            return Err(DryRunOperationException.into());
        }
        let may = cx.once(|cx| throughput::may_read(cx, stream.id, shard.number));
        metric::may_read(cx, address.place, &stream, shard.number, may);
        if !may {
            return Err(throughput::exceeded(address, shard.number));
        }
        let most = (self.limit.unwrap_or(RECORDS).min(RECORDS), BYTES);
        let reading = read(cx, address, &stream, &shard, iterator.next, most).await?;
        metric::got(cx, address.place, &stream, shard.number, &reading);
        let Reading { records, bytes, next, behind, ended } = reading;
        cx.once(|cx| throughput::has_read(cx, stream.id, shard.number, bytes));
        let child_shards = if ended { Some(children(cx, address.place, &stream, &shard).await?) } else { None };
        let next_shard_iterator = if ended { None } else { Some(Iterator::new(cx, address, &shard, next).write()?) };
        Ok(GetRecordsOutput { records, next_shard_iterator, millis_behind_latest: behind, child_shards })
    }
}
