//! `Decrypt`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Place, Result};

use crate::access::Demand;
use crate::algorithm::EncryptionAlgorithm;
use crate::asymmetric::rsa;
use crate::ciphertext::Ciphertext;
use crate::dry_run::{DryRunModifier, dry_run, ignores_ciphertext};
use crate::encrypt::check;
use crate::encryption_context::EncryptionContext;
use crate::errors::{AccessDeniedException, IncorrectKeyException, InvalidCiphertextException, ValidationException};
use crate::key::Key;
use crate::key_id::{self, Target};
use crate::recipient::{Recipient, refuse_recipient};
use crate::secret::Secret;
use crate::{grant, material, multi_region, quota};

/// Decrypts what Encrypt, GenerateDataKey and ReEncrypt made, or what was encrypted by a public key.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Decrypt {
    ciphertext_blob: Option<Bytes>,
    #[serde(default)]
    encryption_context: EncryptionContext,
    key_id: Option<String>,
    #[serde(default)]
    encryption_algorithm: EncryptionAlgorithm,
    recipient: Option<Recipient>,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
    #[serde(default)]
    dry_run_modifiers: Vec<DryRunModifier>,
}

/// The plain text.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DecryptResponse {
    key_id: String,
    plaintext: Bytes,
    encryption_algorithm: EncryptionAlgorithm,
    key_material_id: Option<String>,
}

impl Operation for Decrypt {
    const NAME: &'static str = "Decrypt";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = DecryptResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = find(cx, self.key_id.as_deref(), self.ciphertext_blob.as_deref()).await?;
        let access = Demand::of("Decrypt", &target).context(&self.encryption_context).access(cx).await?;
        Ok(access.key("kms:EncryptionAlgorithm", self.encryption_algorithm.name()))
    }

    fn limit(&self, cx: &Cx) -> Option<Limit> {
        Some(quota::encryption(cx, self.encryption_algorithm))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DecryptResponse> {
        refuse_recipient(self.recipient.as_ref())?;
        let blob = self.ciphertext_blob.as_deref();
        let key = find(cx, self.key_id.as_deref(), blob).await?.key()?;
        check(cx, &key, Self::NAME, self.encryption_algorithm, &self.encryption_context)?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        if ignores_ciphertext(self.dry_run, &self.dry_run_modifiers, self.key_id.as_deref())? {
            dry_run(self.dry_run)?;
        }
        let (plain, key_material_id) =
            open(cx, &key, self.encryption_algorithm, needed(blob)?, &self.encryption_context).await?;
        dry_run(self.dry_run)?;
        Ok(DecryptResponse {
            key_id: key.arn().into(),
            plaintext: Bytes::copy_from_slice(&plain),
            encryption_algorithm: self.encryption_algorithm,
            key_material_id,
        })
    }
}

/// The ciphertext, which only some dry runs can do without.
pub(crate) fn needed(blob: Option<&[u8]>) -> Result<&[u8]> {
    blob.ok_or_else(|| {
        ValidationException::because(
            "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must \
             not be null",
        )
    })
}

/// The key to decrypt with: the one that is named, or the one that the ciphertext names.
///
/// # Errors
/// `InvalidCiphertextException`; `AccessDeniedException` when the ciphertext's key cannot be reached from here.
pub(crate) async fn find(cx: &mut Cx, key_id: Option<&str>, blob: Option<&[u8]>) -> Result<Target> {
    if let Some(key_id) = key_id {
        return key_id::find(cx, key_id).await;
    }
    let ciphertext = Ciphertext::parse(needed(blob)?)?;
    // Related keys open one another's ciphertexts: the one of this Region is meant.
    let place = Place { region: cx.region(), ..ciphertext.place };
    if ciphertext.place != place && !ciphertext.key_id.starts_with(multi_region::PREFIX) {
        return Err(AccessDeniedException.into());
    }
    match key_id::find_key(cx, place, ciphertext.key_id, None).await {
        Err(error) if error.is("NotFoundException") => Err(AccessDeniedException.into()),
        found => found,
    }
}

/// Opens a ciphertext of the key; returns the plain text and, for a symmetric key, the id of the material.
///
/// # Errors
/// `IncorrectKeyException`: it is another key's. `InvalidCiphertextException`: it is not authentic.
pub(crate) async fn open(
    cx: &mut Cx,
    key: &Key,
    algorithm: EncryptionAlgorithm,
    blob: &[u8],
    context: &EncryptionContext,
) -> Result<(Secret, Option<String>)> {
    if algorithm != EncryptionAlgorithm::SymmetricDefault {
        let private = material::current(cx, key).await?;
        let plain = rsa::decrypt(&private, algorithm, blob)?.ok_or(InvalidCiphertextException)?;
        return Ok((plain, None));
    }
    let ciphertext = Ciphertext::parse(blob)?;
    let place = Place { region: key.place.region, ..ciphertext.place };
    if place != key.place || ciphertext.key_id != key.id {
        return Err(IncorrectKeyException.into());
    }
    if ciphertext.place != place && key.multi_region.is_none() {
        return Err(IncorrectKeyException.into());
    }
    let material = material::open(cx, key.place, &key.id, &ciphertext.material_id).await?;
    let plain = ciphertext.decrypt(&material.ok_or(InvalidCiphertextException)?, context)?;
    Ok((plain, Some(ciphertext.material_id)))
}
