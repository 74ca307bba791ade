//! Certificates with which users sign SOAP requests and image bundles of EC2:
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/set-up-ami-tools.html#ami-tools-managing-certs>.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Place, Resource, Result, Scope, Timestamp};

use crate::certificate::Certificate;
use crate::errors::{DuplicateCertificateException, InvalidCertificateException, NoSuchEntityException};
use crate::page::Wanted;
use crate::quota;
use crate::status::Status;
use crate::user::{demand, holder};

/// A signing certificate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SigningCertificate {
    /// Unique id of the user, or [`ROOT`](crate::user::ROOT).
    holder: String,
    id: String,
    /// In PEM.
    body: String,
    status: Status,
    pub(crate) uploaded: Timestamp,
}

impl Resource for SigningCertificate {
    const KIND: &'static str = "iam/signing-certificate";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.holder, &self.id).into_key()
    }
}

impl SigningCertificate {
    /// Whether it may be used.
    pub(crate) fn is_active(&self) -> bool {
        self.status == Status::Active
    }
}

/// The certificates of a holder.
pub(crate) async fn of(cx: &mut Cx, place: Place, holder: &str) -> Result<Vec<SigningCertificate>> {
    cx.list::<SigningCertificate>(place, (holder,), welkin_kernel::Page::ALL).await
}

async fn known(cx: &mut Cx, holder: &str, id: &str) -> Result<SigningCertificate> {
    let missing = || NoSuchEntityException::because(format!("The Certificate with id {id} cannot be found."));
    cx.get::<SigningCertificate>(cx.here(), (holder, id)).await?.ok_or_else(missing)
}

/// A signing certificate in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CertificateView {
    user_name: String,
    certificate_id: String,
    certificate_body: String,
    status: Status,
    upload_date: Timestamp,
}

impl CertificateView {
    fn of(certificate: SigningCertificate, user_name: String) -> Self {
        Self {
            user_name,
            certificate_id: certificate.id,
            certificate_body: certificate.body,
            status: certificate.status,
            upload_date: certificate.uploaded,
        }
    }
}

/// Uploads a certificate of a user's.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSigningCertificate.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UploadSigningCertificate {
    user_name: Option<String>,
    certificate_body: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UploadSigningCertificateResponse {
    certificate: CertificateView,
}

impl Operation for UploadSigningCertificate {
    const NAME: &'static str = "UploadSigningCertificate";
    type Output = UploadSigningCertificateResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:UploadSigningCertificate", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UploadSigningCertificateResponse> {
        let (holder, user_name) = holder(cx, self.user_name.as_ref()).await?;
        let read = Certificate::read(&self.certificate_body)?;
        if !read.is_valid(cx.now())? {
            // UNVERIFIED: AWS's wording, here and for the next one.
            return Err(InvalidCertificateException::because("The certificate is not valid at this time."));
        }
        let present = of(cx, cx.here(), &holder).await?;
        if present.iter().any(|other| Certificate::read(&other.body).is_ok_and(|other| other == read)) {
            return Err(DuplicateCertificateException::because("The certificate is already associated with the user."));
        }
        quota::hold("CertificatesPerUser", present.len(), quota::SIGNING_CERTIFICATES_PER_USER)?;
        let certificate = SigningCertificate {
            holder,
            id: cx.chance().text(32, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
            body: self.certificate_body.clone(),
            status: Status::Active,
            uploaded: cx.now().whole_secs(),
        };
        cx.put(cx.here(), &certificate).await?;
        let user_name = user_name.unwrap_or_else(|| cx.account().to_string());
        Ok(UploadSigningCertificateResponse { certificate: CertificateView::of(certificate, user_name) })
    }
}

/// Takes a certificate out of use, or puts it back into use.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSigningCertificate.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateSigningCertificate {
    user_name: Option<String>,
    certificate_id: String,
    status: String,
}

impl Operation for UpdateSigningCertificate {
    const NAME: &'static str = "UpdateSigningCertificate";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:UpdateSigningCertificate", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (holder, _) = holder(cx, self.user_name.as_ref()).await?;
        let mut certificate = known(cx, &holder, &self.certificate_id).await?;
        certificate.status = Status::read(&self.status, Self::NAME)?;
        cx.put(cx.here(), &certificate).await?;
        Ok(Empty {})
    }
}

/// Removes a certificate.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteSigningCertificate.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteSigningCertificate {
    user_name: Option<String>,
    certificate_id: String,
}

impl Operation for DeleteSigningCertificate {
    const NAME: &'static str = "DeleteSigningCertificate";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:DeleteSigningCertificate", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (holder, _) = holder(cx, self.user_name.as_ref()).await?;
        let certificate = known(cx, &holder, &self.certificate_id).await?;
        cx.delete::<SigningCertificate>(cx.here(), certificate.key()).await?;
        Ok(Empty {})
    }
}

/// Lists the certificates of a user.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSigningCertificates.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSigningCertificates {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSigningCertificatesResponse {
    certificates: Vec<CertificateView>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListSigningCertificates {
    const NAME: &'static str = "ListSigningCertificates";
    type Output = ListSigningCertificatesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:ListSigningCertificates", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListSigningCertificatesResponse> {
        let (holder, user_name) = holder(cx, self.user_name.as_ref()).await?;
        let user_name = user_name.unwrap_or_else(|| cx.account().to_string());
        let certificates = of(cx, cx.here(), &holder).await?;
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(certificates, |certificate| certificate.id.clone())?;
        let page = page.map(|certificate| CertificateView::of(certificate, user_name.clone()));
        Ok(ListSigningCertificatesResponse {
            is_truncated: page.is_truncated(),
            certificates: page.items,
            marker: page.marker,
        })
    }
}
