//! What an API destination is.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::Destination;

/// Tells what an API destination is.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeApiDestination.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeApiDestination {
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeApiDestinationResponse {
    api_destination_arn: String,
    name: String,
    description: Option<String>,
    api_destination_state: String,
    connection_arn: String,
    invocation_endpoint: String,
    http_method: String,
    invocation_rate_limit_per_second: u32,
    creation_time: Timestamp,
    last_modified_time: Timestamp,
}

impl Operation for DescribeApiDestination {
    const NAME: &'static str = "DescribeApiDestination";
    type Output = DescribeApiDestinationResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:DescribeApiDestination", &self.name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeApiDestinationResponse> {
        let destination = Destination::named(cx, &self.name).await?;
        Ok(DescribeApiDestinationResponse {
            api_destination_arn: destination.arn(cx.here()).into(),
            api_destination_state: destination.state(cx).await?.to_owned(),
            name: destination.name,
            description: destination.description,
            connection_arn: destination.connection.into(),
            invocation_endpoint: destination.endpoint,
            http_method: destination.method,
            invocation_rate_limit_per_second: destination.rate,
            creation_time: destination.created,
            last_modified_time: destination.modified,
        })
    }
}
