//! How events are stored: the events of one call together, compressed, and beside them what tells whether to read them.
//!
//! | row | key | what |
//! | --- | --- | --- |
//! | [`Head`] | group, stream, time of the first event, number | times, count and size of a batch |
//! | [`Body`] | the same | its events, compressed |
//!
//! A batch spans at most a day, so those with events from `start` on begin at `start` minus a day at the earliest.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, IntoKey, Key, Place, Resource, Result, Scope};

/// How much is compressed for speed: PutLogEvents is not to wait for it.
const LEVEL: i32 = 1;

/// Bytes of a batch when it is unpacked, at most.
const UNPACKED: usize = 4 << 20;

/// What is known of a batch without reading it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) group: String,
    pub(crate) stream: String,
    /// Times of its first and last event, in milliseconds since 1970.
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) number: Number,
    pub(crate) bytes: u64,
}

/// Tells batches of a stream apart, in the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Number {
    /// When it came, in microseconds since 1970.
    pub(crate) came: u64,
    /// By chance: calls of the same microsecond.
    pub(crate) chance: u64,
}

/// The events of a batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Body {
    group: String,
    stream: String,
    first: i64,
    number: Number,
    packed: Bytes,
}

/// An event as a batch holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry(pub(crate) i64, pub(crate) String);

/// An event with what it is known by.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: Id,
    pub(crate) message: String,
}

/// Which event it is. Events are in this order: by time, then as they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id {
    pub(crate) time: i64,
    pub(crate) number: Number,
    pub(crate) at: u32,
}

impl Id {
    /// Before every event.
    pub(crate) const FIRST: Self = Self { time: 0, number: Number { came: 0, chance: 0 }, at: 0 };

    /// The id as clients see it: 56 digits, as AWS's.
    pub(crate) fn text(self) -> String {
        format!("{:013}{:018}{:020}{:05}", self.time, self.number.came, self.number.chance, self.at)
    }

    /// The id that [`text`](Self::text) wrote.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text.len() != 56 || !text.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let number = Number { came: text.get(13..31)?.parse().ok()?, chance: text.get(31..51)?.parse().ok()? };
        Some(Self { time: text.get(..13)?.parse().ok()?, number, at: text.get(51..)?.parse().ok()? })
    }

    /// When it was put, in milliseconds since 1970.
    pub(crate) fn ingested(self) -> i64 {
        i64::try_from(self.number.came / 1000).unwrap_or(i64::MAX)
    }
}

impl Resource for Head {
    const KIND: &'static str = "logs/head";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.place()
    }
}

impl Resource for Body {
    const KIND: &'static str = "logs/body";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.group, &self.stream, self.first, self.number.came, self.number.chance).into_key()
    }
}

impl Head {
    pub(crate) fn place(&self) -> Key {
        (&self.group, &self.stream, self.first, self.number.came, self.number.chance).into_key()
    }

    /// Whether it may have events from `start` up to but not including `end`.
    pub(crate) fn meets(&self, start: i64, end: i64) -> bool {
        self.first < end && self.last >= start
    }

    /// Its events; none if it was removed in the meantime.
    pub(crate) async fn events(&self, cx: &mut Cx, place: Place) -> Result<Vec<Event>> {
        let Some(body) = cx.glance::<Body>(place, self.place()).await? else { return Ok(Vec::new()) };
        let event = |(at, Entry(time, message))| Event { id: Id { time, number: self.number, at }, message };
        Ok((0u32..).zip(unpack(&body.packed)?).map(event).collect())
    }
}

/// Stores a batch. There must be one event at least, and they must be in the order of their times.
pub(crate) fn store(cx: &mut Cx, place: Place, group: &str, stream: &str, entries: &[Entry]) -> Result<()> {
    let (Some(Entry(first, _)), Some(Entry(last, _))) = (entries.first(), entries.last()) else { return Ok(()) };
    let came = u64::try_from(cx.now().micros()).unwrap_or(0);
    let number = Number { came, chance: u64::from_le_bytes(cx.chance().bytes()) };
    let bytes = entries.iter().map(|Entry(_, message)| (message.len() + crate::OVERHEAD) as u64).sum();
    let (group, stream) = (group.to_owned(), stream.to_owned());
    let packed = pack(entries)?;
    let body = Body { group: group.clone(), stream: stream.clone(), first: *first, number, packed };
    cx.insert(place, &Head { group, stream, first: *first, last: *last, number, bytes })?;
    cx.insert(place, &body)
}

/// Heads of the batches of a stream that may have events from `start` up to but not including `end`.
pub(crate) async fn heads(cx: &mut Cx, place: Place, stream: (&str, &str), start: i64, end: i64) -> Result<Vec<Head>> {
    let (group, stream) = stream;
    let from = (group, stream, start.saturating_sub(crate::DAY));
    let mut heads = cx.glance_between::<Head>(place, from, (group, stream, end), 0).await?;
    heads.retain(|head| head.meets(start, end));
    Ok(heads)
}

fn pack(entries: &[Entry]) -> Result<Bytes> {
    let plain = rmp_serde::to_vec(entries).map_err(Error::internal)?;
    zstd::bulk::compress(&plain, LEVEL).map(Bytes::from).map_err(Error::internal)
}

fn unpack(packed: &[u8]) -> Result<Vec<Entry>> {
    let plain = zstd::bulk::decompress(packed, UNPACKED).map_err(Error::internal)?;
    rmp_serde::from_slice(&plain).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn ids_as_texts_sort_as_they_do_and_read_back() {
        let number = |came, chance| Number { came, chance };
        let ids = [
            Id::FIRST,
            Id { time: 5, number: number(9, 1), at: 0 },
            Id { time: 1_700_000_000_000, number: number(1, 7), at: 9 },
            Id { time: 1_700_000_000_000, number: number(1, u64::MAX), at: 0 },
            Id { time: 1_700_000_000_000, number: number(1_700_000_000_000_000, 0), at: 9_999 },
        ];
        assert!(ids.is_sorted());
        let texts = ids.map(Id::text);
        assert!(texts.is_sorted());
        assert_eq!(texts.each_ref().map(|text| Id::read(text).unwrap()), ids);
        assert_eq!(Id::read("1"), None);
    }

    #[test]
    fn entries_are_packed_and_unpacked() {
        let entries: Vec<Entry> = (0..1000).map(|i| Entry(i, format!("GET /index.html 200 {i} ü"))).collect();
        let packed = pack(&entries).unwrap();
        assert!(packed.len() < 10_000, "{} bytes", packed.len());
        assert_eq!(unpack(&packed).unwrap(), entries);
    }
}
