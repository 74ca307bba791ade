//! The operations on SSH public keys.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Resource, Result, Timestamp};

use super::encoding::RsaPublicKey;
use super::{SshPublicKey, fingerprint, known, of};
use crate::entity::named;
use crate::errors::DuplicateSSHPublicKeyException;
use crate::page::Wanted;
use crate::status::Status;
use crate::user::{User, demand, holder};
use crate::{access, quota};

/// A public key in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyView {
    user_name: String,
    #[serde(rename = "SSHPublicKeyId")]
    id: String,
    fingerprint: String,
    #[serde(rename = "SSHPublicKeyBody")]
    body: String,
    status: Status,
    upload_date: Timestamp,
}

impl KeyView {
    fn of(key: SshPublicKey, read: &RsaPublicKey, user_name: String, body: String) -> Self {
        Self {
            user_name,
            id: key.id,
            fingerprint: fingerprint(read),
            body,
            status: key.status,
            upload_date: key.uploaded,
        }
    }
}

/// Uploads a public key of a user's.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UploadSSHPublicKey {
    user_name: String,
    #[serde(rename = "SSHPublicKeyBody")]
    body: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UploadSSHPublicKeyResponse {
    #[serde(rename = "SSHPublicKey")]
    key: KeyView,
}

impl Operation for UploadSSHPublicKey {
    const NAME: &'static str = "UploadSSHPublicKey";
    type Output = UploadSSHPublicKeyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<User>(cx, "iam:UploadSSHPublicKey", &self.user_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UploadSSHPublicKeyResponse> {
        let head = named::<User>(cx, &self.user_name).await?.head;
        let read = RsaPublicKey::read(&self.body)?;
        let present = of(cx, cx.here(), &head.id).await?;
        if present.iter().any(|other| RsaPublicKey::read(&other.body).is_ok_and(|other| other == read)) {
            // UNVERIFIED: AWS's wording.
            return Err(DuplicateSSHPublicKeyException::because(
                "The SSH public key is already associated with the specified IAM user.",
            ));
        }
        quota::hold("SSHPublicKeysPerUser", present.len(), quota::SSH_PUBLIC_KEYS_PER_USER)?;
        let key = SshPublicKey {
            holder: head.id,
            id: cx.chance().unique_id("APKA"),
            body: self.body.clone(),
            status: Status::Active,
            uploaded: cx.now().whole_secs(),
        };
        cx.put(cx.here(), &key).await?;
        Ok(UploadSSHPublicKeyResponse { key: KeyView::of(key, &read, head.name, self.body.clone()) })
    }
}

/// Shows a public key in the encoding that is asked for.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetSSHPublicKey.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSSHPublicKey {
    user_name: String,
    #[serde(rename = "SSHPublicKeyId")]
    id: String,
    encoding: Encoding,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Encoding {
    Ssh,
    Pem,
}

impl Operation for GetSSHPublicKey {
    const NAME: &'static str = "GetSSHPublicKey";
    type Output = UploadSSHPublicKeyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<User>(cx, "iam:GetSSHPublicKey", &self.user_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UploadSSHPublicKeyResponse> {
        let head = named::<User>(cx, &self.user_name).await?.head;
        let key = known(cx, &head.id, &self.id).await?;
        let read = RsaPublicKey::read(&key.body)?;
        let body = match self.encoding {
            Encoding::Ssh => read.ssh(),
            Encoding::Pem => read.pem(),
        };
        Ok(UploadSSHPublicKeyResponse { key: KeyView::of(key, &read, head.name, body) })
    }
}

/// Takes a public key out of use, or puts it back into use.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSSHPublicKey.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateSSHPublicKey {
    user_name: String,
    #[serde(rename = "SSHPublicKeyId")]
    id: String,
    status: String,
}

impl Operation for UpdateSSHPublicKey {
    const NAME: &'static str = "UpdateSSHPublicKey";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<User>(cx, "iam:UpdateSSHPublicKey", &self.user_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let holder = named::<User>(cx, &self.user_name).await?.head.id;
        let mut key = known(cx, &holder, &self.id).await?;
        key.status = Status::read(&self.status, Self::NAME)?;
        cx.put(cx.here(), &key).await?;
        Ok(Empty {})
    }
}

/// Removes a public key.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteSSHPublicKey.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteSSHPublicKey {
    user_name: String,
    #[serde(rename = "SSHPublicKeyId")]
    id: String,
}

impl Operation for DeleteSSHPublicKey {
    const NAME: &'static str = "DeleteSSHPublicKey";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<User>(cx, "iam:DeleteSSHPublicKey", &self.user_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let holder = named::<User>(cx, &self.user_name).await?.head.id;
        let key = known(cx, &holder, &self.id).await?;
        cx.delete::<SshPublicKey>(cx.here(), key.key()).await?;
        Ok(Empty {})
    }
}

/// Lists the public keys of a user, without the keys themselves.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSSHPublicKeys.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSSHPublicKeys {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSSHPublicKeysResponse {
    #[serde(rename = "SSHPublicKeys")]
    keys: Vec<KeyEntry>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyEntry {
    user_name: String,
    #[serde(rename = "SSHPublicKeyId")]
    id: String,
    status: Status,
    upload_date: Timestamp,
}

impl Operation for ListSSHPublicKeys {
    const NAME: &'static str = "ListSSHPublicKeys";
    type Output = ListSSHPublicKeysResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:ListSSHPublicKeys", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListSSHPublicKeysResponse> {
        let (holder, user_name) = holder(cx, self.user_name.as_ref()).await?;
        let user_name = user_name.unwrap_or_else(|| cx.account().to_string());
        let keys = of(cx, cx.here(), &holder).await?;
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(keys, |key| key.id.clone())?.map(|key| KeyEntry {
            user_name: user_name.clone(),
            id: key.id,
            status: key.status,
            upload_date: key.uploaded,
        });
        Ok(ListSSHPublicKeysResponse { is_truncated: page.is_truncated(), keys: page.items, marker: page.marker })
    }
}
