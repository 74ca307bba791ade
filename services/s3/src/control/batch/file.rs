//! Files that a job reads and writes, as its role.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use md5::{Digest as _, Md5};
use serde::Deserialize;
use welkin_kernel::{AccountId, Call, Cx, Map, Place, Principal, Result, Value};

use super::job::{Failure, failed};
use crate::bucket::Bucket;

/// A file that is read, or a part of it.
pub(super) struct Wanted<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) version: Option<&'a str>,
    /// The entity tag that it must have.
    pub(super) etag: Option<&'a str>,
    /// From which byte on, and how many of them.
    pub(super) part: Option<(u64, u64)>,
}

/// What was read.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub(super) bytes: Bytes,
    /// Whether nothing comes after it.
    pub(super) is_end: bool,
    /// Whether a key of KMS guards the file.
    pub(super) by_kms: bool,
}

/// A file that is written.
pub(super) struct New<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) bytes: Bytes,
    pub(super) kms_key: Option<&'a str>,
}

/// The output of GetObject, as far as it is used.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetObjectOutput {
    content_range: Option<String>,
    server_side_encryption: Option<String>,
}

/// The output of PutObject, as far as it is used.
#[derive(Deserialize)]
struct PutObjectOutput {
    #[serde(rename = "ETag")]
    etag: String,
}

/// Reads a file outside of the transaction; the job fails if it cannot be read.
///
/// # Errors
/// What is no answer of S3's.
pub(super) async fn fetch(
    cx: &mut Cx,
    principal: &Principal,
    place: Place,
    wanted: Wanted<'_>,
) -> Result<Result<Fetched, Failure>> {
    let call = Call::to("s3", "GetObject").input(&wanted.input()).at(place).as_principal(principal.clone());
    cx.stage(async |cx| {
        let mut answered = match cx.call(call).await {
            Ok(answered) => answered,
            Err(error) if error.is("InvalidRange") => {
                return Ok(Ok(Fetched { bytes: Bytes::new(), is_end: true, by_kms: false }));
            }
            // UNVERIFIED: the code and the wording.
            Err(error) => return failed(error, "ManifestReadFailed").map(Err),
        };
        let mut bytes = BytesMut::new();
        if let Some(mut body) = answered.body.take() {
            while let Some(chunk) = Cx::next_chunk(&mut body, &mut HeaderMap::new()).await? {
                bytes.extend_from_slice(&chunk);
            }
        }
        let output: GetObjectOutput = answered.output()?;
        Ok(Ok(Fetched {
            bytes: bytes.freeze(),
            is_end: output.content_range.as_deref().is_none_or(is_end),
            by_kms: output.server_side_encryption.is_some_and(|algorithm| algorithm.starts_with("aws:kms")),
        }))
    })
    .await
}

/// Whether a range, `bytes 0-9/10`, is the last one.
fn is_end(range: &str) -> bool {
    let numbers = range.trim_start_matches("bytes ").split_once('/');
    let parse = |text: &str| text.parse::<u64>().ok();
    let last = numbers.and_then(|(range, _)| parse(range.split_once('-')?.1));
    let total = numbers.and_then(|(_, total)| parse(total));
    match (last, total) {
        (Some(last), Some(total)) => last.saturating_add(1) >= total,
        _ => true,
    }
}

impl Wanted<'_> {
    fn input(&self) -> Value {
        let mut input = Map::new();
        input.insert("Bucket", self.bucket.to_owned());
        input.insert("Key", self.key.to_owned());
        if let Some(version) = self.version {
            input.insert("VersionId", version.to_owned());
        }
        if let Some(etag) = self.etag {
            input.insert("IfMatch", format!("\"{}\"", etag.trim_matches('"')));
        }
        if let Some((from, length)) = self.part {
            input.insert("Range", format!("bytes={from}-{}", from.saturating_add(length).saturating_sub(1)));
        }
        Value::Map(input)
    }
}

/// Writes a file; returns its entity tag.
///
/// # Errors
/// S3's, if the role may not write it.
pub(super) async fn write(cx: &mut Cx, principal: &Principal, place: Place, new: New<'_>) -> Result<String> {
    let mut input = Map::new();
    input.insert("Bucket", new.bucket.to_owned());
    input.insert("Key", new.key.to_owned());
    input.insert("ContentLength", i64::try_from(new.bytes.len()).unwrap_or(i64::MAX));
    input.insert("ContentMD5", BASE64.encode(Md5::digest(&new.bytes)));
    input.insert("ServerSideEncryption", if new.kms_key.is_some() { "aws:kms" } else { "AES256" });
    if let Some(key) = new.kms_key {
        input.insert("SSEKMSKeyId", key.to_owned());
    }
    let call = Call::to("s3", "PutObject").input(&Value::Map(input)).body(new.bytes);
    let output: PutObjectOutput = cx.call(call.at(place).as_principal(principal.clone())).await?.output()?;
    Ok(output.etag.trim_matches('"').to_owned())
}

/// The SHA-1 of some bytes, by which files are named.
pub(super) fn name_of(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes))
}

/// Whether a bucket belongs to the account that it is expected to.
pub(super) async fn has_owner(cx: &mut Cx, bucket: &str, expected: Option<AccountId>) -> Result<bool> {
    let Some(expected) = expected else { return Ok(true) };
    match Bucket::open_anywhere(cx, bucket).await {
        Ok(bucket) => Ok(bucket.owner == expected),
        // That the bucket is not there is told by the calls to it.
        Err(error) if error.answer().is_some() => Ok(true),
        Err(error) => Err(error),
    }
}
