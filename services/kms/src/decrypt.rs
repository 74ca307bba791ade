//! `Decrypt`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use crate::access::Demand;
use crate::ciphertext::Ciphertext;
use crate::encrypt::{algorithm, check_algorithm, dry_run};
use crate::encryption_context::EncryptionContext;
use crate::errors::{AccessDeniedException, IncorrectKeyException, InvalidCiphertextException, NotImplemented};
use crate::key::Key;
use crate::key::metadata::SYMMETRIC_DEFAULT;
use crate::key_id::{self, Target};
use crate::{grant, material, quota};

/// Decrypts what Encrypt, GenerateDataKey and ReEncrypt made.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Decrypt {
    ciphertext_blob: Option<Bytes>,
    #[serde(default)]
    encryption_context: EncryptionContext,
    key_id: Option<String>,
    encryption_algorithm: Option<String>,
    recipient: Option<Recipient>,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
}

/// An enclave that is to get the answer: not implemented, refused by name.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Recipient {}

/// The plain text.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DecryptResponse {
    key_id: String,
    plaintext: Bytes,
    encryption_algorithm: String,
    key_material_id: String,
}

impl Decrypt {
    fn blob(&self) -> &[u8] {
        self.ciphertext_blob.as_deref().unwrap_or_default()
    }
}

impl Operation for Decrypt {
    const NAME: &'static str = "Decrypt";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = DecryptResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = find(cx, self.key_id.as_deref(), self.blob()).await?;
        let access = Demand::of("Decrypt", &target).context(&self.encryption_context).access(cx).await?;
        Ok(access.key("kms:EncryptionAlgorithm", algorithm(self.encryption_algorithm.as_deref())))
    }

    fn limit(&self, cx: &Cx) -> Option<Limit> {
        Some(quota::symmetric(cx))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DecryptResponse> {
        refuse_recipient(self.recipient.as_ref())?;
        let key = find(cx, self.key_id.as_deref(), self.blob()).await?.key()?;
        key.can_encrypt(Self::NAME)?;
        check_algorithm(&key, self.encryption_algorithm.as_deref())?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        let (plain, key_material_id) = open(cx, &key, self.blob(), &self.encryption_context).await?;
        dry_run(self.dry_run)?;
        Ok(DecryptResponse {
            key_id: key.arn().into(),
            plaintext: plain.into(),
            encryption_algorithm: SYMMETRIC_DEFAULT.to_owned(),
            key_material_id,
        })
    }
}

/// The key to decrypt with: the one that is named, or the one that the ciphertext names.
///
/// # Errors
/// `InvalidCiphertextException`; `AccessDeniedException` when the ciphertext's key cannot be reached from here.
pub(crate) async fn find(cx: &mut Cx, key_id: Option<&str>, blob: &[u8]) -> Result<Target> {
    if let Some(key_id) = key_id {
        return key_id::find(cx, key_id).await;
    }
    let ciphertext = Ciphertext::parse(blob)?;
    if ciphertext.place.region != cx.region() {
        return Err(AccessDeniedException.into());
    }
    match key_id::find_key(cx, ciphertext.place, ciphertext.key_id, None).await {
        Err(error) if error.is("NotFoundException") => Err(AccessDeniedException.into()),
        found => found,
    }
}

/// Opens a ciphertext of the key; returns the plain text and the id of the material.
///
/// # Errors
/// `IncorrectKeyException`: it is another key's. `InvalidCiphertextException`: it is not authentic.
pub(crate) async fn open(
    cx: &mut Cx,
    key: &Key,
    blob: &[u8],
    context: &EncryptionContext,
) -> Result<(Vec<u8>, String)> {
    let ciphertext = Ciphertext::parse(blob)?;
    if ciphertext.place != key.place || ciphertext.key_id != key.id {
        return Err(IncorrectKeyException.into());
    }
    let material = material::open(cx, key.place, &key.id, &ciphertext.material_id).await?;
    let plain = ciphertext.decrypt(&material.ok_or(InvalidCiphertextException)?, context)?;
    Ok((plain, ciphertext.material_id))
}

/// Refuses answers that are encrypted for an enclave.
pub(crate) fn refuse_recipient(recipient: Option<&Recipient>) -> Result<()> {
    match recipient {
        None => Ok(()),
        Some(Recipient {}) => {
            Err(NotImplemented::because("Welkin does not implement Recipient (AWS Nitro Enclaves) of KMS yet."))
        }
    }
}
