//! Ending a subscription.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::subscribe::token;
use super::{State, SubscriptionArn, expire};
use crate::delivery::{Deliver, Letter};
use crate::errors::AuthorizationErrorException;

/// Ends a subscription; also without a signature, by following the link in a message, unless the subscription was
/// confirmed otherwise. <https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Unsubscribe {
    subscription_arn: SubscriptionArn,
}

impl Operation for Unsubscribe {
    const NAME: &'static str = "Unsubscribe";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.subscription_arn.parse()?;
        match cx.principal().account() {
            None => Ok(Access::open(
                "whoever gets the messages may end them: https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html",
            )),
            Some(_) => Ok(Access::to("sns:Unsubscribe")),
        }
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        // UNVERIFIED: that one which does not exist is as good as ended.
        let Some((address, mut topic, mut subscription)) = self.subscription_arn.find(cx).await? else {
            return Ok(Empty {});
        };
        let caller = cx.principal().account();
        let owns = caller == Some(subscription.owner) || caller == Some(address.place.account);
        if !owns && (caller.is_some() || subscription.needs_signature_to_end) {
            return Err(AuthorizationErrorException::because("Not authorized to unsubscribe this subscription"));
        }
        if owns {
            subscription.remove(cx, &address).await?;
        } else if subscription.state.is_confirmed() {
            // The endpoint is told, in case that it was somebody else.
            let token = token(cx);
            let letter = Letter::Farewell { token: token.text.clone() };
            subscription.state = State::Ended(token.clone());
            subscription.save(cx, &address).await?;
            Deliver::new(&address, &subscription, letter).enqueue(cx, subscription.protocol).await?;
            expire::schedule(cx, &address, &subscription, token.expires).await?;
        } else {
            return Ok(Empty {});
        }
        topic.unsubscribed = topic.unsubscribed.saturating_add(1);
        cx.put(address.place, &topic).await?;
        Ok(Empty {})
    }
}
