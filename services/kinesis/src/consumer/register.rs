//! `RegisterStreamConsumer`, `DeregisterStreamConsumer`, `DescribeStreamConsumer`, `ListStreamConsumers`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result, Timestamp, page};

use super::{Consumer, ConsumerAddress, Subscription, access, missing};
use crate::errors::{LimitExceededException, ResourceInUseException, invalid};
use crate::stream::{self, Address};
use crate::tags;

/// Consumers of a stream at most.
///
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html>
const MOST: usize = 20;

/// Consumers of an answer, unless it is said otherwise.
const PAGE: usize = 100;

/// A consumer as the API has it. It is active at once.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Shown {
    consumer_name: String,
    #[serde(rename = "ConsumerARN")]
    consumer_arn: String,
    consumer_status: String,
    consumer_creation_timestamp: Timestamp,
}

impl Shown {
    fn of(address: &Address, consumer: &Consumer) -> Self {
        Self {
            consumer_name: consumer.name.clone(),
            consumer_arn: consumer.arn(address).to_string(),
            consumer_status: "ACTIVE".to_owned(),
            consumer_creation_timestamp: consumer.created.whole_secs(),
        }
    }
}

/// Registers a consumer of a stream.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RegisterStreamConsumer {
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    consumer_name: String,
    tags: Option<BTreeMap<String, String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RegisterStreamConsumerOutput {
    consumer: Shown,
}

impl Operation for RegisterStreamConsumer {
    const NAME: &'static str = "RegisterStreamConsumer";
    type Output = RegisterStreamConsumerOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tags = self.tags.clone().unwrap_or_default();
        let address = Address::of_arn(&self.stream_arn)?;
        Ok(stream::access(cx, &address, "kinesis:RegisterStreamConsumer").await?.request_tags(&tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<RegisterStreamConsumerOutput> {
        let address = Address::of_arn(&self.stream_arn)?;
        let stream = address.idle(cx).await?;
        let tags = self.tags.clone().unwrap_or_default();
        tags::check(&tags)?;
        let consumers = Consumer::of_stream(cx, address.place, stream.id).await?;
        if consumers.iter().any(|consumer| consumer.name == self.consumer_name) {
            return Err(ResourceInUseException::because(format!(
                "Consumer {} of stream {} under account {} already exists.",
                self.consumer_name, address.name, address.place.account
            )));
        }
        if consumers.len() >= MOST {
            return Err(LimitExceededException::because(format!(
                "Stream {} under account {} has {MOST} consumers, the most that is allowed.",
                address.name, address.place.account
            )));
        }
        let consumer =
            Consumer { stream: stream.id, name: self.consumer_name.clone(), created: cx.now(), tags, policy: None };
        cx.put(address.place, &consumer).await?;
        Ok(RegisterStreamConsumerOutput { consumer: Shown::of(&address, &consumer) })
    }
}

/// The consumer that a call means: by its ARN, or by its name and the stream's ARN.
async fn meant(
    cx: &mut Cx,
    stream_arn: Option<&str>,
    name: Option<&str>,
    arn: Option<&str>,
) -> Result<ConsumerAddress> {
    if let Some(arn) = arn {
        return ConsumerAddress::of_arn(arn);
    }
    let (Some(stream_arn), Some(name)) = (stream_arn, name) else {
        // UNVERIFIED: the wording.
        return Err(invalid("Either ConsumerARN, or both StreamARN and ConsumerName must be specified."));
    };
    let address = Address::of_arn(stream_arn)?;
    let stream = address.stream(cx).await?;
    let consumer = cx.get::<Consumer>(address.place, (stream.id, name)).await?;
    let consumer = consumer.ok_or_else(|| missing(&address, name))?;
    Ok(ConsumerAddress { stream: address, name: consumer.name, created: consumer.created.secs() })
}

/// Removes a consumer of a stream; its subscriptions end.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeregisterStreamConsumer.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeregisterStreamConsumer {
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    consumer_name: Option<String>,
    #[serde(rename = "ConsumerARN")]
    consumer_arn: Option<String>,
}

impl Operation for DeregisterStreamConsumer {
    const NAME: &'static str = "DeregisterStreamConsumer";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.address(cx).await?;
        access(cx, &address, "kinesis:DeregisterStreamConsumer").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.address(cx).await?;
        let consumer = address.consumer(cx).await?;
        let place = address.stream.place;
        cx.delete_all::<Subscription>(place, (consumer.stream, consumer.name.as_str()))?;
        cx.delete::<Consumer>(place, (consumer.stream, consumer.name.as_str())).await?;
        Ok(Empty {})
    }
}

impl DeregisterStreamConsumer {
    async fn address(&self, cx: &mut Cx) -> Result<ConsumerAddress> {
        let (stream, name) = (self.stream_arn.as_deref(), self.consumer_name.as_deref());
        meant(cx, stream, name, self.consumer_arn.as_deref()).await
    }
}

/// Describes a consumer.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamConsumer.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeStreamConsumer {
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    consumer_name: Option<String>,
    #[serde(rename = "ConsumerARN")]
    consumer_arn: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeStreamConsumerOutput {
    consumer_description: ConsumerDescription,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConsumerDescription {
    consumer_name: String,
    #[serde(rename = "ConsumerARN")]
    consumer_arn: String,
    consumer_status: String,
    consumer_creation_timestamp: Timestamp,
    #[serde(rename = "StreamARN")]
    stream_arn: String,
}

impl Operation for DescribeStreamConsumer {
    const NAME: &'static str = "DescribeStreamConsumer";
    type Output = DescribeStreamConsumerOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.address(cx).await?;
        access(cx, &address, "kinesis:DescribeStreamConsumer").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeStreamConsumerOutput> {
        let address = self.address(cx).await?;
        let consumer = address.consumer(cx).await?;
        let shown = Shown::of(&address.stream, &consumer);
        Ok(DescribeStreamConsumerOutput {
            consumer_description: ConsumerDescription {
                consumer_name: shown.consumer_name,
                consumer_arn: shown.consumer_arn,
                consumer_status: shown.consumer_status,
                consumer_creation_timestamp: shown.consumer_creation_timestamp,
                stream_arn: address.stream.arn().to_string(),
            },
        })
    }
}

impl DescribeStreamConsumer {
    async fn address(&self, cx: &mut Cx) -> Result<ConsumerAddress> {
        let (stream, name) = (self.stream_arn.as_deref(), self.consumer_name.as_deref());
        meant(cx, stream, name, self.consumer_arn.as_deref()).await
    }
}

/// Lists the consumers of a stream.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreamConsumers.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListStreamConsumers {
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListStreamConsumersOutput {
    consumers: Vec<Shown>,
    next_token: Option<String>,
}

impl Operation for ListStreamConsumers {
    const NAME: &'static str = "ListStreamConsumers";
    type Output = ListStreamConsumersOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        stream::access(cx, &Address::of_arn(&self.stream_arn)?, "kinesis:ListStreamConsumers").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListStreamConsumersOutput> {
        let address = Address::of_arn(&self.stream_arn)?;
        let stream = address.stream(cx).await?;
        let consumers = Consumer::of_stream(cx, address.place, stream.id).await?;
        let size = self.max_results.unwrap_or(PAGE);
        let refusal = || invalid("NextToken is invalid.");
        let (consumers, next_token) =
            page::cut(consumers, size, self.next_token.as_deref(), |consumer| &consumer.name, refusal)?;
        Ok(ListStreamConsumersOutput {
            consumers: consumers.iter().map(|consumer| Shown::of(&address, consumer)).collect(),
            next_token,
        })
    }
}
