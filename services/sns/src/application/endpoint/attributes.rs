//! Attributes of an endpoint, asked for and changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Endpoint, EndpointArn, token_is_taken};
use crate::application::event::Event;

impl Endpoint {
    /// The attributes as callers see them.
    pub(in crate::application) fn to_text(&self) -> BTreeMap<String, String> {
        let mut text = BTreeMap::from([
            ("Enabled".to_owned(), self.enabled.to_string()),
            ("Token".to_owned(), self.token.clone()),
        ]);
        if !self.user_data.is_empty() {
            text.insert("CustomUserData".to_owned(), self.user_data.clone());
        }
        text
    }
}

/// Tells the attributes of an endpoint.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_GetEndpointAttributes.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetEndpointAttributes {
    endpoint_arn: EndpointArn,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetEndpointAttributesResponse {
    attributes: BTreeMap<String, String>,
}

impl Operation for GetEndpointAttributes {
    const NAME: &'static str = "GetEndpointAttributes";
    type Output = GetEndpointAttributesResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:GetEndpointAttributes"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetEndpointAttributesResponse> {
        let (_, endpoint) = self.endpoint_arn.endpoint(cx).await?;
        Ok(GetEndpointAttributesResponse { attributes: endpoint.to_text() })
    }
}

/// Changes attributes of an endpoint.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_SetEndpointAttributes.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetEndpointAttributes {
    endpoint_arn: EndpointArn,
    attributes: BTreeMap<String, String>,
}

impl Operation for SetEndpointAttributes {
    const NAME: &'static str = "SetEndpointAttributes";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:SetEndpointAttributes"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (application, before) = self.endpoint_arn.endpoint(cx).await?;
        let mut endpoint = before.clone();
        for (name, value) in &self.attributes {
            endpoint.set(application.platform, name, value)?;
        }
        if endpoint == before {
            return Ok(Empty {});
        }
        if let Some(other) = endpoint.namesake(cx).await? {
            return Err(token_is_taken(&other.arn(cx.here(), &application)));
        }
        cx.put(cx.here(), &endpoint).await?;
        let arn = endpoint.arn(cx.here(), &application);
        application.announce(cx, cx.here(), Event::Updated, &arn).await?;
        Ok(Empty {})
    }
}
