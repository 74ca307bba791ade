//! What topics are told of the endpoints of an application.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/dg/application-event-notifications.html>

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Arn, Call, Cx, Job, Place, Result, Schedule};

use super::Application;
use crate::topic::Address;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Event {
    Created,
    Deleted,
    Updated,
    /// A message that was published to an endpoint could not be delivered.
    Failure,
}

/// All of them, with the names of the attributes, and as messages have them.
const NAMES: [(Event, &str, &str); 4] = [
    (Event::Created, "EventEndpointCreated", "EndpointCreated"),
    (Event::Deleted, "EventEndpointDeleted", "EndpointDeleted"),
    (Event::Updated, "EventEndpointUpdated", "EndpointUpdated"),
    (Event::Failure, "EventDeliveryFailure", "DeliveryFailure"),
];

impl Event {
    pub(super) fn parse(attribute: &str) -> Option<Self> {
        NAMES.into_iter().find(|(_, name, _)| *name == attribute).map(|(event, ..)| event)
    }

    /// The name of its attribute.
    pub(super) fn as_str(self) -> &'static str {
        NAMES.into_iter().find(|(event, ..)| *event == self).map_or("", |(_, name, _)| name)
    }

    fn type_name(self) -> &'static str {
        NAMES.into_iter().find(|(event, ..)| *event == self).map_or("", |(.., name)| name)
    }
}

/// Tells a topic of an event, as SNS on behalf of the application.
#[derive(Serialize, Deserialize)]
pub(crate) struct Announce {
    topic: Address,
    application: Arn,
    message: String,
}

impl Application {
    /// Whether it is this topic that hears of an event.
    pub(super) fn tells(&self, event: Event, topic: &Address) -> bool {
        self.events.get(&event) == Some(topic)
    }

    /// Sees to it that the topic for an event hears of it, if there is one.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn announce(&self, cx: &mut Cx, place: Place, event: Event, endpoint: &Arn) -> Result<()> {
        let Some(topic) = self.events.get(&event) else { return Ok(()) };
        let application = self.arn(place);
        // UNVERIFIED: the names of the members.
        let message = json!({
            "EndpointArn": endpoint,
            "EventType": event.type_name(),
            "Resource": application,
            "Service": "SNS",
        });
        let job = Announce { topic: topic.clone(), application, message: message.to_string() };
        cx.enqueue_at(place, &job, Schedule::now()).await.map(|_| ())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Publish<'a> {
    topic_arn: Arn,
    message: &'a str,
}

impl Job for Announce {
    const NAME: &'static str = "sns/announce";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let input = Publish { topic_arn: self.topic.arn(), message: &self.message };
        let call = Call::to("sns", "Publish").input(&input).at(self.topic.place);
        let call = call.as_service(crate::PRINCIPAL, self.topic.place.account, Some(self.application.clone()));
        match cx.call(call).await {
            Ok(_) => Ok(()),
            // The topic is gone, or its policy does not let SNS tell it anything.
            Err(error) if error.answer().is_some() => {
                tracing::info!(%error, topic = %self.topic.arn(), "an event of an application was not published");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
