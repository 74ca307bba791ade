//! ListMultipartUploads.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Event, IntoKey, Key, Operation, Result, Timestamp};

use super::Upload;
use crate::bucket::{Bucket, Owner};
use crate::object::list::page::{self, CommonPrefix, Encoding, Entry, Wanted, common_prefixes};
use crate::object::list::{delimiter, keys_of_list, most};

/// Lists the uploads in progress.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListMultipartUploads {
    bucket: String,
    prefix: Option<String>,
    delimiter: Option<String>,
    encoding_type: Option<String>,
    key_marker: Option<String>,
    upload_id_marker: Option<String>,
    max_uploads: Option<i64>,
}

/// Answer of [`ListMultipartUploads`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListMultipartUploadsOutput {
    bucket: String,
    key_marker: String,
    upload_id_marker: String,
    next_key_marker: Option<String>,
    next_upload_id_marker: Option<String>,
    prefix: String,
    delimiter: Option<String>,
    max_uploads: usize,
    is_truncated: bool,
    encoding_type: Option<String>,
    uploads: Vec<Listed>,
    common_prefixes: Vec<CommonPrefix>,
}

/// An upload of the list.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    upload_id: String,
    key: String,
    initiated: Timestamp,
    storage_class: String,
    owner: Owner,
    initiator: Initiator,
    checksum_algorithm: Option<String>,
    checksum_type: Option<String>,
}

/// Who began an upload.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Initiator {
    #[serde(rename = "ID")]
    id: String,
}

impl Initiator {
    pub(crate) fn of(upload: &Upload) -> Self {
        Self { id: upload.initiator.clone() }
    }
}

impl Operation for ListMultipartUploads {
    const NAME: &str = "ListMultipartUploads";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = ListMultipartUploadsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = Bucket::open_charged(cx, &self.bucket).await?.access(cx, "s3:ListBucketMultipartUploads");
        Ok(keys_of_list(access, self.prefix.as_deref(), self.delimiter.as_deref(), None))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListMultipartUploadsOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let encoding = Encoding::read(self.encoding_type.as_deref())?;
        let prefix = self.prefix.as_deref().unwrap_or_default();
        let most = most(self.max_uploads, "max-uploads")?;
        let (marker, id_marker) = self.markers();
        let wanted = Wanted { prefix, delimiter: delimiter(&self.delimiter), most };
        let from = self.from(&bucket, &wanted);
        let listing = page::list::<Upload>(cx, bucket.place(), &bucket.name, wanted, from).await?;
        let truncated = listing.truncated;
        let next = listing.entries.last().filter(|_| truncated).map(|entry| match entry {
            Entry::Row(upload) => (encoding.of(&upload.key), upload.id.clone()),
            Entry::Prefix(prefix) => (encoding.of(prefix), String::new()),
        });
        let (next_key_marker, next_upload_id_marker) = next.unzip();
        let (mut uploads, mut prefixes) = (Vec::new(), Vec::new());
        for entry in listing.entries {
            match entry {
                Entry::Row(upload) => uploads.push(Listed::of(upload, &bucket, encoding)),
                Entry::Prefix(prefix) => prefixes.push(prefix),
            }
        }
        Ok(ListMultipartUploadsOutput {
            key_marker: encoding.of(marker),
            upload_id_marker: id_marker.to_owned(),
            next_key_marker,
            next_upload_id_marker,
            prefix: encoding.of(prefix),
            delimiter: self.delimiter.as_deref().map(|delimiter| encoding.of(delimiter)),
            max_uploads: most,
            is_truncated: truncated,
            encoding_type: self.encoding_type.clone(),
            uploads,
            common_prefixes: common_prefixes(prefixes, encoding),
            bucket: bucket.name,
        })
    }
}

impl ListMultipartUploads {
    /// The markers of key and upload; that of an upload counts only with that of its key.
    fn markers(&self) -> (&str, &str) {
        let key = self.key_marker.as_deref().unwrap_or_default();
        let id = self.upload_id_marker.as_deref().filter(|_| !key.is_empty());
        (key, id.unwrap_or_default())
    }

    /// Where the page begins: after the marked upload, or after all uploads of the marked key.
    fn from(&self, bucket: &Bucket, wanted: &Wanted<'_>) -> Key {
        match self.markers() {
            (key, id) if !id.is_empty() && key >= wanted.prefix => {
                ((&bucket.name, key.as_bytes(), id).into_key(), false).into_key()
            }
            (key, _) => page::start(&bucket.name, wanted, &wanted.after(key)),
        }
    }
}

impl Listed {
    fn of(upload: Upload, bucket: &Bucket, encoding: Encoding) -> Self {
        Self {
            key: encoding.of(&upload.key),
            initiated: upload.initiated,
            owner: Owner::named(upload.settings.owner(bucket)),
            initiator: Initiator::of(&upload),
            checksum_algorithm: upload.chosen.then(|| upload.algorithm.name().to_owned()),
            checksum_type: upload.chosen.then(|| upload.kind.name().to_owned()),
            storage_class: upload.settings.storage_class,
            upload_id: upload.id,
        }
    }
}
