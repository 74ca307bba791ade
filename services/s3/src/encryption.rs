//! Server-side encryption: what requests ask for, what buckets default to, how objects are kept.
//!
//! Every object has a random data key of its own, under which its bytes lie at rest ([`frame`]). The data
//! key is kept sealed by Welkin's root key (SSE-S3), encrypted by KMS (SSE-KMS), sealed by a bucket-level
//! key that KMS encrypts (SSE-KMS with Bucket Key), or not at all (SSE-C). Under dual-layer encryption (DSSE-KMS)
//! an object has two data keys and lies in two layers: KMS encrypts the key of the first, the root key seals that
//! of the second.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html>

pub(crate) mod bucket_key;
pub(crate) mod customer_key;
pub(crate) mod data_key;
pub(crate) mod frame;
pub(crate) mod kms;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Error, Region, Result};

pub(crate) use customer_key::{CustomerKey, CustomerKeyHeaders};

use crate::bucket::Bucket;
use crate::errors::{AccessDenied, InvalidEncryptionAlgorithmError, InvalidRequest, invalid_argument};

/// Default encryption of a bucket.
///
/// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DefaultEncryption {
    /// Whether it is SSE-KMS or DSSE-KMS.
    pub(crate) kms: bool,
    /// Whether it is DSSE-KMS.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) dual: bool,
    /// The KMS key as it was given; the AWS managed key if not.
    pub(crate) key_id: Option<String>,
    /// Whether new objects use a Bucket Key.
    pub(crate) bucket_key: bool,
    /// Whether objects may be written with keys of their own (SSE-C).
    ///
    /// New buckets have it blocked since April 2026:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-s3-c-encryption-setting-faq.html>
    pub(crate) customer_keys: bool,
}

/// What the headers of a request ask for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Requested<'a> {
    pub(crate) algorithm: Option<&'a str>,
    pub(crate) key_id: Option<&'a str>,
    pub(crate) context: Option<&'a str>,
    pub(crate) bucket_key: Option<bool>,
    pub(crate) customer: CustomerKeyHeaders<'a>,
}

/// How an object is to be encrypted.
#[derive(Clone)]
pub(crate) enum Plan {
    /// SSE-S3.
    S3,
    /// SSE-KMS.
    Kms(KmsPlan),
    /// SSE-C.
    Customer(CustomerKey),
}

/// How an object is to be encrypted with a KMS key.
#[derive(Clone, Debug)]
pub(crate) struct KmsPlan {
    /// Id, alias or ARN.
    pub(crate) key_id: String,
    pub(crate) bucket_key: bool,
    /// Whether in two layers.
    pub(crate) dual: bool,
    /// Encryption context of the requester's own.
    pub(crate) context: BTreeMap<String, String>,
}

/// How an object is encrypted: all that is needed, with the rights of a reader, to have its data key again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Protection {
    /// SSE-S3: the data key, sealed by the root key.
    S3 { sealed: Bytes },
    /// SSE-KMS: the data key, encrypted by KMS for the object's ARN.
    Kms { key_arn: String, ciphertext: Bytes, context: BTreeMap<String, String> },
    /// SSE-KMS with Bucket Key: the data key, sealed by a bucket-level key that KMS encrypted for the
    /// bucket's ARN.
    BucketKey { key_arn: String, ciphertext: Bytes, context: BTreeMap<String, String>, sealed: Bytes },
    /// DSSE-KMS: the data key of the first layer, encrypted by KMS for the object's ARN, and that of the second,
    /// sealed by the root key.
    Dual { key_arn: String, ciphertext: Bytes, context: BTreeMap<String, String>, sealed: Bytes },
    /// SSE-C: a proof of the key, not the key.
    Customer { md5: String, proof: Bytes },
}

/// What answers say of an object's encryption.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) algorithm: Option<String>,
    pub(crate) key_id: Option<String>,
    pub(crate) bucket_key: Option<bool>,
    pub(crate) customer_algorithm: Option<String>,
    pub(crate) customer_key_md5: Option<String>,
}

/// An output with the members of [`Shown`].
pub(crate) trait Shows {
    fn show(&mut self, shown: Shown);
}

/// The value of `x-amz-server-side-encryption` for SSE-S3.
pub(crate) const AES256: &str = "AES256";

/// The value of `x-amz-server-side-encryption` for SSE-KMS.
pub(crate) const AWS_KMS: &str = "aws:kms";

/// The value of `x-amz-server-side-encryption` for DSSE-KMS.
pub(crate) const DSSE: &str = "aws:kms:dsse";

/// The AWS managed key of S3.
pub(crate) const MANAGED_KEY: &str = "alias/aws/s3";

impl Protection {
    /// Whether the entity tag of a whole object is the MD5 of its bytes.
    ///
    /// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>
    pub(crate) fn etag_is_md5(&self) -> bool {
        matches!(self, Self::S3 { .. })
    }

    /// Whether it takes a KMS key to read the object.
    pub(crate) fn is_under_kms(&self) -> bool {
        matches!(self, Self::Kms { .. } | Self::BucketKey { .. } | Self::Dual { .. })
    }

