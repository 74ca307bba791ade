//! GetObject and HeadObject.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Error, Event, Operation, Principal, Result, Timestamp};

use super::access::Existing;
use super::settings::HeadersIn;
use super::{Content, Manifest, Object, access, lock, tiering};
use crate::bucket::{Bucket, lifecycle};
use crate::checksum::Carries;
use crate::condition::{ReadConditions, Verdict};
use crate::content::{self, Piece};
use crate::encryption::frame::DataKey;
use crate::encryption::{CustomerKeyHeaders, Protection, Shows, bucket_key, data_key};
use crate::errors::{InvalidObjectState, InvalidPartNumber, InvalidRequest, precondition_failed};
use crate::range::{self, ByteRange};

shape! {
    /// Reads an object, or a range of it.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
    #[derive(Debug, Deserialize)]
    pub(crate) struct GetObject {
        +reading,
    }
}
gives!(GetObject: reading);

shape! {
    /// Tells of an object all that [`GetObject`] would, without its bytes.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>
    #[derive(Debug, Deserialize)]
    pub(crate) struct HeadObject {
        +reading,
    }
}
gives!(HeadObject: reading);

shape! {
    /// Answer of [`GetObject`], beside the body, and of [`HeadObject`].
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(crate) struct Described {
        accept_ranges: Option<String>,
        last_modified: Option<Timestamp>,
        content_length: Option<u64>,
        content_range: Option<String>,
        e_tag: Option<String>,
        version_id: Option<String>,
        expiration: Option<String>,
        restore: Option<String>,
        replication_status: Option<String>,
        object_lock_mode: Option<String>,
        object_lock_retain_until_date: Option<Timestamp>,
        object_lock_legal_hold_status: Option<String>,
        checksum_type: Option<String>,
        parts_count: Option<u32>,
        tag_count: Option<usize>,
        +checksums,
        +headers,
        +encrypted,
    }
}
gives!(Described: checksums, encrypted);

/// What a request wants to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    pub(crate) version: Option<&'a str>,
    pub(crate) conditions: ReadConditions<'a>,
    pub(crate) range: Option<&'a str>,
    pub(crate) part: Option<i64>,
    /// Whether the checksum is to be told.
    pub(crate) checksum: bool,
    /// Headers of the answer in place of the object's own.
    pub(crate) overrides: HeadersIn<'a>,
    pub(crate) customer: CustomerKeyHeaders<'a>,
}

/// What is read: the bytes, if not all, and the part, if one was asked for.
#[derive(Clone, Debug, Default)]
struct Extent {
    range: Option<ByteRange>,
    /// Checksum of the part.
    part: Option<String>,
}

impl Operation for GetObject {
    const NAME: &str = "GetObject";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Described;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.reading().access(cx).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Described> {
        let reading = self.reading();
        let existing = reading.open(cx, "GET").await?;
        if let Some(unchanged) = reading.judge(cx, &existing)? {
            return Ok(unchanged);
        }
        let Existing { bucket, object, .. } = &existing;
        if object.is_cold(cx.now()) {
            let error = Error::from(InvalidObjectState);
            let error = error.with("StorageClass", object.settings.storage_class.as_str());
            return Err(match object.archive(cx.now()) {
                Some(archive) => error.with("AccessTier", archive.name()),
                None => error,
            });
        }
        let manifest = object.manifest(cx, bucket.place()).await?;
        let extent = reading.extent(object, manifest.as_ref())?;
        let data_key = reading.unlock(cx, bucket, object).await?;
        let range = extent.range.unwrap_or(ByteRange { start: 0, end: object.size });
        let pieces = content::within(pieces(object, manifest), range);
        if !pieces.is_empty() {
            let body = content::read(cx.blobs(), data_key, pieces).await?;
            cx.reply_stream(body);
        }
        tiering::touch(cx, bucket, object, existing.current).await?;
        reading.describe(cx, &existing, &extent).await
    }
}

