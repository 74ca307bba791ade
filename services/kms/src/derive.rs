//! `DeriveSharedSecret`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use crate::access::Demand;
use crate::algorithm::KeyAgreementAlgorithm;
use crate::asymmetric::ecc;
use crate::dry_run::dry_run;
use crate::errors::ValidationException;
use crate::key::Origin;
use crate::key::spec::KeyUsage;
use crate::recipient::{Recipient, refuse_recipient};
use crate::{grant, key_id, material, quota};

/// Derives the secret that a key pair has in common with a peer's.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeriveSharedSecret {
    key_id: String,
    key_agreement_algorithm: KeyAgreementAlgorithm,
    public_key: Bytes,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
    recipient: Option<Recipient>,
}

/// The secret.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeriveSharedSecretResponse {
    key_id: String,
    shared_secret: Bytes,
    key_agreement_algorithm: KeyAgreementAlgorithm,
    key_origin: Origin,
}

impl Operation for DeriveSharedSecret {
    const NAME: &'static str = "DeriveSharedSecret";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = DeriveSharedSecretResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find(cx, &self.key_id).await?;
        let access = Demand::of(Self::NAME, &target).access(cx).await?;
        Ok(access.key("kms:KeyAgreementAlgorithm", self.key_agreement_algorithm.name()))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::ecc())
    }

    async fn run(&self, cx: &mut Cx) -> Result<DeriveSharedSecretResponse> {
        refuse_recipient(self.recipient.as_ref())?;
        let key = key_id::find(cx, &self.key_id).await?.key()?;
        key.usable(cx.now())?;
        key.is_for(KeyUsage::KeyAgreement, Self::NAME)?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        let private = material::current(cx, &key).await?;
        let Some(secret) = ecc::agree(key.spec, &private, &self.public_key)? else {
            // UNVERIFIED: code and wording.
            return Err(ValidationException::because(format!(
                "PublicKey is not a DER-encoded X.509 public key of key spec {}.",
                key.spec.name()
            )));
        };
        dry_run(self.dry_run)?;
        Ok(DeriveSharedSecretResponse {
            key_id: key.arn().into(),
            shared_secret: Bytes::copy_from_slice(&secret),
            key_agreement_algorithm: self.key_agreement_algorithm,
            key_origin: key.origin,
        })
    }
}
