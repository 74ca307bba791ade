//! Making and removing an OpenID Connect provider.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Provider, hold_thumbprints, read_url};
use crate::errors::EntityAlreadyExistsException;
use crate::named::{Named, demand, known};
use crate::tag::{self, Tag};
use crate::{access, quota};

/// Makes a provider whose users may assume the roles that trust it.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateOpenIDConnectProvider {
    url: String,
    #[serde(rename = "ClientIDList")]
    client_ids: Option<Vec<String>>,
    thumbprint_list: Option<Vec<String>>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateOpenIDConnectProviderResponse {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    tags: Option<Vec<Tag>>,
}

impl Operation for CreateOpenIDConnectProvider {
    const NAME: &'static str = "CreateOpenIDConnectProvider";
    type Output = CreateOpenIDConnectProviderResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let url = self.url.strip_prefix("https://").unwrap_or(&self.url);
        Ok(access::to(cx, "iam:CreateOpenIDConnectProvider")?
            .on(cx.here().global_arn("iam", format_args!("oidc-provider/{url}")))
            .request_tags(&tag::read(self.tags.as_ref())?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateOpenIDConnectProviderResponse> {
        let url = read_url(&self.url)?;
        if cx.exists::<Provider>(cx.here(), url).await? {
            return Err(EntityAlreadyExistsException::because(format!(
                "Provider with url {} already exists.",
                self.url
            )));
        }
        let present = super::count(cx).await?;
        quota::hold("OpenIdConnectProvidersPerAccount", present, quota::OIDC_PROVIDERS)?;
        let mut client_ids = Vec::new();
        for id in self.client_ids.iter().flatten() {
            if !client_ids.contains(id) {
                quota::hold(
                    "ClientIdsPerOpenIdConnectProvider",
                    client_ids.len(),
                    quota::CLIENT_IDS_PER_OIDC_PROVIDER,
                )?;
                client_ids.push(id.clone());
            }
        }
        // UNVERIFIED: without thumbprints AWS fetches the provider's certificates and keeps one. Welkin keeps none:
        // then only the certificate authorities that everybody trusts vouch for the provider.
        let thumbprints = self.thumbprint_list.clone().unwrap_or_default();
        hold_thumbprints(&thumbprints)?;
        let tags = tag::read(self.tags.as_ref())?;
        let provider = Provider { url: url.to_owned(), client_ids, thumbprints, created: cx.now().whole_secs(), tags };
        cx.put(cx.here(), &provider).await?;
        Ok(CreateOpenIDConnectProviderResponse { arn: provider.arn(cx.here()), tags: tag::some(&provider.tags) })
    }
}

/// Removes a provider: its users cannot assume roles any more.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html>
#[derive(Debug, Deserialize)]
pub(crate) struct DeleteOpenIDConnectProvider {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
}

impl Operation for DeleteOpenIDConnectProvider {
    const NAME: &'static str = "DeleteOpenIDConnectProvider";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<Provider>(cx, "iam:DeleteOpenIDConnectProvider", &self.arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let provider = known::<Provider>(cx, &self.arn).await?;
        cx.delete::<Provider>(cx.here(), &provider.url).await?;
        Ok(Empty {})
    }
}
