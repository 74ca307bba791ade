//! `GenerateMac` and `VerifyMac`: HMAC keys.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/hmac.html>

use aws_lc_rs::hmac;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use crate::access::Demand;
use crate::algorithm::MacAlgorithm;
use crate::dry_run::dry_run;
use crate::errors::KMSInvalidMacException;
use crate::key::Key;
use crate::key::spec::KeyUsage;
use crate::{grant, key_id, material, quota};

/// Makes the HMAC of a message. <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateMac {
    key_id: String,
    message: Bytes,
    mac_algorithm: MacAlgorithm,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
}

/// The HMAC.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateMacResponse {
    mac: Bytes,
    mac_algorithm: MacAlgorithm,
    key_id: String,
}

/// Checks the HMAC of a message. <https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VerifyMac {
    key_id: String,
    message: Bytes,
    mac_algorithm: MacAlgorithm,
    mac: Bytes,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
}

/// It is valid; one that is not is an error.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VerifyMacResponse {
    key_id: String,
    mac_valid: bool,
    mac_algorithm: MacAlgorithm,
}

async fn access(cx: &mut Cx, operation: &'static str, key_id: &str, algorithm: MacAlgorithm) -> Result<Access> {
    let target = key_id::find(cx, key_id).await?;
    let access = Demand::of(operation, &target).access(cx).await?;
    Ok(access.key("kms:MacAlgorithm", algorithm.name()))
}

/// The key, once it is known to be usable with `algorithm`.
async fn usable(cx: &mut Cx, operation: &str, key_id: &str, algorithm: MacAlgorithm) -> Result<(Key, hmac::Key)> {
    let key = key_id::find(cx, key_id).await?.key()?;
    key.usable(cx.now())?;
    key.is_for(KeyUsage::GenerateVerifyMac, operation)?;
    if !key.spec.mac_algorithms().contains(&algorithm) {
        return Err(key.wrong_algorithm(algorithm.name()));
    }
    let material = material::current(cx, &key).await?;
    let mac_key = hmac::Key::new(hash(algorithm), &material);
    Ok((key, mac_key))
}

fn hash(algorithm: MacAlgorithm) -> hmac::Algorithm {
    match algorithm {
        MacAlgorithm::HmacSha224 => hmac::HMAC_SHA224,
        MacAlgorithm::HmacSha256 => hmac::HMAC_SHA256,
        MacAlgorithm::HmacSha384 => hmac::HMAC_SHA384,
        MacAlgorithm::HmacSha512 => hmac::HMAC_SHA512,
    }
}

impl Operation for GenerateMac {
    const NAME: &'static str = "GenerateMac";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = GenerateMacResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, Self::NAME, &self.key_id, self.mac_algorithm).await
    }

    fn limit(&self, cx: &Cx) -> Option<Limit> {
        Some(quota::symmetric(cx))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GenerateMacResponse> {
        let (key, mac_key) = usable(cx, Self::NAME, &self.key_id, self.mac_algorithm).await?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        dry_run(self.dry_run)?;
        Ok(GenerateMacResponse {
            mac: Bytes::copy_from_slice(hmac::sign(&mac_key, &self.message).as_ref()),
            mac_algorithm: self.mac_algorithm,
            key_id: key.arn().into(),
        })
    }
}

impl Operation for VerifyMac {
    const NAME: &'static str = "VerifyMac";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = VerifyMacResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, Self::NAME, &self.key_id, self.mac_algorithm).await
    }

    fn limit(&self, cx: &Cx) -> Option<Limit> {
        Some(quota::symmetric(cx))
    }

    async fn run(&self, cx: &mut Cx) -> Result<VerifyMacResponse> {
        let (key, mac_key) = usable(cx, Self::NAME, &self.key_id, self.mac_algorithm).await?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        // Compares in constant time.
        hmac::verify(&mac_key, &self.message, &self.mac).map_err(|_| KMSInvalidMacException)?;
        dry_run(self.dry_run)?;
        Ok(VerifyMacResponse { key_id: key.arn().into(), mac_valid: true, mac_algorithm: self.mac_algorithm })
    }
}
