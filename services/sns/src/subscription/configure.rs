//! Attributes of a subscription, asked for and changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::subscribe::check_filtered;
use super::{State, SubscriptionArn};
use crate::archive::replay;
use crate::delivery_policy::Effective;

/// Tells the attributes of a subscription, to those whose it or its topic is.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSubscriptionAttributes {
    subscription_arn: SubscriptionArn,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSubscriptionAttributesResponse {
    attributes: BTreeMap<String, String>,
}

impl Operation for GetSubscriptionAttributes {
    const NAME: &'static str = "GetSubscriptionAttributes";
    type Output = GetSubscriptionAttributesResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        self.subscription_arn.parse()?;
        Ok(Access::to("sns:GetSubscriptionAttributes"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetSubscriptionAttributesResponse> {
        let (address, topic, subscription) = self.subscription_arn.of_caller(cx).await?;
        let authenticated = matches!(subscription.state, State::Confirmed { authenticated: true, .. });
        let mut all = subscription.attributes.to_text();
        all.insert("SubscriptionArn", subscription.arn(&address));
        all.insert("TopicArn", address.arn().into());
        all.insert("Owner", subscription.owner.to_string());
        all.insert("Protocol", subscription.protocol.as_str().to_owned());
        all.insert("PendingConfirmation", subscription.state.is_pending().to_string());
        all.insert("ConfirmationWasAuthenticated", authenticated.to_string());
        all.extend(subscription.principal.map(|principal| ("SubscriptionPrincipal", principal.into())));
        let replay = subscription.replay.as_ref().filter(|_| subscription.attributes.replay.is_some());
        all.extend(replay.map(|replay| ("ReplayStatus", replay.status().to_owned())));
        if subscription.protocol.is_http() {
            let own = subscription.attributes.delivery.as_ref();
            let effective = Effective::of(topic.attributes.delivery.as_ref(), own);
            all.insert("EffectiveDeliveryPolicy", effective.to_text());
        }
        all.insert("Endpoint", subscription.endpoint);
        let attributes = all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(GetSubscriptionAttributesResponse { attributes })
    }
}

/// Changes an attribute of a subscription; without a value it is as if it had never been set.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetSubscriptionAttributes {
    subscription_arn: SubscriptionArn,
    attribute_name: String,
    #[serde(default)]
    attribute_value: String,
}

impl Operation for SetSubscriptionAttributes {
    const NAME: &'static str = "SetSubscriptionAttributes";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        self.subscription_arn.parse()?;
        Ok(Access::to("sns:SetSubscriptionAttributes"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (address, topic, mut subscription) = self.subscription_arn.of_caller(cx).await?;
        let was_filtered = subscription.attributes.filter.is_some();
        let (protocol, replayed) = (subscription.protocol, subscription.attributes.replay.clone());
        let (name, value) = (&self.attribute_name, &self.attribute_value);
        subscription.attributes.change(name, value, protocol, (&topic, &address))?;
        if subscription.attributes.filter.is_some() && !was_filtered {
            check_filtered(cx, &topic, &address).await?;
        }
        if subscription.attributes.replay != replayed {
            if let Some(policy) = &subscription.attributes.replay {
                policy.check(&topic, cx.now())?;
            }
            if subscription.state.is_confirmed() {
                replay::begin(cx, &address, &mut subscription).await?;
            }
        }
        subscription.save(cx, &address).await?;
        Ok(Empty {})
    }
}
