//! Creating a queue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use crate::attributes::Attributes;
use crate::errors::{QueueDeletedRecently, QueueNameExists};
use crate::message::Contents;
use crate::queue::delete::{Deleted, NAME_REST};
use crate::queue::{Address, Queue, check_name};
use crate::{redrive, tags};

/// Creates a queue; or finds the one of that name, if it has the attributes asked for.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateQueue {
    queue_name: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default, rename = "tags")]
    tags: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateQueueResult {
    queue_url: String,
}

impl Operation for CreateQueue {
    const NAME: &'static str = "CreateQueue";
    type Output = CreateQueueResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let arn = self.address(cx).arn();
        let create = Access::to("sqs:CreateQueue").on(&arn).request_tags(&self.tags).recorded_as("AWS::SQS::Queue");
        if self.tags.is_empty() {
            return Ok(create);
        }
        Ok(create.and(Access::to("sqs:TagQueue").on(&arn).request_tags(&self.tags)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateQueueResult> {
        // "false" is not known either: a standard queue is one that does not speak of FIFO.
        let fifo = self.attributes.get("FifoQueue").is_some_and(|value| value == "true");
        check_name(&self.queue_name, fifo)?;
        let address = self.address(cx);
        let url = address.url(cx);
        if let Some(existing) = address.find(cx).await? {
            return match existing.attributes.first_difference(&self.attributes) {
                None => Ok(CreateQueueResult { queue_url: url }),
                Some(name) => Err(QueueNameExists::because(format!(
                    "A queue already exists with the same name and a different value for attribute {name}"
                ))),
            };
        }
        if let Some(deleted) = cx.get::<Deleted>(address.place, &self.queue_name).await? {
            if cx.now() < deleted.at.plus(NAME_REST) {
                return Err(QueueDeletedRecently.into());
            }
            cx.discard::<Deleted>(address.place, &self.queue_name)?;
        }
        let queue = self.queue(cx, fifo)?;
        redrive::check(cx, address.place, &queue).await?;
        cx.insert(address.place, &queue)?;
        Ok(CreateQueueResult { queue_url: url })
    }
}

impl CreateQueue {
    fn address(&self, cx: &Cx) -> Address {
        Address { place: cx.here(), name: self.queue_name.clone() }
    }

    fn queue(&self, cx: &Cx, fifo: bool) -> Result<Queue> {
        let mut attributes = Attributes::new(fifo);
        attributes.set(&self.attributes)?;
        tags::check(&self.tags)?;
        Ok(Queue {
            name: self.queue_name.clone(),
            contents: Contents { queue: u64::from_le_bytes(cx.chance().bytes()), purges: 0 },
            created: cx.now(),
            modified: cx.now(),
            purged: None,
            attributes,
            tags: self.tags.clone(),
        })
    }
}
