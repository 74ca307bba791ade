//! Default encryption of a bucket.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Region, Result};

use super::Bucket;
use crate::encryption::{AES256, AWS_KMS, DSSE, DefaultEncryption, check_key_id, no_bucket_key};
use crate::errors::{InvalidArgument, MalformedXML};

/// A configuration as the API has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Configuration {
    #[serde(default)]
    rules: Vec<Rule>,
}

/// The rule.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    apply_server_side_encryption_by_default: Option<ByDefault>,
    bucket_key_enabled: Option<bool>,
    blocked_encryption_types: Option<Blocked>,
}

/// The algorithm and the key.
#[derive(Debug, Serialize, Deserialize)]
struct ByDefault {
    #[serde(rename = "SSEAlgorithm")]
    algorithm: String,
    #[serde(rename = "KMSMasterKeyID")]
    key_id: Option<String>,
}

/// Encryption that writers may not use.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Blocked {
    #[serde(default)]
    encryption_type: Vec<String>,
}

impl Configuration {
    fn of(encryption: &DefaultEncryption) -> Self {
        let algorithm = match (encryption.kms, encryption.dual) {
            (false, _) => AES256,
            (true, false) => AWS_KMS,
            (true, true) => DSSE,
        };
        let blocked = if encryption.customer_keys { "NONE" } else { "SSE-C" };
        Self {
            rules: vec![Rule {
                apply_server_side_encryption_by_default: Some(ByDefault {
                    algorithm: algorithm.to_owned(),
                    key_id: encryption.key_id.clone(),
                }),
                bucket_key_enabled: Some(encryption.bucket_key),
                blocked_encryption_types: Some(Blocked { encryption_type: vec![blocked.to_owned()] }),
            }],
        }
    }

    /// The default encryption that is configured; what is blocked stays as it was, unless it is said.
    fn read(&self, region: Region, before: &DefaultEncryption) -> Result<DefaultEncryption> {
        let [rule] = self.rules.as_slice() else { return Err(MalformedXML.into()) };
        let customer_keys = match &rule.blocked_encryption_types {
            None => before.customer_keys,
            Some(blocked) => match blocked.encryption_type.as_slice() {
                [one] if one == "NONE" => true,
                [one] if one == "SSE-C" => false,
                _ => return Err(MalformedXML.into()),
            },
        };
        let bucket_key = rule.bucket_key_enabled.unwrap_or(false);
        let Some(default) = &rule.apply_server_side_encryption_by_default else {
            if bucket_key && before.dual {
                return Err(no_bucket_key());
            }
            return Ok(DefaultEncryption { bucket_key, customer_keys, ..before.clone() });
        };
        let (kms, dual) = match default.algorithm.as_str() {
            AES256 => (false, false),
            AWS_KMS => (true, false),
            DSSE if bucket_key => return Err(no_bucket_key()),
            DSSE => (true, true),
            _ => return Err(MalformedXML.into()),
        };
        let key_id = default.key_id.clone().filter(|id| !id.is_empty());
        match &key_id {
            Some(_) if !kms => Err(InvalidArgument::because(
                "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
            )),
            Some(id) => check_key_id(id, region),
            None => Ok(()),
        }?;
        Ok(DefaultEncryption { kms, dual, key_id, bucket_key, customer_keys })
    }
}

/// Sets the default encryption.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketEncryption {
    bucket: String,
    server_side_encryption_configuration: Configuration,
}

impl Operation for PutBucketEncryption {
    const NAME: &str = "PutBucketEncryption";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutEncryptionConfiguration"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        bucket.encryption = self.server_side_encryption_configuration.read(bucket.region, &bucket.encryption)?;
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}

/// Tells the default encryption.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketEncryption {
    bucket: String,
}

/// Answer of [`GetBucketEncryption`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketEncryptionOutput {
    server_side_encryption_configuration: Configuration,
}

impl Operation for GetBucketEncryption {
    const NAME: &str = "GetBucketEncryption";
    type Output = GetBucketEncryptionOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetEncryptionConfiguration"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketEncryptionOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        Ok(GetBucketEncryptionOutput { server_side_encryption_configuration: Configuration::of(&bucket.encryption) })
    }
}

/// Sets the default encryption back to SSE-S3.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteBucketEncryption {
    bucket: String,
}

impl Operation for DeleteBucketEncryption {
    const NAME: &str = "DeleteBucketEncryption";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutEncryptionConfiguration"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        let customer_keys = bucket.encryption.customer_keys;
        bucket.encryption = DefaultEncryption { customer_keys, ..DefaultEncryption::default() };
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}
