//! What a bus is.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::BusName;
use crate::target::DeadLetterConfig;

/// Tells the settings and the policy of a bus.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeEventBus {
    #[serde(default)]
    name: BusName,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeEventBusResponse {
    name: String,
    arn: String,
    description: Option<String>,
    dead_letter_config: Option<DeadLetterConfig>,
    policy: Option<String>,
    creation_time: Option<Timestamp>,
    last_modified_time: Option<Timestamp>,
}

impl Operation for DescribeEventBus {
    const NAME: &'static str = "DescribeEventBus";
    type Output = DescribeEventBusResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.name.address(cx)?.access(cx, "events:DescribeEventBus").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeEventBusResponse> {
        let address = self.name.address(cx)?;
        let bus = address.bus(cx).await?;
        Ok(DescribeEventBusResponse {
            arn: address.arn().into(),
            name: bus.name,
            description: bus.description,
            dead_letter_config: bus.dead_letter,
            policy: bus.policy,
            creation_time: bus.created,
            last_modified_time: bus.modified,
        })
    }
}
