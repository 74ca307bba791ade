//! Deleting an endpoint.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Resource, Result};

use super::{Endpoint, EndpointArn};
use crate::application::event::Event;

/// Deletes an endpoint. One that does not exist is as good as deleted; subscriptions of it stay, and get nothing.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_DeleteEndpoint.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteEndpoint {
    endpoint_arn: EndpointArn,
}

impl Operation for DeleteEndpoint {
    const NAME: &'static str = "DeleteEndpoint";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:DeleteEndpoint"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        if let Some((application, endpoint)) = self.endpoint_arn.find(cx, cx.here()).await? {
            cx.delete::<Endpoint>(cx.here(), endpoint.key()).await?;
            let arn = endpoint.arn(cx.here(), &application);
            application.announce(cx, cx.here(), Event::Deleted, &arn).await?;
        }
        Ok(Empty {})
    }
}
