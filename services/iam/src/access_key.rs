//! Access keys of users and of the root user:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html>.

mod last_used;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Resource, Result, Scope, Timestamp, credentials};

use crate::errors::NoSuchEntityException;
use crate::page::Wanted;
use crate::status::Status;
use crate::user::{demand, holder};
use crate::{account, quota};

pub(crate) use last_used::GetAccessKeyLastUsed;

/// An access key. Its id holds the account, so that it is found without knowing its holder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    /// Unique id of the user, or [`ROOT`](crate::user::ROOT).
    pub(crate) holder: String,
    /// The secret, sealed.
    pub(crate) secret: Vec<u8>,
    pub(crate) active: bool,
    pub(crate) created: Timestamp,
}

impl Resource for AccessKey {
    const KIND: &'static str = "iam/access-key";
    const SCOPE: Scope = Scope::Account;
    const INDEXES: &'static [&'static str] = &["holder"];

    fn key(&self) -> Key {
        (&self.id).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![("holder", (&self.holder).into_key())]
    }
}

impl AccessKey {
    /// What the secret is sealed for, so that it opens as that key's secret only.
    pub(crate) fn seal_context(id: &str) -> String {
        format!("iam access key {id}")
    }

    fn status(&self) -> Status {
        if self.active { Status::Active } else { Status::Inactive }
    }
}

/// The key of this id, if that holder has it.
async fn held(cx: &mut Cx, id: &str, holder: &str) -> Result<AccessKey> {
    match cx.get::<AccessKey>(cx.here(), id).await? {
        Some(key) if key.holder == holder => Ok(key),
        _ => Err(NoSuchEntityException::because(format!("The Access Key with id {id} cannot be found."))),
    }
}

/// Makes an access key; its secret is told only in this answer.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateAccessKey {
    user_name: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateAccessKeyResponse {
    access_key: NewAccessKey,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewAccessKey {
    user_name: Option<String>,
    access_key_id: String,
    status: Status,
    secret_access_key: String,
    create_date: Timestamp,
}

impl Operation for CreateAccessKey {
    const NAME: &'static str = "CreateAccessKey";
    type Output = CreateAccessKeyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:CreateAccessKey", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateAccessKeyResponse> {
        let (holder, user_name) = holder(cx, self.user_name.as_ref()).await?;
        let keys = cx.find::<AccessKey>(cx.here(), "holder", &holder, 0).await?.len();
        quota::hold("AccessKeysPerUser", keys, quota::ACCESS_KEYS_PER_USER)?;
        let id = credentials::access_key_id(cx.chance(), "AKIA", cx.account());
        let secret = credentials::secret_access_key(cx.chance());
        let sealed = cx.sealer().seal(cx.chance(), &AccessKey::seal_context(&id), secret.as_bytes())?;
        let key = AccessKey { id, holder, secret: sealed, active: true, created: cx.now().whole_secs() };
        cx.put(cx.here(), &key).await?;
        account::changed(cx).await?;
        let access_key = NewAccessKey {
            user_name,
            access_key_id: key.id,
            status: Status::Active,
            secret_access_key: secret,
            create_date: key.created,
        };
        Ok(CreateAccessKeyResponse { access_key })
    }
}

/// Removes an access key: no request signed with it is accepted any more.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteAccessKey {
    user_name: Option<String>,
    access_key_id: String,
}

impl Operation for DeleteAccessKey {
    const NAME: &'static str = "DeleteAccessKey";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:DeleteAccessKey", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (holder, _) = holder(cx, self.user_name.as_ref()).await?;
        let key = held(cx, &self.access_key_id, &holder).await?;
        cx.delete::<AccessKey>(cx.here(), &key.id).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

/// Takes an access key out of use, or puts it back into use.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateAccessKey {
    user_name: Option<String>,
    access_key_id: String,
    status: String,
}

impl Operation for UpdateAccessKey {
    const NAME: &'static str = "UpdateAccessKey";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:UpdateAccessKey", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (holder, _) = holder(cx, self.user_name.as_ref()).await?;
        let mut key = held(cx, &self.access_key_id, &holder).await?;
        key.active = Status::read(&self.status, Self::NAME)? == Status::Active;
        cx.put(cx.here(), &key).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

/// Lists the access keys of a user, without their secrets.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccessKeys {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccessKeysResponse {
    access_key_metadata: Vec<AccessKeyMetadata>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccessKeyMetadata {
    user_name: Option<String>,
    access_key_id: String,
    status: Status,
    create_date: Timestamp,
}

impl Operation for ListAccessKeys {
    const NAME: &'static str = "ListAccessKeys";
    type Output = ListAccessKeysResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:ListAccessKeys", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListAccessKeysResponse> {
        let (holder, user_name) = holder(cx, self.user_name.as_ref()).await?;
        let keys = cx.find::<AccessKey>(cx.here(), "holder", &holder, 0).await?;
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(keys, |key| key.id.clone())?.map(|key| AccessKeyMetadata {
            user_name: user_name.clone(),
            status: key.status(),
            access_key_id: key.id,
            create_date: key.created,
        });
        Ok(ListAccessKeysResponse {
            is_truncated: page.is_truncated(),
            access_key_metadata: page.items,
            marker: page.marker,
        })
    }
}
