//! Uploading a server certificate.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result};

use super::{MetadataView, ServerCertificate, arn};
use crate::certificate::{self, Certificate};
use crate::entity::Head;
use crate::errors::{KeyPairMismatchException, MalformedCertificateException};
use crate::named::Named;
use crate::private_key::PrivateKey;
use crate::tag::{self, Tag};
use crate::{access, quota};

/// Uploads a certificate with its private key and the certificates that vouch for it.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UploadServerCertificate {
    path: Option<String>,
    server_certificate_name: String,
    certificate_body: String,
    private_key: String,
    certificate_chain: Option<String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UploadServerCertificateResponse {
    server_certificate_metadata: MetadataView,
    tags: Option<Vec<Tag>>,
}

impl Operation for UploadServerCertificate {
    const NAME: &'static str = "UploadServerCertificate";
    type Output = UploadServerCertificateResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let path = self.path.as_deref().unwrap_or("/");
        Ok(access::to(cx, "iam:UploadServerCertificate")?
            .on(arn(cx.here(), path, &self.server_certificate_name))
            .request_tags(&tag::read(self.tags.as_ref())?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<UploadServerCertificateResponse> {
        let name = &self.server_certificate_name;
        let certificate = self.certificate(cx)?;
        if ServerCertificate::find(cx, name).await?.is_some() {
            return Err(super::edit::taken(name));
        }
        let present = cx.list::<ServerCertificate>(cx.here(), (), Page::ALL).await?.len();
        quota::hold("ServerCertificatesPerAccount", present, quota::SERVER_CERTIFICATES)?;
        let head = Head::new(cx, "ASCA", name, self.path.as_deref());
        let context = format!("iam server certificate {}", head.id);
        let certificate = ServerCertificate {
            key: cx.sealer().seal(cx.chance(), &context, self.private_key.as_bytes())?,
            head,
            body: self.certificate_body.trim().to_owned(),
            chain: self.certificate_chain.as_ref().map(|chain| chain.trim().to_owned()),
            expires: certificate.validity()?.1,
            tags: tag::read(self.tags.as_ref())?,
        };
        cx.put(cx.here(), &certificate).await?;
        Ok(UploadServerCertificateResponse {
            server_certificate_metadata: MetadataView::of(&certificate, cx.here()),
            tags: tag::some(&certificate.tags),
        })
    }
}

impl UploadServerCertificate {
    /// The certificate, if it is valid, has this key, and the chain vouches for it.
    fn certificate(&self, cx: &Cx) -> Result<Certificate> {
        let certificate = Certificate::read(&self.certificate_body)?;
        let Some(key) = PrivateKey::read(&self.private_key) else {
            // UNVERIFIED: AWS's wording, here and for the next two.
            return Err(MalformedCertificateException::because(
                "Unable to parse private key. Please ensure the private key is in PEM format and not encrypted.",
            ));
        };
        if certificate.public_bits()? != key.public_bits() {
            return Err(KeyPairMismatchException::because("Private key doesn't match certificate."));
        }
        if !certificate.is_valid(cx.now())? {
            return Err(MalformedCertificateException::because("The certificate is not valid at this time."));
        }
        if let Some(chain) = &self.certificate_chain {
            certificate.hold_chain(&certificate::all(chain)?)?;
        }
        Ok(certificate)
    }
}
