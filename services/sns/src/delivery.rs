//! Delivery: a job for each message and subscription.
//!
//! Deliveries of one group of a FIFO topic to one subscription follow one another in a lane. What an endpoint does not
//! take for now is tried again by the policy of its protocol; what it will never take, or has not taken in time, goes
//! to the dead-letter queue of the subscription, if it has one.

mod envelope;
mod http;
mod outbox;
pub(crate) mod pace;
mod queue;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, Job, Result, Schedule, Timestamp};
use welkin_outbound::Loopback;

use crate::application::endpoint::EndpointArn;
use crate::application::push::{Pushed, push};
use crate::delivery_policy::Effective;
use crate::encryption::Sealed;
use crate::metric;
use crate::publish::attribute::MessageAttributes;
use crate::publish::fifo::Place;
use crate::subscription::Subscription;
use crate::subscription::protocol::Protocol;
use crate::topic::{Address, Topic};
use envelope::Parcel;

/// Delivers a letter to a subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deliver {
    topic: Address,
    topic_id: u64,
    subscription: String,
    letter: Letter,
    /// How often it has been tried.
    tried: u32,
    /// Whether it waited for its turn among those that a throttle policy lets through.
    #[serde(default)]
    paced: bool,
}

/// What is delivered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Letter {
    /// A message that was published.
    Notification(Box<Notification>),
    /// The question whether the endpoint wants the subscription.
    Confirmation {
        /// By which it says so.
        token: String,
    },
    /// The news that somebody has ended the subscription.
    Farewell {
        /// By which the endpoint revives it.
        token: String,
    },
}

/// A message that was published, as one subscription gets it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Notification {
    pub(crate) id: String,
    pub(crate) published: Timestamp,
    pub(crate) subject: Option<String>,
    pub(crate) text: Sealed,
    pub(crate) attributes: MessageAttributes,
    pub(crate) group: Option<String>,
    pub(crate) place: Option<Place>,
    /// Whether it comes from the archive of its topic once more.
    #[serde(default)]
    pub(crate) replayed: bool,
    /// The tracing header that it was published with.
    #[serde(default)]
    pub(crate) trace: Option<String>,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Delivered,
    /// It will not be taken: the endpoint is gone, or refuses it.
    Refused(String),
    /// It may be taken later.
    Failed(String),
}

/// Lanes of one HTTP endpoint: requests to it at the same time, so that one that hangs does not hold up everything.
const HTTP_LANES: u8 = 4;

impl Deliver {
    pub(crate) fn new(topic: &Address, subscription: &Subscription, letter: Letter) -> Self {
        Self {
            topic: topic.clone(),
            topic_id: subscription.topic,
            subscription: subscription.id.clone(),
            letter,
            tried: 0,
            paced: false,
        }
    }

    /// Enqueues it, in the transaction of the call.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn enqueue(&self, cx: &mut Cx, protocol: Protocol) -> Result<()> {
        let mut schedule = Schedule::now();
        if let Letter::Notification(notification) = &self.letter {
            let lane = match (&notification.place, &notification.group) {
                (Some(_), Some(group)) => Some(format!("sns/{}/{group}", self.subscription)),
                _ if protocol.is_http() => {
                    let lane = notification.id.bytes().fold(0, u8::wrapping_add) % HTTP_LANES;
                    Some(format!("sns/{}/{lane}", self.subscription))
                }
                _ => None,
            };
            if let Some(lane) = lane {
                schedule = schedule.lane(lane);
            }
        }
        cx.enqueue_at(self.topic.place, self, schedule).await.map(|_| ())
    }
}

