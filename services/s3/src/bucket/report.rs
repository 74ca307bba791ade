//! Files that S3 puts into a bucket of its user's: lists of what is in another bucket.
//!
//! They are real calls of S3's own principal, which the policy of the destination must permit for this source.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html#example-bucket-policies-s3-inventory-1>

use bytes::Bytes;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Call, Cx, Error, Result};

use super::Bucket;
use crate::encryption::{AES256, AWS_KMS};
use crate::errors::{InvalidArgument, not_implemented};

/// How a file is encrypted, where that is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Encrypted {
    /// As the destination has it.
    ByDefault,
    /// SSE-S3.
    S3,
    /// SSE-KMS with this key.
    Kms(String),
}

/// Where files go.
#[derive(Clone, Debug)]
pub(crate) struct Destination<'a> {
    pub(crate) source: &'a Bucket,
    /// Name of the bucket.
    pub(crate) bucket: &'a str,
    /// Whose it must be, if that is said.
    pub(crate) owner: Option<&'a str>,
    pub(crate) encrypted: Encrypted,
}

/// A file that was written, as others tell of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReportFile {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) size: u64,
    /// Its MD5, in hexadecimal.
    #[serde(rename = "MD5checksum", alias = "md5", default)]
    pub(crate) md5: String,
}

impl ReportFile {
    /// What is to be told of a file.
    pub(crate) fn of(key: String, bytes: &[u8]) -> Self {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Self { key, size, md5: hex::encode(Md5::digest(bytes)) }
    }
}

/// `manifest.json`, which names the files of a list of objects. What is not needed to read one may be missing.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html>
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    #[serde(default)]
    pub(crate) source_bucket: String,
    /// Its ARN; early ones have its name.
    pub(crate) destination_bucket: String,
    #[serde(default)]
    pub(crate) version: String,
    /// In milliseconds since the epoch.
    #[serde(default)]
    pub(crate) creation_timestamp: String,
    pub(crate) file_format: String,
    pub(crate) file_schema: String,
    pub(crate) files: Vec<ReportFile>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PutObject<'a> {
    bucket: &'a str,
    key: &'a str,
    #[serde(rename = "ACL")]
    acl: &'static str,
    content_length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_side_encryption: Option<&'static str>,
    #[serde(rename = "SSEKMSKeyId", skip_serializing_if = "Option::is_none")]
    key_id: Option<&'a str>,
}

impl Destination<'_> {
    /// Whether the bucket is there and may be written to, as far as its row says.
    pub(crate) async fn is_there(&self, cx: &mut Cx) -> Result<bool> {
        let here = cx.here();
        let there = cx.get::<Bucket>(here, (self.bucket,)).await?;
        let is_its = |bucket: &Bucket| self.owner.is_none_or(|owner| bucket.owner.to_string() == owner);
        Ok(there.is_some_and(|bucket| bucket.region == self.source.region && is_its(&bucket)))
    }

    /// Puts a file there. To be done in [`Cx::stage`].
    ///
    /// # Errors
    /// Those of PutObject.
    pub(crate) async fn put(&self, cx: &mut Cx, key: &str, bytes: Bytes) -> Result<()> {
        let input = PutObject {
            bucket: self.bucket,
            key,
            acl: "bucket-owner-full-control",
            content_length: bytes.len(),
            server_side_encryption: match self.encrypted {
                Encrypted::ByDefault => None,
                Encrypted::S3 => Some(AES256),
                Encrypted::Kms(_) => Some(AWS_KMS),
            },
            key_id: if let Encrypted::Kms(id) = &self.encrypted { Some(id) } else { None },
        };
        let source: Arn = self.source.arn().parse().map_err(|_| Error::internal("a bucket has an ARN"))?;
        let call = Call::to("s3", "PutObject").input(&input).body(bytes).at(self.source.place());
        cx.call(call.as_service(crate::PRINCIPAL, self.source.owner, Some(source))).await?;
        Ok(())
    }
}

/// The name of the bucket that an ARN means.
///
/// # Errors
/// `InvalidArgument`
pub(crate) fn bucket_of(arn: Option<&str>) -> Result<&str> {
    let name = arn.and_then(|arn| arn.strip_prefix("arn:aws")?.split_once(":s3:::").map(|(_, name)| name));
    // UNVERIFIED: the message.
    name.filter(|name| !name.is_empty() && !name.contains('/'))
        .ok_or_else(|| InvalidArgument::because("Invalid bucket ARN."))
}

/// Refuses formats of files, all but CSV.
pub(crate) fn check_format(format: Option<&str>, known: &[&str]) -> Result<()> {
    match format {
        Some("CSV") => Ok(()),
        Some(format) if known.contains(&format) => Err(not_implemented(&format!("reports in the format {format}"))),
        _ => Err(crate::errors::MalformedXML.into()),
    }
}
