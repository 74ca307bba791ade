//! `GetPublicKey`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use crate::access::Demand;
use crate::algorithm::{EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, SigningAlgorithm};
use crate::errors::UnsupportedOperationException;
use crate::key::metadata::Algorithms;
use crate::key::spec::{KeySpec, KeyUsage};
use crate::{grant, key_id, quota};

/// Shows the public key of a pair.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPublicKey {
    key_id: String,
    #[serde(default)]
    grant_tokens: Vec<String>,
}

/// The public key, and what it may be used for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPublicKeyResponse {
    key_id: String,
    public_key: Bytes,
    customer_master_key_spec: String,
    key_spec: KeySpec,
    key_usage: KeyUsage,
    encryption_algorithms: Option<Vec<EncryptionAlgorithm>>,
    signing_algorithms: Option<Vec<SigningAlgorithm>>,
    key_agreement_algorithms: Option<Vec<KeyAgreementAlgorithm>>,
    encapsulation_algorithms: Option<Vec<EncapsulationAlgorithm>>,
}

impl Operation for GetPublicKey {
    const NAME: &'static str = "GetPublicKey";
    type Output = GetPublicKeyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find(cx, &self.key_id).await?;
        Demand::of(Self::NAME, &target).access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms GetPublicKey", 2000))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetPublicKeyResponse> {
        let key = key_id::find(cx, &self.key_id).await?.key()?;
        if !key.spec.is_asymmetric() {
            // UNVERIFIED: the wording.
            return Err(UnsupportedOperationException::because(format!(
                "{} key spec is {} which is not valid for this operation.",
                key.arn(),
                key.spec.name()
            )));
        }
        key.usable(cx.now())?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        let algorithms = Algorithms::of(&key);
        Ok(GetPublicKeyResponse {
            key_id: key.arn().into(),
            public_key: key.public()?.clone(),
            customer_master_key_spec: key.spec.name().to_owned(),
            key_spec: key.spec,
            key_usage: key.usage(),
            encryption_algorithms: algorithms.encryption,
            signing_algorithms: algorithms.signing,
            key_agreement_algorithms: algorithms.key_agreement,
            encapsulation_algorithms: algorithms.encapsulation,
        })
    }
}
