//! Finding API destinations.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::Destination;
use crate::page::Wanted;

/// Lists the API destinations of the account in the Region, by name.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListApiDestinations.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListApiDestinations {
    #[serde(default)]
    name_prefix: String,
    connection_arn: Option<String>,
    next_token: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListApiDestinationsResponse {
    api_destinations: Vec<ListedDestination>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedDestination {
    api_destination_arn: String,
    name: String,
    api_destination_state: String,
    connection_arn: String,
    invocation_endpoint: String,
    http_method: String,
    invocation_rate_limit_per_second: u32,
    creation_time: Timestamp,
    last_modified_time: Timestamp,
}

impl Operation for ListApiDestinations {
    const NAME: &'static str = "ListApiDestinations";
    type Output = ListApiDestinationsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("events:ListApiDestinations"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListApiDestinationsResponse> {
        let here = cx.here();
        let mut all = cx.list::<Destination>(here, (), Page::ALL).await?;
        all.retain(|destination| {
            destination.name.starts_with(&self.name_prefix)
                && self.connection_arn.as_deref().is_none_or(|arn| destination.connection.as_str() == arn)
        });
        let wanted = Wanted::new(self.next_token.as_deref(), self.limit)?;
        let (page, next_token) = wanted.cut(all, |destination| &destination.name);
        let mut api_destinations = Vec::with_capacity(page.len());
        for destination in page {
            api_destinations.push(ListedDestination {
                api_destination_arn: destination.arn(here).into(),
                api_destination_state: destination.state(cx).await?.to_owned(),
                name: destination.name,
                connection_arn: destination.connection.into(),
                invocation_endpoint: destination.endpoint,
                http_method: destination.method,
                invocation_rate_limit_per_second: destination.rate,
                creation_time: destination.created,
                last_modified_time: destination.modified,
            });
        }
        Ok(ListApiDestinationsResponse { api_destinations, next_token })
    }
}
