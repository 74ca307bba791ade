//! `Encapsulate` and `Decapsulate`: ML-KEM keys.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/mlkem.html>

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use crate::access::Demand;
use crate::algorithm::EncapsulationAlgorithm;
use crate::asymmetric::ml_kem;
use crate::dry_run::dry_run;
use crate::errors::InvalidCiphertextException;
use crate::key::Key;
use crate::key::spec::KeyUsage;
use crate::{grant, key_id, material, quota};

/// Draws a secret and encapsulates it for the owner of a key pair.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Encapsulate.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Encapsulate {
    key_id: String,
    encapsulation_algorithm: EncapsulationAlgorithm,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
}

/// The secret, plain and encapsulated.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EncapsulateResponse {
    key_id: String,
    shared_secret: Bytes,
    shared_secret_ciphertext_blob: Bytes,
    encapsulation_algorithm: EncapsulationAlgorithm,
}

/// Recovers a secret that was encapsulated for a key pair.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Decapsulate.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Decapsulate {
    key_id: String,
    shared_secret_ciphertext_blob: Bytes,
    encapsulation_algorithm: EncapsulationAlgorithm,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
}

/// The secret.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DecapsulateResponse {
    key_id: String,
    shared_secret: Bytes,
    encapsulation_algorithm: EncapsulationAlgorithm,
}

async fn access(cx: &mut Cx, operation: &'static str, key_id: &str) -> Result<Access> {
    let target = key_id::find(cx, key_id).await?;
    Demand::of(operation, &target).access(cx).await
}

async fn usable(cx: &mut Cx, operation: &str, key_id: &str) -> Result<Key> {
    let key = key_id::find(cx, key_id).await?.key()?;
    key.usable(cx.now())?;
    key.is_for(KeyUsage::EncapsulateDecapsulate, operation)?;
    Ok(key)
}

impl Operation for Encapsulate {
    const NAME: &'static str = "Encapsulate";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = EncapsulateResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, Self::NAME, &self.key_id).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::ml_kem())
    }

    async fn run(&self, cx: &mut Cx) -> Result<EncapsulateResponse> {
        let key = usable(cx, Self::NAME, &self.key_id).await?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        dry_run(self.dry_run)?;
        let (ciphertext, secret) = ml_kem::encapsulate(key.spec, key.public()?)?;
        Ok(EncapsulateResponse {
            key_id: key.arn().into(),
            shared_secret: Bytes::copy_from_slice(&secret),
            shared_secret_ciphertext_blob: ciphertext.into(),
            encapsulation_algorithm: self.encapsulation_algorithm,
        })
    }
}

impl Operation for Decapsulate {
    const NAME: &'static str = "Decapsulate";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = DecapsulateResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, Self::NAME, &self.key_id).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::ml_kem())
    }

    async fn run(&self, cx: &mut Cx) -> Result<DecapsulateResponse> {
        let key = usable(cx, Self::NAME, &self.key_id).await?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        let private = material::current(cx, &key).await?;
        let secret = ml_kem::decapsulate(key.spec, &private, &self.shared_secret_ciphertext_blob)?;
        let secret = secret.ok_or(InvalidCiphertextException)?;
        dry_run(self.dry_run)?;
        Ok(DecapsulateResponse {
            key_id: key.arn().into(),
            shared_secret: Bytes::copy_from_slice(&secret),
            encapsulation_algorithm: self.encapsulation_algorithm,
        })
    }
}
