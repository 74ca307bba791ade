//! `GetShardIterator`, and what an iterator is.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Event, Operation, Result, Timestamp, page};

use crate::errors::{DryRunOperationException, ExpiredIteratorException, invalid};
use crate::sequence::{NotOfThisShard, Position, SequenceNumber};
use crate::shard::{Head, Shard, ShardNumber};
use crate::stream::{self, Address, DATA, Stream};

/// How long an iterator holds.
const LIFE: Duration = Duration::from_secs(300);

/// Where somebody reads on: what a shard iterator holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Iterator {
    pub(crate) address: Address,
    pub(crate) stream: u64,
    pub(crate) shard: ShardNumber,
    pub(crate) next: Position,
    given: Timestamp,
}

impl Iterator {
    pub(crate) fn new(cx: &Cx, address: &Address, shard: &Shard, next: Position) -> Self {
        Self { address: address.clone(), stream: shard.stream, shard: shard.number, next, given: cx.now() }
    }

    pub(crate) fn write(&self) -> Result<String> {
        page::token(self)
    }

    /// # Errors
    /// `InvalidArgumentException`
    pub(crate) fn read(text: &str) -> Result<Self> {
        page::read(Some(text), || invalid("Invalid ShardIterator."))?.ok_or_else(|| invalid("Invalid ShardIterator."))
    }

    /// # Errors
    /// `ExpiredIteratorException`
    pub(crate) fn check_age(&self, cx: &Cx) -> Result<()> {
        if cx.now() <= self.given.plus(LIFE) {
            return Ok(());
        }
        Err(ExpiredIteratorException::because(format!(
            "Iterator expired. The iterator was created at time {} while right now it is {} which is further in the \
             future than the tolerated delay of {} milliseconds.",
            self.given.secs(),
            cx.now().secs(),
            LIFE.as_millis()
        )))
    }
}

/// From where a shard is to be read.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartingPosition {
    #[serde(rename = "Type")]
    pub(crate) kind: String,
    pub(crate) sequence_number: Option<String>,
    pub(crate) timestamp: Option<Timestamp>,
}

impl StartingPosition {
    /// The place in a shard that it means.
    ///
    /// # Errors
    /// `InvalidArgumentException`
    pub(crate) async fn place(
        &self,
        cx: &mut Cx,
        address: &Address,
        stream: &Stream,
        shard: &Shard,
        asked_by: &str,
    ) -> Result<Position> {
        Ok(match self.kind.as_str() {
            "TRIM_HORIZON" => Position::default(),
            "LATEST" => Head::of(cx, address.place, stream.id, shard.number).await?.next,
            "AT_SEQUENCE_NUMBER" => self.number(address, stream, shard, asked_by)?,
            "AFTER_SEQUENCE_NUMBER" => self.number(address, stream, shard, asked_by)?.next(),
            "AT_TIMESTAMP" => match self.timestamp {
                // UNVERIFIED: the wording.
                None => {
                    return Err(invalid("Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP."));
                }
                Some(time) if time > cx.now() => {
                    return Err(invalid(format!(
                        "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. \
                         timestampInMillis: {}, currentTimestampInMillis: {}",
                        time.millis(),
                        cx.now().millis()
                    )));
                }
                Some(time) => Position::at(time),
            },
            other => return Err(invalid(format!("{other} is no type of shard iterator."))),
        })
    }

    fn number(&self, address: &Address, stream: &Stream, shard: &Shard, asked_by: &str) -> Result<Position> {
        let text = self.sequence_number.as_deref().ok_or_else(|| {
            invalid(format!("Must specify StartingSequenceNumber parameter for iterator of type {}.", self.kind))
        })?;
        let id = crate::shard::id(shard.number);
        SequenceNumber::place(text, stream.id, shard.number).map_err(|reason| match reason {
            NotOfThisShard::OtherStream => invalid(format!(
                "StartingSequenceNumber {text} used in {asked_by} on shard {id} in stream {} under account {} is invalid \
                 because it did not come from this stream.",
                address.name, address.place.account
            )),
            NotOfThisShard::OtherShard(other) => invalid(format!(
                "Invalid StartingSequenceNumber. It encodes {other}, while it was used in a call to a shard with {id}"
            )),
        })
    }
}

/// Gives an iterator, by which a shard is read.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetShardIterator {
    stream_name: Option<String>,
    shard_id: String,
    shard_iterator_type: String,
    starting_sequence_number: Option<String>,
    timestamp: Option<Timestamp>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    dry_run: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetShardIteratorOutput {
    shard_iterator: String,
}

impl Operation for GetShardIterator {
    const NAME: &'static str = "GetShardIterator";
    const EVENT: Event = DATA;
    type Output = GetShardIteratorOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        stream::access(cx, &address, "kinesis:GetShardIterator").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetShardIteratorOutput> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        let stream = address.ready(cx).await?;
        let shard = Shard::with_id(cx, &address, &stream, &self.shard_id).await?;
        let start = StartingPosition {
            kind: self.shard_iterator_type.clone(),
            sequence_number: self.starting_sequence_number.clone(),
            timestamp: self.timestamp,
        };
        let next = start.place(cx, &address, &stream, &shard, "GetShardIterator").await?;
        if self.dry_run.unwrap_or(false) {
            return Err(DryRunOperationException.into());
        }
        Ok(GetShardIteratorOutput { shard_iterator: Iterator::new(cx, &address, &shard, next).write()? })
    }
}
