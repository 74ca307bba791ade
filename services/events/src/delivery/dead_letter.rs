//! What could not be delivered, in the dead-letter queue of its target.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>

use std::collections::BTreeMap;

use serde::Serialize;
use welkin_kernel::{Arn, Call, Cx, Place, Result};

use super::{Outcome, queue};

/// What could not be delivered, and why.
pub(crate) struct Letter {
    pub(crate) place: Place,
    /// The rule or schedule: `aws:SourceArn`.
    pub(crate) source: Arn,
    /// As whom the service calls.
    pub(crate) service: &'static str,
    pub(crate) body: String,
    /// What is known of it, by the names of attributes; those that are empty are left out.
    pub(crate) attributes: Vec<(&'static str, String)>,
}

/// Input of SQS's SendMessage.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage {
    queue_url: String,
    message_body: String,
    message_attributes: BTreeMap<&'static str, Attribute>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    data_type: &'static str,
    string_value: String,
}

impl Letter {
    /// Sends it to a queue.
    ///
    /// # Errors
    /// Faults of Welkin's; what the queue answers is the outcome.
    pub(crate) async fn send(self, cx: &mut Cx, queue: &str) -> Result<Outcome> {
        let (queue_url, place) = queue::locate(queue)?;
        let attributes = self.attributes.into_iter().filter(|(_, value)| !value.is_empty());
        let attribute = |string_value| Attribute { data_type: "String", string_value };
        let input = SendMessage {
            queue_url,
            message_body: self.body,
            message_attributes: attributes.map(|(name, value)| (name, attribute(value))).collect(),
        };
        let call = Call::to("sqs", "SendMessage").input(&input).at(place);
        Outcome::of(cx.call(call.as_service(self.service, self.place.account, Some(self.source))).await)
    }
}
