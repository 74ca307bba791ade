//! Sending messages.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Event, Operation, Place, Principal, Result};

use crate::attributes::{LONGEST_DELAY, LONGEST_MESSAGE};
use crate::encryption;
use crate::errors::{BatchRequestTooLong, InvalidParameterValue, invalid, missing};
use crate::expiry;
use crate::fifo::dedup::{self, INTERVAL, Seen};
use crate::fifo::{self, Membership, SequenceNumber};
use crate::message::attribute::{self, MessageAttributes};
use crate::message::{Content, Message, MessageId, batch, body};
use crate::metric;
use crate::policy::{self, Sharing};
use crate::queue::{Queue, QueueUrl};

/// Delivers a message to a queue.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SendMessage {
    queue_url: QueueUrl,
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: MessageAttributes,
    #[serde(default)]
    message_system_attributes: MessageAttributes,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SendMessageResult {
    message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    md5_of_body: String,
    #[serde(rename = "MD5OfMessageAttributes")]
    md5_of_attributes: Option<String>,
    #[serde(rename = "MD5OfMessageSystemAttributes")]
    md5_of_system_attributes: Option<String>,
    sequence_number: Option<String>,
}

impl Operation for SendMessage {
    const NAME: &'static str = "SendMessage";
    const EVENT: Event = Event::Data("AWS::SQS::Queue");
    type Output = SendMessageResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.queue_url.address(cx)?, "sqs:SendMessage", Sharing::Anyone).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<SendMessageResult> {
        let address = self.queue_url.address(cx)?;
        let queue = address.queue(cx).await?;
        self.draft().send(cx, address.place, &queue, 0).await
    }
}

impl SendMessage {
    fn draft(&self) -> Draft<'_> {
        Draft {
            body: &self.message_body,
            delay: self.delay_seconds,
            attributes: &self.message_attributes,
            system_attributes: &self.message_system_attributes,
            deduplication_id: self.message_deduplication_id.as_deref(),
            group: self.message_group_id.as_deref(),
        }
    }
}

/// Delivers up to ten messages to a queue.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SendMessageBatch {
    queue_url: QueueUrl,
    entries: Vec<SendMessageBatchRequestEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessageBatchRequestEntry {
    id: String,
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: MessageAttributes,
    #[serde(default)]
    message_system_attributes: MessageAttributes,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SendMessageBatchResult {
    successful: Vec<SendMessageBatchResultEntry>,
    failed: Vec<batch::Failed>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessageBatchResultEntry {
    id: String,
    message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    md5_of_body: String,
    #[serde(rename = "MD5OfMessageAttributes")]
    md5_of_attributes: Option<String>,
    #[serde(rename = "MD5OfMessageSystemAttributes")]
    md5_of_system_attributes: Option<String>,
    sequence_number: Option<String>,
}

impl Operation for SendMessageBatch {
    const NAME: &'static str = "SendMessageBatch";
    const EVENT: Event = Event::Data("AWS::SQS::Queue");
    type Output = SendMessageBatchResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.queue_url.address(cx)?, "sqs:SendMessage", Sharing::Anyone).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<SendMessageBatchResult> {
        let address = self.queue_url.address(cx)?;
        let queue = address.queue(cx).await?;
        batch::check("SendMessageBatchRequestEntry", self.entries.iter().map(|entry| entry.id.as_str()))?;
        let size = self.entries.iter().map(|entry| entry.draft().size()).sum::<usize>();
        if size > LONGEST_MESSAGE as usize {
            return Err(BatchRequestTooLong::because(format!(
                "Batch requests cannot be longer than {LONGEST_MESSAGE} bytes. You have sent {size} bytes."
            )));
        }
        let mut result = SendMessageBatchResult::default();
        for (place, entry) in self.entries.iter().enumerate() {
            match entry.draft().send(cx, address.place, &queue, place).await {
                Ok(sent) => result.successful.push(SendMessageBatchResultEntry::of(&entry.id, sent)),
                Err(error) => result.failed.push(batch::Failed::of(&entry.id, error)?),
            }
        }
        Ok(result)
    }
}

impl SendMessageBatchRequestEntry {
    fn draft(&self) -> Draft<'_> {
        Draft {
            body: &self.message_body,
            delay: self.delay_seconds,
            attributes: &self.message_attributes,
            system_attributes: &self.message_system_attributes,
            deduplication_id: self.message_deduplication_id.as_deref(),
            group: self.message_group_id.as_deref(),
        }
    }
}

