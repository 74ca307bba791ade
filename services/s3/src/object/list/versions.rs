//! ListObjectVersions.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Event, IntoKey, Key, Operation, Place, Result, Timestamp};

use super::optional::{Optional, RestoreStatus};
use super::page::{self, CommonPrefix, Encoding, Keyed, Wanted, common_prefixes};
use super::{delimiter, keys_of_list, most, order};
use crate::bucket::{Bucket, Owner};
use crate::errors::invalid_argument;
use crate::object::Object;
use crate::object::version::{self, Version};

/// Rows that are read at first where keys may be rolled up; more when none were.
const FEW: usize = 32;

/// Lists all versions of the objects of a bucket, and delete markers.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListObjectVersions {
    bucket: String,
    prefix: Option<String>,
    delimiter: Option<String>,
    encoding_type: Option<String>,
    key_marker: Option<String>,
    version_id_marker: Option<String>,
    max_keys: Option<i64>,
    #[serde(default)]
    optional_object_attributes: Vec<String>,
}

/// Answer of [`ListObjectVersions`].
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListObjectVersionsOutput {
    name: String,
    prefix: String,
    key_marker: String,
    version_id_marker: String,
    next_key_marker: Option<String>,
    next_version_id_marker: Option<String>,
    delimiter: Option<String>,
    max_keys: usize,
    is_truncated: bool,
    encoding_type: Option<String>,
    versions: Vec<ListedVersion>,
    delete_markers: Vec<ListedMarker>,
    common_prefixes: Vec<CommonPrefix>,
}

/// A version of the list.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedVersion {
    key: String,
    version_id: String,
    is_latest: bool,
    last_modified: Timestamp,
    e_tag: String,
    checksum_algorithm: Vec<String>,
    checksum_type: String,
    size: u64,
    storage_class: String,
    owner: Owner,
    restore_status: Option<RestoreStatus>,
}

/// A delete marker of the list.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedMarker {
    key: String,
    version_id: String,
    is_latest: bool,
    last_modified: Timestamp,
    owner: Owner,
}

impl Operation for ListObjectVersions {
    const NAME: &str = "ListObjectVersions";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = ListObjectVersionsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = Bucket::open_charged(cx, &self.bucket).await?.access(cx, "s3:ListBucketVersions");
        Ok(keys_of_list(access, self.prefix.as_deref(), self.delimiter.as_deref(), self.max_keys))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListObjectVersionsOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let encoding = Encoding::read(self.encoding_type.as_deref())?;
        let prefix = self.prefix.as_deref().unwrap_or_default();
        let wanted = Wanted { prefix, delimiter: delimiter(&self.delimiter), most: most(self.max_keys, "max-keys")? };
        let mut output = ListObjectVersionsOutput {
            prefix: encoding.of(prefix),
            key_marker: encoding.of(self.key_marker.as_deref().unwrap_or_default()),
            version_id_marker: self.version_id_marker.clone().unwrap_or_default(),
            delimiter: self.delimiter.as_deref().map(|delimiter| encoding.of(delimiter)),
            max_keys: wanted.most,
            encoding_type: self.encoding_type.clone(),
            ..ListObjectVersionsOutput::default()
        };
        let optional = Optional::read(&self.optional_object_attributes, cx.now())?;
        let mut rows = self.start(cx, &bucket, &wanted).await?;
        let mut prefixes: Vec<String> = Vec::new();
        let mut last = None;
        for taken in 0..=wanted.most {
            if wanted.most == 0 {
                break;
            }
            let Some((row, is_latest)) = rows.next(cx).await? else { break };
            if taken == wanted.most {
                output.is_truncated = true;
                (output.next_key_marker, output.next_version_id_marker) = last.unwrap_or_default();
                break;
            }
            if let Some(rolled) = wanted.rolled(row.text()) {
                let rolled = rolled.to_owned();
                rows.skip(&rolled);
                last = Some((Some(encoding.of(&rolled)), None));
                prefixes.push(rolled);
                continue;
            }
            last = Some((Some(encoding.of(row.text())), Some(version::shown(row.id()))));
            output.add(row, is_latest, &bucket, encoding, optional);
        }
        output.common_prefixes = common_prefixes(prefixes, encoding);
        output.name = bucket.name;
        Ok(output)
    }
}

impl ListObjectVersions {
    /// The rows from the markers on: after the marked version, or after all versions of the marked key.
    async fn start(&self, cx: &mut Cx, bucket: &Bucket, wanted: &Wanted<'_>) -> Result<Rows> {
        let marker = self.key_marker.as_deref().filter(|marker| !marker.is_empty());
        let id = match (marker, self.version_id_marker.as_deref()) {
            (_, None) => None,
            (_, Some("")) => {
                let message = "A version-id marker cannot be empty.";
                return Err(invalid_argument(message, "version-id-marker", ""));
            }
            (None, Some(id)) => {
                let message = "A version-id marker cannot be specified without a key marker.";
                return Err(invalid_argument(message, "version-id-marker", id));
            }
            (Some(marker), Some(id)) => {
                let stamp = version::stamp_of_marker(cx, bucket, marker, id).await?;
                Some((marker, stamp)).filter(|_| marker >= wanted.prefix)
            }
        };
        let first = page::start(&bucket.name, wanted, &wanted.after(marker.unwrap_or_default()));
        let (objects, versions) = match id {
            Some((marker, stamp)) => (
                version::after_key(&bucket.name, marker),
                (version::row(&bucket.name, marker, stamp), false).into_key(),
            ),
            None => (first.clone(), first),
        };
        let end = (&bucket.name, &order::end_of(wanted.prefix.as_bytes())[..]).into_key();
        let batch = if wanted.delimiter.is_some() { FEW } else { wanted.most + 1 };
        Ok(Rows {
            bucket: bucket.name.clone(),
            place: bucket.place(),
            objects: Source::new(objects, end.clone(), batch),
            versions: Source::new(versions, end, batch),
            before: id.map(|(marker, _)| marker.to_owned()),
        })
    }
}

