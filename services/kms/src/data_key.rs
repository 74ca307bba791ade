//! `GenerateDataKey` and `GenerateDataKeyWithoutPlaintext`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use crate::access::Demand;
use crate::algorithm::EncryptionAlgorithm;
use crate::dry_run::dry_run;
use crate::encrypt::{check_symmetric, under};
use crate::encryption_context::EncryptionContext;
use crate::errors::ValidationException;
use crate::key::Key;
use crate::recipient::{Recipient, refuse_recipient};
use crate::{grant, key_id, material, quota};

/// Makes a key for use outside of KMS, plain and encrypted.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateDataKey {
    key_id: String,
    #[serde(default)]
    encryption_context: EncryptionContext,
    number_of_bytes: Option<usize>,
    key_spec: Option<String>,
    recipient: Option<Recipient>,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
}

/// The data key.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateDataKeyResponse {
    ciphertext_blob: Bytes,
    plaintext: Bytes,
    key_id: String,
    key_material_id: String,
}

/// Makes a key for use outside of KMS, encrypted only.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateDataKeyWithoutPlaintext {
    key_id: String,
    #[serde(default)]
    encryption_context: EncryptionContext,
    number_of_bytes: Option<usize>,
    key_spec: Option<String>,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
}

/// The data key.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateDataKeyWithoutPlaintextResponse {
    ciphertext_blob: Bytes,
    key_id: String,
    key_material_id: String,
}

/// Length of the data key in bytes: by its spec or as a number, but not both.
fn length(spec: Option<&str>, bytes: Option<usize>) -> Result<usize> {
    match (spec, bytes) {
        (Some("AES_128"), None) => Ok(16),
        (Some(_), None) => Ok(32),
        (None, Some(bytes)) => Ok(bytes),
        (None, None) => Err(ValidationException::because("Please specify either number of bytes or key spec.")),
        (Some(_), Some(_)) => {
            Err(ValidationException::because("Please specify either number of bytes or key spec, but not both."))
        }
    }
}

async fn access(cx: &mut Cx, operation: &'static str, key_id: &str, context: &EncryptionContext) -> Result<Access> {
    let target = key_id::find(cx, key_id).await?;
    let access = Demand::of(operation, &target).context(context).access(cx).await?;
    Ok(access.key("kms:EncryptionAlgorithm", EncryptionAlgorithm::SymmetricDefault.name()))
}

/// A fresh data key of `length` bytes, plain and encrypted.
async fn generate(cx: &mut Cx, key: &Key, context: &EncryptionContext, length: usize) -> Result<(Bytes, Bytes)> {
    let plain = material::draw(cx, length);
    let ciphertext = under(cx, key, context, &plain).await?;
    Ok((Bytes::copy_from_slice(&plain), ciphertext))
}

impl Operation for GenerateDataKey {
    const NAME: &'static str = "GenerateDataKey";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = GenerateDataKeyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, Self::NAME, &self.key_id, &self.encryption_context).await
    }

    fn limit(&self, cx: &Cx) -> Option<Limit> {
        Some(quota::symmetric(cx))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GenerateDataKeyResponse> {
        refuse_recipient(self.recipient.as_ref())?;
        let length = length(self.key_spec.as_deref(), self.number_of_bytes)?;
        let key = key_id::find(cx, &self.key_id).await?.key()?;
        check_symmetric(cx, &key, Self::NAME)?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        self.encryption_context.check()?;
        dry_run(self.dry_run)?;
        let (plaintext, ciphertext_blob) = generate(cx, &key, &self.encryption_context, length).await?;
        Ok(GenerateDataKeyResponse {
            ciphertext_blob,
            plaintext,
            key_id: key.arn().into(),
            key_material_id: key.current_material()?.to_owned(),
        })
    }
}

impl Operation for GenerateDataKeyWithoutPlaintext {
    const NAME: &'static str = "GenerateDataKeyWithoutPlaintext";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = GenerateDataKeyWithoutPlaintextResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, Self::NAME, &self.key_id, &self.encryption_context).await
    }

    fn limit(&self, cx: &Cx) -> Option<Limit> {
        Some(quota::symmetric(cx))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GenerateDataKeyWithoutPlaintextResponse> {
        let length = length(self.key_spec.as_deref(), self.number_of_bytes)?;
        let key = key_id::find(cx, &self.key_id).await?.key()?;
        check_symmetric(cx, &key, Self::NAME)?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        self.encryption_context.check()?;
        dry_run(self.dry_run)?;
        let (_, ciphertext_blob) = generate(cx, &key, &self.encryption_context, length).await?;
        Ok(GenerateDataKeyWithoutPlaintextResponse {
            ciphertext_blob,
            key_id: key.arn().into(),
            key_material_id: key.current_material()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_key_has_a_spec_or_a_length() {
        assert_eq!(length(Some("AES_128"), None).ok(), Some(16));
        assert_eq!(length(Some("AES_256"), None).ok(), Some(32));
        assert_eq!(length(None, Some(1024)).ok(), Some(1024));
        assert!(length(None, None).is_err_and(|e| e.is("ValidationException")));
        assert!(length(Some("AES_256"), Some(32)).is_err_and(|e| e.is("ValidationException")));
    }
}
