//! Changing whom a provider vouches to, and who vouches for it.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Provider, hold_thumbprints};
use crate::named::{demand, known};
use crate::quota;

/// Adds an audience; one that is there already is well.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html>
#[derive(Debug, Deserialize)]
pub(crate) struct AddClientIDToOpenIDConnectProvider {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    #[serde(rename = "ClientID")]
    client_id: String,
}

impl Operation for AddClientIDToOpenIDConnectProvider {
    const NAME: &'static str = "AddClientIDToOpenIDConnectProvider";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<Provider>(cx, "iam:AddClientIDToOpenIDConnectProvider", &self.arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut provider = known::<Provider>(cx, &self.arn).await?;
        if !provider.client_ids.contains(&self.client_id) {
            let present = provider.client_ids.len();
            quota::hold("ClientIdsPerOpenIdConnectProvider", present, quota::CLIENT_IDS_PER_OIDC_PROVIDER)?;
            provider.client_ids.push(self.client_id.clone());
            cx.put(cx.here(), &provider).await?;
        }
        Ok(Empty {})
    }
}

/// Removes an audience; one that is not there is well.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html>
#[derive(Debug, Deserialize)]
pub(crate) struct RemoveClientIDFromOpenIDConnectProvider {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    #[serde(rename = "ClientID")]
    client_id: String,
}

impl Operation for RemoveClientIDFromOpenIDConnectProvider {
    const NAME: &'static str = "RemoveClientIDFromOpenIDConnectProvider";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<Provider>(cx, "iam:RemoveClientIDFromOpenIDConnectProvider", &self.arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut provider = known::<Provider>(cx, &self.arn).await?;
        provider.client_ids.retain(|id| *id != self.client_id);
        cx.put(cx.here(), &provider).await?;
        Ok(Empty {})
    }
}

/// Replaces the thumbprints.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateOpenIDConnectProviderThumbprint.html>
#[derive(Debug, Deserialize)]
pub(crate) struct UpdateOpenIDConnectProviderThumbprint {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    #[serde(rename = "ThumbprintList")]
    thumbprints: Vec<String>,
}

impl Operation for UpdateOpenIDConnectProviderThumbprint {
    const NAME: &'static str = "UpdateOpenIDConnectProviderThumbprint";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<Provider>(cx, "iam:UpdateOpenIDConnectProviderThumbprint", &self.arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut provider = known::<Provider>(cx, &self.arn).await?;
        hold_thumbprints(&self.thumbprints)?;
        provider.thumbprints.clone_from(&self.thumbprints);
        cx.put(cx.here(), &provider).await?;
        Ok(Empty {})
    }
}
