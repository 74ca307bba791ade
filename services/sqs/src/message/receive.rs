//! Receiving messages.

mod fifo;
mod limit;
mod standard;

pub(crate) use limit::Gauge;
pub(crate) use standard::Head;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Error, Event, Operation, Place, Result, Timestamp};

use crate::attributes::{LONGEST_VISIBILITY, LONGEST_WAIT, check_names};
use crate::encryption;
use crate::errors::invalid;
use crate::message::attribute::{self, MessageAttributes};
use crate::message::receipt::Receipt;
use crate::message::send::check_token;
use crate::message::{Content, Message, Received, body};
use crate::metric;
use crate::policy::{self, Sharing};
use crate::queue::{Queue, QueueUrl};
use crate::redrive;

/// Receives up to ten messages, and hides them from others for a while.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReceiveMessage {
    queue_url: QueueUrl,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    receive_request_attempt_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReceiveMessageResult {
    messages: Option<Vec<ReceivedMessage>>,
}

/// A message as a receiver sees it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceivedMessage {
    message_id: String,
    receipt_handle: String,
    #[serde(rename = "MD5OfBody")]
    md5_of_body: String,
    body: String,
    attributes: Option<BTreeMap<String, String>>,
    #[serde(rename = "MD5OfMessageAttributes")]
    md5_of_attributes: Option<String>,
    message_attributes: Option<MessageAttributes>,
}

/// Attributes that SQS gives to messages.
const SYSTEM_ATTRIBUTES: &[&str] = &[
    "All",
    "AWSTraceHeader",
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
];

/// What a receiver wants, once it is known to be valid.
struct Wish {
    most: usize,
    visibility: Duration,
    wait: Duration,
}

/// A message that is received, with its receipt handle.
struct Delivered {
    message: Message,
    receipt_handle: String,
}

impl Operation for ReceiveMessage {
    const NAME: &'static str = "ReceiveMessage";
    const EVENT: Event = Event::Data("AWS::SQS::Queue");
    type Output = ReceiveMessageResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.queue_url.address(cx)?, "sqs:ReceiveMessage", Sharing::Anyone).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ReceiveMessageResult> {
        let address = self.queue_url.address(cx)?;
        let (place, queue) = (address.place, address.queue(cx).await?);
        let wish = self.wish(&queue)?;
        let deadline = cx.once(|cx| cx.after(wish.wait));
        let changes = (!wish.wait.is_zero()).then(|| cx.watch::<Message>(place, queue.contents.key()));
        let delivered = if queue.is_fifo() {
            fifo::receive(cx, place, &queue, &wish, self.receive_request_attempt_id.as_deref()).await?
        } else {
            standard::receive(cx, place, &queue, &wish).await?
        };
        if delivered.is_empty() {
            let next = if queue.is_fifo() {
                fifo::next_ready(cx, place, &queue).await?
            } else {
                standard::next_visible(cx, place, &queue).await?
            };
            cx.wait(changes, next.map_or(deadline, |next| next.min(deadline)).max(cx.now()))?;
            metric::count(cx, place, &queue, "NumberOfEmptyReceives", 1);
            return Ok(ReceiveMessageResult { messages: None });
        }
        metric::count(cx, place, &queue, "NumberOfMessagesReceived", delivered.len());
        let mut messages = Vec::with_capacity(delivered.len());
        for delivered in delivered {
            messages.push(self.show(cx, place, &queue, delivered).await?);
        }
        Ok(ReceiveMessageResult { messages: Some(messages) })
    }
}

impl ReceiveMessage {
    fn wish(&self, queue: &Queue) -> Result<Wish> {
        for name in self.attribute_names.iter().chain(&self.message_system_attribute_names) {
            if !SYSTEM_ATTRIBUTES.contains(&name.as_str()) {
                // The older parameter takes the names of queues' attributes too, to no effect.
                check_names(std::slice::from_ref(name))?;
            }
        }
        if let Some(id) = &self.receive_request_attempt_id {
            if !queue.is_fifo() {
                let reason = "The request include parameter that is not valid for this queue type.";
                return Err(invalid(id, "ReceiveRequestAttemptId", reason));
            }
            check_token(id, "ReceiveRequestAttemptId")?;
        }
        let most = within(self.max_number_of_messages, 1, 1, 10, "MaxNumberOfMessages")?;
        let attributes = &queue.attributes;
        let visibility =
            within(self.visibility_timeout, attributes.visibility_timeout, 0, LONGEST_VISIBILITY, "VisibilityTimeout")?;
        let wait = within(self.wait_time_seconds, attributes.receive_wait, 0, LONGEST_WAIT, "WaitTimeSeconds")?;
        Ok(Wish {
            most: most as usize,
            visibility: Duration::from_secs(visibility.into()),
            wait: Duration::from_secs(wait.into()),
        })
    }

