//! A digest file: its name, its contents, and what of it is signed.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use welkin_kernel::{Error, Place, Result, Timestamp};

use super::key::SigningKey;
use super::{Chain, LogFile};
use crate::delivery::file::root;
use crate::time::{format, iso};
use crate::trail::Trail;

/// How digests are signed: RSASSA-PKCS1-v1_5 with SHA-256.
pub(crate) const SIGNATURE_ALGORITHM: &str = "SHA256withRSA";

const HASH_ALGORITHM: &str = "SHA-256";

/// A digest as the next one tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Previous {
    bucket: String,
    key: String,
    hash: String,
    signature: String,
}

/// The contents, in the order of the reference above.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Contents<'a> {
    aws_account_id: String,
    digest_start_time: String,
    digest_end_time: &'a str,
    digest_s3_bucket: &'a str,
    digest_s3_object: &'a str,
    digest_public_key_fingerprint: &'a str,
    digest_signature_algorithm: &'static str,
    newest_event_time: Option<String>,
    oldest_event_time: Option<String>,
    previous_digest_s3_bucket: Option<&'a str>,
    previous_digest_s3_object: Option<&'a str>,
    previous_digest_hash_value: Option<&'a str>,
    previous_digest_hash_algorithm: Option<&'static str>,
    previous_digest_signature: Option<&'a str>,
    log_files: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    s3_bucket: &'a str,
    s3_object: &'a str,
    hash_value: &'a str,
    hash_algorithm: &'static str,
    newest_event_time: String,
    oldest_event_time: String,
}

/// A digest, ready to be written.
pub(crate) struct Digest {
    pub(crate) json: Vec<u8>,
    /// The digest as the next one will tell of it: where it lies, and its signature.
    pub(crate) told: Previous,
}

impl Digest {
    /// The next digest of a chain, of these log files.
    ///
    /// # Errors
    /// A fault of Welkin's: the key cannot sign.
    pub(crate) fn of(
        trail: &Trail,
        place: Place,
        chain: &Chain,
        key: &SigningKey,
        log_files: &[LogFile],
    ) -> Result<Self> {
        let (object, end, previous) = (name(trail, place, chain.end()), iso(chain.end()), chain.previous.as_ref());
        let contents = Contents {
            aws_account_id: place.account.to_string(),
            digest_start_time: iso(chain.start),
            digest_end_time: &end,
            digest_s3_bucket: &trail.bucket,
            digest_s3_object: &object,
            digest_public_key_fingerprint: key.fingerprint(),
            digest_signature_algorithm: SIGNATURE_ALGORITHM,
            newest_event_time: log_files.iter().map(|file| file.newest).max().map(iso),
            oldest_event_time: log_files.iter().map(|file| file.oldest).min().map(iso),
            previous_digest_s3_bucket: previous.map(|digest| digest.bucket.as_str()),
            previous_digest_s3_object: previous.map(|digest| digest.key.as_str()),
            previous_digest_hash_value: previous.map(|digest| digest.hash.as_str()),
            previous_digest_hash_algorithm: previous.map(|_| HASH_ALGORITHM),
            previous_digest_signature: previous.map(|digest| digest.signature.as_str()),
            log_files: log_files.iter().map(Entry::of).collect(),
        };
        let json = serde_json::to_vec(&contents).map_err(Error::internal)?;
        let hash = sha256(&json);
        let signed = to_sign(&end, &trail.bucket, &object, &hash, previous);
        let signature = hex::encode(key.sign(signed.as_bytes())?);
        Ok(Self { json, told: Previous { bucket: trail.bucket.clone(), key: object, hash, signature } })
    }

    /// The key of its object.
    pub(crate) fn key(&self) -> &str {
        &self.told.key
    }

    /// Its signature, in hexadecimal.
    pub(crate) fn signature(&self) -> &str {
        &self.told.signature
    }
}

impl<'a> Entry<'a> {
    fn of(file: &'a LogFile) -> Self {
        Self {
            s3_bucket: &file.bucket,
            s3_object: &file.key,
            hash_value: &file.hash,
            hash_algorithm: HASH_ALGORITHM,
            newest_event_time: iso(file.newest),
            oldest_event_time: iso(file.oldest),
        }
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

/// The key of the digest that ends at `end`.
fn name(trail: &Trail, place: Place, end: Timestamp) -> String {
    let Place { account, region } = place;
    format!(
        "{}CloudTrail-Digest/{region}/{}/{account}_CloudTrail-Digest_{region}_{}_{}_{}.json.gz",
        root(trail, place.account),
        format(end, "%Y/%m/%d"),
        trail.name,
        trail.home,
        format(end, "%Y%m%dT%H%M%SZ"),
    )
}

/// What is signed.
///
/// Source: "Data signing string" in
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html>; that
/// `null` stands for the signature of no previous digest is how `aws cloudtrail validate-logs` verifies it.
fn to_sign(end: &str, bucket: &str, object: &str, hash: &str, previous: Option<&Previous>) -> String {
    let previous = previous.map_or("null", |digest| &digest.signature);
    format!("{end}\n{bucket}/{object}\n{hash}\n{previous}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_text_has_four_lines() {
        let previous =
            Previous { bucket: "b".to_owned(), key: "k".to_owned(), hash: "0".to_owned(), signature: "5e".to_owned() };
        let text = to_sign("2015-08-12T04:01:31Z", "bucket", "a/b.json.gz", "4ff0", Some(&previous));
        assert_eq!(text, "2015-08-12T04:01:31Z\nbucket/a/b.json.gz\n4ff0\n5e");
        assert!(to_sign("t", "b", "o", "h", None).ends_with("\nnull"));
    }

    #[test]
    fn a_hash_is_in_hexadecimal() {
        assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
