//! What streams, shards and consumers report to CloudWatch.
//!
//! Reference: <https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html>. Latencies are not reported:
//! the clock stands still while a call runs.

use welkin_kernel::{Cx, Measurement, Place, Unit};

use crate::record::Reading;
use crate::shard::{self, ShardNumber};
use crate::stream::Stream;

#[allow(clippy::cast_precision_loss)] // Numbers of records and bytes of a call are small.
fn new(cx: &Cx, place: Place, stream: &Stream, name: &'static str, value: usize, unit: Unit) -> Measurement {
    Measurement::new(cx, place, "AWS/Kinesis", name, value as f64, unit).of("StreamName", stream.name.as_str())
}

/// Reports something of a stream.
pub(crate) fn of_stream(cx: &mut Cx, place: Place, stream: &Stream, name: &'static str, value: usize, unit: Unit) {
    let it = new(cx, place, stream, name, value, unit);
    cx.measure(it);
}

/// Reports something of one shard, if it is watched that closely.
fn of_shard(
    cx: &mut Cx,
    place: Place,
    stream: &Stream,
    shard: ShardNumber,
    (name, value, unit): (&'static str, usize, Unit),
) {
    if stream.monitored.contains(name) {
        let it = new(cx, place, stream, name, value, unit).of("ShardId", shard::id(shard));
        cx.measure(it.of_refusal());
    }
}

/// Reports what one call put into one shard, and what of it the shard had no room for. That is so whether or not the
/// call is refused for it.
pub(crate) fn put(
    cx: &mut Cx,
    place: Place,
    stream: &Stream,
    shard: ShardNumber,
    (bytes, records, throttled): (usize, usize, usize),
) {
    let rows = [
        ("IncomingBytes", bytes, Unit::Bytes),
        ("IncomingRecords", records, Unit::Count),
        ("WriteProvisionedThroughputExceeded", throttled, Unit::Count),
    ];
    for (name, value, unit) in rows {
        if value > 0 || name == "WriteProvisionedThroughputExceeded" {
            let it = new(cx, place, stream, name, value, unit);
            cx.measure(it.of_refusal());
            of_shard(cx, place, stream, shard, (name, value, unit));
        }
    }
}

/// Reports that a reader came too often, or not.
pub(crate) fn may_read(cx: &mut Cx, place: Place, stream: &Stream, shard: ShardNumber, may: bool) {
    let name = "ReadProvisionedThroughputExceeded";
    let it = new(cx, place, stream, name, usize::from(!may), Unit::Count);
    cx.measure(it.of_refusal());
    of_shard(cx, place, stream, shard, (name, usize::from(!may), Unit::Count));
}

/// Reports what one call got of one shard.
pub(crate) fn got(cx: &mut Cx, place: Place, stream: &Stream, shard: ShardNumber, reading: &Reading) {
    let behind = usize::try_from(reading.behind).unwrap_or(usize::MAX);
    for (name, value, unit) in [
        ("GetRecords.Success", 1, Unit::Count),
        ("GetRecords.Bytes", reading.bytes, Unit::Bytes),
        ("GetRecords.Records", reading.records.len(), Unit::Count),
        ("GetRecords.IteratorAgeMilliseconds", behind, Unit::Milliseconds),
    ] {
        of_stream(cx, place, stream, name, value, unit);
    }
    for row in [
        ("OutgoingBytes", reading.bytes, Unit::Bytes),
        ("OutgoingRecords", reading.records.len(), Unit::Count),
        ("IteratorAgeMilliseconds", behind, Unit::Milliseconds),
    ] {
        of_shard(cx, place, stream, shard, row);
    }
}

/// Reports an event that was pushed to a consumer.
pub(crate) fn pushed(cx: &mut Cx, place: Place, stream: &Stream, consumer: &str, reading: &Reading) {
    let behind = usize::try_from(reading.behind).unwrap_or(usize::MAX);
    for (name, value, unit) in [
        ("SubscribeToShardEvent.Success", 1, Unit::Count),
        ("SubscribeToShardEvent.Bytes", reading.bytes, Unit::Bytes),
        ("SubscribeToShardEvent.Records", reading.records.len(), Unit::Count),
        ("SubscribeToShardEvent.MillisBehindLatest", behind, Unit::Milliseconds),
    ] {
        let it = new(cx, place, stream, name, value, unit).of("ConsumerName", consumer);
        cx.measure(it);
    }
}
