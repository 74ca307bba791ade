//! `ReEncrypt`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use crate::access::Demand;
use crate::algorithm::EncryptionAlgorithm;
use crate::dry_run::{DryRunModifier, dry_run, ignores_ciphertext};
use crate::encrypt::{check, encrypt};
use crate::encryption_context::EncryptionContext;
use crate::key::spec::KeySpec;
use crate::{decrypt, grant, key_id, quota};

/// Decrypts and encrypts under another key or context, without showing the plain text.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReEncrypt {
    ciphertext_blob: Option<Bytes>,
    #[serde(default)]
    source_encryption_context: EncryptionContext,
    source_key_id: Option<String>,
    destination_key_id: String,
    #[serde(default)]
    destination_encryption_context: EncryptionContext,
    #[serde(default)]
    source_encryption_algorithm: EncryptionAlgorithm,
    #[serde(default)]
    destination_encryption_algorithm: EncryptionAlgorithm,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
    #[serde(default)]
    dry_run_modifiers: Vec<DryRunModifier>,
}

/// The new ciphertext.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReEncryptResponse {
    ciphertext_blob: Bytes,
    source_key_id: String,
    key_id: String,
    source_encryption_algorithm: EncryptionAlgorithm,
    destination_encryption_algorithm: EncryptionAlgorithm,
    source_key_material_id: Option<String>,
    destination_key_material_id: Option<String>,
}

impl Operation for ReEncrypt {
    const NAME: &'static str = "ReEncrypt";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = ReEncryptResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let source = decrypt::find(cx, self.source_key_id.as_deref(), self.ciphertext_blob.as_deref()).await?;
        let destination = key_id::find(cx, &self.destination_key_id).await?;
        let same = (source.arn == destination.arn).to_string();
        let from = Demand::of("ReEncryptFrom", &source).context(&self.source_encryption_context).access(cx).await?;
        let to = Demand::of("ReEncryptTo", &destination).context(&self.destination_encryption_context);
        let to = to.access(cx).await?;
        let from = from
            .key("kms:ReEncryptOnSameKey", &same)
            .key("kms:EncryptionAlgorithm", self.source_encryption_algorithm.name());
        let to = to
            .key("kms:ReEncryptOnSameKey", same)
            .key("kms:EncryptionAlgorithm", self.destination_encryption_algorithm.name());
        Ok(from.and(to))
    }

    fn limit(&self, cx: &Cx) -> Option<Limit> {
        // UNVERIFIED: which quota a change from RSA to a symmetric key counts against.
        Some(quota::encryption(cx, self.source_encryption_algorithm))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ReEncryptResponse> {
        let blob = self.ciphertext_blob.as_deref();
        let source = decrypt::find(cx, self.source_key_id.as_deref(), blob).await?.key()?;
        let destination = key_id::find(cx, &self.destination_key_id).await?.key()?;
        check(cx, &source, Self::NAME, self.source_encryption_algorithm, &self.source_encryption_context)?;
        let (algorithm, context) = (self.destination_encryption_algorithm, &self.destination_encryption_context);
        check(cx, &destination, Self::NAME, algorithm, context)?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        if ignores_ciphertext(self.dry_run, &self.dry_run_modifiers, self.source_key_id.as_deref())? {
            dry_run(self.dry_run)?;
        }
        let from = self.source_encryption_algorithm;
        let (plain, source_key_material_id) =
            decrypt::open(cx, &source, from, decrypt::needed(blob)?, &self.source_encryption_context).await?;
        let ciphertext_blob = encrypt(cx, &destination, algorithm, context, &plain).await?;
        dry_run(self.dry_run)?;
        Ok(ReEncryptResponse {
            ciphertext_blob,
            source_key_id: source.arn().into(),
            key_id: destination.arn().into(),
            source_encryption_algorithm: from,
            destination_encryption_algorithm: algorithm,
            source_key_material_id,
            destination_key_material_id: destination.material.filter(|_| destination.spec == KeySpec::SymmetricDefault),
        })
    }
}
