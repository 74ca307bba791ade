//! Showing server certificates. Their private keys are shown to nobody.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{MetadataView, ServerCertificate};
use crate::named::{demand, known};
use crate::page::Wanted;
use crate::tag::{self, Tag};
use crate::{access, entity};

/// Shows a server certificate.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServerCertificate.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetServerCertificate {
    server_certificate_name: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetServerCertificateResponse {
    server_certificate: CertificateView,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CertificateView {
    server_certificate_metadata: MetadataView,
    certificate_body: String,
    certificate_chain: Option<String>,
    tags: Option<Vec<Tag>>,
}

impl Operation for GetServerCertificate {
    const NAME: &'static str = "GetServerCertificate";
    type Output = GetServerCertificateResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<ServerCertificate>(cx, "iam:GetServerCertificate", &self.server_certificate_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetServerCertificateResponse> {
        let certificate = known::<ServerCertificate>(cx, &self.server_certificate_name).await?;
        Ok(GetServerCertificateResponse {
            server_certificate: CertificateView {
                server_certificate_metadata: MetadataView::of(&certificate, cx.here()),
                tags: tag::some(&certificate.tags),
                certificate_body: certificate.body,
                certificate_chain: certificate.chain,
            },
        })
    }
}

/// Lists the server certificates of the account, by name.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServerCertificates.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListServerCertificates {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListServerCertificatesResponse {
    server_certificate_metadata_list: Vec<MetadataView>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListServerCertificates {
    const NAME: &'static str = "ListServerCertificates";
    type Output = ListServerCertificatesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let path = self.path_prefix.as_deref().unwrap_or("/");
        let prefix = cx.here().global_arn("iam", format_args!("server-certificate{path}"));
        Ok(access::to(cx, "iam:ListServerCertificates")?.on(prefix))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListServerCertificatesResponse> {
        let place = cx.here();
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let name = |certificate: &ServerCertificate| certificate.head.name.clone();
        let under = |certificate: &ServerCertificate| certificate.head.path.starts_with(prefix);
        let page = wanted.rows::<ServerCertificate>(cx, place, (), name, entity::key, under).await?;
        let page = page.map(|certificate| MetadataView::of(&certificate, place));
        Ok(ListServerCertificatesResponse {
            is_truncated: page.is_truncated(),
            server_certificate_metadata_list: page.items,
            marker: page.marker,
        })
    }
}
