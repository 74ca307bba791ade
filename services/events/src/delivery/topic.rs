//! Delivery to topics.

use serde::Serialize;
use welkin_kernel::{Arn, Call, Cx, Error, Place, Result};

use super::{Deliver, Outcome, role};

/// Input of SNS's Publish.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Publish<'a> {
    topic_arn: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_deduplication_id: Option<&'a str>,
}

/// Publishes an event to a topic.
///
/// # Errors
/// Faults of Welkin's; what the topic answers is the outcome.
pub(super) async fn send(cx: &mut Cx, deliver: &Deliver, body: &str) -> Result<Outcome> {
    let arn: Option<Arn> = deliver.target.arn.parse().ok();
    let located = arn.as_ref().and_then(|arn| Some(Place::new(arn.account()?, arn.region()?)));
    let place = located.ok_or_else(|| Error::internal("the ARN of a topic was checked when it was set"))?;
    let is_fifo = deliver.target.arn.ends_with(".fifo");
    let input = Publish {
        topic_arn: &deliver.target.arn,
        message: body,
        // UNVERIFIED: that FIFO topics are targets at all, and how; the group is the rule's.
        message_group_id: is_fifo.then_some(deliver.rule.name.as_str()),
        message_deduplication_id: is_fifo.then_some(deliver.event.id.as_str()),
    };
    let call = Call::to("sns", "Publish").input(&input).at(place);
    match role::caller(cx, deliver.bearer(), call).await? {
        Ok(call) => Outcome::of(cx.call(call).await),
        Err(outcome) => Ok(outcome),
    }
}
