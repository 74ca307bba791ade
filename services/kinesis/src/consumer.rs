//! Consumers with a throughput of their own (enhanced fan-out).

pub(crate) mod register;
pub(crate) mod subscribe;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, IntoKey, Key, Page, Place, Principal, Resource, Result, Scope, Timestamp};

use crate::errors::{ResourceNotFoundException, invalid};
use crate::stream::Address;

/// A consumer as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Consumer {
    pub(crate) stream: u64,
    pub(crate) name: String,
    pub(crate) created: Timestamp,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) policy: Option<String>,
}

impl Resource for Consumer {
    const KIND: &'static str = "kinesis/consumer";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.stream, self.name.as_str()).into_key()
    }
}

/// Who is subscribed to a shard: the latest subscription of a consumer takes the place of the one before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) stream: u64,
    pub(crate) consumer: String,
    pub(crate) shard: u64,
    pub(crate) id: u64,
    pub(crate) since: Timestamp,
}

impl Resource for Subscription {
    const KIND: &'static str = "kinesis/subscription";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.stream, self.consumer.as_str(), self.shard).into_key()
    }
}

impl Consumer {
    pub(crate) async fn of_stream(cx: &mut Cx, place: Place, stream: u64) -> Result<Vec<Self>> {
        cx.list::<Self>(place, stream, Page::ALL).await
    }

    pub(crate) fn arn(&self, address: &Address) -> Arn {
        let Address { place, name } = address;
        place.arn("kinesis", format!("stream/{name}/consumer/{}:{}", self.name, self.created.secs()))
    }
}

/// A consumer's ARN: its stream, its name, and when it was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConsumerAddress {
    pub(crate) stream: Address,
    pub(crate) name: String,
    pub(crate) created: i64,
}

impl ConsumerAddress {
    /// # Errors
    /// `InvalidArgumentException`
    pub(crate) fn of_arn(text: &str) -> Result<Self> {
        let malformed = || invalid(format!("Invalid ARN: {text}"));
        let (stream, consumer) = text.split_once("/consumer/").ok_or_else(malformed)?;
        let (name, created) = consumer.split_once(':').ok_or_else(malformed)?;
        Ok(Self {
            stream: Address::of_arn(stream)?,
            name: name.to_owned(),
            created: created.parse().map_err(|_| malformed())?,
        })
    }

    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<Consumer>> {
        let Some(stream) = self.stream.find(cx).await? else { return Ok(None) };
        let consumer = cx.get::<Consumer>(self.stream.place, (stream.id, self.name.as_str())).await?;
        Ok(consumer.filter(|consumer| consumer.created.secs() == self.created))
    }

    pub(crate) async fn consumer(&self, cx: &mut Cx) -> Result<Consumer> {
        self.find(cx).await?.ok_or_else(|| missing(&self.stream, &self.name))
    }

    fn arn(&self) -> Arn {
        let Address { place, name } = &self.stream;
        place.arn("kinesis", format!("stream/{name}/consumer/{}:{}", self.name, self.created))
    }
}

fn missing(address: &Address, name: &str) -> welkin_kernel::Error {
    ResourceNotFoundException::because(format!(
        "Consumer {name} of stream {} under account {} not found.",
        address.name, address.place.account
    ))
}

/// The access to a consumer that an operation demands.
///
/// # Errors
/// `ResourceNotFoundException` to callers of other accounts, when there is no such consumer.
pub(crate) async fn access(cx: &mut Cx, address: &ConsumerAddress, action: &'static str) -> Result<Access> {
    let access = Access::to(action).on(address.arn()).recorded_as("AWS::Kinesis::StreamConsumer");
    let own = cx.principal().account() == Some(address.stream.place.account);
    match address.find(cx).await? {
        Some(consumer) => Ok(access.policy(consumer.policy.as_deref()).resource_tags(&consumer.tags)),
        None if own && !matches!(cx.principal(), Principal::Service(_)) => Ok(access),
        None => Err(missing(&address.stream, &address.name)),
    }
}
