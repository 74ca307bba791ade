//! Showing OpenID Connect providers.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::Provider;
use crate::access;
use crate::named::{Named, demand, known};
use crate::tag::{self, Tag};

/// Tells of a provider.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html>
#[derive(Debug, Deserialize)]
pub(crate) struct GetOpenIDConnectProvider {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetOpenIDConnectProviderResponse {
    url: String,
    #[serde(rename = "ClientIDList")]
    client_ids: Vec<String>,
    thumbprint_list: Vec<String>,
    create_date: Timestamp,
    tags: Option<Vec<Tag>>,
}

impl Operation for GetOpenIDConnectProvider {
    const NAME: &'static str = "GetOpenIDConnectProvider";
    type Output = GetOpenIDConnectProviderResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<Provider>(cx, "iam:GetOpenIDConnectProvider", &self.arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetOpenIDConnectProviderResponse> {
        let provider = known::<Provider>(cx, &self.arn).await?;
        Ok(GetOpenIDConnectProviderResponse {
            tags: tag::some(&provider.tags),
            url: provider.url,
            client_ids: provider.client_ids,
            thumbprint_list: provider.thumbprints,
            create_date: provider.created,
        })
    }
}

/// Lists the account's providers.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviders.html>
#[derive(Debug, Deserialize)]
pub(crate) struct ListOpenIDConnectProviders {}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ListOpenIDConnectProvidersResponse {
    #[serde(rename = "OpenIDConnectProviderList")]
    providers: Vec<ProviderEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProviderEntry {
    arn: String,
}

impl Operation for ListOpenIDConnectProviders {
    const NAME: &'static str = "ListOpenIDConnectProviders";
    type Output = ListOpenIDConnectProvidersResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:ListOpenIDConnectProviders")
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListOpenIDConnectProvidersResponse> {
        let place = cx.here();
        let providers = cx.list::<Provider>(place, (), Page::ALL).await?;
        let providers = providers.iter().map(|provider| ProviderEntry { arn: provider.arn(place) }).collect();
        Ok(ListOpenIDConnectProvidersResponse { providers })
    }
}
