//! Passwords of users for single services:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html>.

mod edit;
mod list;

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Key, Page, Place, Resource, Result, Scope, Timestamp};

use crate::errors::{NoSuchEntityException, ServiceNotSupportedException};
use crate::status::Status;
use crate::user;

pub(crate) use edit::{
    CreateServiceSpecificCredential, DeleteServiceSpecificCredential, ResetServiceSpecificCredential,
    UpdateServiceSpecificCredential,
};
pub(crate) use list::ListServiceSpecificCredentials;

/// Services that have passwords of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ServiceName {
    #[serde(rename = "codecommit.amazonaws.com")]
    CodeCommit,
    #[serde(rename = "cassandra.amazonaws.com")]
    Keyspaces,
    #[serde(rename = "bedrock.amazonaws.com")]
    Bedrock,
}

impl ServiceName {
    const ALL: [Self; 3] = [Self::CodeCommit, Self::Keyspaces, Self::Bedrock];

    fn name(self) -> &'static str {
        match self {
            Self::CodeCommit => "codecommit.amazonaws.com",
            Self::Keyspaces => "cassandra.amazonaws.com",
            Self::Bedrock => "bedrock.amazonaws.com",
        }
    }

    fn read(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name).ok_or_else(|| {
            ServiceNotSupportedException::because(format!(
                "No such service {name} is supported for Service Specific Credentials"
            ))
        })
    }
}

/// A password of a user for a service. It is made at random, so that its hash tells nothing of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ServiceCredential {
    /// Unique id of the user.
    holder: String,
    id: String,
    service: ServiceName,
    /// What the user signs in as: its name for the service, or the alias of an API key.
    login: String,
    /// SHA-256 of the secret.
    hash: Vec<u8>,
    status: Status,
    created: Timestamp,
    expires: Option<Timestamp>,
}

impl Resource for ServiceCredential {
    const KIND: &'static str = "iam/service-credential";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.holder, &self.id).into_key()
    }
}

/// The credentials of a user.
pub(crate) async fn of(cx: &mut Cx, place: Place, holder: &str) -> Result<Vec<ServiceCredential>> {
    cx.list::<ServiceCredential>(place, (holder,), Page::ALL).await
}

async fn known(cx: &mut Cx, holder: &str, id: &str) -> Result<ServiceCredential> {
    let missing = || NoSuchEntityException::because(format!("No such credential {id} exists"));
    cx.get::<ServiceCredential>(cx.here(), (holder, id)).await?.ok_or_else(missing)
}

/// Demands `action` on the user whose credential it is, and for the credential's service.
async fn demand(cx: &mut Cx, action: &'static str, name: Option<&String>, id: &str) -> Result<Access> {
    let access = user::demand(cx, action, name).await?;
    let Ok((holder, _)) = user::holder(cx, name).await else { return Ok(access) };
    Ok(match cx.get::<ServiceCredential>(cx.here(), (&holder, id)).await? {
        Some(found) => access.key("iam:ServiceSpecificCredentialServiceName", found.service.name()),
        None => access,
    })
}

impl ServiceCredential {
    /// Gives it a fresh secret, which is told once.
    fn renew(&mut self, cx: &Cx) -> String {
        let secret = BASE64.encode(cx.chance().bytes::<32>());
        self.hash = digest(&SHA256, secret.as_bytes()).as_ref().to_vec();
        secret
    }

    /// `Expired` once it is.
    fn status(&self, now: Timestamp) -> &'static str {
        match (self.status, self.expires) {
            (_, Some(expires)) if expires <= now => "Expired",
            (Status::Active, _) => "Active",
            (Status::Inactive, _) => "Inactive",
        }
    }

    /// Whether it is an API key, which has an alias rather than a user name.
    fn is_key(&self) -> bool {
        self.service == ServiceName::Bedrock
    }
}

/// So many days.
fn days(count: u32) -> Duration {
    Duration::from_secs(u64::from(count) * 86_400)
}