    pub(crate) fn shown(&self) -> Shown {
        match self {
            Self::S3 { .. } => Shown { algorithm: Some(AES256.to_owned()), ..Shown::default() },
            Self::Kms { key_arn, .. } => {
                Shown { algorithm: Some(AWS_KMS.to_owned()), key_id: Some(key_arn.clone()), ..Shown::default() }
            }
            Self::Dual { key_arn, .. } => {
                Shown { algorithm: Some(DSSE.to_owned()), key_id: Some(key_arn.clone()), ..Shown::default() }
            }
            Self::BucketKey { key_arn, .. } => Shown {
                algorithm: Some(AWS_KMS.to_owned()),
                key_id: Some(key_arn.clone()),
                bucket_key: Some(true),
                ..Shown::default()
            },
            Self::Customer { md5, .. } => Shown {
                customer_algorithm: Some(AES256.to_owned()),
                customer_key_md5: Some(md5.clone()),
                ..Shown::default()
            },
        }
    }
}

impl Requested<'_> {
    /// Decides how an object is to be encrypted: as its headers say, else by the bucket's default.
    ///
    /// # Errors
    /// For headers that contradict each other or ask for what there is not.
    pub(crate) fn plan(&self, bucket: &Bucket) -> Result<Plan> {
        if let Some(key) = self.customer.key()? {
            return self.customer_plan(bucket, key);
        }
        let default = &bucket.encryption;
        let dual = match self.algorithm {
            Some(AES256) => return self.s3_plan(),
            Some(AWS_KMS) => false,
            Some(DSSE) => true,
            Some(_) => return Err(InvalidEncryptionAlgorithmError.into()),
            None if !default.kms => return self.s3_plan(),
            None => default.dual,
        };
        if dual && self.bucket_key == Some(true) {
            return Err(no_bucket_key());
        }
        let from_default = default.key_id.as_deref().filter(|_| default.kms && self.algorithm.is_none());
        let key_id = self.key_id.or(from_default).unwrap_or(MANAGED_KEY);
        check_key_id(key_id, bucket.region)?;
        Ok(Plan::Kms(KmsPlan {
            key_id: key_id.to_owned(),
            bucket_key: !dual && self.bucket_key.unwrap_or(default.bucket_key),
            dual,
            context: self.context.map(read_context).transpose()?.unwrap_or_default(),
        }))
    }

    fn s3_plan(&self) -> Result<Plan> {
        if let Some(key_id) = self.key_id {
            return Err(invalid_argument(
                "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
                "x-amz-server-side-encryption-aws-kms-key-id",
                key_id,
            ));
        }
        if let Some(context) = self.context {
            return Err(invalid_argument(
                "The encryption context is only accepted with x-amz-server-side-encryption : aws:kms",
                "x-amz-server-side-encryption-context",
                context,
            ));
        }
        Ok(Plan::S3)
    }

    fn customer_plan(&self, bucket: &Bucket, key: CustomerKey) -> Result<Plan> {
        if let Some(algorithm) = self.algorithm {
            return Err(invalid_argument(
                "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
                "x-amz-server-side-encryption",
                algorithm,
            ));
        }
        if !bucket.encryption.customer_keys {
            // UNVERIFIED: the documentation gives the code and the status, not the message.
            return Err(AccessDenied::because(
                "Server-side encryption with customer-provided keys (SSE-C) is blocked for this bucket.",
            ));
        }
        Ok(Plan::Customer(key))
    }
}

/// There are no Bucket Keys for two layers.
///
/// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingDSSEncryption.html>
// UNVERIFIED: that the request is refused, and the message.
pub(crate) fn no_bucket_key() -> Error {
    invalid_argument(
        "S3 Bucket Keys are not supported for dual-layer server-side encryption with AWS KMS keys (DSSE-KMS).",
        "x-amz-server-side-encryption-bucket-key-enabled",
        "true",
    )
}

/// A key of another Region cannot encrypt the objects of a bucket.
pub(crate) fn check_key_id(key_id: &str, region: Region) -> Result<()> {
    if !key_id.starts_with("arn:") {
        return Ok(());
    }
    let of_kms = |arn: &welkin_kernel::Arn| arn.service() == "kms" && arn.region() == Some(region);
    match key_id.parse::<welkin_kernel::Arn>() {
        Ok(arn) if of_kms(&arn) => Ok(()),
        Ok(arn) => Err(kms::invalid_arn(arn.region().map_or("", Region::name))),
        Err(_) => Err(kms::invalid_arn(key_id)),
    }
}

/// Reads `x-amz-server-side-encryption-context`: base64 of a JSON object of strings.
fn read_context(header: &str) -> Result<BTreeMap<String, String>> {
    let invalid = || {
        InvalidRequest::because(
            "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map",
        )
    };
    let bytes = BASE64.decode(header).map_err(|_| invalid())?;
    let context: BTreeMap<String, String> = serde_json::from_slice(&bytes).map_err(|_| invalid())?;
    // Other keys with `aws:` are those of services: CloudTrail gives `aws:cloudtrail:arn`.
    if context.contains_key("aws:s3:arn") {
        return Err(InvalidRequest::because("The encryption context must not hold the key 'aws:s3:arn'."));
    }
    Ok(context)
}