impl ListObjectVersionsOutput {
    fn add(&mut self, row: Version, is_latest: bool, bucket: &Bucket, encoding: Encoding, optional: Optional) {
        let owner = Owner::named(row.owner(bucket));
        let (key, version_id) = (encoding.of(row.text()), version::shown(row.id()));
        let last_modified = row.modified();
        match row {
            Version::Marker(_) => {
                self.delete_markers.push(ListedMarker { key, version_id, is_latest, last_modified, owner });
            }
            Version::Object(object) => self.versions.push(ListedVersion {
                restore_status: optional.restore_status(&object),
                key,
                version_id,
                is_latest,
                last_modified,
                e_tag: object.quoted_etag(),
                checksum_algorithm: vec![object.checksum.algorithm.name().to_owned()],
                checksum_type: object.checksum.kind.name().to_owned(),
                size: object.size,
                storage_class: object.settings.storage_class,
                owner,
            }),
        }
    }
}

/// All versions of a bucket in the order of their keys, the newest of a key first: two kinds of rows, merged.
pub(crate) struct Rows {
    bucket: String,
    place: Place,
    objects: Source<Object>,
    versions: Source<Version>,
    /// The key of the row before.
    before: Option<String>,
}

impl Rows {
    /// All versions of keys from `from` up to but not including `to`.
    pub(crate) fn between(bucket: &Bucket, from: &[u8], to: &[u8], batch: usize) -> Self {
        let (from, to) = ((&bucket.name, from).into_key(), (&bucket.name, to).into_key());
        Self {
            bucket: bucket.name.clone(),
            place: bucket.place(),
            objects: Source::new(from.clone(), to.clone(), batch),
            versions: Source::new(from, to, batch),
            before: None,
        }
    }

    /// The next version, and whether it is the newest of its key.
    pub(crate) async fn next(&mut self, cx: &mut Cx) -> Result<Option<(Version, bool)>> {
        self.objects.fill(cx, self.place).await?;
        self.versions.fill(cx, self.place).await?;
        let object_first = match (self.objects.rows.front(), self.versions.rows.front()) {
            (Some(object), Some(version)) => object.key.as_bytes() <= version.text().as_bytes(),
            (Some(_), None) => true,
            (None, _) => false,
        };
        let row = match object_first {
            true => self.objects.rows.pop_front().map(|object| Version::Object(Box::new(object))),
            false => self.versions.rows.pop_front(),
        };
        let Some(row) = row else { return Ok(None) };
        let is_latest = self.before.as_deref() != Some(row.text());
        if is_latest {
            self.before = Some(row.text().to_owned());
        }
        Ok(Some((row, is_latest)))
    }

    /// Goes on after all keys that begin with `prefix`.
    fn skip(&mut self, prefix: &str) {
        let covered = order::end_of(prefix.as_bytes());
        let from = (&self.bucket, &covered[..]).into_key();
        self.objects.skip(&covered, &from);
        self.versions.skip(&covered, &from);
    }
}

/// Rows of one kind, read in batches.
struct Source<R> {
    from: Key,
    end: Key,
    rows: VecDeque<R>,
    batch: usize,
    exhausted: bool,
}

impl<R: Keyed> Source<R> {
    fn new(from: Key, end: Key, batch: usize) -> Self {
        Self { from, end, rows: VecDeque::new(), batch, exhausted: false }
    }

    async fn fill(&mut self, cx: &mut Cx, place: Place) -> Result<()> {
        if self.exhausted || !self.rows.is_empty() {
            return Ok(());
        }
        if self.from >= self.end {
            self.exhausted = true;
            return Ok(());
        }
        self.rows = cx.between::<R>(place, &self.from, &self.end, self.batch, false).await?.into();
        self.exhausted = self.rows.len() < self.batch;
        if let Some(last) = self.rows.back() {
            // One part more sorts right after the row's own key.
            self.from = (last.key(), false).into_key();
        }
        self.batch = (self.batch * 2).min(page::MOST + 1);
        Ok(())
    }

    fn skip(&mut self, covered: &[u8], from: &Key) {
        while self.rows.front().is_some_and(|row| row.text().as_bytes() < covered) {
            self.rows.pop_front();
        }
        if self.rows.is_empty() && self.from < *from {
            self.from = from.clone();
        }
    }
}
