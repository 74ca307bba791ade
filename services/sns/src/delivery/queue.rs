//! Delivery to queues, as SNS on behalf of the topic: the queue's policy, its key and the trail decide and tell.

use serde::Serialize;
use serde_json::{Value, json};
use welkin_kernel::{Call, Cx, Error, Place, Result};

use super::Outcome;
use super::envelope::Parcel;
use crate::publish::attribute::MessageAttributes;
use crate::subscription::protocol::queue;
use crate::topic::Address;

/// Most attributes that a message of a queue can have.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html>
const MOST_ATTRIBUTES: usize = 10;

/// Input of SQS's SendMessage.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage<'a> {
    queue_url: String,
    message_body: &'a str,
    #[serde(skip_serializing_if = "MessageAttributes::is_empty")]
    message_attributes: &'a MessageAttributes,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_system_attributes: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_deduplication_id: Option<&'a str>,
}

/// Sends a parcel to the queue with this ARN.
///
/// # Errors
/// Faults of Welkin's; what the queue answers is the outcome.
pub(super) async fn send(cx: &mut Cx, topic: &Address, arn: &str, parcel: &Parcel) -> Result<Outcome> {
    let queue = queue(arn).ok_or_else(|| Error::internal("the ARN of a queue was checked when it was set"))?;
    let Some((account, region)) = queue.account().zip(queue.region()) else {
        return Ok(Outcome::Refused(format!("{arn} names no account and Region")));
    };
    if parcel.attributes.len() > MOST_ATTRIBUTES {
        return Ok(Outcome::Refused(format!("a bare message has more than {MOST_ATTRIBUTES} attributes")));
    }
    let fifo = queue.resource().ends_with(".fifo");
    let deduplication_id = parcel.place.as_ref().map(|place| place.deduplication_id.as_str());
    let input = SendMessage {
        queue_url: format!("https://sqs.{region}.amazonaws.com/{account}/{}", queue.resource()),
        message_body: &parcel.body,
        message_attributes: &parcel.attributes,
        message_system_attributes: parcel
            .trace
            .as_ref()
            .map(|trace| json!({ "AWSTraceHeader": { "DataType": "String", "StringValue": trace } })),
        message_group_id: parcel.group.as_deref(),
        message_deduplication_id: deduplication_id.filter(|_| fifo),
    };
    let call = Call::to("sqs", "SendMessage").input(&input).at(Place::new(account, region));
    let call = call.as_service(crate::PRINCIPAL, topic.place.account, Some(topic.arn()));
    let Err(error) = cx.call(call).await else { return Ok(Outcome::Delivered) };
    let Some(answer) = error.answer() else { return Err(error) };
    let why = format!("{}: {}", answer.code, answer.message);
    let later = answer.status.is_some_and(|status| status >= 500) || answer.code.contains("Throttl");
    Ok(if later { Outcome::Failed(why) } else { Outcome::Refused(why) })
}
