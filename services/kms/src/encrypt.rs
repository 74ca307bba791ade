//! `Encrypt`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use crate::access::Demand;
use crate::algorithm::EncryptionAlgorithm;
use crate::asymmetric::rsa;
use crate::ciphertext::{self, Under};
use crate::dry_run::dry_run;
use crate::encryption_context::EncryptionContext;
use crate::errors::ValidationException;
use crate::key::Key;
use crate::key::spec::{KeySpec, KeyUsage};
use crate::{grant, key_id, material, quota};

/// Encrypts up to 4 KB. <https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Encrypt {
    key_id: String,
    plaintext: Bytes,
    #[serde(default)]
    encryption_context: EncryptionContext,
    #[serde(default)]
    encryption_algorithm: EncryptionAlgorithm,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
}

/// The ciphertext.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EncryptResponse {
    ciphertext_blob: Bytes,
    key_id: String,
    encryption_algorithm: EncryptionAlgorithm,
}

impl Operation for Encrypt {
    const NAME: &'static str = "Encrypt";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = EncryptResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find(cx, &self.key_id).await?;
        let access = Demand::of("Encrypt", &target).context(&self.encryption_context).access(cx).await?;
        Ok(access.key("kms:EncryptionAlgorithm", self.encryption_algorithm.name()))
    }

    fn limit(&self, cx: &Cx) -> Option<Limit> {
        Some(quota::encryption(cx, self.encryption_algorithm))
    }

    async fn run(&self, cx: &mut Cx) -> Result<EncryptResponse> {
        let key = key_id::find(cx, &self.key_id).await?.key()?;
        check(cx, &key, Self::NAME, self.encryption_algorithm, &self.encryption_context)?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        let ciphertext =
            encrypt(cx, &key, self.encryption_algorithm, &self.encryption_context, &self.plaintext).await?;
        dry_run(self.dry_run)?;
        Ok(EncryptResponse {
            ciphertext_blob: ciphertext,
            key_id: key.arn().into(),
            encryption_algorithm: self.encryption_algorithm,
        })
    }
}

/// Refuses a key that cannot encrypt and decrypt now, in this way, with this context.
pub(crate) fn check(
    cx: &Cx,
    key: &Key,
    operation: &str,
    algorithm: EncryptionAlgorithm,
    context: &EncryptionContext,
) -> Result<()> {
    key.usable(cx.now())?;
    key.is_for(KeyUsage::EncryptDecrypt, operation)?;
    if !key.spec.encryption_algorithms().contains(&algorithm) {
        return Err(key.wrong_algorithm(algorithm.name()));
    }
    if key.spec.is_asymmetric() && !context.0.is_empty() {
        // UNVERIFIED: code and wording.
        return Err(ValidationException::because("An encryption context cannot be used with an asymmetric KMS key."));
    }
    context.check()
}

/// Refuses a key that is not a symmetric one for encryption.
pub(crate) fn check_symmetric(cx: &Cx, key: &Key, operation: &str) -> Result<()> {
    key.usable(cx.now())?;
    match key.spec {
        KeySpec::SymmetricDefault => Ok(()),
        _ if key.usage() != KeyUsage::EncryptDecrypt => Err(key.wrong_usage(operation)),
        // UNVERIFIED: the wording.
        _ => Err(key.wrong_algorithm(EncryptionAlgorithm::SymmetricDefault.name())),
    }
}

/// Encrypts `plain` by the key, which [`check`] has let pass.
///
/// # Errors
/// `ValidationException`: it is longer than the key can encrypt.
pub(crate) async fn encrypt(
    cx: &mut Cx,
    key: &Key,
    algorithm: EncryptionAlgorithm,
    context: &EncryptionContext,
    plain: &[u8],
) -> Result<Bytes> {
    if algorithm == EncryptionAlgorithm::SymmetricDefault {
        return under(cx, key, context, plain).await;
    }
    match rsa::encrypt(key.public()?, algorithm, plain)? {
        Ok(ciphertext) => Ok(ciphertext.into()),
        // UNVERIFIED: the wording.
        Err(most) => Err(ValidationException::because(format!(
            "Algorithm {} and key spec {} cannot encrypt data larger than {most} bytes.",
            algorithm.name(),
            key.spec.name()
        ))),
    }
}

/// Encrypts `plain` under the current material of a symmetric key.
pub(crate) async fn under(cx: &mut Cx, key: &Key, context: &EncryptionContext, plain: &[u8]) -> Result<Bytes> {
    let material = material::current(cx, key).await?;
    let under = Under { place: key.place, key_id: &key.id, material_id: key.current_material()?, material: &material };
    Ok(ciphertext::encrypt(under, context, plain, cx.chance())?.into())
}
