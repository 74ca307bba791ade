//! Renaming, moving and removing a server certificate.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Error, Operation, Result};

use super::{ServerCertificate, arn};
use crate::access;
use crate::errors::EntityAlreadyExistsException;
use crate::named::{Named, demand, known};

pub(super) fn taken(name: &str) -> Error {
    EntityAlreadyExistsException::because(format!("The Server Certificate with name {name} already exists."))
}

/// Gives a server certificate another name or path.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateServerCertificate.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateServerCertificate {
    server_certificate_name: String,
    new_path: Option<String>,
    new_server_certificate_name: Option<String>,
}

impl Operation for UpdateServerCertificate {
    const NAME: &'static str = "UpdateServerCertificate";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let name = &self.server_certificate_name;
        let access = demand::<ServerCertificate>(cx, "iam:UpdateServerCertificate", name).await?;
        if self.new_path.is_none() && self.new_server_certificate_name.is_none() {
            return Ok(access);
        }
        // The caller needs the right on the certificate as it will be, too.
        let path = match (&self.new_path, ServerCertificate::find(cx, name).await?) {
            (Some(path), _) => path.clone(),
            (None, found) => found.map_or_else(|| "/".to_owned(), |found| found.head.path),
        };
        let name = self.new_server_certificate_name.as_ref().unwrap_or(name);
        Ok(access.and(access::to(cx, "iam:UpdateServerCertificate")?.on(arn(cx.here(), &path, name))))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut certificate = known::<ServerCertificate>(cx, &self.server_certificate_name).await?;
        if let Some(name) = &self.new_server_certificate_name {
            let other = ServerCertificate::find(cx, name).await?;
            if other.is_some_and(|other| other.head.id != certificate.head.id) {
                return Err(taken(name));
            }
            cx.delete::<ServerCertificate>(cx.here(), certificate.head.key()).await?;
            certificate.head.name.clone_from(name);
        }
        if let Some(path) = &self.new_path {
            certificate.head.path.clone_from(path);
        }
        cx.put(cx.here(), &certificate).await?;
        Ok(Empty {})
    }
}

/// Removes a server certificate.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServerCertificate.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteServerCertificate {
    server_certificate_name: String,
}

impl Operation for DeleteServerCertificate {
    const NAME: &'static str = "DeleteServerCertificate";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<ServerCertificate>(cx, "iam:DeleteServerCertificate", &self.server_certificate_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let certificate = known::<ServerCertificate>(cx, &self.server_certificate_name).await?;
        cx.delete::<ServerCertificate>(cx.here(), certificate.head.key()).await?;
        Ok(Empty {})
    }
}
