//! Changing a SAML provider.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{EncryptionMode, Provider, create, metadata};
use crate::errors::NoSuchEntityException;
use crate::named::{Named, demand, known};

/// Gives a provider other metadata, another mode of encryption, or other keys to decrypt with.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSAMLProvider.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateSAMLProvider {
    #[serde(rename = "SAMLMetadataDocument")]
    metadata: Option<String>,
    #[serde(rename = "SAMLProviderArn")]
    arn: String,
    assertion_encryption_mode: Option<EncryptionMode>,
    add_private_key: Option<String>,
    remove_private_key: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UpdateSAMLProviderResponse {
    #[serde(rename = "SAMLProviderArn")]
    arn: String,
}

impl Operation for UpdateSAMLProvider {
    const NAME: &'static str = "UpdateSAMLProvider";
    type Output = UpdateSAMLProviderResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<Provider>(cx, "iam:UpdateSAMLProvider", &self.arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UpdateSAMLProviderResponse> {
        let mut provider = known::<Provider>(cx, &self.arn).await?;
        if let Some(xml) = &self.metadata {
            provider.valid_until = create::valid_until(cx, &metadata::read(xml)?);
            provider.metadata.clone_from(xml);
        }
        if let Some(id) = &self.remove_private_key {
            let before = provider.keys.len();
            provider.keys.retain(|key| key.id != *id);
            if provider.keys.len() == before {
                // UNVERIFIED: AWS's wording.
                return Err(NoSuchEntityException::because(format!("The private key {id} cannot be found.")));
            }
        }
        if let Some(key) = &self.add_private_key {
            provider.add_key(cx, key)?;
        }
        if self.assertion_encryption_mode.is_some() {
            provider.encryption = self.assertion_encryption_mode;
        }
        provider.hold_decrypts()?;
        cx.put(cx.here(), &provider).await?;
        Ok(UpdateSAMLProviderResponse { arn: provider.arn(cx.here()) })
    }
}
