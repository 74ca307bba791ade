//! Publishing: a message is held against all rules, and a delivery is enqueued for each subscription that it passes.

pub(crate) mod attribute;
pub(crate) mod batch;
pub(crate) mod draft;
pub(crate) mod fifo;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Event, Operation, Result};

use crate::application::endpoint::EndpointArn;
use crate::application::push::{Pushed, push};
use crate::errors::{EndpointDisabledException, invalid, invalid_because};
use crate::policy;
use crate::sms;
use crate::subscription::protocol::{Protocol, is_phone_number};
use crate::topic::{Address, TopicArn};
use draft::{Content, LONGEST};

/// Publishes a message to the subscribers of a topic, or sends one to a telephone or a device.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Publish {
    topic_arn: Option<TopicArn>,
    target_arn: Option<TopicArn>,
    phone_number: Option<String>,
    #[serde(flatten)]
    content: Content,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PublishResponse {
    pub(crate) message_id: String,
    pub(crate) sequence_number: Option<String>,
}

/// To whom a message goes.
enum Target<'a> {
    Topic(Address),
    Telephone(&'a str),
    Device(EndpointArn),
}

impl Operation for Publish {
    const NAME: &'static str = "Publish";
    const EVENT: Event = Event::Data("AWS::SNS::Topic");
    type Output = PublishResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        match self.target(cx)? {
            Target::Topic(topic) => policy::access(cx, &topic, "sns:Publish").await,
            Target::Telephone(_) => Ok(Access::to("sns:Publish")),
            Target::Device(endpoint) => Ok(Access::to("sns:Publish").on(endpoint.0)),
        }
    }

    async fn run(&self, cx: &mut Cx) -> Result<PublishResponse> {
        let draft = self.content.draft();
        match self.target(cx)? {
            Target::Topic(address) => {
                let topic = address.topic(cx).await?;
                return draft.publish(cx, &address, &topic).await;
            }
            Target::Telephone(number) => {
                let texts = draft.check(LONGEST)?;
                let text = texts.for_protocol(Protocol::Sms);
                sms::check(text, draft.attributes)?;
                if let Err(unsent) = sms::send(cx, number, text).await? {
                    tracing::info!(number, why = unsent.reason(), "a text message is not delivered");
                }
            }
            Target::Device(endpoint) => {
                let none = || invalid_because("TargetArn", "No endpoint found for the target arn specified");
                let platform = endpoint.parse(cx.here()).ok_or_else(none)?.platform;
                let payload = draft.payload(platform)?;
                match push(cx, cx.here(), &endpoint, &payload, None).await? {
                    Pushed::Delivered => {}
                    Pushed::Gone => return Err(none()),
                    Pushed::Disabled => return Err(EndpointDisabledException.into()),
                }
            }
        }
        Ok(PublishResponse { message_id: cx.chance().uuid(), sequence_number: None })
    }
}

impl Publish {
    fn target(&self, cx: &Cx) -> Result<Target<'_>> {
        match (&self.topic_arn, &self.target_arn, &self.phone_number) {
            (Some(topic), None, None) => topic.address(cx).map(Target::Topic),
            (None, Some(target), None) if EndpointArn(target.0.clone()).is_one() => {
                Ok(Target::Device(EndpointArn(target.0.clone())))
            }
            (None, Some(target), None) => target.address(cx).map(Target::Topic).map_err(|_| invalid("TargetArn")),
            (None, None, Some(number)) if is_phone_number(number) => Ok(Target::Telephone(number)),
            (None, None, Some(number)) => {
                Err(invalid_because("PhoneNumber", format_args!("{number} is not valid to publish to")))
            }
            (None, None, None) => Err(invalid_because("TopicArn or TargetArn", "no value for required parameter")),
            _ => Err(invalid_because("TopicArn, TargetArn or PhoneNumber", "only one of them can be given")),
        }
    }
}
