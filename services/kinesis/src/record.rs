//! Records: how they lie in the store, and how they are read.
//!
//! What one call puts into a shard is one row, a block. It is keyed by its last record, so that the first block at or
//! after a place is the one that holds it.

pub(crate) mod get;
pub(crate) mod iterator;
pub(crate) mod put;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::encryption::{self, Sealed};
use crate::sequence::{Position, SequenceNumber};
use crate::shard::{Shard, ShardNumber};
use crate::stream::{Address, Stream};

/// Records that one call put into one shard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Block {
    pub(crate) stream: u64,
    pub(crate) shard: ShardNumber,
    pub(crate) last: Position,
    pub(crate) time: Timestamp,
    /// How many there are, one after the other up to `last`.
    pub(crate) count: u64,
    /// The records.
    pub(crate) content: Sealed,
}

impl Resource for Block {
    const KIND: &'static str = "kinesis/block";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.stream, self.shard, self.last.0).into_key()
    }
}

/// A record as it lies in a block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) partition_key: String,
    pub(crate) data: Bytes,
}

impl Kept {
    /// What it counts in quotas.
    pub(crate) fn size(&self) -> usize {
        self.partition_key.len() + self.data.len()
    }
}

/// A record as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Record {
    sequence_number: String,
    approximate_arrival_timestamp: Timestamp,
    data: Bytes,
    partition_key: String,
    encryption_type: String,
}

impl Block {
    /// The first blocks of a shard at or after a place, or from its beginning.
    pub(crate) async fn after(
        cx: &mut Cx,
        place: Place,
        (stream, shard): (u64, ShardNumber),
        from: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Self>> {
        let from = from.unwrap_or_default().0;
        cx.between::<Self>(place, (stream, shard, from), (stream, shard, u64::MAX), limit, false).await
    }

    fn first(&self) -> Position {
        Position(self.last.0.saturating_sub(self.count.saturating_sub(1)))
    }
}

/// What was read of a shard.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) records: Vec<Record>,
    pub(crate) bytes: usize,
    /// Where to go on.
    pub(crate) next: Position,
    /// How far behind the newest record that is, in milliseconds.
    pub(crate) behind: u64,
    /// Whether there will be no more: the shard is closed and was read to its end.
    pub(crate) ended: bool,
}

/// Blocks that are read at once.
const AT_ONCE: usize = 4;

/// Reads up to so many records and bytes of a shard, from a place on.
///
/// # Errors
/// Those of KMS.
pub(crate) async fn read(
    cx: &mut Cx,
    address: &Address,
    stream: &Stream,
    shard: &Shard,
    from: Position,
    (most, most_bytes): (usize, usize),
) -> Result<Reading> {
    let place = address.place;
    let horizon = cx.now().minus(stream.retention());
    let mut reading = Reading { next: from, ..Reading::default() };
    let mut full = false;
    let mut seen = None;
    'blocks: while !full {
        let blocks = Block::after(cx, place, (stream.id, shard.number), Some(reading.next), AT_ONCE).await?;
        let is_last = blocks.len() < AT_ONCE;
        for block in blocks {
            if block.time <= horizon {
                reading.next = block.last.next();
                continue;
            }
            seen = Some(block.time);
            let (first, last, time) = (block.first(), block.last, block.time);
            let encrypted = if block.content.is_by_kms() { "KMS" } else { "NONE" };
            let kept = unpack(&encryption::open(cx, address, stream, block.content).await?)?;
            for (at, record) in (first.0..).zip(kept).map(|(at, record)| (Position(at), record)) {
                if at < reading.next {
                    continue;
                }
                let size = record.size();
                if reading.records.len() >= most || (reading.bytes + size > most_bytes && reading.bytes > 0) {
                    full = true;
                    break 'blocks;
                }
                reading.bytes += size;
                let number = SequenceNumber { position: at, shard: shard.number, stream: stream.id };
                reading.records.push(Record {
                    sequence_number: number.to_string(),
                    approximate_arrival_timestamp: time,
                    data: record.data,
                    partition_key: record.partition_key,
                    encryption_type: encrypted.to_owned(),
                });
                reading.next = at.next();
            }
            reading.next = reading.next.max(last.next());
        }
        if is_last {
            break;
        }
    }
    if full {
        reading.behind = seen.map_or(0, |time| u64::try_from(cx.now().since(time).as_millis()).unwrap_or(u64::MAX));
    }
    // A closed shard gets no more records, so what was read to the end was read wholly.
    reading.ended = !full && shard.closed.is_some();
    Ok(reading)
}

pub(crate) fn pack(records: &[Kept]) -> Result<Vec<u8>> {
    rmp_serde::to_vec(records).map_err(Error::internal)
}

fn unpack(content: &[u8]) -> Result<Vec<Kept>> {
    rmp_serde::from_slice(content).map_err(Error::internal)
}