    async fn show(&self, cx: &mut Cx, place: Place, queue: &Queue, delivered: Delivered) -> Result<ReceivedMessage> {
        let Delivered { message, receipt_handle } = delivered;
        // It never changes while its message is there, which was read.
        let content = cx.glance::<Content>(place, (message.contents.key(), message.id.key())).await?;
        let Content { body, attributes, trace_header, .. } =
            content.ok_or_else(|| Error::internal("a message without content"))?;
        let body = encryption::open(cx, place, queue, body).await?;
        let wanted = |name: &String| attribute::is_wanted(&self.message_attribute_names, name);
        let attributes: MessageAttributes = attributes.into_iter().filter(|(name, _)| wanted(name)).collect();
        let system = self.system_attributes(&message, trace_header);
        Ok(ReceivedMessage {
            message_id: message.public_id,
            receipt_handle,
            md5_of_body: body::md5(&body),
            body,
            attributes: (!system.is_empty()).then_some(system),
            md5_of_attributes: attribute::md5(&attributes),
            message_attributes: (!attributes.is_empty()).then_some(attributes),
        })
    }

    fn system_attributes(&self, message: &Message, trace_header: Option<String>) -> BTreeMap<String, String> {
        let asked = |name: &str| {
            let mut names = self.attribute_names.iter().chain(&self.message_system_attribute_names);
            names.any(|wanted| wanted == "All" || wanted == name)
        };
        let millis = |time: Timestamp| time.millis().to_string();
        let membership = message.membership.as_ref();
        let all = [
            ("SenderId", Some(message.sender.clone())),
            ("SentTimestamp", Some(millis(message.id.sent))),
            ("ApproximateReceiveCount", Some(message.receive_count().to_string())),
            ("ApproximateFirstReceiveTimestamp", message.received.map(|received| millis(received.first))),
            ("MessageGroupId", message.group.clone()),
            ("MessageDeduplicationId", membership.map(|membership| membership.deduplication_id.clone())),
            ("SequenceNumber", membership.map(|membership| membership.sequence.to_text())),
            ("DeadLetterQueueSourceArn", message.dead_letter_source.clone().map(String::from)),
            ("AWSTraceHeader", trace_header),
        ];
        let present = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
        present.filter(|(name, _)| asked(name)).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// A number that a caller may give, within bounds.
fn within(given: Option<i64>, default: u32, low: u32, high: u32, parameter: &str) -> Result<u32> {
    let Some(given) = given else { return Ok(default) };
    let valid = u32::try_from(given).ok().filter(|given| (low..=high).contains(given));
    valid.ok_or_else(|| invalid(given, parameter, format_args!("Must be between {low} and {high}, if provided.")))
}

/// Hides a message until `visible_at`, as received now.
fn hide(cx: &mut Cx, place: Place, message: Message, visibility: Duration) -> Result<Delivered> {
    let now = cx.now();
    let (count, first) = message.received.map_or((0, now), |received| (received.count, received.first));
    let received = Some(Received { count: count.saturating_add(1), first, last: now });
    let hidden = Message { visible_at: now.plus(visibility), received, ..message.clone() };
    hidden.replace(cx, place, &message)?;
    let receipt_handle = Receipt::of(&hidden).seal(cx)?;
    Ok(Delivered { message: hidden, receipt_handle })
}

/// Whether a message is not to be delivered, because it is too old or was received too often: then it is removed, or
/// moved to the dead-letter queue.
async fn put_aside(cx: &mut Cx, place: Place, queue: &Queue, message: &Message) -> Result<bool> {
    if message.id.sent.plus(queue.attributes.retention()) <= cx.now() {
        message.remove(cx, place)?;
        crate::fifo::leave(cx, place, message)?;
        return Ok(true);
    }
    match redrive::destination(cx, place, queue, message).await? {
        Some(target) => {
            redrive::transfer(cx, place, message, &target, Some(queue.arn(place))).await?;
            Ok(true)
        }
        None => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn numbers_have_defaults_and_bounds() {
        assert_eq!(within(None, 7, 0, 10, "N").unwrap(), 7);
        assert_eq!(within(Some(10), 7, 0, 10, "N").unwrap(), 10);
        for given in [-1, 11, i64::MAX, i64::MIN] {
            assert!(within(Some(given), 7, 0, 10, "N").unwrap_err().is("InvalidParameterValue"), "{given}");
        }
    }
}