impl Operation for HeadObject {
    const NAME: &str = "HeadObject";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Described;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.reading().access(cx).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Described> {
        let reading = self.reading();
        let existing = reading.open(cx, "HEAD").await?;
        if let Some(unchanged) = reading.judge(cx, &existing)? {
            return Ok(unchanged);
        }
        let Existing { bucket, object, .. } = &existing;
        let manifest = match reading.part {
            Some(_) => object.manifest(cx, bucket.place()).await?,
            None => None,
        };
        let extent = reading.extent(object, manifest.as_ref())?;
        let customer = reading.customer.key()?;
        data_key::check_customer(&object.protection, customer.as_ref())?;
        if reading.checksum && !matches!(object.protection, Protection::S3 { .. }) {
            // The checksum of an object under a KMS key is told only to those who may decrypt it.
            reading.unlock(cx, bucket, object).await?;
        }
        tiering::tell(cx, &existing);
        reading.describe(cx, &existing, &extent).await
    }
}

/// The pieces of an object, in order.
pub(crate) fn pieces(object: &Object, manifest: Option<Manifest>) -> Vec<Piece> {
    match (&object.content, manifest) {
        (Content::Whole(piece), _) => vec![piece.clone()],
        (_, Some(manifest)) => manifest.parts.into_iter().filter_map(|part| part.1).collect(),
        _ => Vec::new(),
    }
}

