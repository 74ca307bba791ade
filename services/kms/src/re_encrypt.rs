//! `ReEncrypt`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use crate::access::Demand;
use crate::encrypt::{algorithm, check_algorithm, dry_run, under};
use crate::encryption_context::EncryptionContext;
use crate::key::metadata::SYMMETRIC_DEFAULT;
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
    source_encryption_algorithm: Option<String>,
    destination_encryption_algorithm: Option<String>,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
}

/// The new ciphertext.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReEncryptResponse {
    ciphertext_blob: Bytes,
    source_key_id: String,
    key_id: String,
    source_encryption_algorithm: String,
    destination_encryption_algorithm: String,
    source_key_material_id: String,
    destination_key_material_id: String,
}

impl ReEncrypt {
    fn blob(&self) -> &[u8] {
        self.ciphertext_blob.as_deref().unwrap_or_default()
    }
}

impl Operation for ReEncrypt {
    const NAME: &'static str = "ReEncrypt";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = ReEncryptResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let source = decrypt::find(cx, self.source_key_id.as_deref(), self.blob()).await?;
        let destination = key_id::find(cx, &self.destination_key_id).await?;
        let same = (source.arn == destination.arn).to_string();
        let from = Demand::of("ReEncryptFrom", &source).context(&self.source_encryption_context).access(cx).await?;
        let to = Demand::of("ReEncryptTo", &destination).context(&self.destination_encryption_context);
        let to = to.access(cx).await?;
        let from = from
            .key("kms:ReEncryptOnSameKey", &same)
            .key("kms:EncryptionAlgorithm", algorithm(self.source_encryption_algorithm.as_deref()));
        let to = to
            .key("kms:ReEncryptOnSameKey", same)
            .key("kms:EncryptionAlgorithm", algorithm(self.destination_encryption_algorithm.as_deref()));
        Ok(from.and(to))
    }

    fn limit(&self, cx: &Cx) -> Option<Limit> {
        Some(quota::symmetric(cx))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ReEncryptResponse> {
        let source = decrypt::find(cx, self.source_key_id.as_deref(), self.blob()).await?.key()?;
        let destination = key_id::find(cx, &self.destination_key_id).await?.key()?;
        source.can_encrypt(Self::NAME)?;
        destination.can_encrypt(Self::NAME)?;
        check_algorithm(&source, self.source_encryption_algorithm.as_deref())?;
        check_algorithm(&destination, self.destination_encryption_algorithm.as_deref())?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        self.destination_encryption_context.check()?;
        let (plain, source_key_material_id) =
            decrypt::open(cx, &source, self.blob(), &self.source_encryption_context).await?;
        dry_run(self.dry_run)?;
        Ok(ReEncryptResponse {
            ciphertext_blob: under(cx, &destination, &self.destination_encryption_context, &plain).await?,
            source_key_id: source.arn().into(),
            key_id: destination.arn().into(),
            source_encryption_algorithm: SYMMETRIC_DEFAULT.to_owned(),
            destination_encryption_algorithm: SYMMETRIC_DEFAULT.to_owned(),
            source_key_material_id,
            destination_key_material_id: destination.material,
        })
    }
}
