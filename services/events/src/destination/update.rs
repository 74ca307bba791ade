//! Changing an API destination.

use serde::Deserialize;
use welkin_kernel::{Access, Arn, Cx, Operation, Result};

use super::create::{CreateApiDestinationResponse, must_exist};
use super::{Destination, endpoint};

/// Changes an API destination; what is not given stays.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateApiDestination.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateApiDestination {
    name: String,
    description: Option<String>,
    connection_arn: Option<Arn>,
    invocation_endpoint: Option<String>,
    http_method: Option<String>,
    invocation_rate_limit_per_second: Option<u32>,
}

impl Operation for UpdateApiDestination {
    const NAME: &'static str = "UpdateApiDestination";
    type Output = CreateApiDestinationResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:UpdateApiDestination", &self.name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateApiDestinationResponse> {
        let here = cx.here();
        let mut destination = Destination::named(cx, &self.name).await?;
        if let Some(connection) = &self.connection_arn {
            must_exist(cx, connection).await?;
            destination.connection = connection.clone();
        }
        if let Some(text) = &self.invocation_endpoint {
            endpoint::check(cx, "InvocationEndpoint", text)?;
            destination.endpoint = text.clone();
        }
        if let Some(method) = &self.http_method {
            destination.method = method.clone();
        }
        if let Some(description) = &self.description {
            destination.description = Some(description.clone());
        }
        destination.rate = self.invocation_rate_limit_per_second.unwrap_or(destination.rate);
        destination.modified = cx.now();
        cx.put(here, &destination).await?;
        CreateApiDestinationResponse::of(cx, &destination).await
    }
}
