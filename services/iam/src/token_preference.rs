//! Which session tokens the global endpoint of STS gives:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html>.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Resource, Result, Scope};

use crate::access;

/// The version of tokens that an account wants.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct TokenPreference {
    version: TokenVersion,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum TokenVersion {
    #[serde(rename = "v1Token")]
    V1,
    #[serde(rename = "v2Token")]
    V2,
}

impl Resource for TokenPreference {
    const KIND: &'static str = "iam/token-preference";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

/// The version that the account wants, as a number; the first one unless it says otherwise.
pub(crate) async fn version(cx: &mut Cx) -> Result<u32> {
    Ok(match cx.get::<TokenPreference>(cx.here(), ()).await?.map(|preference| preference.version) {
        Some(TokenVersion::V2) => 2,
        Some(TokenVersion::V1) | None => 1,
    })
}

/// Says which version of tokens the account wants. All of Welkin's tokens are valid in every Region.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetSecurityTokenServicePreferences.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetSecurityTokenServicePreferences {
    global_endpoint_token_version: TokenVersion,
}

impl Operation for SetSecurityTokenServicePreferences {
    const NAME: &'static str = "SetSecurityTokenServicePreferences";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:SetSecurityTokenServicePreferences")
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        cx.put(cx.here(), &TokenPreference { version: self.global_endpoint_token_version }).await?;
        Ok(Empty {})
    }
}
