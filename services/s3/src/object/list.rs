//! ListObjects and ListObjectsV2.

pub(crate) mod optional;
pub(crate) mod order;
pub(crate) mod page;
pub(crate) mod versions;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::Object;
use crate::bucket::{Bucket, Owner};
use crate::errors::invalid_argument;
use optional::{Optional, RestoreStatus};
use page::{Encoding, Entry, Listing, Wanted, common_prefixes};

/// Lists the objects of a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListObjectsV2 {
    bucket: String,
    prefix: Option<String>,
    delimiter: Option<String>,
    encoding_type: Option<String>,
    max_keys: Option<i64>,
    continuation_token: Option<String>,
    start_after: Option<String>,
    fetch_owner: Option<bool>,
    #[serde(default)]
    optional_object_attributes: Vec<String>,
}

/// Answer of [`ListObjectsV2`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListObjectsV2Output {
    name: String,
    prefix: String,
    delimiter: Option<String>,
    max_keys: usize,
    key_count: usize,
    is_truncated: bool,
    encoding_type: Option<String>,
    continuation_token: Option<String>,
    next_continuation_token: Option<String>,
    start_after: Option<String>,
    contents: Vec<Listed>,
    common_prefixes: Vec<page::CommonPrefix>,
}

/// Lists the objects of a bucket, in the way of the first version.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListObjects {
    bucket: String,
    prefix: Option<String>,
    delimiter: Option<String>,
    encoding_type: Option<String>,
    max_keys: Option<i64>,
    marker: Option<String>,
    #[serde(default)]
    optional_object_attributes: Vec<String>,
}

/// Answer of [`ListObjects`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListObjectsOutput {
    name: String,
    prefix: String,
    marker: String,
    next_marker: Option<String>,
    delimiter: Option<String>,
    max_keys: usize,
    is_truncated: bool,
    encoding_type: Option<String>,
    contents: Vec<Listed>,
    common_prefixes: Vec<page::CommonPrefix>,
}

/// An object of the list.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Listed {
    key: String,
    last_modified: Timestamp,
    e_tag: String,
    checksum_algorithm: Vec<String>,
    checksum_type: String,
    size: u64,
    storage_class: String,
    owner: Option<Owner>,
    restore_status: Option<RestoreStatus>,
}

impl Listed {
    fn of(object: Object, owner: Option<Owner>, encoding: Encoding, optional: Optional) -> Self {
        Self {
            restore_status: optional.restore_status(&object),
            key: encoding.of(&object.key),
            last_modified: object.modified,
            e_tag: object.quoted_etag(),
            checksum_algorithm: vec![object.checksum.algorithm.name().to_owned()],
            checksum_type: object.checksum.kind.name().to_owned(),
            size: object.size,
            storage_class: object.settings.storage_class,
            owner,
        }
    }
}

impl Operation for ListObjectsV2 {
    const NAME: &str = "ListObjectsV2";
    const EVENT: welkin_kernel::Event = welkin_kernel::Event::Data("AWS::S3::Object");
    type Output = ListObjectsV2Output;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        to_list(cx, &self.bucket, self.prefix.as_deref(), self.delimiter.as_deref(), self.max_keys).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListObjectsV2Output> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let encoding = Encoding::read(self.encoding_type.as_deref())?;
        let start_after = self.start_after.clone().unwrap_or_default();
        let from = match &self.continuation_token {
            Some(token) => read_token(token)?,
            None => order::after(&start_after),
        };
        let prefix = self.prefix.as_deref().unwrap_or_default();
        let wanted = Wanted { prefix, delimiter: delimiter(&self.delimiter), most: most(self.max_keys, "max-keys")? };
        let from = page::start(&bucket.name, &wanted, &from);
        let listing = page::list::<Object>(cx, bucket.place(), &bucket.name, wanted, from).await?;
        let (truncated, next) = (listing.truncated, listing.next());
        let owners = self.fetch_owner == Some(true);
        let optional = Optional::read(&self.optional_object_attributes, cx.now())?;
        let (contents, prefixes) = split(listing.entries, &bucket, owners, encoding, optional);
        Ok(ListObjectsV2Output {
            name: bucket.name,
            prefix: encoding.of(prefix),
            delimiter: self.delimiter.as_deref().map(|delimiter| encoding.of(delimiter)),
            max_keys: wanted.most,
            key_count: contents.len() + prefixes.len(),
            is_truncated: truncated,
            encoding_type: self.encoding_type.clone(),
            continuation_token: self.continuation_token.clone(),
            next_continuation_token: next.map(|next| write_token(&next)),
            start_after: self.start_after.as_deref().map(|key| encoding.of(key)),
            contents,
            common_prefixes: common_prefixes(prefixes, encoding),
        })
    }
}

