//! A shard: its range of hash keys, where it comes from, and how far its records go.

pub(crate) mod count;
pub(crate) mod list;
pub(crate) mod merge;
pub(crate) mod split;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Page, Place, Resource, Result, Schedule, Scope, Timestamp};

use crate::errors::{ResourceNotFoundException, invalid};
use crate::hash_key::HashKey;
use crate::sequence::Position;
use crate::stream::{Address, OpenShard, Stream};
use crate::throughput::Buckets;
use crate::trim;

/// The number of a shard in its stream.
pub(crate) type ShardNumber = u64;

const PREFIX: &str = "shardId-";

/// `ShardId`.
pub(crate) fn id(number: ShardNumber) -> String {
    format!("{PREFIX}{number:012}")
}

/// A shard as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Shard {
    pub(crate) stream: u64,
    pub(crate) number: ShardNumber,
    pub(crate) lineage: Lineage,
    pub(crate) start: HashKey,
    pub(crate) end: HashKey,
    pub(crate) created: Timestamp,
    /// Where its records begin.
    pub(crate) first: Position,
    pub(crate) closed: Option<Closed>,
}

/// Which shards a shard comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lineage {
    pub(crate) parent: Option<ShardNumber>,
    pub(crate) adjacent: Option<ShardNumber>,
}

/// The end of a shard.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Closed {
    pub(crate) at: Timestamp,
    /// No record of it is beyond.
    pub(crate) last: Position,
}

impl Resource for Shard {
    const KIND: &'static str = "kinesis/shard";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.stream, self.number).into_key()
    }
}

/// How far a shard has come. Whoever puts records changes it, so those who put to one shard come one after the other
/// and its records are in the order in which they were acknowledged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) stream: u64,
    pub(crate) shard: ShardNumber,
    /// Where the next record is at the earliest.
    pub(crate) next: Position,
    pub(crate) buckets: Buckets,
    pub(crate) load: Load,
    /// Whether its old records are looked after: there is a job for it.
    pub(crate) trimmed: bool,
}

impl Resource for Head {
    const KIND: &'static str = "kinesis/head";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.stream, self.shard).into_key()
    }
}

/// What a shard has taken in a minute.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Load {
    /// The minute, counted from 1970.
    pub(crate) minute: i64,
    pub(crate) bytes: u64,
    pub(crate) records: u64,
    /// Its least and its greatest hash key.
    pub(crate) keys: Option<(HashKey, HashKey)>,
}

impl Shard {
    /// The shards of a stream in the order in which they were made, open or closed.
    pub(crate) async fn of_stream(cx: &mut Cx, place: Place, stream: u64) -> Result<Vec<Self>> {
        cx.list::<Self>(place, stream, Page::ALL).await
    }

    /// The number in a shard's id.
    ///
    /// # Errors
    /// `InvalidArgumentException`
    pub(crate) fn number_of(address: &Address, id: &str) -> Result<ShardNumber> {
        let number = id.strip_prefix(PREFIX).and_then(|digits| digits.parse().ok());
        number.ok_or_else(|| invalid(format!("ShardId {id} is not one of stream {}.", address.name)))
    }

    /// The shard with this id.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(crate) async fn with_id(cx: &mut Cx, address: &Address, stream: &Stream, id: &str) -> Result<Self> {
        let missing = || {
            ResourceNotFoundException::because(format!(
                "Could not find shard {id} in stream {} under account {}.",
                address.name, address.place.account
            ))
        };
        let number = Self::number_of(address, id).map_err(|_| missing())?;
        cx.get::<Self>(address.place, (stream.id, number)).await?.ok_or_else(missing)
    }

    /// Whether it took records at a time.
    pub(crate) fn was_open_at(&self, time: Timestamp) -> bool {
        self.created <= time && self.closed.is_none_or(|closed| closed.at > time)
    }
}

impl Head {
    /// # Errors
    /// A fault: a shard without one.
    pub(crate) async fn of(cx: &mut Cx, place: Place, stream: u64, shard: ShardNumber) -> Result<Self> {
        let head = cx.get::<Self>(place, (stream, shard)).await?;
        head.ok_or_else(|| welkin_kernel::Error::internal(format_args!("shard {shard} of stream {stream} has no head")))
    }
}

/// Makes an open shard; it is not yet in the stream's list.
pub(crate) async fn open(
    cx: &mut Cx,
    place: Place,
    stream: &mut Stream,
    start: HashKey,
    end: HashKey,
    lineage: Lineage,
) -> Result<OpenShard> {
    let number = stream.next_shard;
    stream.next_shard += 1;
    let mut first = Position::at(cx.now());
    // A child begins after its parents, whatever the clock did.
    for parent in [lineage.parent, lineage.adjacent].into_iter().flatten() {
        first = first.max(Head::of(cx, place, stream.id, parent).await?.next);
    }
    let shard = Shard { stream: stream.id, number, lineage, start, end, created: cx.now(), first, closed: None };
    cx.put(place, &shard).await?;
    let head = Head {
        stream: stream.id,
        shard: number,
        next: first,
        buckets: Buckets::full(cx.now()),
        load: Load::default(),
        trimmed: false,
    };
    cx.put(place, &head).await?;
    Ok(OpenShard { number, start })
}

/// Closes a shard: it takes no more records, and is forgotten with its last one.
pub(crate) async fn close(cx: &mut Cx, place: Place, stream: &Stream, number: ShardNumber) -> Result<()> {
    let Some(mut shard) = cx.get::<Shard>(place, (stream.id, number)).await? else { return Ok(()) };
    let mut head = Head::of(cx, place, stream.id, number).await?;
    let last = head.next.max(Position::at(cx.now()));
    shard.closed = Some(Closed { at: cx.now(), last });
    cx.put(place, &shard).await?;
    // Readers wait at the head.
    head.next = last.next();
    cx.put(place, &head).await?;
    let forget = trim::Forget { stream: stream.name.clone(), id: stream.id, shard: number };
    cx.enqueue_at(place, &forget, Schedule::at(cx.after(stream.retention()))).await?;
    Ok(())
}
