//! What a letter looks like on its way: a signed JSON document, or the bare message.
//!
//! References: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html>,
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html>

use serde_json::{Value, json};
use welkin_kernel::{Cx, Fraction, Result};

use super::{Letter, Notification};
use crate::attributes::SignatureVersion;
use crate::publish::attribute::{MessageAttribute, MessageAttributes};
use crate::publish::fifo::Place;
use crate::signing::Signer;
use crate::subscription::Subscription;
use crate::subscription::protocol::Protocol;
use crate::topic::{Address, Topic};

/// A letter ready to be handed over.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    /// What it is: `Notification`, `SubscriptionConfirmation`, `UnsubscribeConfirmation`.
    pub(super) kind: &'static str,
    pub(super) message_id: String,
    pub(super) topic_arn: String,
    pub(super) subscription_arn: String,
    /// The document, or the bare message.
    pub(super) body: String,
    /// Whether it is the bare message.
    pub(super) raw: bool,
    /// What a person reads.
    pub(super) text: String,
    pub(super) subject: Option<String>,
    /// Attributes that go beside a bare message.
    pub(super) attributes: MessageAttributes,
    pub(super) group: Option<String>,
    pub(super) place: Option<Place>,
    /// The tracing header that goes beside it.
    pub(super) trace: Option<String>,
    /// Where a person confirms or ends the subscription.
    pub(super) link: String,
}

impl Parcel {
    /// Packs a letter for a subscription.
    ///
    /// # Errors
    /// A fault of Welkin's.
    pub(super) async fn pack(
        cx: &mut Cx,
        (topic, address): (&Topic, &Address),
        subscription: &Subscription,
        letter: &Letter,
    ) -> Result<Self> {
        let version = topic.attributes.signature.unwrap_or_default();
        match letter {
            Letter::Notification(notification) => {
                Self::notification(cx, address, subscription, notification, version).await
            }
            Letter::Confirmation { token } => {
                let message = format!(
                    "You have chosen to subscribe to the topic {}.\nTo confirm the subscription, visit the SubscribeURL \
                     included in this message.",
                    address.arn()
                );
                Self::question(cx, address, subscription, ("SubscriptionConfirmation", token, message), version).await
            }
            Letter::Farewell { token } => {
                let message = format!(
                    "You have chosen to deactivate subscription {}.\nTo cancel this operation and restore the \
                     subscription, visit the SubscribeURL included in this message.",
                    subscription.arn(address)
                );
                Self::question(cx, address, subscription, ("UnsubscribeConfirmation", token, message), version).await
            }
        }
    }

    async fn notification(
        cx: &mut Cx,
        address: &Address,
        subscription: &Subscription,
        notification: &Notification,
        version: SignatureVersion,
    ) -> Result<Self> {
        let kind = "Notification";
        let text = notification.text.open(cx)?;
        let (topic_arn, subscription_arn) = (address.arn().to_string(), subscription.arn(address));
        let link = link(subscription, &format!("Action=Unsubscribe&SubscriptionArn={subscription_arn}"));
        let raw = subscription.attributes.raw;
        let mut attributes = notification.attributes.clone();
        if notification.replayed {
            // UNVERIFIED: the type and the value of the attribute that marks a replayed message.
            attributes.insert("Replayed".to_owned(), MessageAttribute::text("true"));
        }
        let needs_document =
            !raw && !matches!(subscription.protocol, Protocol::Application | Protocol::Email | Protocol::Sms);
        let body = if needs_document {
            let timestamp = notification.published.to_iso8601(Fraction::Millis);
            let mut signed = vec![("Message", text.as_str()), ("MessageId", &notification.id)];
            signed.extend(notification.subject.as_deref().map(|subject| ("Subject", subject)));
            signed.extend([("Timestamp", timestamp.as_str()), ("TopicArn", &topic_arn), ("Type", kind)]);
            let signature = Signature::of(cx, subscription, version, &signed).await?;
            let mut members = vec![("Type", json!(kind)), ("MessageId", json!(notification.id))];
            members.extend(notification.place.as_ref().map(|it| ("SequenceNumber", json!(it.sequence.to_text()))));
            members.push(("TopicArn", json!(topic_arn)));
            members.extend(notification.subject.as_ref().map(|subject| ("Subject", json!(subject))));
            members.extend([("Message", json!(text)), ("Timestamp", json!(timestamp))]);
            members.extend(signature.members());
            members.push(("UnsubscribeURL", json!(link)));
            if !attributes.is_empty() {
                let all = attributes.iter().map(|(name, it)| (name.clone(), it.to_json()));
                members.push(("MessageAttributes", Value::Object(all.collect())));
            }
            document(&members)
        } else {
            text.clone()
        };
        Ok(Self {
            kind,
            message_id: notification.id.clone(),
            topic_arn,
            subscription_arn,
            body,
            raw,
            text,
            subject: notification.subject.clone(),
            attributes: if raw { attributes } else { MessageAttributes::new() },
            group: notification.group.clone(),
            place: notification.place.clone(),
            trace: notification.trace.clone(),
            link,
        })
    }

