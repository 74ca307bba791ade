//! Sequence numbers: where a record is in its shard.

use std::fmt;

use serde::{Deserialize, Serialize};
use welkin_kernel::Timestamp;

use crate::shard::{self, ShardNumber};

/// A place in a shard. It grows with the clock, so that a time is a place too, and with each record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Position(pub(crate) u64);

/// Records in a microsecond, as far as their places go by the clock alone.
const EACH: u32 = 10;

impl Position {
    /// The first one of a time.
    pub(crate) fn at(time: Timestamp) -> Self {
        Self(u64::try_from(time.micros()).unwrap_or(0) << EACH)
    }

    pub(crate) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    pub(crate) fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

/// A sequence number as the API writes it: 56 digits, which name the place, the shard and the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SequenceNumber {
    pub(crate) position: Position,
    pub(crate) shard: ShardNumber,
    pub(crate) stream: u64,
}

/// What AWS's begin with these years.
const BEGINNING: &str = "49";

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{BEGINNING}{:020}{:010}{:024}", self.position.0, self.shard, self.stream)
    }
}

/// Why a text is no sequence number of a shard.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotOfThisShard {
    /// It is one of another stream, or none at all.
    OtherStream,
    /// It is one of another shard.
    OtherShard(String),
}

impl SequenceNumber {
    /// The place that a text names in a shard.
    ///
    /// # Errors
    /// When it is not of this shard.
    pub(crate) fn place(text: &str, stream: u64, shard: ShardNumber) -> Result<Position, NotOfThisShard> {
        // "0" is before everything, in every shard.
        if text == "0" {
            return Ok(Position(0));
        }
        let number = Self::parse(text).filter(|number| number.stream == stream).ok_or(NotOfThisShard::OtherStream)?;
        if number.shard != shard {
            return Err(NotOfThisShard::OtherShard(shard::id(number.shard)));
        }
        Ok(number.position)
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(BEGINNING).filter(|digits| digits.len() == 54 && digits.is_ascii())?;
        let (position, rest) = digits.split_at(20);
        let (shard, stream) = rest.split_at(10);
        Some(Self {
            position: Position(position.parse().ok()?),
            shard: shard.parse().ok()?,
            stream: stream.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written_and_only_in_their_shard() {
        let number = SequenceNumber { position: Position(77), shard: 3, stream: u64::MAX };
        let text = number.to_string();
        assert_eq!(text.len(), 56);
        assert_eq!(SequenceNumber::place(&text, u64::MAX, 3), Ok(Position(77)));
        assert_eq!(SequenceNumber::place(&text, 1, 3), Err(NotOfThisShard::OtherStream));
        let other = NotOfThisShard::OtherShard("shardId-000000000003".to_owned());
        assert_eq!(SequenceNumber::place(&text, u64::MAX, 4), Err(other));
        for text in ["", "1", "49", &text[1..], &"4".repeat(56)] {
            assert_eq!(SequenceNumber::place(text, 1, 1), Err(NotOfThisShard::OtherStream), "{text}");
        }
    }

    #[test]
    fn numbers_sort_as_texts_as_their_places_do() {
        let text = |position| SequenceNumber { position: Position(position), shard: 1, stream: 9 }.to_string();
        assert!(text(9) < text(10) && text(10) < text(u64::MAX));
        assert!(Position::at(Timestamp::from_millis(1)) < Position::at(Timestamp::from_millis(2)));
    }
}
