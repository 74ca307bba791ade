//! A subscription: its address, its state, and what is stored of it.
//!
//! It lies where its topic is, under the topic's id; a [`Held`] lies with its owner, by which the owner's are listed.

pub(crate) mod attributes;
pub(crate) mod configure;
pub(crate) mod confirm;
pub(crate) mod expire;
pub(crate) mod list;
pub(crate) mod protocol;
pub(crate) mod subscribe;
pub(crate) mod unsubscribe;

use serde::{Deserialize, Serialize};
use welkin_kernel::{AccountId, Arn, Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::application::platform::Platform;
use crate::archive::replay::Progress;
use crate::delivery::pace;
use crate::errors::{AuthorizationErrorException, NotFoundException, invalid, invalid_because};
use crate::topic::{Address, Topic, TopicArn};
use attributes::SubscriptionAttributes;
use protocol::Protocol;

/// A subscription as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Subscription {
    /// Id of its topic.
    pub(crate) topic: u64,
    pub(crate) id: String,
    /// Whose it is: the account that subscribed.
    pub(crate) owner: AccountId,
    /// ARN of who subscribed.
    pub(crate) principal: Option<Arn>,
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: String,
    pub(crate) state: State,
    /// Whether only the owners may end it.
    pub(crate) needs_signature_to_end: bool,
    pub(crate) attributes: SubscriptionAttributes,
    /// Where the subscriber reached this Welkin: links in its messages begin so.
    pub(crate) at: String,
    /// How far the replay is that its policy asks for.
    #[serde(default)]
    pub(crate) replay: Option<Progress>,
}

/// Whether it gets what is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    /// Not before its endpoint has confirmed it by the token.
    Pending(Token),
    /// It does.
    Confirmed {
        /// The token by which it was confirmed.
        token: Option<String>,
        /// Whether the confirmation was signed.
        authenticated: bool,
    },
    /// Somebody ended it by the link in a message; the token revives it.
    Ended(Token),
}

/// By what an endpoint proves that it wants messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) expires: Timestamp,
}

impl Resource for Subscription {
    const KIND: &'static str = "sns/subscription";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &[ENDPOINT, TOKEN, FILTERED];

    fn key(&self) -> Key {
        (self.topic, &self.id).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        let mut indexes = vec![(ENDPOINT, (self.topic, self.protocol.as_str(), &self.endpoint).into_key())];
        indexes.extend(self.state.token().map(|token| (TOKEN, (self.topic, token).into_key())));
        indexes.extend(self.attributes.filter.as_ref().map(|_| (FILTERED, self.topic.into_key())));
        indexes
    }
}

/// Index of subscriptions by topic, protocol and endpoint.
pub(crate) const ENDPOINT: &str = "endpoint";

/// Index of subscriptions by topic and token.
pub(crate) const TOKEN: &str = "token";

/// Index of subscriptions with a filter policy by topic.
pub(crate) const FILTERED: &str = "filtered";

/// A subscription of an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) topic: Address,
    pub(crate) id: String,
}

impl Resource for Held {
    const KIND: &'static str = "sns/held-subscription";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.topic.arn(), &self.id).into_key()
    }
}

impl State {
    fn token(&self) -> Option<&str> {
        match self {
            Self::Pending(token) | Self::Ended(token) => Some(&token.text),
            Self::Confirmed { token, .. } => token.as_deref(),
        }
    }

    pub(crate) fn is_confirmed(&self) -> bool {
        matches!(self, Self::Confirmed { .. })
    }

    pub(crate) fn is_pending(&self) -> bool {
        matches!(self, Self::Pending(_))
    }
}

impl Subscription {
    /// The push notification service of the device that it is of.
    pub(crate) fn platform(&self) -> Option<Platform> {
        let path = self.endpoint.splitn(6, ':').nth(5).filter(|_| self.protocol == Protocol::Application)?;
        Platform::parse(path.split('/').nth(1)?)
    }

    pub(crate) fn arn(&self, topic: &Address) -> String {
        format!("{}:{}", topic.arn(), self.id)
    }

    /// Stores it with what its owner holds of it.
    pub(crate) async fn save(&self, cx: &mut Cx, topic: &Address) -> Result<()> {
        let held = Held { topic: topic.clone(), id: self.id.clone() };
        cx.put(Place::new(self.owner, topic.place.region), &held).await?;
        cx.put(topic.place, self).await
    }

    /// Removes it with what its owner holds of it.
    pub(crate) async fn remove(&self, cx: &mut Cx, topic: &Address) -> Result<()> {
        let held = Held { topic: topic.clone(), id: self.id.clone() };
        cx.discard::<Held>(Place::new(self.owner, topic.place.region), held.key())?;
        pace::forget(cx, topic.place, self)?;
        cx.delete::<Self>(topic.place, self.key()).await.map(|_| ())
    }
}

/// The ARN of a subscription as callers write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct SubscriptionArn(String);

impl SubscriptionArn {
    /// Its topic's address, and its id.
    ///
    /// # Errors
    /// `InvalidParameter`
    pub(crate) fn parse(&self) -> Result<(Address, &str)> {
        let elements = self.0.split(':').count();
        if elements < 6 {
            let reason = format!("An ARN must have at least 6 elements, not {elements}");
            return Err(invalid_because("SubscriptionArn", reason));
        }
        let (topic, id) = self.0.rsplit_once(':').ok_or_else(|| invalid("SubscriptionArn"))?;
        let topic = TopicArn(topic.to_owned()).parse("SubscriptionArn")?;
        Ok((topic, id))
    }

    /// The subscription with its topic, if there is one.
    ///
    /// # Errors
    /// `InvalidParameter`
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<(Address, Topic, Subscription)>> {
        let (address, id) = self.parse()?;
        let Some(topic) = address.find(cx).await? else { return Ok(None) };
        let found = cx.get::<Subscription>(address.place, (topic.id, id)).await?;
        Ok(found.map(|subscription| (address, topic, subscription)))
    }

    /// The subscription with its topic, for those whose it is.
    ///
    /// # Errors
    /// `InvalidParameter`, `NotFound`, `AuthorizationError`
    pub(crate) async fn of_caller(&self, cx: &mut Cx) -> Result<(Address, Topic, Subscription)> {
        let found = self.find(cx).await?.ok_or_else(|| NotFoundException::because("Subscription does not exist"))?;
        let (address, _, subscription) = &found;
        let caller = cx.principal().account();
        if caller != Some(subscription.owner) && caller != Some(address.place.account) {
            return Err(AuthorizationErrorException::because("Not authorized to access this subscription"));
        }
        Ok(found)
    }
}
