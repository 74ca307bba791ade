//! `SubscribeToShard`: records are pushed as they come.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::model::{Protocol, ShapeId};
use welkin_kernel::{Access, Cx, Empty, Error, Event, Feed, Operation, Result, Timestamp, Value, model, wire};

use super::{ConsumerAddress, Subscription, access};
use crate::errors::{DryRunOperationException, ResourceInUseException};
use crate::metric;
use crate::record::get::{ChildShard, children};
use crate::record::iterator::StartingPosition;
use crate::record::{Block, Reading, Record, read};
use crate::sequence::{Position, SequenceNumber};
use crate::shard::{Shard, ShardNumber};

/// How long a subscription lasts.
const LIFE: Duration = Duration::from_secs(300);

/// Within which another subscription of the same consumer to the same shard is refused.
const AGAIN: Duration = Duration::from_secs(5);

/// When an event comes though there are no records.
// UNVERIFIED: how often AWS sends events without records.
const BEAT: Duration = Duration::from_secs(5);

/// Records and bytes of an event: a consumer gets 2 MB a second of each shard.
const MOST: (usize, usize) = (10_000, 1024 * 1024);

/// Subscribes a consumer to a shard for five minutes.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SubscribeToShard {
    #[serde(rename = "ConsumerARN")]
    consumer_arn: String,
    shard_id: String,
    starting_position: StartingPosition,
    dry_run: Option<bool>,
}

impl Operation for SubscribeToShard {
    const NAME: &'static str = "SubscribeToShard";
    const EVENT: Event = Event::Data("AWS::Kinesis::StreamConsumer");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, &ConsumerAddress::of_arn(&self.consumer_arn)?, "kinesis:SubscribeToShard").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let consumer = ConsumerAddress::of_arn(&self.consumer_arn)?;
        let address = &consumer.stream;
        consumer.consumer(cx).await?;
        let stream = address.ready(cx).await?;
        let shard = Shard::with_id(cx, address, &stream, &self.shard_id).await?;
        let next = self.starting_position.place(cx, address, &stream, &shard, "SubscribeToShard").await?;
        if self.dry_run.unwrap_or(false) {
            return Err(DryRunOperationException.into());
        }
        let key = (stream.id, consumer.name.as_str(), shard.number);
        let before = cx.get::<Subscription>(address.place, key).await?;
        if before.is_some_and(|before| before.since.plus(AGAIN) > cx.now()) {
            return Err(ResourceInUseException::because(format!(
                "Another active subscription exists for this consumer: {}:{}:{}:{}",
                address.place.account, address.name, self.shard_id, consumer.name
            )));
        }
        let subscription = Subscription {
            stream: stream.id,
            consumer: consumer.name.clone(),
            shard: shard.number,
            id: u64::from_le_bytes(cx.chance().bytes()),
            since: cx.now(),
        };
        cx.put(address.place, &subscription).await?;
        let (shard, until) = (shard.number, cx.after(LIFE));
        let beat = cx.now();
        cx.reply_feed(Pushing { consumer, shard, subscription: subscription.id, next, beat, until, ended: false });
        Ok(Empty {})
    }
}

/// The records of a shard, as they are pushed to a subscriber.
struct Pushing {
    consumer: ConsumerAddress,
    shard: ShardNumber,
    subscription: u64,
    next: Position,
    /// When the next event comes at the latest.
    beat: Timestamp,
    until: Timestamp,
    ended: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SubscribeToShardEvent {
    records: Vec<Record>,
    continuation_sequence_number: Option<String>,
    millis_behind_latest: u64,
    child_shards: Option<Vec<ChildShard>>,
}

impl Feed for Pushing {
    async fn next(&self, cx: &mut Cx) -> Result<Option<(Bytes, Self)>> {
        if self.ended || cx.now() >= self.until {
            return Ok(None);
        }
        let address = &self.consumer.stream;
        let Some(stream) = address.find(cx).await?.filter(|stream| stream.is_there()) else { return Ok(None) };
        let key = (stream.id, self.consumer.name.as_str(), self.shard);
        let current = cx.get::<Subscription>(address.place, key).await?;
        if current.is_none_or(|current| current.id != self.subscription) {
            return Ok(None);
        }
        let news = cx.watch::<Block>(address.place, (stream.id, self.shard));
        let Some(shard) = cx.get::<Shard>(address.place, (stream.id, self.shard)).await? else { return Ok(None) };
        let reading = match read(cx, address, &stream, &shard, self.next, MOST).await {
            Ok(reading) => reading,
            Err(error) => return self.refuse(error),
        };
        if reading.records.is_empty() && !reading.ended {
            cx.wait(Some(news), self.beat.min(self.until))?;
        }
        metric::pushed(cx, address.place, &stream, &self.consumer.name, &reading);
        let Reading { records, next, behind, ended, .. } = reading;
        let number = SequenceNumber { position: next.before(), shard: shard.number, stream: stream.id };
        let event = SubscribeToShardEvent {
            records,
            continuation_sequence_number: (!ended).then(|| number.to_string()),
            millis_behind_latest: behind,
            child_shards: if ended { Some(children(cx, address.place, &stream, &shard).await?) } else { None },
        };
        let beat = cx.after(BEAT);
        Ok(Some((
            encode("SubscribeToShardEvent", &event)?,
            Self { consumer: self.consumer.clone(), next, beat, ended, ..*self },
        )))
    }
}

impl Pushing {
    /// Tells the subscriber why there is no more.
    fn refuse(&self, error: Error) -> Result<Option<(Bytes, Self)>> {
        let Some(answer) = error.answer() else { return Err(error) };
        let message = std::collections::BTreeMap::from([("message", answer.message.clone())]);
        let event = encode(&answer.code, &message)?;
        Ok(Some((event, Self { consumer: self.consumer.clone(), ended: true, ..*self })))
    }
}

/// An event, or an exception, of the stream that the operation answers.
fn encode(name: &str, event: &impl Serialize) -> Result<Bytes> {
    let value = wire::to_value(event).map_err(Error::internal)?;
    let (service, stream) = events()?;
    wire::encode_event(service, Protocol::Json, stream, name, &without_absent(value))
        .map_err(|error| Error::internal(format_args!("event {name}: {error}")))
}

fn without_absent(value: Value) -> Value {
    match value {
        Value::Map(map) => Value::Map(map.into_iter().filter(|(_, value)| !matches!(value, Value::Null)).collect()),
        other => other,
    }
}

/// The union of events in the model.
fn events() -> Result<(&'static model::Service, ShapeId)> {
    let missing = || Error::internal("the model has no SubscribeToShard");
    let service = model::service("kinesis").ok_or_else(missing)?;
    let output = service.operation("SubscribeToShard").and_then(|operation| operation.output).ok_or_else(missing)?;
    let member = service.shape(output).structure().and_then(|output| output.member("EventStream"));
    Ok((service, member.ok_or_else(missing)?.shape))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn events_are_those_of_the_model() {
        let number = SequenceNumber { position: Position(1), shard: 0, stream: 1 }.to_string();
        let event = SubscribeToShardEvent {
            records: Vec::new(),
            continuation_sequence_number: Some(number),
            millis_behind_latest: 0,
            child_shards: None,
        };
        assert!(!encode("SubscribeToShardEvent", &event).unwrap().is_empty());
        let message = std::collections::BTreeMap::from([("message", "no".to_owned())]);
        assert!(!encode("KMSDisabledException", &message).unwrap().is_empty());
        assert_eq!(crate::shard::id(7), "shardId-000000000007");
    }
}
