//! Creating an endpoint.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Endpoint, check_token, token_is_taken};
use crate::application::ApplicationArn;
use crate::application::event::Event;

/// Creates an endpoint; or finds the one with the token, if it has the attributes asked for.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformEndpoint.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePlatformEndpoint {
    platform_application_arn: ApplicationArn,
    token: String,
    #[serde(default)]
    custom_user_data: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePlatformEndpointResponse {
    endpoint_arn: String,
}

impl Operation for CreatePlatformEndpoint {
    const NAME: &'static str = "CreatePlatformEndpoint";
    type Output = CreatePlatformEndpointResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:CreatePlatformEndpoint"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreatePlatformEndpointResponse> {
        let application = self.platform_application_arn.application(cx).await?;
        check_token(application.platform, &self.token)?;
        let mut made = Endpoint {
            application: application.id,
            id: cx.chance().uuid(),
            token: self.token.clone(),
            enabled: true,
            user_data: String::new(),
        };
        made.set(application.platform, "CustomUserData", &self.custom_user_data)?;
        for (name, value) in &self.attributes {
            made.set(application.platform, name, value)?;
        }
        if let Some(existing) = made.namesake(cx).await? {
            let arn = existing.arn(cx.here(), &application);
            let same = Endpoint { id: existing.id.clone(), ..made };
            return if same == existing {
                Ok(CreatePlatformEndpointResponse { endpoint_arn: arn.into() })
            } else {
                Err(token_is_taken(&arn))
            };
        }
        cx.put(cx.here(), &made).await?;
        let arn = made.arn(cx.here(), &application);
        application.announce(cx, cx.here(), Event::Created, &arn).await?;
        Ok(CreatePlatformEndpointResponse { endpoint_arn: arn.into() })
    }
}