impl Job for Deliver {
    const NAME: &'static str = "sns/deliver";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let Some(topic) = self.topic.find(cx).await?.filter(|topic| topic.id == self.topic_id) else { return Ok(()) };
        let key = (self.topic_id, &self.subscription);
        let Some(subscription) = cx.get::<Subscription>(self.topic.place, key).await? else { return Ok(()) };
        if matches!(self.letter, Letter::Notification(_)) && !subscription.state.is_confirmed() {
            return Ok(());
        }
        if let Some(most) = self.unpaced(&topic, &subscription) {
            let at = pace::turn(cx, self.topic.place, &subscription, most).await?;
            return cx.enqueue(&Self { paced: true, ..self.clone() }, Schedule::at(at)).await.map(|_| ());
        }
        let parcel = Parcel::pack(cx, (&topic, &self.topic), &subscription, &self.letter).await?;
        let outcome = match subscription.protocol {
            Protocol::Sqs => queue::send(cx, &self.topic, &subscription.endpoint, &parcel).await?,
            Protocol::Http | Protocol::Https => {
                let own = subscription.attributes.delivery.as_ref();
                let content_type = Effective::of(topic.attributes.delivery.as_ref(), own).content_type;
                // Strangers subscribe endpoints to a Welkin that is strict: they are not to reach its own machine.
                let loopback = if cx.is_strict() { Loopback::Refused } else { Loopback::Allowed };
                cx.stage(async |_| http::post(&subscription.endpoint, &content_type, &parcel, loopback).await).await?
            }
            Protocol::Application => {
                let endpoint = EndpointArn(subscription.endpoint.clone());
                let place = welkin_kernel::Place::new(subscription.owner, self.topic.place.region);
                match push(cx, place, &endpoint, &parcel.text, Some(&self.topic)).await? {
                    Pushed::Delivered => Outcome::Delivered,
                    Pushed::Gone => Outcome::Refused("the endpoint does not exist".to_owned()),
                    Pushed::Disabled => Outcome::Refused("the endpoint is disabled".to_owned()),
                }
            }
            Protocol::Email | Protocol::EmailJson | Protocol::Sms => {
                outbox::send(cx, &topic, &subscription, &self.letter, &parcel).await?
            }
        };
        match outcome {
            Outcome::Delivered => {
                if matches!(self.letter, Letter::Notification(_)) {
                    metric::count(cx, &self.topic, "NumberOfNotificationsDelivered", 1);
                }
                Ok(())
            }
            Outcome::Refused(why) => self.give_up(cx, &subscription, &parcel, &why).await,
            Outcome::Failed(why) => match pause(&topic, &subscription, self.tried) {
                None => self.give_up(cx, &subscription, &parcel, &why).await,
                // In a lane it holds up the messages behind it, whose order would be lost otherwise.
                Some(_) if parcel.place.is_some() => Err(Error::internal(why)),
                Some(pause) => {
                    tracing::info!(why, subscription = subscription.arn(&self.topic), "a delivery is tried again");
                    let again = Self { tried: self.tried.saturating_add(1), paced: false, ..self.clone() };
                    let at = cx.after(pause);
                    cx.enqueue(&again, Schedule::at(at)).await.map(|_| ())
                }
            },
        }
    }
}

impl Deliver {
    /// Deliveries in a second that a throttle policy lets through, if this one has not waited for its turn yet.
    fn unpaced(&self, topic: &Topic, subscription: &Subscription) -> Option<u32> {
        let counts = !self.paced && subscription.protocol.is_http() && matches!(self.letter, Letter::Notification(_));
        let own = subscription.attributes.delivery.as_ref();
        Effective::of(topic.attributes.delivery.as_ref(), own).throttle.filter(|_| counts)
    }

    /// The message goes to the dead-letter queue, if there is one; or it is lost, as in SNS.
    async fn give_up(&self, cx: &mut Cx, subscription: &Subscription, parcel: &Parcel, why: &str) -> Result<()> {
        let arn = subscription.arn(&self.topic);
        if matches!(self.letter, Letter::Notification(_)) {
            metric::count(cx, &self.topic, "NumberOfNotificationsFailed", 1);
        }
        let dead_letter = subscription.attributes.dead_letter.as_ref();
        let Some(dead_letter) = dead_letter.filter(|_| matches!(self.letter, Letter::Notification(_))) else {
            tracing::info!(why, subscription = arn, "a message could not be delivered");
            return Ok(());
        };
        match queue::send(cx, &self.topic, dead_letter.as_str(), parcel).await? {
            Outcome::Delivered => {
                metric::count(cx, &self.topic, "NumberOfNotificationsRedrivenToDlq", 1);
                Ok(())
            }
            Outcome::Refused(and) | Outcome::Failed(and) => {
                metric::count(cx, &self.topic, "NumberOfNotificationsFailedToRedriveToDlq", 1);
                tracing::info!(
                    why,
                    and,
                    subscription = arn,
                    "a message is lost: its dead-letter queue does not take it"
                );
                Ok(())
            }
        }
    }
}

/// The pause before the next attempt; `None` if there is none.
///
/// Reference: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html#delivery-policies-for-protocols>
fn pause(topic: &Topic, subscription: &Subscription, tried: u32) -> Option<Duration> {
    if subscription.protocol.is_http() {
        let own = subscription.attributes.delivery.as_ref();
        return Effective::of(topic.attributes.delivery.as_ref(), own).retries.pause(tried);
    }
    // Of queues; nothing keeps the outbox from taking a message.
    match tried {
        0..3 => Some(Duration::ZERO),
        3..5 => Some(Duration::from_secs(1)),
        5..15 => Some(Duration::from_secs_f64(20_f64.powf(f64::from(tried - 5) / 9.0))),
        15..100_015 => Some(Duration::from_secs(20)),
        _ => None,
    }
}