impl SendMessageBatchResultEntry {
    fn of(id: &str, sent: SendMessageResult) -> Self {
        Self {
            id: id.to_owned(),
            message_id: sent.message_id,
            md5_of_body: sent.md5_of_body,
            md5_of_attributes: sent.md5_of_attributes,
            md5_of_system_attributes: sent.md5_of_system_attributes,
            sequence_number: sent.sequence_number,
        }
    }
}

/// A message that is to be sent.
struct Draft<'a> {
    body: &'a str,
    delay: Option<i64>,
    attributes: &'a MessageAttributes,
    system_attributes: &'a MessageAttributes,
    deduplication_id: Option<&'a str>,
    group: Option<&'a str>,
}

impl Draft<'_> {
    /// Bytes that count against the limit of the queue.
    fn size(&self) -> usize {
        self.body.len() + attribute::size(self.attributes)
    }

    /// Sends it, as the one at `nth` of its batch. It is held against all rules before anything is written.
    async fn send(&self, cx: &mut Cx, place: Place, queue: &Queue, nth: usize) -> Result<SendMessageResult> {
        self.check(queue)?;
        let trace_header = self.trace_header()?;
        let Some(fifo) = queue.attributes.fifo else {
            let message = self.message(cx, queue, nth, None)?;
            self.store(cx, place, queue, &message, trace_header).await?;
            expiry::look_after(cx, place, queue, cx.after(queue.attributes.retention())).await?;
            return Ok(self.result(message.public_id, None));
        };
        let group = self.group.ok_or_else(|| missing("MessageGroupId"))?;
        let deduplication_id = dedup::id_of(self.deduplication_id, self.body, fifo)?;
        let scope = dedup::scope(fifo, group);
        if let Some(seen) = dedup::find(cx, place, queue.contents.queue, scope, &deduplication_id).await? {
            return Ok(self.result(seen.public_id, Some(seen.sequence)));
        }
        let (found, sequence) = fifo::next_number(cx, place, queue.contents, group).await?;
        let membership = Membership { sequence, deduplication_id: deduplication_id.clone() };
        let message = self.message(cx, queue, nth, Some(membership))?;
        self.store(cx, place, queue, &message, trace_header).await?;
        fifo::append(cx, place, &message, found)?;
        let (public_id, at) = (message.public_id, cx.now());
        let queue_id = queue.contents.queue;
        let scope = scope.to_owned();
        let seen = Seen { queue: queue_id, scope, deduplication_id, at, public_id: public_id.clone(), sequence };
        cx.put(place, &seen).await?;
        expiry::look_after(cx, place, queue, cx.after(INTERVAL.min(queue.attributes.retention()))).await?;
        Ok(self.result(public_id, Some(sequence)))
    }

    fn check(&self, queue: &Queue) -> Result<()> {
        body::check(self.body)?;
        body::check_size(self.size(), queue.attributes.maximum_message_size)?;
        attribute::check(self.attributes)?;
        if let Some(group) = self.group {
            check_token(group, "MessageGroupId")?;
        }
        if let Some(id) = self.deduplication_id {
            check_token(id, "MessageDeduplicationId")?;
        }
        let wrong_kind = "The request include parameter that is not valid for this queue type.";
        match (queue.is_fifo(), self.delay, self.deduplication_id) {
            (false, _, Some(id)) => return Err(invalid(id, "MessageDeduplicationId", wrong_kind)),
            (true, Some(delay), _) if delay != 0 => return Err(invalid(delay, "DelaySeconds", wrong_kind)),
            _ => {}
        }
        self.delay_seconds(queue).map(|_| ())
    }

    fn delay_seconds(&self, queue: &Queue) -> Result<u32> {
        match self.delay {
            Some(delay) if !queue.is_fifo() => {
                let valid = u32::try_from(delay).ok().filter(|delay| *delay <= LONGEST_DELAY);
                valid.ok_or_else(|| {
                    let reason = format!("DelaySeconds must be >= 0 and <= {LONGEST_DELAY}.");
                    invalid(delay, "DelaySeconds", reason)
                })
            }
            _ => Ok(queue.attributes.delay),
        }
    }

    /// The one system attribute that there is.
    fn trace_header(&self) -> Result<Option<String>> {
        let mut header = None;
        for (name, attribute) in self.system_attributes {
            if name != "AWSTraceHeader" {
                return Err(InvalidParameterValue::because(format!(
                    "Message system attribute name '{name}' is invalid. Only AWSTraceHeader is supported."
                )));
            }
            let text = attribute.string_value().filter(|text| !text.is_empty());
            header = Some(text.ok_or_else(|| {
                InvalidParameterValue::because("Message system attribute 'AWSTraceHeader' must have a string value.")
            })?);
        }
        Ok(header.map(str::to_owned))
    }

    fn message(&self, cx: &Cx, queue: &Queue, nth: usize, membership: Option<Membership>) -> Result<Message> {
        let delay = self.delay_seconds(queue)?;
        Ok(Message {
            contents: queue.contents,
            id: MessageId::draw(cx, nth),
            public_id: cx.chance().uuid(),
            sender: sender(cx),
            visible_at: cx.after(std::time::Duration::from_secs(delay.into())),
            received: None,
            group: self.group.map(str::to_owned),
            membership,
            dead_letter_source: None,
        })
    }

    async fn store(
        &self,
        cx: &mut Cx,
        place: Place,
        queue: &Queue,
        message: &Message,
        trace_header: Option<String>,
    ) -> Result<()> {
        let body = encryption::seal(cx, place, queue, self.body).await?;
        metric::sent(cx, place, queue, self.size());
        let Message { contents, id, .. } = *message;
        cx.insert(place, &Content { contents, id, body, attributes: self.attributes.clone(), trace_header })?;
        message.add(cx, place)
    }

    fn result(&self, message_id: String, sequence: Option<SequenceNumber>) -> SendMessageResult {
        SendMessageResult {
            message_id,
            md5_of_body: body::md5(self.body),
            md5_of_attributes: attribute::md5(self.attributes),
            md5_of_system_attributes: attribute::md5(self.system_attributes),
            sequence_number: sequence.map(SequenceNumber::to_text),
        }
    }
}

/// Holds a group or deduplication id against the rules: 1 to 128 letters, digits and punctuation.
pub(crate) fn check_token(text: &str, parameter: &str) -> Result<()> {
    if (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    let reason = format!("{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
    Err(invalid(text, parameter, reason))
}

/// `SenderId`: the unique id of the user or role session.
fn sender(cx: &Cx) -> String {
    match cx.principal() {
        Principal::Service(service) => service.name.clone(),
        principal => principal.user_id().unwrap_or_else(|| cx.facts().source_ip.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_groups_and_duplicates_are_of_letters_digits_and_punctuation() {
        let long = "x".repeat(128);
        for id in ["a", "!\"#$%&'()*+,-./:;?@[\\]^_`{|}~", long.as_str()] {
            assert!(check_token(id, "MessageGroupId").is_ok(), "{id}");
        }
        let longer = "x".repeat(129);
        for id in ["", "a b", "é", "a\n", longer.as_str()] {
            assert!(check_token(id, "MessageGroupId").is_err(), "{id}");
        }
    }
}
