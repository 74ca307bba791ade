//! Delivery to Kinesis streams.

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use welkin_kernel::{Arn, Call, Cx, Error, Place, Result};

use super::{Deliver, Outcome, role};
use crate::transform::Path;

/// Input of Kinesis's PutRecord.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PutRecord<'a> {
    #[serde(rename = "StreamARN")]
    stream_arn: &'a str,
    data: Bytes,
    partition_key: String,
}

/// Longest partition key, in characters.
const LONGEST_KEY: usize = 256;

/// The partition key of an event: what the target's path leads to, or the event's id.
fn partition_key(deliver: &Deliver) -> String {
    let parameters = deliver.target.kinesis_parameters.as_ref();
    let path = parameters.and_then(|parameters| Path::parse(&parameters.partition_key_path));
    let found = path.and_then(|path| path.find(&deliver.event.document()));
    // UNVERIFIED: what becomes of a path that leads to nothing, and of a key that is too long.
    let key = match found {
        Some(Value::String(text)) => text,
        None | Some(Value::Null) => deliver.event.id.clone(),
        Some(other) => other.to_string(),
    };
    if key.is_empty() { deliver.event.id.clone() } else { key.chars().take(LONGEST_KEY).collect() }
}

/// Puts an event into a stream.
///
/// # Errors
/// Faults of Welkin's; what the stream answers is the outcome.
pub(super) async fn send(cx: &mut Cx, deliver: &Deliver, body: &str) -> Result<Outcome> {
    let arn: Option<Arn> = deliver.target.arn.parse().ok();
    let place = arn.and_then(|arn| Some(Place::new(arn.account()?, arn.region()?)));
    let place = place.ok_or_else(|| Error::internal("the ARN of a stream was checked when it was set"))?;
    let input = PutRecord {
        stream_arn: &deliver.target.arn,
        data: Bytes::copy_from_slice(body.as_bytes()),
        partition_key: partition_key(deliver),
    };
    let call = Call::to("kinesis", "PutRecord").input(&input).at(place);
    match role::caller(cx, deliver.bearer(), call).await? {
        Ok(call) => Outcome::of(cx.call(call).await),
        Err(outcome) => Ok(outcome),
    }
}
