//! Confirming a subscription.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Principal, Result};

use super::{State, Subscription, TOKEN};
use crate::archive::replay;
use crate::errors::invalid;
use crate::topic::TopicArn;

/// Confirms a subscription by the token that its endpoint was sent; also without a signature, by following the link.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConfirmSubscription {
    topic_arn: TopicArn,
    token: String,
    authenticate_on_unsubscribe: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConfirmSubscriptionResponse {
    subscription_arn: String,
}

impl Operation for ConfirmSubscription {
    const NAME: &'static str = "ConfirmSubscription";
    type Output = ConfirmSubscriptionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let arn = self.topic_arn.address(cx)?.arn();
        match cx.principal().account() {
            None => Ok(Access::open(
                "the token is the permission: https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html",
            )),
            // UNVERIFIED: that a signed call of another account needs no policy of the topic, as it has the token.
            Some(own) => Ok(Access::to("sns:ConfirmSubscription").on(arn).owned_by(own).recorded_as("AWS::SNS::Topic")),
        }
    }

    async fn run(&self, cx: &mut Cx) -> Result<ConfirmSubscriptionResponse> {
        let address = self.topic_arn.address(cx)?;
        let topic = address.topic(cx).await?;
        let found = cx.find::<Subscription>(address.place, TOKEN, (topic.id, &self.token), 1).await?;
        let mut subscription = found.into_iter().next().ok_or_else(|| invalid("Token"))?;
        let authenticated = *cx.principal() != Principal::Anonymous;
        match &subscription.state {
            State::Pending(token) | State::Ended(token) if token.expires <= cx.now() => {
                return Err(invalid("Token"));
            }
            State::Pending(token) | State::Ended(token) => {
                subscription.state = State::Confirmed { token: Some(token.text.clone()), authenticated };
                // Who is to authenticate must have done so now.
                let asked =
                    self.authenticate_on_unsubscribe.as_deref().is_some_and(|text| text.eq_ignore_ascii_case("true"));
                subscription.needs_signature_to_end = asked && authenticated;
                replay::begin(cx, &address, &mut subscription).await?;
                subscription.save(cx, &address).await?;
            }
            State::Confirmed { .. } => {}
        }
        Ok(ConfirmSubscriptionResponse { subscription_arn: subscription.arn(&address) })
    }
}