    async fn question(
        cx: &mut Cx,
        address: &Address,
        subscription: &Subscription,
        (kind, token, message): (&'static str, &str, String),
        version: SignatureVersion,
    ) -> Result<Self> {
        let topic_arn = address.arn().to_string();
        let (message_id, timestamp) = (cx.chance().uuid(), cx.now().to_iso8601(Fraction::Millis));
        let link = link(subscription, &format!("Action=ConfirmSubscription&TopicArn={topic_arn}&Token={token}"));
        let signed = [
            ("Message", message.as_str()),
            ("MessageId", &message_id),
            ("SubscribeURL", &link),
            ("Timestamp", &timestamp),
            ("Token", token),
            ("TopicArn", &topic_arn),
            ("Type", kind),
        ];
        let signature = Signature::of(cx, subscription, version, &signed).await?;
        let mut members = vec![
            ("Type", json!(kind)),
            ("MessageId", json!(message_id)),
            ("Token", json!(token)),
            ("TopicArn", json!(topic_arn)),
            ("Message", json!(message)),
            ("SubscribeURL", json!(link)),
            ("Timestamp", json!(timestamp)),
        ];
        members.extend(signature.members());
        Ok(Self {
            kind,
            message_id: message_id.clone(),
            topic_arn,
            subscription_arn: subscription.arn(address),
            body: document(&members),
            raw: false,
            text: message,
            subject: None,
            attributes: MessageAttributes::new(),
            // A queue of a FIFO topic takes it only so.
            group: queue_is_fifo(subscription).then(|| subscription.id.clone()),
            place: queue_is_fifo(subscription).then(|| Place::of_question(message_id)),
            trace: None,
            link,
        })
    }
}

fn queue_is_fifo(subscription: &Subscription) -> bool {
    subscription.protocol == Protocol::Sqs && subscription.endpoint.ends_with(".fifo")
}

/// A link that can be followed without a signature.
fn link(subscription: &Subscription, query: &str) -> String {
    format!("{}/?{query}&Version=2010-03-31", subscription.at)
}

/// A signature as documents have it.
struct Signature {
    version: SignatureVersion,
    text: String,
    certificate: String,
}

impl Signature {
    /// Signs members in the order of their names: each name and value on a line of its own.
    async fn of(
        cx: &mut Cx,
        subscription: &Subscription,
        version: SignatureVersion,
        members: &[(&str, &str)],
    ) -> Result<Self> {
        let text: String = members.iter().map(|(name, value)| format!("{name}\n{value}\n")).collect();
        let signer = Signer::get(cx).await?;
        let certificate = signer.certificate_url(&subscription.at);
        Ok(Self { version, text: signer.sign(cx, version, &text)?, certificate })
    }

    fn members(&self) -> [(&'static str, Value); 3] {
        [
            ("SignatureVersion", json!(self.version.as_str())),
            ("Signature", json!(self.text)),
            ("SigningCertURL", json!(self.certificate)),
        ]
    }
}

/// A document in the layout of SNS: a line for each member.
fn document(members: &[(&str, Value)]) -> String {
    let line = |(name, value): &(&str, Value)| match value {
        Value::Object(attributes) => {
            let lines: Vec<_> = attributes
                .iter()
                .map(|(name, value)| format!("    {} : {value}", Value::from(name.as_str())))
                .collect();
            format!("  \"{name}\" : {{\n{}\n  }}", lines.join(",\n"))
        }
        value => format!("  \"{name}\" : {value}"),
    };
    let lines: Vec<_> = members.iter().map(line).collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_a_line_for_each_member() {
        let members =
            [("Type", json!("x")), ("MessageAttributes", json!({ "a": { "Type": "String", "Value": "\"" } }))];
        let text = document(&members);
        assert_eq!(
            text,
            "{\n  \"Type\" : \"x\",\n  \"MessageAttributes\" : {\n    \"a\" : {\"Type\":\"String\",\"Value\":\"\\\"\"}\n  }\n}"
        );
        assert!(serde_json::from_str::<Value>(&text).is_ok());
    }
}
