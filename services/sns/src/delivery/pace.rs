//! Throttle policies: at most so many deliveries in a second reach an endpoint.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::subscription::Subscription;

/// When the endpoint of a subscription may be sent the next message.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Pace {
    topic: u64,
    subscription: String,
    next: Timestamp,
}

impl Resource for Pace {
    const KIND: &'static str = "sns/pace";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.topic, &self.subscription).into_key()
    }
}

/// The time at which the next delivery may go; those after it wait their part of a second.
///
/// # Errors
/// When the store fails.
pub(super) async fn turn(
    cx: &mut Cx,
    place: Place,
    subscription: &Subscription,
    most_in_a_second: u32,
) -> Result<Timestamp> {
    let known = cx.get::<Pace>(place, (subscription.topic, &subscription.id)).await?;
    let at = known.map_or(cx.now(), |known| known.next.max(cx.now()));
    let next = at.plus(Duration::from_secs(1) / most_in_a_second.max(1));
    cx.put(place, &Pace { topic: subscription.topic, subscription: subscription.id.clone(), next }).await?;
    Ok(at)
}

/// Forgets the pace of a subscription that goes.
///
/// # Errors
/// When the store fails.
pub(crate) fn forget(cx: &mut Cx, place: Place, subscription: &Subscription) -> Result<()> {
    cx.discard::<Pace>(place, (subscription.topic, &subscription.id))
}
