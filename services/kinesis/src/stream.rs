//! A stream: its name, its address, and what is stored of it.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod describe;
pub(crate) mod encrypt;
pub(crate) mod limits;
pub(crate) mod list;
pub(crate) mod mode;
pub(crate) mod monitoring;
pub(crate) mod retention;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, Arn, Cx, Event, IntoKey, Job, Key, Page, Place, Principal, Resource, Result, Schedule, Scope, Timestamp,
};

use crate::errors::{ResourceNotFoundException, busy, invalid, no_stream};
use crate::hash_key::HashKey;
use crate::shard::ShardNumber;

/// Its calls on records are data events of this type.
///
/// Reference: <https://docs.aws.amazon.com/streams/latest/dev/logging-using-cloudtrail.html>
pub(crate) const DATA: Event = Event::Data(TYPE);

/// The type of streams in records of calls.
const TYPE: &str = "AWS::Kinesis::Stream";

/// A stream as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stream {
    pub(crate) name: String,
    /// Tells it from an earlier one of the same name.
    pub(crate) id: u64,
    pub(crate) created: Timestamp,
    pub(crate) status: Status,
    pub(crate) mode: Mode,
    pub(crate) retention_hours: u32,
    /// The KMS key by which records are encrypted, as it was given.
    pub(crate) kms_key: Option<String>,
    /// Metrics that each shard has.
    pub(crate) monitored: BTreeSet<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) policy: Option<String>,
    /// When the mode was changed, and when the number of shards was set, in the last 24 hours.
    pub(crate) mode_changes: Vec<Timestamp>,
    pub(crate) count_changes: Vec<Timestamp>,
    /// Number of the shard that is made next.
    pub(crate) next_shard: ShardNumber,
    /// The open shards in the order of their hash keys, of which they leave none out.
    pub(crate) open: Vec<OpenShard>,
}

/// An open shard: it takes what leads to its first hash key or beyond, up to the next one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenShard {
    pub(crate) number: ShardNumber,
    pub(crate) start: HashKey,
}

/// `StreamStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    Creating,
    Active,
    Updating,
    Deleting,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::Updating => "UPDATING",
            Self::Deleting => "DELETING",
        }
    }
}

/// `StreamMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Mode {
    Provisioned,
    OnDemand,
}

/// `StreamModeDetails`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ModeDetails {
    pub(crate) stream_mode: Mode,
}

impl Resource for Stream {
    const KIND: &'static str = "kinesis/stream";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

impl Stream {
    /// The shards that take records now.
    pub(crate) fn open_count(&self) -> u64 {
        self.open.len() as u64
    }

    /// The open shard to which a hash key leads.
    pub(crate) fn route(&self, key: HashKey) -> Option<OpenShard> {
        let after = self.open.partition_point(|shard| shard.start <= key);
        self.open.get(after.checked_sub(1)?).copied()
    }

    /// What the open shard at a place of the list takes last.
    pub(crate) fn end(&self, at: usize) -> HashKey {
        self.open.get(at + 1).map_or(HashKey::MOST, |next| HashKey(next.start.0 - 1))
    }

    pub(crate) fn retention(&self) -> Duration {
        Duration::from_secs(u64::from(self.retention_hours) * 3600)
    }

    /// Whether calls on records and descriptions may go on: it is there and not on its way out.
    pub(crate) fn is_there(&self) -> bool {
        matches!(self.status, Status::Active | Status::Updating)
    }

    /// All streams of the place.
    pub(crate) async fn all(cx: &mut Cx, place: Place) -> Result<Vec<Self>> {
        cx.list::<Self>(place, (), Page::ALL).await
    }
}

/// Where a stream is, whether or not there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) place: Place,
    pub(crate) name: String,
}

/// What ARNs of streams begin with, after the account.
const RESOURCE: &str = "stream/";

impl Address {
    /// The stream that a call means: by its ARN, or by its name in the call's account.
    ///
    /// # Errors
    /// `InvalidArgumentException` when neither is given, or they are of different streams.
    pub(crate) fn of(cx: &Cx, name: Option<&str>, arn: Option<&str>) -> Result<Self> {
        let Some(arn) = arn else {
            // UNVERIFIED: the wording.
            let name = name.ok_or_else(|| invalid("Either StreamName or StreamARN must be specified."))?;
            return Ok(Self { place: cx.here(), name: name.to_owned() });
        };
        let address = Self::of_arn(arn)?;
        match name {
            // UNVERIFIED: the wording.
            Some(name) if name != address.name => {
                Err(invalid(format!("StreamName {name} does not match StreamARN {arn}.")))
            }
            _ => Ok(address),
        }
    }

    /// The stream with this ARN.
    ///
    /// # Errors
    /// `InvalidArgumentException`
    pub(crate) fn of_arn(text: &str) -> Result<Self> {
        let malformed = || invalid(format!("Invalid ARN: {text}"));
        let arn: Arn = text.parse().map_err(|_| malformed())?;
        let name = arn.resource().strip_prefix(RESOURCE).filter(|name| !name.is_empty() && !name.contains('/'));
        match (arn.account(), arn.region(), name) {
            (Some(account), Some(region), Some(name)) if arn.service() == "kinesis" => {
                Ok(Self { place: Place::new(account, region), name: name.to_owned() })
            }
            _ => Err(malformed()),
        }
    }

