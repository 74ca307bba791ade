//! Pushing a message to a device: it goes to the operator's outbox, as the payload that the platform would be given.

use welkin_kernel::{Cx, Page, Place, Result};

use super::Application;
use super::endpoint::EndpointArn;
use super::event::Event;
use crate::topic::Address;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    Delivered,
    /// There is no such endpoint.
    Gone,
    /// The endpoint is to be sent nothing.
    Disabled,
}

/// Pushes a payload to an endpoint of this account and Region: of a message that came by a topic, or else was published
/// to the endpoint itself, whose publisher is told of a failure at once.
///
/// # Errors
/// When the store fails.
pub(crate) async fn push(
    cx: &mut Cx,
    place: Place,
    endpoint: &EndpointArn,
    payload: &str,
    by: Option<&Address>,
) -> Result<Pushed> {
    if endpoint.parse(place).is_none() {
        return Ok(Pushed::Gone);
    }
    let Some((application, found)) = endpoint.find(cx, place).await? else { return Ok(Pushed::Gone) };
    if !found.enabled {
        // What came by a topic that is told of failures is not told of itself: two such topics would tell each other for
        // ever.
        if let Some(topic) = by
            && !is_told_of_failures(cx, place, topic).await?
        {
            let arn = found.arn(place, &application);
            application.announce(cx, place, Event::Failure, &arn).await?;
        }
        return Ok(Pushed::Disabled);
    }
    cx.send_message(&endpoint.0, application.platform.as_str(), payload).await?;
    Ok(Pushed::Delivered)
}

/// Whether a topic hears of the failures of any application of this account and Region.
async fn is_told_of_failures(cx: &mut Cx, place: Place, topic: &Address) -> Result<bool> {
    let applications = cx.list::<Application>(place, (), Page::ALL).await?;
    Ok(applications.iter().any(|application| application.tells(Event::Failure, topic)))
}
