//! Server certificates: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html>.

mod edit;
mod show;
mod upload;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, Key, Place, Resource, Result, Scope, Timestamp};

use crate::entity::{self, Head};
use crate::errors::NoSuchEntityException;
use crate::named::{Named, tagging};
use crate::tag::Tags;

pub(crate) use edit::{DeleteServerCertificate, UpdateServerCertificate};
pub(crate) use show::{GetServerCertificate, ListServerCertificates};
pub(crate) use upload::UploadServerCertificate;

/// A certificate with its private key, for load balancers and distributions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ServerCertificate {
    head: Head,
    /// In PEM, as all of these.
    body: String,
    chain: Option<String>,
    /// The private key, sealed.
    key: Vec<u8>,
    expires: Timestamp,
    tags: Tags,
}

impl Resource for ServerCertificate {
    const KIND: &'static str = "iam/server-certificate";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        self.head.key()
    }
}

impl Named for ServerCertificate {
    async fn find(cx: &mut Cx, name: &str) -> Result<Option<Self>> {
        cx.get::<Self>(cx.here(), entity::key(name)).await
    }

    fn arn(&self, place: Place) -> String {
        arn(place, &self.head.path, &self.head.name)
    }

    fn arn_of(place: Place, name: &str) -> String {
        arn(place, "/", name)
    }

    fn missing(name: &str) -> Error {
        NoSuchEntityException::because(format!("The Server Certificate with name {name} cannot be found."))
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

tagging!(ServerCertificate, server_certificate_name "ServerCertificateName":
    TagServerCertificate "iam:TagServerCertificate", UntagServerCertificate "iam:UntagServerCertificate",
    ListServerCertificateTags "iam:ListServerCertificateTags");

fn arn(place: Place, path: &str, name: &str) -> String {
    place.global_arn("iam", format_args!("server-certificate{path}{name}")).into()
}

/// A server certificate in answers, without certificate and key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetadataView {
    path: String,
    server_certificate_name: String,
    server_certificate_id: String,
    arn: String,
    upload_date: Timestamp,
    expiration: Timestamp,
}

impl MetadataView {
    fn of(certificate: &ServerCertificate, place: Place) -> Self {
        Self {
            path: certificate.head.path.clone(),
            server_certificate_name: certificate.head.name.clone(),
            server_certificate_id: certificate.head.id.clone(),
            arn: certificate.arn(place),
            upload_date: certificate.head.created,
            expiration: certificate.expires,
        }
    }
}
