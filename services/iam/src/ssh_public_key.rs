//! Public keys with which users reach CodeCommit by SSH:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_ssh-keys.html>.

mod encoding;
mod operations;

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Page, Place, Resource, Result, Scope, Timestamp};

use crate::errors::NoSuchEntityException;
use crate::status::Status;
use encoding::RsaPublicKey;

pub(crate) use operations::{
    DeleteSSHPublicKey, GetSSHPublicKey, ListSSHPublicKeys, UpdateSSHPublicKey, UploadSSHPublicKey,
};

/// A public key of a user's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SshPublicKey {
    /// Unique id of the user.
    holder: String,
    id: String,
    /// As it was sent.
    body: String,
    status: Status,
    uploaded: Timestamp,
}

impl Resource for SshPublicKey {
    const KIND: &'static str = "iam/ssh-public-key";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.holder, &self.id).into_key()
    }
}

/// The keys of a user.
pub(crate) async fn of(cx: &mut Cx, place: Place, holder: &str) -> Result<Vec<SshPublicKey>> {
    cx.list::<SshPublicKey>(place, (holder,), Page::ALL).await
}

async fn known(cx: &mut Cx, holder: &str, id: &str) -> Result<SshPublicKey> {
    let missing = || NoSuchEntityException::because(format!("The Public Key with id {id} cannot be found."));
    cx.get::<SshPublicKey>(cx.here(), (holder, id)).await?.ok_or_else(missing)
}

/// MD5 of the key as SSH sends it, in hexadecimal digits with colons between the bytes.
fn fingerprint(key: &RsaPublicKey) -> String {
    let digits: Vec<String> = Md5::digest(key.blob()).iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(":")
}
