//! A message that is to be published: its rules, and what becomes of it.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use welkin_kernel::{Cx, Page, Result};

use super::PublishResponse;
use super::attribute::{self, MessageAttributes};
use super::fifo::{self, Place};
use crate::application::platform::Platform;
use crate::archive::{self, replay};
use crate::delivery::{Deliver, Letter, Notification};
use crate::encryption::Seal;
use crate::errors::{invalid, invalid_because};
use crate::metric;
use crate::subscription::Subscription;
use crate::subscription::protocol::Protocol;
use crate::topic::{Address, Topic};

/// What a request says of a message, alone or in a batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Content {
    message: String,
    subject: Option<String>,
    message_structure: Option<String>,
    #[serde(default)]
    message_attributes: MessageAttributes,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

impl Content {
    /// The message.
    pub(crate) fn draft(&self) -> Draft<'_> {
        Draft {
            message: &self.message,
            subject: self.subject.as_deref(),
            structure: self.message_structure.as_deref(),
            attributes: &self.message_attributes,
            deduplication_id: self.message_deduplication_id.as_deref(),
            group: self.message_group_id.as_deref(),
        }
    }
}

/// A message that is to be published.
pub(crate) struct Draft<'a> {
    pub(crate) message: &'a str,
    pub(crate) subject: Option<&'a str>,
    pub(crate) structure: Option<&'a str>,
    pub(crate) attributes: &'a MessageAttributes,
    pub(crate) deduplication_id: Option<&'a str>,
    pub(crate) group: Option<&'a str>,
}

/// Longest message, in bytes, attributes included, and longest messages of a batch together, unless the topic has
/// another limit.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
pub(crate) const LONGEST: usize = 262_144;

/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 100;

/// Longest tracing header that is passed on, in bytes.
const LONGEST_TRACE: usize = 1024;

/// Subscriptions that are read at once.
const BATCH: usize = 500;

/// What a message says, by protocol.
pub(super) enum Texts {
    Same(String),
    ByProtocol(serde_json::Map<String, Value>),
}

impl Texts {
    pub(super) fn for_protocol(&self, protocol: Protocol) -> &str {
        match self {
            Self::Same(text) => text,
            // Values that are no texts are as if they were not there.
            Self::ByProtocol(texts) => {
                let text = |key| texts.get(key).and_then(Value::as_str);
                text(protocol.as_str()).or_else(|| text("default")).unwrap_or_default()
            }
        }
    }
}

impl Texts {
    /// What a subscription is told: its protocol's text, or the payload for its device.
    fn for_subscription(&self, subscription: &Subscription) -> Cow<'_, str> {
        let Some(platform) = subscription.platform() else {
            return Cow::Borrowed(self.for_protocol(subscription.protocol));
        };
        let own = match self {
            Self::Same(_) => None,
            Self::ByProtocol(texts) => texts.get(platform.as_str()).and_then(Value::as_str),
        };
        own.map_or_else(|| platform.wrap(self.for_protocol(subscription.protocol)).into(), Cow::Borrowed)
    }
}

