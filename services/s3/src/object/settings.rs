//! What a writer says of an object beside its bytes: headers, metadata, storage class, tags.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Result, Timestamp};

use super::lock::{Lock, LockIn};
use super::restore::Restoration;
use super::tiering::Tiering;
use crate::acl::{Acl, Given, User};
use crate::bucket::Bucket;
use crate::encryption;
use crate::errors::{InvalidStorageClass, MetadataTooLarge, invalid_argument};
use crate::tags::{self, Tags};

/// User metadata by name, without `x-amz-meta-`.
pub(crate) type Metadata = BTreeMap<String, String>;

/// Longest user metadata: names and values together, in bytes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>
const LONGEST_METADATA: usize = 2048;

/// The type of content whose writer named none.
const UNTYPED: &str = "binary/octet-stream";

/// The class of objects whose writer named none.
pub(crate) const STANDARD: &str = "STANDARD";

/// Storage classes of general purpose buckets.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html>
const CLASSES: [&str; 8] = [
    STANDARD,
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
];

/// Whether there is such a storage class.
pub(crate) fn is_class(class: &str) -> bool {
    CLASSES.contains(&class)
}

/// System metadata: headers that are kept and given back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Headers {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cache_control: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_disposition: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_encoding: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) redirect: Option<String>,
}

/// The headers of a request that are kept.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HeadersIn<'a> {
    pub(crate) cache_control: Option<&'a str>,
    pub(crate) content_disposition: Option<&'a str>,
    pub(crate) content_encoding: Option<&'a str>,
    pub(crate) content_language: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) expires: Option<Timestamp>,
}

/// What a request says of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requested<'a> {
    pub(crate) headers: HeadersIn<'a>,
    pub(crate) redirect: Option<&'a str>,
    pub(crate) storage_class: Option<&'a str>,
    pub(crate) metadata: &'a Metadata,
    pub(crate) tagging: Option<&'a str>,
    pub(crate) acl: Given<'a>,
    pub(crate) lock: LockIn<'a>,
    pub(crate) encryption: encryption::Requested<'a>,
}

/// What is kept of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) headers: Headers,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: Metadata,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: Tags,
    pub(crate) storage_class: String,
    #[serde(default, skip_serializing_if = "Lock::is_none")]
    pub(crate) lock: Lock,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) restoration: Option<Restoration>,
    /// What is known of an object of the class S3 Intelligent-Tiering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tiering: Option<Tiering>,
    /// Who wrote and owns it, where writers own; `None` is the bucket's owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<User>,
    /// The access control list; `None` grants nothing to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) acl: Option<Acl>,
}

impl Settings {
    /// The owner: that of the bucket wherever it owns all objects.
    pub(crate) fn owner(&self, bucket: &Bucket) -> User {
        self.owner.filter(|_| bucket.takes_lists()).unwrap_or(User::Account(bucket.owner))
    }
}

impl Requested<'_> {
    /// Checks all of it.
    ///
    /// # Errors
    /// For what breaks the rules of objects or of the bucket.
    pub(crate) fn settings(&self, cx: &Cx, bucket: &Bucket, key: &str) -> Result<Settings> {
        let owned = self.acl.of_new_object(cx, bucket, key)?;
        Ok(Settings {
            owner: owned.owner,
            acl: owned.acl,
            lock: self.lock.read(bucket, cx.now())?,
            restoration: None,
            tiering: None,
            headers: self.headers()?,
            metadata: self.metadata(cx.facts().form)?,
            tags: self.tagging.map(tags::from_header).transpose()?.unwrap_or_default(),
            storage_class: self.storage_class()?.to_owned(),
        })
    }

    /// The storage class.
    pub(crate) fn storage_class(&self) -> Result<&str> {
        match self.storage_class {
            None => Ok(STANDARD),
            Some(class) if is_class(class) => Ok(class),
            Some(_) => Err(InvalidStorageClass.into()),
        }
    }

    /// The headers to keep, but for the coding of the transfer itself.
    pub(crate) fn headers(&self) -> Result<Headers> {
        if let Some(redirect) = self.redirect
            && !["/", "http://", "https://"].iter().any(|start| redirect.starts_with(start))
        {
            return Err(invalid_argument(
                "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
                "x-amz-website-redirect-location",
                redirect,
            ));
        }
        let own = |value: Option<&str>| value.map(str::to_owned);
        Ok(Headers {
            cache_control: own(self.headers.cache_control),
            content_disposition: own(self.headers.content_disposition),
            content_encoding: self.headers.content_encoding.and_then(without_chunks),
            content_language: own(self.headers.content_language),
            content_type: own(self.headers.content_type.filter(|value| !value.is_empty()).or(Some(UNTYPED))),
            expires: self.headers.expires,
            redirect: own(self.redirect),
        })
    }

    /// User metadata, of headers or of a form.
    fn metadata(&self, form: bool) -> Result<Metadata> {
        let size: usize = self.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > LONGEST_METADATA {
            let error = welkin_kernel::Error::from(MetadataTooLarge);
            return Err(error.with("Size", size.to_string()).with("MaxSizeAllowed", LONGEST_METADATA.to_string()));
        }
        Ok(self.metadata.iter().map(|(name, value)| (name.to_ascii_lowercase(), mail_safe(value, form))).collect())
    }
}

/// A value of user metadata as it is given back: what is not US-ASCII is encoded by RFC 2047. Headers are taken for
/// Latin-1, forms for UTF-8.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata>
fn mail_safe(value: &str, form: bool) -> String {
    if value.is_ascii() {
        return value.to_owned();
    }
    let text = if form { value.to_owned() } else { value.bytes().map(char::from).collect() };
    format!("=?UTF-8?B?{}?=", BASE64.encode(text))
}

/// `Content-Encoding` without `aws-chunked`, which is not the object's.
fn without_chunks(header: &str) -> Option<String> {
    let codings: Vec<&str> = header.split(',').map(str::trim).filter(|coding| *coding != "aws-chunked").collect();
    let codings = codings.join(",");
    if codings.is_empty() { None } else { Some(codings) }
}

#[cfg(test)]
mod tests {
    use super::{mail_safe, without_chunks};

    #[test]
    fn metadata_is_mail_safe() {
        assert_eq!(mail_safe("AMAZONS3", false), "AMAZONS3");
        // The example of the documentation.
        assert_eq!(mail_safe("ÄMÄZÕÑ S3", false), "=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=");
        assert_eq!(mail_safe("Ä", true), "=?UTF-8?B?w4Q=?=");
    }

    #[test]
    fn the_coding_of_the_transfer_is_not_kept() {
        assert_eq!(without_chunks("aws-chunked"), None);
        assert_eq!(without_chunks("aws-chunked, gzip").as_deref(), Some("gzip"));
        assert_eq!(without_chunks("gzip").as_deref(), Some("gzip"));
        assert_eq!(without_chunks(""), None);
    }
}
