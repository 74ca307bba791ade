//! Subscribing to a topic.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Place, Result};

use super::attributes::SubscriptionAttributes;
use super::protocol::{Protocol, queue};
use super::{ENDPOINT, FILTERED, State, Subscription, Token, expire};
use crate::application::endpoint::EndpointArn;
use crate::archive::replay;
use crate::delivery::{Deliver, Letter};
use crate::errors::{FilterPolicyLimitExceededException, SubscriptionLimitExceededException, invalid, invalid_because};
use crate::policy;
use crate::signing::Signer;
use crate::topic::{Address, Topic, TopicArn, large};

/// Subscribes an endpoint to a topic; or finds the subscription that it has.
///
/// A queue of the subscriber's own account, a device and a telephone number are subscribed at once; other endpoints have to
/// confirm it. <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Subscribe {
    topic_arn: TopicArn,
    protocol: String,
    #[serde(default)]
    endpoint: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    return_subscription_arn: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SubscribeResponse {
    subscription_arn: String,
}

/// What is answered in place of the ARN of a subscription that has to be confirmed.
const PENDING: &str = "pending confirmation";

/// How long a token is valid, and a subscription waits to be confirmed.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html>
const PATIENCE: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// Most subscriptions of a FIFO topic, and most with filter policies of any topic.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/sns.html>
const MOST_OF_FIFO: usize = 100;
const MOST_FILTERED: usize = 200;

impl Operation for Subscribe {
    const NAME: &'static str = "Subscribe";
    type Output = SubscribeResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = policy::access(cx, &self.topic_arn.address(cx)?, "sns:Subscribe").await?;
        Ok(access.key("sns:Protocol", self.protocol.to_ascii_lowercase()).key("sns:Endpoint", &self.endpoint))
    }

    async fn run(&self, cx: &mut Cx) -> Result<SubscribeResponse> {
        let address = self.topic_arn.address(cx)?;
        let protocol = Protocol::parse(&self.protocol)?;
        if self.endpoint.is_empty() {
            return Err(invalid("Endpoint"));
        }
        let topic = address.topic(cx).await?;
        protocol.check(&self.endpoint, topic.is_fifo())?;
        let mut attributes = SubscriptionAttributes::default();
        attributes.set_all(&self.attributes, protocol, (&topic, &address))?;
        if let Some(policy) = &attributes.replay {
            policy.check(&topic, cx.now())?;
        }
        let found = cx.find::<Subscription>(address.place, ENDPOINT, (topic.id, protocol.as_str(), &self.endpoint), 1);
        let existing = found.await?.into_iter().find(|found| !matches!(found.state, State::Ended(_)));
        let subscription = match existing {
            Some(existing) if !self.attributes.is_empty() && existing.attributes != attributes => {
                return Err(invalid_because("Attributes", "Subscription already exists with different attributes"));
            }
            Some(existing) if existing.state.is_confirmed() => existing,
            // Asked for again, the confirmation is sent again.
            Some(mut existing) => {
                existing.state = State::Pending(token(cx));
                existing
            }
            None => {
                self.check_device(cx, protocol).await?;
                check_limits(cx, (&topic, &address), protocol, &attributes).await?;
                let mut made = self.subscription(cx, &topic, protocol, attributes);
                if made.state.is_confirmed() {
                    replay::begin(cx, &address, &mut made).await?;
                }
                made
            }
        };
        subscription.save(cx, &address).await?;
        if let State::Pending(token) = &subscription.state {
            invite(cx, &address, &subscription, token).await?;
        }
        let shown = subscription.state.is_confirmed() || self.return_subscription_arn;
        let subscription_arn = if shown { subscription.arn(&address) } else { PENDING.to_owned() };
        Ok(SubscribeResponse { subscription_arn })
    }
}

impl Subscribe {
    fn subscription(
        &self,
        cx: &Cx,
        topic: &Topic,
        protocol: Protocol,
        attributes: SubscriptionAttributes,
    ) -> Subscription {
        let owner = cx.principal().account().unwrap_or(cx.account());
        let at_once = match protocol {
            Protocol::Application | Protocol::Sms => true,
            Protocol::Sqs => queue(&self.endpoint).and_then(|queue| queue.account()) == Some(owner),
            _ => false,
        };
        let state = match at_once {
            true => State::Confirmed { token: None, authenticated: true },
            false => State::Pending(token(cx)),
        };
        Subscription {
            topic: topic.id,
            id: cx.chance().uuid(),
            owner,
            principal: cx.principal().arn(cx.region().partition()),
            protocol,
            endpoint: self.endpoint.clone(),
            state,
            needs_signature_to_end: false,
            attributes,
            at: cx.endpoint(),
            replay: None,
        }
    }

    /// Holds an endpoint on a device against what there is.
    async fn check_device(&self, cx: &mut Cx, protocol: Protocol) -> Result<()> {
        if protocol != Protocol::Application {
            return Ok(());
        }
        let endpoint = EndpointArn(self.endpoint.clone());
        let place = Place::new(cx.principal().account().unwrap_or(cx.account()), cx.region());
        let found = if endpoint.parse(place).is_some() { endpoint.find(cx, place).await? } else { None };
        match found {
            Some(_) => Ok(()),
            None => {
                let reason = format_args!("Endpoint does not exist for endpoint {}", self.endpoint).to_string();
                Err(invalid_because("Endpoint", reason))
            }
        }
    }
}

/// A new token.
pub(super) fn token(cx: &Cx) -> Token {
    Token { text: cx.chance().hex(128), expires: cx.after(PATIENCE) }
}

/// Asks the endpoint to confirm the subscription, while the token is valid.
async fn invite(cx: &mut Cx, topic: &Address, subscription: &Subscription, token: &Token) -> Result<()> {
    // An endpoint looks for the certificate as soon as it has the question.
    Signer::get(cx).await?;
    let letter = Letter::Confirmation { token: token.text.clone() };
    Deliver::new(topic, subscription, letter).enqueue(cx, subscription.protocol).await?;
    expire::schedule(cx, topic, subscription, token.expires).await
}

/// Holds the number of subscriptions against the limits of the topic.
async fn check_limits(
    cx: &mut Cx,
    (topic, address): (&Topic, &Address),
    protocol: Protocol,
    attributes: &SubscriptionAttributes,
) -> Result<()> {
    if topic.attributes.is_large() {
        large::check_new(cx, address, topic, protocol).await?;
    }
    if topic.is_fifo() {
        let all = cx.list::<Subscription>(address.place, topic.id, Page::of(MOST_OF_FIFO, None)).await?;
        if all.len() >= MOST_OF_FIFO {
            return Err(SubscriptionLimitExceededException.into());
        }
    }
    if attributes.filter.is_some() { check_filtered(cx, topic, address).await } else { Ok(()) }
}

/// Holds the number of filter policies against the limit of a topic that is to have another one.
///
/// # Errors
/// `FilterPolicyLimitExceeded`
pub(super) async fn check_filtered(cx: &mut Cx, topic: &Topic, address: &Address) -> Result<()> {
    let filtered = cx.find::<Subscription>(address.place, FILTERED, topic.id, MOST_FILTERED).await?;
    if filtered.len() >= MOST_FILTERED { Err(FilterPolicyLimitExceededException.into()) } else { Ok(()) }
}
