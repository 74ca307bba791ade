//! `Sign` and `Verify`.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/symmetric-asymmetric.html>

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use crate::access::Demand;
use crate::algorithm::SigningAlgorithm;
use crate::asymmetric;
use crate::dry_run::dry_run;
use crate::errors::KMSInvalidSignatureException;
use crate::key::Key;
use crate::key::spec::KeyUsage;
use crate::message::MessageType;
use crate::{grant, key_id, material, quota};

/// Signs a message, or its hash, by a private key.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Sign {
    key_id: String,
    message: Bytes,
    #[serde(default)]
    message_type: MessageType,
    signing_algorithm: SigningAlgorithm,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
}

/// The signature.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SignResponse {
    key_id: String,
    signature: Bytes,
    signing_algorithm: SigningAlgorithm,
}

/// Checks a signature by the public key of a pair.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Verify {
    key_id: String,
    message: Bytes,
    #[serde(default)]
    message_type: MessageType,
    signature: Bytes,
    signing_algorithm: SigningAlgorithm,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
}

/// It is valid; one that is not is an error.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VerifyResponse {
    key_id: String,
    signature_valid: bool,
    signing_algorithm: SigningAlgorithm,
}

async fn access(
    cx: &mut Cx,
    operation: &'static str,
    key_id: &str,
    algorithm: SigningAlgorithm,
    message_type: MessageType,
) -> Result<Access> {
    let target = key_id::find(cx, key_id).await?;
    let access = Demand::of(operation, &target).access(cx).await?;
    Ok(access.key("kms:SigningAlgorithm", algorithm.name()).key("kms:MessageType", message_type.name()))
}

/// The key, once it is known to be usable with `algorithm`.
async fn usable(cx: &mut Cx, operation: &str, key_id: &str, algorithm: SigningAlgorithm) -> Result<Key> {
    let key = key_id::find(cx, key_id).await?.key()?;
    key.usable(cx.now())?;
    key.is_for(KeyUsage::SignVerify, operation)?;
    if !key.spec.signing_algorithms().contains(&algorithm) {
        return Err(key.wrong_algorithm(algorithm.name()));
    }
    Ok(key)
}

impl Operation for Sign {
    const NAME: &'static str = "Sign";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = SignResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, Self::NAME, &self.key_id, self.signing_algorithm, self.message_type).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::signing(self.signing_algorithm))
    }

    async fn run(&self, cx: &mut Cx) -> Result<SignResponse> {
        let key = usable(cx, Self::NAME, &self.key_id, self.signing_algorithm).await?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        let message = self.message_type.read(&self.message, &key, self.signing_algorithm)?;
        dry_run(self.dry_run)?;
        let private = material::current(cx, &key).await?;
        Ok(SignResponse {
            key_id: key.arn().into(),
            signature: asymmetric::sign(key.spec, &private, self.signing_algorithm, message)?.into(),
            signing_algorithm: self.signing_algorithm,
        })
    }
}

impl Operation for Verify {
    const NAME: &'static str = "Verify";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = VerifyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, Self::NAME, &self.key_id, self.signing_algorithm, self.message_type).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::signing(self.signing_algorithm))
    }

    async fn run(&self, cx: &mut Cx) -> Result<VerifyResponse> {
        let key = usable(cx, Self::NAME, &self.key_id, self.signing_algorithm).await?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        let message = self.message_type.read(&self.message, &key, self.signing_algorithm)?;
        if !asymmetric::verify(key.spec, key.public()?, self.signing_algorithm, message, &self.signature)? {
            return Err(KMSInvalidSignatureException.into());
        }
        dry_run(self.dry_run)?;
        Ok(VerifyResponse {
            key_id: key.arn().into(),
            signature_valid: true,
            signing_algorithm: self.signing_algorithm,
        })
    }
}
