//! Delivery to queues.

use serde::Serialize;
use welkin_kernel::{Arn, Call, Cx, Error, Place, Result};

use super::{Deliver, Outcome, role};

/// Input of SQS's SendMessage.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage<'a> {
    queue_url: String,
    message_body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_group_id: Option<&'a str>,
    /// The event's id, so that an event that is sent twice comes once.
    #[serde(skip_serializing_if = "Option::is_none")]
    message_deduplication_id: Option<&'a str>,
}

/// The URL of a queue, and where it is.
pub(super) fn locate(arn: &str) -> Result<(String, Place)> {
    let parsed: Option<Arn> = arn.parse().ok();
    let located = parsed.and_then(|arn| Some((arn.account()?, arn.region()?, arn.resource().to_owned())));
    let (account, region, name) =
        located.ok_or_else(|| Error::internal("the ARN of a queue was checked when it was set"))?;
    Ok((format!("https://sqs.{region}.amazonaws.com/{account}/{name}"), Place::new(account, region)))
}

/// Sends an event to a queue.
///
/// # Errors
/// Faults of Welkin's; what the queue answers is the outcome.
pub(super) async fn send(cx: &mut Cx, deliver: &Deliver, body: &str) -> Result<Outcome> {
    let (queue_url, place) = locate(&deliver.target.arn)?;
    let group = deliver.target.message_group();
    let is_fifo = deliver.target.arn.ends_with(".fifo");
    // UNVERIFIED: the deduplication id. The guide asks for queues that deduplicate by content; events have ids of their own.
    let input = SendMessage {
        queue_url,
        message_body: body,
        message_group_id: group,
        message_deduplication_id: is_fifo.then_some(deliver.event.id.as_str()),
    };
    let call = Call::to("sqs", "SendMessage").input(&input).at(place);
    match role::caller(cx, deliver.bearer(), call).await? {
        Ok(call) => Outcome::of(cx.call(call).await),
        Err(outcome) => Ok(outcome),
    }
}
