//! `Encrypt`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use crate::access::Demand;
use crate::ciphertext::{self, Under};
use crate::encryption_context::EncryptionContext;
use crate::errors::{DryRunOperationException, InvalidKeyUsageException};
use crate::key::Key;
use crate::key::metadata::SYMMETRIC_DEFAULT;
use crate::{grant, key_id, material, quota};

/// Encrypts up to 4 KB. <https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Encrypt {
    key_id: String,
    plaintext: Bytes,
    #[serde(default)]
    encryption_context: EncryptionContext,
    encryption_algorithm: Option<String>,
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
    encryption_algorithm: String,
}

impl Operation for Encrypt {
    const NAME: &'static str = "Encrypt";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = EncryptResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find(cx, &self.key_id).await?;
        let access = Demand::of("Encrypt", &target).context(&self.encryption_context).access(cx).await?;
        Ok(access.key("kms:EncryptionAlgorithm", algorithm(self.encryption_algorithm.as_deref())))
    }

    fn limit(&self, cx: &Cx) -> Option<Limit> {
        Some(quota::symmetric(cx))
    }

    async fn run(&self, cx: &mut Cx) -> Result<EncryptResponse> {
        let key = key_id::find(cx, &self.key_id).await?.key()?;
        key.can_encrypt(Self::NAME)?;
        check_algorithm(&key, self.encryption_algorithm.as_deref())?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        self.encryption_context.check()?;
        dry_run(self.dry_run)?;
        Ok(EncryptResponse {
            ciphertext_blob: under(cx, &key, &self.encryption_context, &self.plaintext).await?,
            key_id: key.arn().into(),
            encryption_algorithm: SYMMETRIC_DEFAULT.to_owned(),
        })
    }
}

/// Encrypts `plain` under the key's current material.
pub(crate) async fn under(cx: &mut Cx, key: &Key, context: &EncryptionContext, plain: &[u8]) -> Result<Bytes> {
    let material = material::current(cx, key).await?;
    let under = Under { place: key.place, key_id: &key.id, material_id: &key.material, material: &material };
    Ok(ciphertext::encrypt(under, context, plain, cx.chance())?.into())
}

/// The algorithm that a request means.
pub(crate) fn algorithm(requested: Option<&str>) -> &str {
    requested.unwrap_or(SYMMETRIC_DEFAULT)
}

/// Refuses an algorithm that the key does not have.
pub(crate) fn check_algorithm(key: &Key, requested: Option<&str>) -> Result<()> {
    if algorithm(requested) == SYMMETRIC_DEFAULT {
        return Ok(());
    }
    // UNVERIFIED: the wording.
    Err(InvalidKeyUsageException::because(format!(
        "Algorithm {} and key spec {} are incompatible.",
        algorithm(requested),
        key.spec.name()
    )))
}

/// Ends a dry run of a call that would have succeeded.
pub(crate) fn dry_run(requested: Option<bool>) -> Result<()> {
    if requested == Some(true) { Err(DryRunOperationException.into()) } else { Ok(()) }
}
