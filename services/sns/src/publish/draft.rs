//! A message that is to be published: its rules, and what becomes of it.

use serde::Deserialize;
use serde_json::Value;
use welkin_kernel::{Cx, Page, Result};

use super::PublishResponse;
use super::attribute::{self, MessageAttributes};
use super::fifo::{self, Place};
use crate::delivery::{Deliver, Letter, Notification};
use crate::encryption::Seal;
use crate::errors::{invalid, invalid_because};
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

/// Longest message, in bytes, attributes included; and longest messages of a batch together.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
pub(crate) const LONGEST: usize = 262_144;

/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 100;

/// Subscriptions that are read at once.
const BATCH: usize = 500;

/// What a message says, by protocol.
pub(super) enum Texts {
    Same(String),
    ByProtocol(serde_json::Map<String, Value>),
}

impl Texts {
    fn for_protocol(&self, protocol: Protocol) -> &str {
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
        let texts = self.check()?;
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
        let mut after = None;
        loop {
            let page = Page::of(BATCH, after.as_ref());
            let some = cx.list::<Subscription>(address.place, topic.id, page).await?;
            for subscription in some.iter().filter(|subscription| subscription.state.is_confirmed()) {
                self.enqueue(cx, address, subscription, &texts, &message_id, position.as_ref(), &seal).await?;
            }
            match some.last() {
                Some(last) if some.len() == BATCH => after = Some(welkin_kernel::Resource::key(last)),
                _ => break,
            }
        }
        Ok(PublishResponse { message_id, sequence_number: position.map(|position| position.sequence.to_text()) })
    }

    #[expect(clippy::too_many_arguments, reason = "they are what a delivery is made of")]
    async fn enqueue(
        &self,
        cx: &mut Cx,
        address: &Address,
        subscription: &Subscription,
        texts: &Texts,
        message_id: &str,
        position: Option<&Place>,
        seal: &Seal,
    ) -> Result<()> {
        let text = texts.for_protocol(subscription.protocol);
        let rules = &subscription.attributes;
        if let Some(filter) = &rules.filter
            && !filter.passes(rules.scope, text, self.attributes)?
        {
            return Ok(());
        }
        let notification = Notification {
            id: message_id.to_owned(),
            published: cx.now(),
            subject: self.subject.map(str::to_owned),
            text: seal.close(cx, text)?,
            attributes: self.attributes.clone(),
            group: self.group.map(str::to_owned),
            place: position.cloned(),
        };
        Deliver::new(address, subscription, Letter::Notification(Box::new(notification)))
            .enqueue(cx, subscription.protocol)
            .await
    }

    /// Holds it against the rules of every message.
    pub(super) fn check(&self) -> Result<Texts> {
        if self.message.is_empty() {
            return Err(invalid("Empty message"));
        }
        if self.size() > LONGEST {
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
            None => Ok(Texts::Same(self.message.to_owned())),
            Some("json") => self.texts().map(Texts::ByProtocol),
            // UNVERIFIED: the wording.
            Some(_) => Err(invalid("MessageStructure")),
        }
    }

    fn texts(&self) -> Result<serde_json::Map<String, Value>> {
        let Ok(Value::Object(texts)) = serde_json::from_str(self.message) else {
            return Err(invalid("Message Structure - JSON message body failed to parse"));
        };
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
        let texts = draft(message, Some("json"), &none).check().expect("texts");
        assert_eq!(texts.for_protocol(Protocol::Sqs), "s");
        assert_eq!(texts.for_protocol(Protocol::Http), "d", "values that are no texts do not count");
        assert_eq!(texts.for_protocol(Protocol::Email), "d");
        for message in ["{", "[]", r#"{"sqs":"s"}"#, r#"{"default":1}"#] {
            assert!(draft(message, Some("json"), &none).check().is_err(), "{message}");
        }
        assert!(draft("x", Some("xml"), &none).check().is_err());
    }

    #[test]
    fn subjects_are_short_and_of_one_line() {
        assert!(is_subject("Hello, Wörld!") && is_subject(&"x".repeat(100)));
        for subject in ["", "a\nb", "a\u{7}", &"x".repeat(101)] {
            assert!(!is_subject(subject), "{subject:?}");
        }
    }
}
