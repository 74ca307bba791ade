//! Showing SAML providers.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::{EncryptionMode, Provider};
use crate::access;
use crate::named::{Named, demand, known};
use crate::tag::{self, Tag};

/// Tells of a provider; of its keys only that they are there.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetSAMLProvider.html>
#[derive(Debug, Deserialize)]
pub(crate) struct GetSAMLProvider {
    #[serde(rename = "SAMLProviderArn")]
    arn: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSAMLProviderResponse {
    #[serde(rename = "SAMLProviderUUID")]
    uuid: String,
    #[serde(rename = "SAMLMetadataDocument")]
    metadata: String,
    create_date: Timestamp,
    valid_until: Timestamp,
    tags: Option<Vec<Tag>>,
    assertion_encryption_mode: Option<EncryptionMode>,
    private_key_list: Option<Vec<KeyView>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyView {
    key_id: String,
    timestamp: Timestamp,
}

impl Operation for GetSAMLProvider {
    const NAME: &'static str = "GetSAMLProvider";
    type Output = GetSAMLProviderResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<Provider>(cx, "iam:GetSAMLProvider", &self.arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetSAMLProviderResponse> {
        let provider = known::<Provider>(cx, &self.arn).await?;
        let keys: Vec<KeyView> =
            provider.keys.into_iter().map(|key| KeyView { key_id: key.id, timestamp: key.added }).collect();
        Ok(GetSAMLProviderResponse {
            uuid: provider.uuid,
            metadata: provider.metadata,
            create_date: provider.created,
            valid_until: provider.valid_until,
            tags: tag::some(&provider.tags),
            assertion_encryption_mode: provider.encryption,
            private_key_list: (!keys.is_empty()).then_some(keys),
        })
    }
}

/// Lists the account's providers.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSAMLProviders.html>
#[derive(Debug, Deserialize)]
pub(crate) struct ListSAMLProviders {}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ListSAMLProvidersResponse {
    #[serde(rename = "SAMLProviderList")]
    providers: Vec<ProviderEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProviderEntry {
    arn: String,
    valid_until: Timestamp,
    create_date: Timestamp,
}

impl Operation for ListSAMLProviders {
    const NAME: &'static str = "ListSAMLProviders";
    type Output = ListSAMLProvidersResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:ListSAMLProviders")
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListSAMLProvidersResponse> {
        let place = cx.here();
        let providers = cx.list::<Provider>(place, (), Page::ALL).await?;
        let entry = |provider: &Provider| ProviderEntry {
            arn: provider.arn(place),
            valid_until: provider.valid_until,
            create_date: provider.created,
        };
        Ok(ListSAMLProvidersResponse { providers: providers.iter().map(entry).collect() })
    }
}
