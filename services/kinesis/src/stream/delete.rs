//! `DeleteStream`, and what is removed with a stream.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Place, Result, Schedule};

use super::{Address, Carry, Change, Status, Stream};
use crate::consumer::{Consumer, Subscription};
use crate::encryption::DataKey;
use crate::errors::{ResourceInUseException, busy};
use crate::shard::{Head, Shard};
use crate::trim;

/// Deletes a stream with its shards and records.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteStream {
    stream_name: Option<String>,
    enforce_consumer_deletion: Option<bool>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

impl Operation for DeleteStream {
    const NAME: &'static str = "DeleteStream";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        super::access(cx, &self.address(cx)?, "kinesis:DeleteStream").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.address(cx)?;
        let stream = address.stream(cx).await?;
        if stream.status == Status::Deleting {
            return Err(busy(&address, stream.status.name()));
        }
        let consumers = Consumer::of_stream(cx, address.place, stream.id).await?;
        if !consumers.is_empty() && !self.enforce_consumer_deletion.unwrap_or(false) {
            return Err(ResourceInUseException::because(format!(
                "Stream {} under account {} has registered consumers: deregister them, or set EnforceConsumerDeletion.",
                address.name, address.place.account
            )));
        }
        Carry::begin(cx, &address, stream, Status::Deleting, Change::Delete).await?;
        Ok(Empty {})
    }
}

impl DeleteStream {
    fn address(&self, cx: &Cx) -> Result<Address> {
        Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())
    }
}

/// Removes a stream; its records go a piece at a time.
pub(super) async fn clear(cx: &mut Cx, place: Place, stream: &Stream) -> Result<()> {
    for shard in Shard::of_stream(cx, place, stream.id).await? {
        cx.delete_all::<Head>(place, (stream.id, shard.number))?;
        cx.enqueue_at(place, &trim::Clear { stream: stream.id, shard: shard.number }, Schedule::now()).await?;
    }
    cx.delete_all::<Shard>(place, stream.id)?;
    cx.delete_all::<Consumer>(place, stream.id)?;
    cx.delete_all::<Subscription>(place, stream.id)?;
    cx.delete_all::<DataKey>(place, stream.id)?;
    cx.delete::<Stream>(place, stream.name.as_str()).await?;
    Ok(())
}