impl Draft<'_> {
    /// Bytes that count against the limit.
    pub(crate) fn size(&self) -> usize {
        self.message.len() + attribute::size(self.attributes)
    }

    /// Publishes it. It is held against all rules before anything is written.
    ///
    /// # Errors
    /// `InvalidParameter`, `InvalidParameterValue`, those of KMS under their names in SNS
    pub(crate) async fn publish(&self, cx: &mut Cx, address: &Address, topic: &Topic) -> Result<PublishResponse> {
        let texts = self.check(topic.attributes.longest_message())?;
        let position = match &topic.attributes.fifo {
            Some(rules) => match fifo::accept(cx, address, topic, *rules, self).await? {
                fifo::Accepted::Before(answer) => return Ok(answer),
                fifo::Accepted::Now(position) => Some(position),
            },
            None => {
                self.check_standard()?;
                None
            }
        };
        let message_id = position.as_ref().map_or_else(|| cx.chance().uuid(), |position| position.message_id.clone());
        let seal = Seal::of(cx, address, topic).await?;
        if let (Some(place), true) = (&position, topic.archive().is_some()) {
            let text = texts.for_protocol(Protocol::Sqs);
            archive::keep(cx, address, topic, self.notification(cx, text, &message_id, Some(place), &seal)?).await?;
        }
        metric::published(cx, address, self.size());
        let mut filtered_out = 0;
        let mut after = None;
        loop {
            let page = Page::of(BATCH, after.as_ref());
            let some = cx.list::<Subscription>(address.place, topic.id, page).await?;
            let now = cx.now();
            let hears = |one: &&Subscription| one.state.is_confirmed() && !replay::catches_up(one, now);
            for subscription in some.iter().filter(hears) {
                let text = texts.for_subscription(subscription);
                if self.passes(subscription, &text)? {
                    let notification = self.notification(cx, &text, &message_id, position.as_ref(), &seal)?;
                    Deliver::new(address, subscription, Letter::Notification(Box::new(notification)))
                        .enqueue(cx, subscription.protocol)
                        .await?;
                } else {
                    filtered_out += 1;
                }
            }
            match some.last() {
                Some(last) if some.len() == BATCH => after = Some(welkin_kernel::Resource::key(last)),
                _ => break,
            }
        }
        if filtered_out > 0 {
            metric::count(cx, address, "NumberOfNotificationsFilteredOut", filtered_out);
        }
        Ok(PublishResponse { message_id, sequence_number: position.map(|position| position.sequence.to_text()) })
    }

    /// Whether a subscription gets it.
    fn passes(&self, subscription: &Subscription, text: &str) -> Result<bool> {
        let rules = &subscription.attributes;
        rules.filter.as_ref().map_or(Ok(true), |filter| filter.passes(rules.scope, text, self.attributes))
    }

    fn notification(
        &self,
        cx: &Cx,
        text: &str,
        message_id: &str,
        position: Option<&Place>,
        seal: &Seal,
    ) -> Result<Notification> {
        Ok(Notification {
            id: message_id.to_owned(),
            published: cx.now(),
            subject: self.subject.map(str::to_owned),
            text: seal.close(cx, text)?,
            attributes: self.attributes.clone(),
            group: self.group.map(str::to_owned),
            place: position.cloned(),
            replayed: false,
            trace: trace(cx),
        })
    }

    /// The payload for a device, of which a message by protocols may have only the part for its platform.
    ///
    /// # Errors
    /// `InvalidParameter`, `InvalidParameterValue`
    pub(super) fn payload(&self, platform: Platform) -> Result<String> {
        self.check_all(LONGEST)?;
        if self.structure.is_none() {
            return Ok(platform.wrap(self.message));
        }
        let texts = self.by_protocol()?;
        let text = |key: &str| texts.get(key).and_then(Value::as_str);
        let none = || {
            invalid(format_args!(
                "Message Structure - JSON message body must contain an entry for 'default' or '{}'.",
                platform.as_str()
            ))
        };
        match text(platform.as_str()) {
            Some(payload) => Ok(payload.to_owned()),
            None => text("default").map(|text| platform.wrap(text)).ok_or_else(none),
        }
    }

    /// Holds it against the rules of every message, and of its length in bytes.
    pub(super) fn check(&self, longest: usize) -> Result<Texts> {
        self.check_all(longest)?;
        match self.structure {
            None => Ok(Texts::Same(self.message.to_owned())),
            Some(_) => self.texts().map(Texts::ByProtocol),
        }
    }

    fn check_all(&self, longest: usize) -> Result<()> {
        if self.message.is_empty() {
            return Err(invalid("Empty message"));
        }
        if self.size() > longest {
            return Err(invalid("Message too long"));
        }
        if self.subject.is_some_and(|subject| !is_subject(subject)) {
            return Err(invalid("Subject"));
        }
        attribute::check(self.attributes)?;
        for (id, parameter) in [(self.group, "MessageGroupId"), (self.deduplication_id, "MessageDeduplicationId")] {
            if id.is_some_and(|id| !is_token(id)) {
                return Err(invalid_because(parameter, "it must have 1 to 128 letters, digits and punctuation marks"));
            }
        }
        match self.structure {
            None | Some("json") => Ok(()),
            // UNVERIFIED: the wording.
            Some(_) => Err(invalid("MessageStructure")),
        }
    }

    fn by_protocol(&self) -> Result<serde_json::Map<String, Value>> {
        match serde_json::from_str(self.message) {
            Ok(Value::Object(texts)) => Ok(texts),
            _ => Err(invalid("Message Structure - JSON message body failed to parse")),
        }
    }

    fn texts(&self) -> Result<serde_json::Map<String, Value>> {
        let texts = self.by_protocol()?;
        match texts.get("default") {
            Some(Value::String(_)) => Ok(texts),
            _ => Err(invalid("Message Structure - No default entry in JSON message body")),
        }
    }

    fn check_standard(&self) -> Result<()> {
        match self.deduplication_id {
            Some(_) => Err(invalid_because(
                "MessageDeduplicationId",
                "The request includes MessageDeduplicationId parameter that is not valid for this topic type",
            )),
            None => Ok(()),
        }
    }
}

/// The tracing header of the call, which goes on with the message.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-active-tracing.html>
fn trace(cx: &Cx) -> Option<String> {
    let header = cx.facts().headers.get("x-amzn-trace-id")?.to_str().ok()?;
    (!header.is_empty() && header.len() <= LONGEST_TRACE).then(|| header.to_owned())
}

/// Whether a text can be a subject: without line breaks and control characters, and not longer than 100 characters.
fn is_subject(text: &str) -> bool {
    (1..=LONGEST_SUBJECT).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

fn is_token(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft<'a>(message: &'a str, structure: Option<&'a str>, attributes: &'a MessageAttributes) -> Draft<'a> {
        Draft { message, subject: None, structure, attributes, deduplication_id: None, group: None }
    }

    #[test]
    fn a_message_may_say_something_else_by_each_protocol() {
        let none = MessageAttributes::new();
        let message = r#"{"default":"d","sqs":"s","http":7}"#;
        let texts = draft(message, Some("json"), &none).check(LONGEST).expect("texts");
        assert_eq!(texts.for_protocol(Protocol::Sqs), "s");
        assert_eq!(texts.for_protocol(Protocol::Http), "d", "values that are no texts do not count");
        assert_eq!(texts.for_protocol(Protocol::Email), "d");
        for message in ["{", "[]", r#"{"sqs":"s"}"#, r#"{"default":1}"#] {
            assert!(draft(message, Some("json"), &none).check(LONGEST).is_err(), "{message}");
        }
        assert!(draft("x", Some("xml"), &none).check(LONGEST).is_err());
    }

    #[test]
    fn subjects_are_short_and_of_one_line() {
        assert!(is_subject("Hello, Wörld!") && is_subject(&"x".repeat(100)));
        for subject in ["", "a\nb", "a\u{7}", &"x".repeat(101)] {
            assert!(!is_subject(subject), "{subject:?}");
        }
    }
}
