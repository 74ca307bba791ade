//! Finding subscriptions.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Key, Operation, Page, Result};

use super::{Held, State, Subscription};
use crate::page;
use crate::policy;
use crate::topic::{Address, TopicArn};

/// A subscription as lists have it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    subscription_arn: String,
    owner: String,
    protocol: String,
    endpoint: String,
    topic_arn: String,
}

impl Listed {
    /// `None` for one that has been ended.
    fn of(subscription: &Subscription, topic: &Address) -> Option<Self> {
        let subscription_arn = match subscription.state {
            State::Confirmed { .. } => subscription.arn(topic),
            State::Pending(_) => "PendingConfirmation".to_owned(),
            State::Ended(_) => return None,
        };
        Some(Self {
            subscription_arn,
            owner: subscription.owner.to_string(),
            protocol: subscription.protocol.as_str().to_owned(),
            endpoint: subscription.endpoint.clone(),
            topic_arn: topic.arn().into(),
        })
    }
}

/// Lists the subscriptions of the caller's account in the Region.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSubscriptions {
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSubscriptionsResponse {
    subscriptions: Vec<Listed>,
    next_token: Option<String>,
}

impl Operation for ListSubscriptions {
    const NAME: &'static str = "ListSubscriptions";
    type Output = ListSubscriptionsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:ListSubscriptions").on(cx.here().arn("sns", "*")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListSubscriptionsResponse> {
        let here = cx.here();
        let after = page::read_token(self.next_token.as_deref())?.as_deref().and_then(held_key);
        let mut held = cx.list::<Held>(here, (), Page::of(page::SIZE + 1, after.as_ref())).await?;
        let more = held.len() > page::SIZE;
        held.truncate(page::SIZE);
        let next_token =
            held.last().filter(|_| more).map(|last| page::token(&format!("{} {}", last.topic.arn(), last.id)));
        let mut subscriptions = Vec::with_capacity(held.len());
        for Held { topic, id } in held {
            let Some(found) = topic.find(cx).await? else { continue };
            let subscription = cx.get::<Subscription>(topic.place, (found.id, &id)).await?;
            subscriptions.extend(subscription.as_ref().and_then(|subscription| Listed::of(subscription, &topic)));
        }
        Ok(ListSubscriptionsResponse { subscriptions, next_token })
    }
}

/// The key of a [`Held`] that a token names.
fn held_key(token: &str) -> Option<Key> {
    let (topic, id) = token.split_once(' ')?;
    Some((topic, id).into_key())
}

/// Lists the subscriptions to a topic.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSubscriptionsByTopic {
    topic_arn: TopicArn,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSubscriptionsByTopicResponse {
    subscriptions: Vec<Listed>,
    next_token: Option<String>,
}

impl Operation for ListSubscriptionsByTopic {
    const NAME: &'static str = "ListSubscriptionsByTopic";
    type Output = ListSubscriptionsByTopicResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.topic_arn.address(cx)?, "sns:ListSubscriptionsByTopic").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListSubscriptionsByTopicResponse> {
        let address = self.topic_arn.address(cx)?;
        let topic = address.topic(cx).await?;
        let after = page::read_token(self.next_token.as_deref())?.map(|last| (topic.id, last).into_key());
        let page = Page::of(page::SIZE + 1, after.as_ref());
        let mut found = cx.list::<Subscription>(address.place, topic.id, page).await?;
        let more = found.len() > page::SIZE;
        found.truncate(page::SIZE);
        let next_token = found.last().filter(|_| more).map(|last| page::token(&last.id));
        let subscriptions = found.iter().filter_map(|subscription| Listed::of(subscription, &address)).collect();
        Ok(ListSubscriptionsByTopicResponse { subscriptions, next_token })
    }
}
