//! Making and removing a SAML provider.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result, Timestamp};

use super::{EncryptionMode, Provider, metadata};
use crate::errors::EntityAlreadyExistsException;
use crate::named::{Named, demand, known};
use crate::tag::{self, Tag};
use crate::{access, quota};

/// How long metadata that do not say so are valid.
///
/// UNVERIFIED: AWS's documentation does not tell; its answers show a hundred years.
const USUAL: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Until when metadata read now are valid.
pub(super) fn valid_until(cx: &Cx, metadata: &metadata::Metadata) -> Timestamp {
    metadata.valid_until.unwrap_or_else(|| cx.now().whole_secs().plus(USUAL))
}

/// Makes a provider whose users may assume the roles that trust it.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateSAMLProvider {
    #[serde(rename = "SAMLMetadataDocument")]
    metadata: String,
    name: String,
    tags: Option<Vec<Tag>>,
    assertion_encryption_mode: Option<EncryptionMode>,
    add_private_key: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateSAMLProviderResponse {
    #[serde(rename = "SAMLProviderArn")]
    arn: String,
    tags: Option<Vec<Tag>>,
}

impl Operation for CreateSAMLProvider {
    const NAME: &'static str = "CreateSAMLProvider";
    type Output = CreateSAMLProviderResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(access::to(cx, "iam:CreateSAMLProvider")?
            .on(cx.here().global_arn("iam", format_args!("saml-provider/{}", self.name)))
            .request_tags(&tag::read(self.tags.as_ref())?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateSAMLProviderResponse> {
        let read = metadata::read(&self.metadata)?;
        if cx.exists::<Provider>(cx.here(), &self.name).await? {
            // UNVERIFIED: AWS's wording.
            let message = format!("SAMLProvider with name {} already exists.", self.name);
            return Err(EntityAlreadyExistsException::because(message));
        }
        let present = super::count(cx).await?;
        quota::hold("SAMLProvidersPerAccount", present, quota::SAML_PROVIDERS)?;
        let mut provider = Provider {
            name: self.name.clone(),
            uuid: cx.chance().unique_id("SAMLP"),
            metadata: self.metadata.clone(),
            valid_until: valid_until(cx, &read),
            created: cx.now().whole_secs(),
            encryption: self.assertion_encryption_mode,
            keys: Vec::new(),
            tags: tag::read(self.tags.as_ref())?,
        };
        if let Some(key) = &self.add_private_key {
            provider.add_key(cx, key)?;
        }
        provider.hold_decrypts()?;
        cx.put(cx.here(), &provider).await?;
        Ok(CreateSAMLProviderResponse { arn: provider.arn(cx.here()), tags: tag::some(&provider.tags) })
    }
}

/// Removes a provider: its users cannot assume roles any more.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteSAMLProvider.html>
#[derive(Debug, Deserialize)]
pub(crate) struct DeleteSAMLProvider {
    #[serde(rename = "SAMLProviderArn")]
    arn: String,
}

impl Operation for DeleteSAMLProvider {
    const NAME: &'static str = "DeleteSAMLProvider";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<Provider>(cx, "iam:DeleteSAMLProvider", &self.arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let provider = known::<Provider>(cx, &self.arn).await?;
        cx.delete::<Provider>(cx.here(), &provider.name).await?;
        Ok(Empty {})
    }
}
