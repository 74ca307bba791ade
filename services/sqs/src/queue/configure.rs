//! Reading and changing the attributes of a queue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Event, Operation, Result};

use crate::attributes::check_names;
use crate::message::Counts;
use crate::policy::{self, Sharing};
use crate::queue::{Address, Queue, QueueUrl};
use crate::{expiry, redrive};

/// Tells attributes of a queue.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueueAttributes {
    queue_url: QueueUrl,
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueueAttributesResult {
    attributes: Option<BTreeMap<String, String>>,
}

impl Operation for GetQueueAttributes {
    const NAME: &'static str = "GetQueueAttributes";
    const EVENT: Event = Event::Data("AWS::SQS::Queue");
    type Output = GetQueueAttributesResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.queue_url.address(cx)?, "sqs:GetQueueAttributes", Sharing::Anyone).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetQueueAttributesResult> {
        let address = self.queue_url.address(cx)?;
        let queue = address.queue(cx).await?;
        check_names(&self.attribute_names)?;
        let mut all = described(&queue, &address);
        if self.attribute_names.iter().any(|name| name == "All" || name.starts_with("Approximate")) {
            let counts = Counts::of(cx, address.place, queue.contents).await?;
            all.insert("ApproximateNumberOfMessages", counts.visible.to_string());
            all.insert("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string());
            all.insert("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string());
        }
        all.retain(|name, _| self.attribute_names.iter().any(|wanted| wanted == "All" || wanted == name));
        let attributes = all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<_, _>>();
        Ok(GetQueueAttributesResult { attributes: (!attributes.is_empty()).then_some(attributes) })
    }
}

/// All attributes but those that have to be counted.
fn described(queue: &Queue, address: &Address) -> BTreeMap<&'static str, String> {
    let mut all = queue.attributes.to_text();
    all.insert("QueueArn", address.arn().into());
    all.insert("CreatedTimestamp", queue.created.secs().to_string());
    all.insert("LastModifiedTimestamp", queue.modified.secs().to_string());
    all
}

/// Changes attributes of a queue.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetQueueAttributes {
    queue_url: QueueUrl,
    attributes: BTreeMap<String, String>,
}

impl Operation for SetQueueAttributes {
    const NAME: &'static str = "SetQueueAttributes";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.queue_url.address(cx)?, "sqs:SetQueueAttributes", Sharing::Owner).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.queue_url.address(cx)?;
        let mut queue = address.queue(cx).await?;
        queue.attributes.set(&self.attributes)?;
        if self.attributes.contains_key("RedrivePolicy") {
            redrive::check(cx, address.place, &queue).await?;
        }
        if self.attributes.contains_key("MessageRetentionPeriod") {
            let now = cx.now();
            expiry::look_after(cx, address.place, &queue, now).await?;
        }
        queue.modified = cx.now();
        cx.put(address.place, &queue).await?;
        Ok(Empty {})
    }
}
