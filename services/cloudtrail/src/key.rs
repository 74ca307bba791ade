//! KMS keys of trails and event data stores, as CloudTrail's own principal reaches them: real calls, which the key
//! policy must permit to `cloudtrail.amazonaws.com`.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html>

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Answered, Arn, Call, Cx, Error, Place, Result};

use crate::errors::{
    InsufficientEncryptionPolicyException, InvalidKmsKeyIdException, KmsException, KmsKeyNotFoundException,
};
use crate::organization::PRINCIPAL;

/// What is to be encrypted: a trail or an event data store.
pub(crate) struct Encrypted {
    /// Its ARN.
    pub(crate) arn: Arn,
    /// Its account and home Region.
    pub(crate) place: Place,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeKey<'a> {
    key_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeKeyResponse {
    key_metadata: KeyMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyMetadata {
    arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDataKey<'a> {
    key_id: &'a str,
    key_spec: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataKey {
    ciphertext_blob: Bytes,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypt<'a> {
    key_id: &'a str,
    ciphertext_blob: Bytes,
}

impl Encrypted {
    /// The ARN of the key that a request names. An id or the name of an alias is looked up at home; an ARN leads to
    /// its own account and Region.
    ///
    /// # Errors
    /// `InvalidKmsKeyIdException`, `KmsKeyNotFoundException`, `InsufficientEncryptionPolicyException`.
    pub(crate) async fn key(&self, cx: &mut Cx, key_id: &str) -> Result<String> {
        let place = match key_id.strip_prefix("arn:") {
            None => self.place,
            Some(_) => {
                let arn: Option<Arn> = key_id.parse().ok();
                let region = arn.filter(|arn| arn.service() == "kms").and_then(|arn| arn.region());
                Place::new(self.place.account, region.ok_or_else(|| invalid(key_id))?)
            }
        };
        let call = Call::to("kms", "DescribeKey").input(&DescribeKey { key_id });
        let described: DescribeKeyResponse = self.call(cx, call, place, key_id).await?.output()?;
        Ok(described.key_metadata.arn)
    }

    /// Makes sure that CloudTrail can encrypt and decrypt with the key, whose ARN it is.
    ///
    /// # Errors
    /// `InsufficientEncryptionPolicyException`, `KmsException`.
    pub(crate) async fn try_out(&self, cx: &mut Cx, key: &str) -> Result<()> {
        let generate = GenerateDataKey { key_id: key, key_spec: "AES_256" };
        let call = Call::to("kms", "GenerateDataKey").input(&generate);
        let made: DataKey = self.call(cx, call, self.place, key).await?.output()?;
        let decrypt = Decrypt { key_id: key, ciphertext_blob: made.ciphertext_blob };
        self.call(cx, Call::to("kms", "Decrypt").input(&decrypt), self.place, key).await.map(drop)
    }

    /// Makes sure that the caller can encrypt and decrypt with the key, whose ARN it is: who queries an encrypted event data
    /// store needs `kms:GenerateDataKey` and `kms:Decrypt`.
    ///
    /// # Errors
    /// `InsufficientEncryptionPolicyException`, `KmsException`.
    pub(crate) async fn try_out_as_caller(&self, cx: &mut Cx, key: &str) -> Result<()> {
        let told = |error| told(error, key, &format!("KMS key {key}"));
        let generate = GenerateDataKey { key_id: key, key_spec: "AES_256" };
        let call = Call::to("kms", "GenerateDataKey").input(&generate).at(self.place);
        let made: DataKey = cx.call(call).await.map_err(told)?.output()?;
        let decrypt = Decrypt { key_id: key, ciphertext_blob: made.ciphertext_blob };
        cx.call(Call::to("kms", "Decrypt").input(&decrypt).at(self.place)).await.map_err(told).map(drop)
    }

    async fn call(&self, cx: &mut Cx, call: Call, place: Place, key_id: &str) -> Result<Answered> {
        let call = call.as_service(PRINCIPAL, self.place.account, Some(self.arn.clone())).at(place);
        cx.call(call).await.map_err(|error| told(error, key_id, &format!("KMS key {key_id}")))
    }
}

/// An error of KMS, of its own or as S3 passes it on, as CloudTrail tells it; `what` cannot be reached if it denies.
// UNVERIFIED: the wordings. KmsKeyDisabledException is "no longer in use".
pub(crate) fn told(error: Error, key_id: &str, what: &str) -> Error {
    let Some(answer) = error.answer() else { return error };
    match answer.code.as_ref().trim_start_matches("KMS.") {
        "AccessDeniedException" | "AccessDenied" => {
            InsufficientEncryptionPolicyException::because(format!("Insufficient permissions to access {what}."))
        }
        "InvalidArnException" => invalid(key_id),
        "NotFoundException" => KmsKeyNotFoundException::because(format!("KMS key {key_id} is not found.")),
        _ => KmsException::because(format!("KMS key {key_id} cannot be used: {}", answer.message)),
    }
}

fn invalid(key_id: &str) -> Error {
    InvalidKmsKeyIdException::because(format!("KMS key {key_id} is not valid."))
}
