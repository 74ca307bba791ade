//! Topics whose messages may be longer than 256 KiB: they have few subscriptions, and only of some protocols.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html>

use welkin_kernel::{Cx, Page, Result};

use super::{Address, Topic};
use crate::errors::invalid_because;
use crate::subscription::Subscription;
use crate::subscription::protocol::Protocol;

/// Most subscriptions of such a topic.
const MOST: usize = 100;

/// Holds the subscriptions of a topic that is to have long messages against the rules.
///
/// # Errors
/// `InvalidParameter`
// UNVERIFIED: the wording.
pub(crate) async fn check(cx: &mut Cx, address: &Address, topic: &Topic) -> Result<()> {
    let all = cx.list::<Subscription>(address.place, topic.id, Page::of(MOST + 1, None)).await?;
    if all.len() > MOST {
        return Err(invalid_because("MaximumMessageSize", "the topic has more than 100 subscriptions"));
    }
    match all.iter().find(|subscription| !takes_long_messages(subscription.protocol)) {
        Some(other) => Err(invalid_because(
            "MaximumMessageSize",
            format_args!("the topic has a subscription of the protocol {}", other.protocol.as_str()),
        )),
        None => Ok(()),
    }
}

/// Holds a new subscription of a topic with long messages against the rules.
///
/// # Errors
/// `InvalidParameter`
pub(crate) async fn check_new(cx: &mut Cx, address: &Address, topic: &Topic, protocol: Protocol) -> Result<()> {
    if !takes_long_messages(protocol) {
        let reason = format_args!("{} does not take the messages of the topic", protocol.as_str()).to_string();
        return Err(invalid_because("Protocol", reason));
    }
    let all = cx.list::<Subscription>(address.place, topic.id, Page::of(MOST, None)).await?;
    if all.len() < MOST { Ok(()) } else { Err(invalid_because("TopicArn", "the topic has 100 subscriptions")) }
}

fn takes_long_messages(protocol: Protocol) -> bool {
    protocol == Protocol::Sqs
}
