//! Making an API destination.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Operation, Page, Result, Timestamp};

use super::{DEFAULT_RATE, Destination, endpoint};
use crate::connection::Connection;
use crate::errors::{LimitExceededException, ResourceAlreadyExistsException, ResourceNotFoundException};

/// API destinations of an account in a Region.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const MOST: usize = 3_000;

/// Makes an API destination.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateApiDestination.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateApiDestination {
    name: String,
    description: Option<String>,
    connection_arn: Arn,
    invocation_endpoint: String,
    http_method: String,
    invocation_rate_limit_per_second: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateApiDestinationResponse {
    api_destination_arn: String,
    api_destination_state: String,
    creation_time: Timestamp,
    last_modified_time: Timestamp,
}

impl CreateApiDestinationResponse {
    pub(super) async fn of(cx: &mut Cx, destination: &Destination) -> Result<Self> {
        Ok(Self {
            api_destination_arn: destination.arn(cx.here()).into(),
            api_destination_state: destination.state(cx).await?.to_owned(),
            creation_time: destination.created,
            last_modified_time: destination.modified,
        })
    }
}

/// # Errors
/// `ResourceNotFoundException`
pub(super) async fn must_exist(cx: &mut Cx, connection: &Arn) -> Result<()> {
    match Connection::at(cx, connection).await? {
        Some(_) => Ok(()),
        None => Err(ResourceNotFoundException::because(format!("Connection '{connection}' does not exist."))),
    }
}

impl Operation for CreateApiDestination {
    const NAME: &'static str = "CreateApiDestination";
    type Output = CreateApiDestinationResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:CreateApiDestination", &self.name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateApiDestinationResponse> {
        let here = cx.here();
        endpoint::check(cx, "InvocationEndpoint", &self.invocation_endpoint)?;
        must_exist(cx, &self.connection_arn).await?;
        if cx.exists::<Destination>(here, &self.name).await? {
            let message = format!("An api-destination '{}' already exists.", self.name);
            return Err(ResourceAlreadyExistsException::because(message));
        }
        if cx.list::<Destination>(here, (), Page::ALL).await?.len() >= MOST {
            return Err(LimitExceededException::because("The requested resource exceeds the maximum number allowed."));
        }
        let now = cx.now();
        let destination = Destination {
            name: self.name.clone(),
            id: cx.chance().uuid(),
            description: self.description.clone(),
            connection: self.connection_arn.clone(),
            endpoint: self.invocation_endpoint.clone(),
            method: self.http_method.clone(),
            rate: self.invocation_rate_limit_per_second.unwrap_or(DEFAULT_RATE),
            created: now,
            modified: now,
        };
        cx.put(here, &destination).await?;
        CreateApiDestinationResponse::of(cx, &destination).await
    }
}
