//! Dead-letter queues: where messages go that were received too often.
//!
//! Reference: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html>

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use welkin_kernel::{Access, Arn, Cx, Event, Operation, Place, Result};

use crate::attributes::invalid as invalid_attribute;
use crate::errors::invalid;
use crate::expiry;
use crate::fifo::{self, Membership};
use crate::message::{Content, Message, MessageId};
use crate::policy::{self, Sharing};
use crate::queue::find::{page_size, read_token, token};
use crate::queue::{Address, DEAD_LETTER, Queue, QueueUrl};

/// `RedrivePolicy`: where messages go, and after how many receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RedrivePolicy {
    pub(crate) target: Arn,
    pub(crate) max_receive_count: u32,
}

impl RedrivePolicy {
    /// # Errors
    /// `InvalidAttributeValue`
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let fault = || invalid_attribute("RedrivePolicy");
        let json: Value = serde_json::from_str(text).map_err(|_| fault())?;
        let target = json["deadLetterTargetArn"].as_str().and_then(|arn| arn.parse().ok()).ok_or_else(fault)?;
        let count = match &json["maxReceiveCount"] {
            // The reference's default.
            Value::Null => Some(10),
            Value::String(count) => count.parse().ok(),
            count => count.as_u64(),
        };
        let count = count.filter(|count| (1..=1000).contains(count)).ok_or_else(|| {
            invalid(text, "RedrivePolicy", "Invalid value for maxReceiveCount: must be an integer between 1 and 1000.")
        })?;
        Ok(Self { target, max_receive_count: u32::try_from(count).unwrap_or(u32::MAX) })
    }

    pub(crate) fn to_text(&self) -> String {
        json!({ "deadLetterTargetArn": self.target, "maxReceiveCount": self.max_receive_count }).to_string()
    }
}

/// `RedriveAllowPolicy`: which queues may name this one as their dead-letter queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RedriveAllowPolicy {
    AllowAll,
    DenyAll,
    ByQueue(Vec<Arn>),
}

/// Most queues that a policy names.
const MOST_SOURCES: usize = 10;

impl RedriveAllowPolicy {
    /// # Errors
    /// `InvalidAttributeValue`
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let fault = || invalid_attribute("RedriveAllowPolicy");
        let json: Value = serde_json::from_str(text).map_err(|_| fault())?;
        let sources = match &json["sourceQueueArns"] {
            Value::Null => None,
            sources => Some(serde_json::from_value::<Vec<Arn>>(sources.clone()).map_err(|_| fault())?),
        };
        match (json["redrivePermission"].as_str(), sources) {
            (Some("allowAll"), None) => Ok(Self::AllowAll),
            (Some("denyAll"), None) => Ok(Self::DenyAll),
            (Some("byQueue"), Some(sources)) if (1..=MOST_SOURCES).contains(&sources.len()) => {
                Ok(Self::ByQueue(sources))
            }
            _ => Err(fault()),
        }
    }

    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::AllowAll => json!({ "redrivePermission": "allowAll" }),
            Self::DenyAll => json!({ "redrivePermission": "denyAll" }),
            Self::ByQueue(sources) => json!({ "redrivePermission": "byQueue", "sourceQueueArns": sources }),
        }
        .to_string()
    }

    fn allows(&self, source: &Arn) -> bool {
        match self {
            Self::AllowAll => true,
            Self::DenyAll => false,
            Self::ByQueue(sources) => sources.contains(source),
        }
    }
}

/// Holds the redrive policy of a queue against the dead-letter queue that it names.
///
/// # Errors
/// `InvalidParameterValue`
pub(crate) async fn check(cx: &mut Cx, place: Place, queue: &Queue) -> Result<()> {
    let Some(redrive) = &queue.attributes.redrive else { return Ok(()) };
    let refuse = |reason: &str| Err(invalid(redrive.to_text(), "RedrivePolicy", reason));
    let Some(address) = Address::of_arn(&redrive.target).filter(|address| address.place == place) else {
        return refuse("Dead-letter queue must be owned by the same account and be in the same Region.");
    };
    let Some(target) = address.find(cx).await? else { return refuse("Dead letter target does not exist.") };
    if target.is_fifo() != queue.is_fifo() {
        return refuse("Dead-letter queue must be same type of queue as the source.");
    }
    // UNVERIFIED: the wording.
    if target.attributes.redrive_allow.as_ref().is_some_and(|allow| !allow.allows(&queue.arn(place))) {
        return refuse("Queue is not allowed to use the dead letter target by its RedriveAllowPolicy.");
    }
    Ok(())
}

/// The dead-letter queue to which a message goes that is about to be received once more; `None` if it may be
/// received, or if there is no such queue any more.
pub(crate) async fn destination(cx: &mut Cx, place: Place, queue: &Queue, message: &Message) -> Result<Option<Queue>> {
    let Some(redrive) = &queue.attributes.redrive else { return Ok(None) };
    if message.receive_count() < redrive.max_receive_count {
        return Ok(None);
    }
    match Address::of_arn(&redrive.target).filter(|address| address.place == place) {
        Some(address) => address.find(cx).await,
        None => Ok(None),
    }
}