impl Reading<'_> {
    pub(crate) async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let action = access::by_version(self.version, "s3:GetObject", "s3:GetObjectVersion");
        access::to_existing(cx, action, self.bucket, self.key, self.version).await
    }

    pub(crate) async fn open(&self, cx: &mut Cx, method: &'static str) -> Result<Existing> {
        let overridden = self.overrides.expires.is_some()
            || [
                self.overrides.cache_control,
                self.overrides.content_disposition,
                self.overrides.content_encoding,
                self.overrides.content_language,
                self.overrides.content_type,
            ]
            .iter()
            .any(Option::is_some);
        if overridden && matches!(cx.principal(), Principal::Anonymous) {
            return Err(InvalidRequest::because(
                "Request specific response headers cannot be used for anonymous GET requests.",
            ));
        }
        access::existing(cx, self.bucket, self.key, self.version, method).await
    }

    /// The answer, if the conditions say that the client has the object already.
    fn judge(&self, cx: &mut Cx, existing: &Existing) -> Result<Option<Described>> {
        let object = &existing.object;
        match self.conditions.judge(&object.etag, object.modified) {
            Verdict::Fresh => Ok(None),
            Verdict::Failed(condition) => Err(precondition_failed(condition)),
            Verdict::NotModified => {
                cx.reply_status(304);
                Ok(Some(Described {
                    e_tag: Some(object.quoted_etag()),
                    last_modified: Some(object.modified),
                    version_id: existing.shown_version(),
                    cache_control: object.settings.headers.cache_control.clone(),
                    expires: object.settings.headers.expires,
                    ..Described::default()
                }))
            }
        }
    }

    fn extent(&self, object: &Object, manifest: Option<&Manifest>) -> Result<Extent> {
        match (self.range, self.part) {
            (Some(_), Some(_)) => {
                Err(InvalidRequest::because("Cannot specify both Range header and partNumber query parameter"))
            }
            (Some(range), None) => Ok(Extent { range: range::requested(range, object.size)?, part: None }),
            (None, Some(part)) => self.part_extent(part, object, manifest),
            (None, None) => Ok(Extent::default()),
        }
    }

    fn part_extent(&self, number: i64, object: &Object, manifest: Option<&Manifest>) -> Result<Extent> {
        if !(1..=10_000).contains(&number) {
            return Err(crate::errors::invalid_argument(
                "Part number must be an integer between 1 and 10000, inclusive",
                "partNumber",
                number.to_string(),
            ));
        }
        let Some(manifest) = manifest else {
            // What was not uploaded in parts is one part.
            return match number {
                1 => Ok(Extent { range: Some(ByteRange { start: 0, end: object.size }), part: None }),
                _ => Err(not_there(number, 1)),
            };
        };
        let mut start = 0;
        for part in &manifest.parts {
            let end = start + part.size();
            if i64::from(part.0) == number {
                return Ok(Extent { range: Some(ByteRange { start, end }), part: Some(part.2.clone()) });
            }
            start = end;
        }
        Err(not_there(number, manifest.parts.len()))
    }

    /// The data key, if the requester may have it.
    pub(crate) async fn unlock(&self, cx: &mut Cx, bucket: &Bucket, object: &Object) -> Result<DataKey> {
        let customer = self.customer.key()?;
        let kept = data_key::kept(cx, bucket, &object.protection).await?;
        let key = data_key::open(cx, bucket, self.key, &object.protection, customer.as_ref(), kept).await?;
        if let Some(level) = key.decrypted {
            bucket_key::keep(cx, bucket, level).await?;
        }
        Ok(key.key)
    }

    async fn describe(&self, cx: &mut Cx, existing: &Existing, extent: &Extent) -> Result<Described> {
        let object = &existing.object;
        let headers = &object.settings.headers;
        let or = |given: Option<&str>, own: &Option<String>| given.map(str::to_owned).or_else(|| own.clone());
        let mut described = Described {
            accept_ranges: Some("bytes".to_owned()),
            last_modified: Some(object.modified),
            content_length: Some(extent.range.map_or(object.size, ByteRange::len)),
            e_tag: Some(object.quoted_etag()),
            version_id: existing.shown_version(),
            restore: object.shown_restoration(cx.now()),
            replication_status: object.replication.as_ref().map(|progress| progress.status().name().to_owned()),
            cache_control: or(self.overrides.cache_control, &headers.cache_control),
            content_disposition: or(self.overrides.content_disposition, &headers.content_disposition),
            content_encoding: or(self.overrides.content_encoding, &headers.content_encoding),
            content_language: or(self.overrides.content_language, &headers.content_language),
            content_type: or(self.overrides.content_type, &headers.content_type),
            expires: self.overrides.expires.or(headers.expires),
            website_redirect_location: headers.redirect.clone(),
            storage_class: object.special_class(),
            metadata: object.settings.metadata.clone(),
            tag_count: Some(object.settings.tags.len()).filter(|count| *count > 0),
            ..Described::default()
        };
        if let Some(range) = extent.range {
            cx.reply_status(206);
            described.content_range = Some(range.content_range(object.size)).filter(|_| object.size > 0);
        }
        if let (Some(_), Content::Parts { count, .. }) = (self.part, &object.content) {
            described.parts_count = Some(*count);
        }
        let whole = extent.range.is_none_or(|range| range.len() == object.size);
        if self.checksum && (whole || extent.part.is_some()) {
            let checksum = &object.checksum;
            let value = extent.part.as_ref().filter(|_| !whole).unwrap_or(&checksum.value);
            described.carry(checksum.algorithm, value);
            described.checksum_type = Some(checksum.kind.name().to_owned());
        }
        if existing.current {
            described.expiration = lifecycle::expiration(cx, &existing.bucket, object).await?;
        }
        if !object.settings.lock.is_none() {
            let lock = lock::told(cx, &existing.bucket, object).await?;
            described.object_lock_mode = lock.retention.map(|retention| retention.mode.name().to_owned());
            described.object_lock_retain_until_date = lock.retention.map(|retention| retention.until);
            described.object_lock_legal_hold_status = lock.held.map(lock::hold_name);
        }
        described.show(object.protection.shown());
        Ok(described)
    }
}

fn not_there(number: i64, parts: usize) -> Error {
    let error = Error::from(InvalidPartNumber);
    error.with("PartNumberRequested", number.to_string()).with("ActualPartCount", parts.to_string())
}