    pub(crate) fn arn(&self) -> Arn {
        self.place.arn("kinesis", format!("{RESOURCE}{}", self.name))
    }

    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<Stream>> {
        cx.get::<Stream>(self.place, self.name.as_str()).await
    }

    /// The stream, whatever state it is in.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(crate) async fn stream(&self, cx: &mut Cx) -> Result<Stream> {
        self.find(cx).await?.ok_or_else(|| no_stream(self))
    }

    /// The stream, to be changed: it must not be changing already.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `ResourceInUseException`
    pub(crate) async fn idle(&self, cx: &mut Cx) -> Result<Stream> {
        let stream = self.stream(cx).await?;
        match stream.status {
            Status::Active => Ok(stream),
            other => Err(busy(self, other.name())),
        }
    }

    /// The stream, to write to or to read from.
    ///
    /// # Errors
    /// `ResourceNotFoundException`: also while it is made or deleted.
    pub(crate) async fn ready(&self, cx: &mut Cx) -> Result<Stream> {
        let stream = self.stream(cx).await?;
        if stream.is_there() { Ok(stream) } else { Err(no_stream(self)) }
    }

    /// The stream that a job is about, if it is still that one.
    pub(crate) async fn same(&self, cx: &mut Cx, id: u64) -> Result<Option<Stream>> {
        Ok(self.find(cx).await?.filter(|stream| stream.id == id))
    }
}

/// The access to a stream that an operation demands.
///
/// # Errors
/// `ResourceNotFoundException` to callers of other accounts, when there is no such stream.
pub(crate) async fn access(cx: &mut Cx, address: &Address, action: &'static str) -> Result<Access> {
    let access = Access::to(action).on(address.arn()).recorded_as(TYPE);
    match address.find(cx).await? {
        Some(stream) => Ok(access.policy(stream.policy.as_deref()).resource_tags(&stream.tags)),
        None if cx.principal().account() == Some(address.place.account)
            && !matches!(cx.principal(), Principal::Service(_)) =>
        {
            Ok(access)
        }
        None => Err(ResourceNotFoundException::because(format!(
            "Stream {} under account {} not found.",
            address.name, address.place.account
        ))),
    }
}

/// What a change of a stream comes to, once the call that asked for it has been answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Change {
    /// There is nothing more to do than to say so.
    Settle,
    /// A shard is split at a hash key.
    Split(ShardNumber, HashKey),
    /// A shard and the one after it become one.
    Merge(ShardNumber, ShardNumber),
    /// The shards become so many, of equal size.
    Count(u64),
    /// Everything is removed.
    Delete,
}

/// Carries a change out and makes the stream active again.
///
/// AWS takes seconds to minutes for that. Here it follows at once.
#[derive(Serialize, Deserialize)]
pub(crate) struct Carry {
    address: Address,
    id: u64,
    change: Change,
}

impl Carry {
    /// Marks the stream as in the state of the change, and has that carried out.
    pub(crate) async fn begin(
        cx: &mut Cx,
        address: &Address,
        mut stream: Stream,
        status: Status,
        change: Change,
    ) -> Result<()> {
        stream.status = status;
        cx.put(address.place, &stream).await?;
        let carry = Self { address: address.clone(), id: stream.id, change };
        cx.enqueue_at(address.place, &carry, Schedule::now().lane(format!("kinesis/stream {}", stream.id))).await?;
        Ok(())
    }
}

impl Job for Carry {
    const NAME: &'static str = "kinesis/carry";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let Some(mut stream) = self.address.same(cx, self.id).await? else { return Ok(()) };
        let place = self.address.place;
        match &self.change {
            Change::Settle => {}
            Change::Split(shard, at) => crate::shard::split::split(cx, place, &mut stream, *shard, *at).await?,
            Change::Merge(shard, next) => crate::shard::merge::merge(cx, place, &mut stream, *shard, *next).await?,
            Change::Count(count) => crate::shard::count::set(cx, place, &mut stream, *count).await?,
            Change::Delete => return delete::clear(cx, place, &stream).await,
        }
        stream.status = Status::Active;
        cx.put(place, &stream).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn arns_of_streams_are_read_and_others_are_not() {
        let address = Address::of_arn("arn:aws:kinesis:us-east-1:111122223333:stream/s").unwrap();
        assert_eq!(address.arn().as_str(), "arn:aws:kinesis:us-east-1:111122223333:stream/s");
        for arn in [
            "s",
            "arn:aws:kinesis:us-east-1:111122223333:stream/",
            "arn:aws:kinesis:us-east-1:111122223333:stream/s/consumer/c:1",
            "arn:aws:sqs:us-east-1:111122223333:stream/s",
            "arn:aws:kinesis:us-east-1::stream/s",
        ] {
            assert!(Address::of_arn(arn).is_err(), "{arn}");
        }
    }
}
