//! Creating a topic.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Address, Topic, check_new_name};
use crate::attributes::Attributes;
use crate::errors::{invalid_because, not_implemented};
use crate::tags::{self, Tag};

/// Creates a topic; or finds the one of that name, if it has the attributes and tags asked for.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateTopic {
    name: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    tags: Vec<Tag>,
    data_protection_policy: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateTopicResponse {
    topic_arn: String,
}

impl Operation for CreateTopic {
    const NAME: &'static str = "CreateTopic";
    type Output = CreateTopicResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let arn = self.address(cx).arn();
        let tags = tags::map(&self.tags)?;
        let create = Access::to("sns:CreateTopic").on(&arn).request_tags(&tags).recorded_as("AWS::SNS::Topic");
        if tags.is_empty() {
            return Ok(create);
        }
        Ok(create.and(Access::to("sns:TagResource").on(&arn).request_tags(&tags)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateTopicResponse> {
        if self.data_protection_policy.as_ref().is_some_and(|policy| !policy.is_empty()) {
            return Err(not_implemented("DataProtectionPolicy"));
        }
        let fifo = self.attributes.get("FifoTopic").is_some_and(|value| value == "true");
        check_new_name(&self.name, fifo)?;
        let address = self.address(cx);
        let tags = tags::map(&self.tags)?;
        tags::check(&tags)?;
        let mut attributes = Attributes::new(fifo);
        attributes.set_all(&self.attributes, cx.now())?;
        let topic_arn = address.arn().to_string();
        if let Some(existing) = address.find(cx).await? {
            if !existing.attributes.has(&self.attributes) {
                return Err(invalid_because("Attributes", "Topic already exists with different attributes"));
            }
            if !tags.is_empty() && tags != existing.tags {
                return Err(invalid_because("Tags", "Topic already exists with different tags"));
            }
            return Ok(CreateTopicResponse { topic_arn });
        }
        let id = u64::from_le_bytes(cx.chance().bytes());
        let topic = Topic { name: self.name.clone(), id, created: cx.now(), attributes, tags, unsubscribed: 0 };
        cx.put(address.place, &topic).await?;
        Ok(CreateTopicResponse { topic_arn })
    }
}

impl CreateTopic {
    fn address(&self, cx: &Cx) -> Address {
        Address { place: cx.here(), name: self.name.clone() }
    }
}
