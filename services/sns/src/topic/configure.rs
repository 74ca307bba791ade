//! Attributes of a topic, asked for and changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Page, Result};

use super::{TopicArn, large};
use crate::archive;
use crate::delivery_policy;
use crate::policy;
use crate::subscription::Subscription;

/// Tells the attributes of a topic.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTopicAttributes {
    topic_arn: TopicArn,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTopicAttributesResponse {
    attributes: BTreeMap<String, String>,
}

impl Operation for GetTopicAttributes {
    const NAME: &'static str = "GetTopicAttributes";
    type Output = GetTopicAttributesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.topic_arn.address(cx)?, "sns:GetTopicAttributes").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetTopicAttributesResponse> {
        let address = self.topic_arn.address(cx)?;
        let topic = address.topic(cx).await?;
        let subscriptions = cx.list::<Subscription>(address.place, topic.id, Page::ALL).await?;
        let confirmed = subscriptions.iter().filter(|subscription| subscription.state.is_confirmed()).count();
        let pending = subscriptions.iter().filter(|subscription| subscription.state.is_pending()).count();
        let mut all = topic.attributes.to_text();
        all.insert("TopicArn", address.arn().into());
        all.insert("Owner", address.place.account.to_string());
        all.insert("Policy", policy::of(&topic, &address));
        all.insert("EffectiveDeliveryPolicy", delivery_policy::of_topic(topic.attributes.delivery.as_ref()));
        let beginning = topic.archive().map(|archive| archive.beginning_text(cx.now()));
        all.extend(beginning.map(|beginning| ("BeginningArchiveTime", beginning)));
        all.insert("SubscriptionsConfirmed", confirmed.to_string());
        all.insert("SubscriptionsPending", pending.to_string());
        all.insert("SubscriptionsDeleted", topic.unsubscribed.to_string());
        let attributes = all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(GetTopicAttributesResponse { attributes })
    }
}

/// Changes an attribute of a topic; without a value it is as if it had never been set.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetTopicAttributes {
    topic_arn: TopicArn,
    attribute_name: String,
    #[serde(default)]
    attribute_value: String,
}

impl Operation for SetTopicAttributes {
    const NAME: &'static str = "SetTopicAttributes";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.topic_arn.address(cx)?, "sns:SetTopicAttributes").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.topic_arn.address(cx)?;
        let mut topic = address.topic(cx).await?;
        let before = topic.archive();
        topic.attributes.change(&self.attribute_name, &self.attribute_value, cx.now())?;
        if topic.attributes.is_large() {
            large::check(cx, &address, &topic).await?;
        }
        archive::follow(cx, &address, before, &topic).await?;
        cx.put(address.place, &topic).await?;
        Ok(Empty {})
    }
}