impl Operation for ListObjects {
    const NAME: &str = "ListObjects";
    const EVENT: welkin_kernel::Event = welkin_kernel::Event::Data("AWS::S3::Object");
    type Output = ListObjectsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        to_list(cx, &self.bucket, self.prefix.as_deref(), self.delimiter.as_deref(), self.max_keys).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListObjectsOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let encoding = Encoding::read(self.encoding_type.as_deref())?;
        let marker = self.marker.as_deref().unwrap_or_default();
        let prefix = self.prefix.as_deref().unwrap_or_default();
        let wanted = Wanted { prefix, delimiter: delimiter(&self.delimiter), most: most(self.max_keys, "max-keys")? };
        let from = page::start(&bucket.name, &wanted, &wanted.after(marker));
        let listing = page::list::<Object>(cx, bucket.place(), &bucket.name, wanted, from).await?;
        // The next marker is the last entry, which is told only where common prefixes may be it.
        let truncated = listing.truncated;
        let next_marker =
            listing.last().filter(|_| truncated && wanted.delimiter.is_some()).map(|last| encoding.of(last));
        let optional = Optional::read(&self.optional_object_attributes, cx.now())?;
        let (contents, prefixes) = split(listing.entries, &bucket, true, encoding, optional);
        Ok(ListObjectsOutput {
            name: bucket.name,
            prefix: encoding.of(prefix),
            marker: encoding.of(marker),
            next_marker,
            delimiter: self.delimiter.as_deref().map(|delimiter| encoding.of(delimiter)),
            max_keys: wanted.most,
            is_truncated: truncated,
            encoding_type: self.encoding_type.clone(),
            contents,
            common_prefixes: common_prefixes(prefixes, encoding),
        })
    }
}

async fn to_list(
    cx: &mut Cx,
    bucket: &str,
    prefix: Option<&str>,
    delimiter: Option<&str>,
    max_keys: Option<i64>,
) -> Result<Access> {
    let access = Bucket::open_charged(cx, bucket).await?.access(cx, "s3:ListBucket");
    Ok(keys_of_list(access, prefix, delimiter, max_keys))
}

/// The condition keys of a listing.
pub(crate) fn keys_of_list(
    access: Access,
    prefix: Option<&str>,
    delimiter: Option<&str>,
    max_keys: Option<i64>,
) -> Access {
    let given = [
        ("s3:prefix", prefix.map(str::to_owned)),
        ("s3:delimiter", delimiter.map(str::to_owned)),
        ("s3:max-keys", max_keys.map(|most| most.to_string())),
    ];
    given
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .fold(access, |access, (name, value)| access.key(name, value))
}

/// Entries on a page: a thousand, or fewer if the request says so.
pub(crate) fn most(requested: Option<i64>, parameter: &str) -> Result<usize> {
    match requested {
        None => Ok(page::MOST),
        Some(most) => match usize::try_from(most) {
            Ok(most) if most <= i32::MAX as usize => Ok(most.min(page::MOST)),
            _ => {
                let message = format!("Argument {parameter} must be an integer between 0 and 2147483647");
                Err(invalid_argument(message, parameter, most.to_string()))
            }
        },
    }
}

/// The delimiter, unless it is empty, which is as good as none.
pub(crate) fn delimiter(requested: &Option<String>) -> Option<&str> {
    requested.as_deref().filter(|delimiter| !delimiter.is_empty())
}

fn split(
    entries: Vec<Entry<Object>>,
    bucket: &Bucket,
    owners: bool,
    encoding: Encoding,
    optional: Optional,
) -> (Vec<Listed>, Vec<String>) {
    let (mut contents, mut prefixes) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Row(object) => {
                let owner = owners.then(|| Owner::named(object.settings.owner(bucket)));
                contents.push(Listed::of(object, owner, encoding, optional));
            }
            Entry::Prefix(prefix) => prefixes.push(prefix),
        }
    }
    (contents, prefixes)
}

/// A token that says where the next page begins.
fn write_token(from: &[u8]) -> String {
    BASE64.encode(from)
}

fn read_token(token: &str) -> Result<Vec<u8>> {
    match BASE64.decode(token) {
        Ok(from) if !token.is_empty() && from.len() <= 2048 => Ok(from),
        _ => Err(invalid_argument("The continuation token provided is incorrect", "continuation-token", token)),
    }
}

impl Listing<Object> {
    /// The key or common prefix of the last entry.
    fn last(&self) -> Option<&str> {
        self.entries.last().map(|entry| match entry {
            Entry::Row(object) => object.key.as_str(),
            Entry::Prefix(prefix) => prefix,
        })
    }
}