/// Moves a message to another queue of the same place. It keeps its id and is as if never received. On a standard
/// queue its retention goes on; on a FIFO queue it begins anew, at the end of its group.
///
/// The group that it leaves must be settled by the caller.
pub(crate) async fn transfer(
    cx: &mut Cx,
    place: Place,
    message: &Message,
    to: &Queue,
    dead_letter_source: Option<Arn>,
) -> Result<()> {
    let Some(content) = cx.glance::<Content>(place, (message.contents.key(), message.id.key())).await? else {
        return message.take_out(cx, place);
    };
    message.remove(cx, place)?;
    fifo::leave(cx, place, message)?;
    let id = match &message.membership {
        Some(_) => MessageId::draw(cx, 0),
        None => MessageId::at(cx, message.id.sent, 0),
    };
    let mut moved = Message {
        contents: to.contents,
        id,
        visible_at: cx.now(),
        received: None,
        dead_letter_source,
        ..message.clone()
    };
    if let (Some(group), Some(membership)) = (&message.group, &message.membership) {
        let (found, sequence) = fifo::next_number(cx, place, to.contents, group).await?;
        moved.membership = Some(Membership { sequence, ..membership.clone() });
        fifo::append(cx, place, &moved, found)?;
    }
    moved.add(cx, place)?;
    cx.insert(place, &Content { contents: to.contents, id, ..content })?;
    expiry::look_after(cx, place, to, id.sent.plus(to.attributes.retention())).await
}

/// Lists the queues that name a queue as their dead-letter queue.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListDeadLetterSourceQueues.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDeadLetterSourceQueues {
    queue_url: QueueUrl,
    next_token: Option<String>,
    max_results: Option<i64>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ListDeadLetterSourceQueuesResult {
    #[serde(rename = "queueUrls")]
    queue_urls: Vec<String>,
    #[serde(rename = "NextToken")]
    next_token: Option<String>,
}

impl Operation for ListDeadLetterSourceQueues {
    const NAME: &'static str = "ListDeadLetterSourceQueues";
    const EVENT: Event = Event::Data("AWS::SQS::Queue");
    type Output = ListDeadLetterSourceQueuesResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.queue_url.address(cx)?, "sqs:ListDeadLetterSourceQueues", Sharing::Anyone).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListDeadLetterSourceQueuesResult> {
        let address = self.queue_url.address(cx)?;
        address.queue(cx).await?;
        let limit = page_size(self.max_results)?;
        let after = self.next_token.as_deref().map(read_token).transpose()?;
        let sources = cx.find::<Queue>(address.place, DEAD_LETTER, address.arn(), 0).await?;
        let later = |queue: &Queue| after.as_ref().is_none_or(|after| queue.name > *after);
        let mut names: Vec<_> = sources.into_iter().filter(later).map(|queue| queue.name).collect();
        let more = names.len() > limit;
        names.truncate(limit);
        let next_token = names.last().filter(|_| more && self.max_results.is_some()).map(|name| token(name));
        let place = address.place;
        let queue_urls = names.into_iter().map(|name| Address { place, name }.url(cx)).collect();
        Ok(ListDeadLetterSourceQueuesResult { queue_urls, next_token })
    }
}

/// Whether a queue is some queue's dead-letter queue.
pub(crate) async fn is_dead_letter_queue(cx: &mut Cx, place: Place, queue: &Arn) -> Result<bool> {
    Ok(!cx.find::<Queue>(place, DEAD_LETTER, queue, 1).await?.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const ARN: &str = "arn:aws:sqs:us-east-1:111122223333:q";

    #[test]
    fn redrive_policies_take_the_count_as_number_or_text() {
        for count in ["3", "\"3\""] {
            let text = format!(r#"{{"deadLetterTargetArn":"{ARN}","maxReceiveCount":{count}}}"#);
            assert_eq!(RedrivePolicy::parse(&text).unwrap().max_receive_count, 3);
        }
        for count in ["0", "1001", "-1", "1.5", "\"x\"", "{}"] {
            let text = format!(r#"{{"deadLetterTargetArn":"{ARN}","maxReceiveCount":{count}}}"#);
            assert!(RedrivePolicy::parse(&text).is_err(), "{count}");
        }
        assert!(RedrivePolicy::parse("{}").is_err() && RedrivePolicy::parse("nonsense").is_err());
    }

    #[test]
    fn redrive_allow_policies_name_queues_only_by_queue() {
        let parse = |text: &str| RedriveAllowPolicy::parse(text);
        assert_eq!(parse(r#"{"redrivePermission":"denyAll"}"#).unwrap(), RedriveAllowPolicy::DenyAll);
        let named = parse(&format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":["{ARN}"]}}"#)).unwrap();
        assert!(named.allows(&ARN.parse().unwrap()));
        assert!(!named.allows(&format!("{ARN}2").parse().unwrap()));
        assert_eq!(parse(&named.to_text()).unwrap(), named);
        let eleven = vec![ARN; 11];
        for text in [
            r#"{"redrivePermission":"byQueue"}"#.to_owned(),
            format!(r#"{{"redrivePermission":"allowAll","sourceQueueArns":["{ARN}"]}}"#),
            json!({ "redrivePermission": "byQueue", "sourceQueueArns": eleven }).to_string(),
            r#"{"redrivePermission":"x"}"#.to_owned(),
        ] {
            assert!(parse(&text).is_err(), "{text}");
        }
    }
}
