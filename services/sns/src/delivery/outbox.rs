//! Delivery to people: mail and text messages, which go to the operator's outbox.

use welkin_kernel::{Cx, Result};

use super::envelope::Parcel;
use super::{Letter, Outcome};
use crate::sms;
use crate::subscription::Subscription;
use crate::subscription::protocol::Protocol;
use crate::topic::Topic;

/// Sends a parcel to a person.
///
/// # Errors
/// When the store fails.
pub(super) async fn send(
    cx: &mut Cx,
    topic: &Topic,
    subscription: &Subscription,
    letter: &Letter,
    parcel: &Parcel,
) -> Result<Outcome> {
    let name = topic.attributes.display_name.as_deref();
    let (subject, text) = match (subscription.protocol, letter) {
        (Protocol::Sms, _) => {
            let text = name.map_or_else(|| parcel.text.clone(), |name| format!("{name}> {}", parcel.text));
            let sent = sms::send(cx, &subscription.endpoint, &text).await?;
            return Ok(sent.map_or_else(|unsent| Outcome::Refused(unsent.reason().to_owned()), |()| Outcome::Delivered));
        }
        (Protocol::EmailJson, _) => (subject(parcel, letter), parcel.body.clone()),
        (_, Letter::Notification(_)) => {
            let text = format!(
                "{}\n\n--\nIf you wish to stop receiving notifications from this topic, please visit the link below to \
                 unsubscribe:\n{}\n",
                parcel.text, parcel.link
            );
            (subject(parcel, letter), text)
        }
        (_, Letter::Confirmation { .. }) => {
            let text = format!(
                "You have chosen to subscribe to the topic:\n{}\n\nTo confirm this subscription, visit the link below \
                 (if this was in error no action is necessary):\n{}\n",
                parcel.topic_arn, parcel.link
            );
            (subject(parcel, letter), text)
        }
        (_, Letter::Farewell { .. }) => {
            let text = format!(
                "Your subscription to the topic below has been deactivated:\n{}\n\nIf this was in error, visit the link \
                 below to subscribe again:\n{}\n",
                parcel.topic_arn, parcel.link
            );
            (subject(parcel, letter), text)
        }
    };
    cx.send_message(&subscription.endpoint, subject, text).await?;
    Ok(Outcome::Delivered)
}

fn subject(parcel: &Parcel, letter: &Letter) -> String {
    match letter {
        Letter::Notification(_) => parcel.subject.clone().unwrap_or_else(|| "AWS Notification Message".to_owned()),
        Letter::Confirmation { .. } => "AWS Notification - Subscription Confirmation".to_owned(),
        Letter::Farewell { .. } => "AWS Notification - Unsubscribe Confirmation".to_owned(),
    }
}
