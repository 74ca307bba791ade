//! CopyObject, and the sources of copies.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Body, Cx, Event, Operation, Result, Timestamp};

use super::put::{AtRest, creating, level_for};
use super::settings::{self, Settings};
use super::version::Found;
use super::{Content, Object, access, get, tiering, version};
use crate::bucket::notification::event::Happening;
use crate::bucket::notification::notify;
use crate::bucket::{Bucket, lifecycle};
use crate::checksum::{self, Algorithm, Carries, Checksum, Kind};
use crate::condition::{ReadConditions, WriteConditions};
use crate::content::{self, Demands};
use crate::control::reach::{self, Via};
use crate::encryption::{CustomerKey, CustomerKeyHeaders, Plan, Shows, bucket_key, data_key};
use crate::errors::{InvalidObjectState, InvalidRequest, invalid_argument};
use crate::range::ByteRange;

shape! {
    /// Copies an object, also across buckets, keys and encryption.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
    #[derive(Debug, Deserialize)]
    pub(crate) struct CopyObject {
        bucket: String,
        key: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        checksum_algorithm: Option<String>,
        metadata_directive: Option<String>,
        tagging_directive: Option<String>,
        +source,
        +settings,
    }
}
gives!(CopyObject: source, settings);

shape! {
    /// Answer of [`CopyObject`].
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(crate) struct CopyObjectOutput {
        copy_object_result: CopyObjectResult,
        copy_source_version_id: Option<String>,
        version_id: Option<String>,
        expiration: Option<String>,
        #[serde(rename = "SSEKMSEncryptionContext")] sse_kms_encryption_context: Option<String>,
        +encrypted,
    }
}
gives!(CopyObjectOutput: encrypted);

shape! {
    /// The copy.
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(crate) struct CopyObjectResult {
        e_tag: String,
        last_modified: Timestamp,
        checksum_type: Option<String>,
        +checksums,
    }
}
gives!(CopyObjectResult: checksums);

/// The source of a copy as a request names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SourceIn<'a> {
    /// `bucket/key`, percent-encoded, perhaps with `?versionId=…`.
    pub(crate) path: &'a str,
    pub(crate) conditions: ReadConditions<'a>,
    pub(crate) customer: CustomerKeyHeaders<'a>,
}

/// Where a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourcePath {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
}

/// A source that may be read.
pub(crate) struct Source {
    pub(crate) bucket: Bucket,
    pub(crate) object: Object,
    is_noncurrent: bool,
    pieces: Vec<content::Piece>,
    customer: Option<CustomerKey>,
    kept: Option<bucket_key::BucketKey>,
}

impl SourceIn<'_> {
    /// Reads `x-amz-copy-source`.
    ///
    /// # Errors
    /// `InvalidArgument`
    pub(crate) fn path(&self) -> Result<SourcePath> {
        let invalid = || {
            invalid_argument(
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                "x-amz-copy-source",
                self.path,
            )
        };
        let (path, version) = match self.path.split_once("?versionId=") {
            Some((path, version)) => (path, Some(version.to_owned())),
            None => (self.path, None),
        };
        let path = percent_decode_str(path).decode_utf8().map_err(|_| invalid())?;
        if path.starts_with("arn:") {
            let (point, key) = reach::split_object(&path).ok_or_else(invalid)?;
            return Ok(SourcePath { bucket: point.to_owned(), key: key.to_owned(), version });
        }
        match path.strip_prefix('/').unwrap_or(&path).split_once('/') {
            Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                Ok(SourcePath { bucket: bucket.to_owned(), key: key.to_owned(), version })
            }
            _ => Err(invalid()),
        }
    }

    /// What it takes to read the source, with its tags if they are copied too.
    pub(crate) async fn access(&self, cx: &mut Cx, with_tags: bool) -> Result<Access> {
        let path = self.path()?;
        let bucket = Bucket::open_source(cx, &path.bucket).await?;
        bucket.charge(cx)?;
        let version = path.version.as_deref();
        let action = access::by_version(version, "s3:GetObject", "s3:GetObjectVersion");
        let mut all = access::of(cx, action, &bucket, &path.key, version).await?;
        let found = version::find(cx, &bucket, &path.key, version).await?;
        if with_tags && matches!(found, Found::Object { object, .. } if !object.settings.tags.is_empty()) {
            let action = access::by_version(version, "s3:GetObjectTagging", "s3:GetObjectVersionTagging");
            all = all.and(access::of(cx, action, &bucket, &path.key, version).await?);
        }
        Ok(all)
    }

    /// Opens the source, if its conditions hold.
    pub(crate) async fn open(&self, cx: &mut Cx) -> Result<Source> {
        let path = self.path()?;
        let bucket = Bucket::open_source(cx, &path.bucket).await?;
        let version = path.version.as_deref();
        let (object, current) = match version::find(cx, &bucket, &path.key, version).await? {
            Found::Marker(_) if version.is_some() => {
                return Err(InvalidRequest::because(
                    "The source of a copy request may not specifically refer to a delete marker by version id.",
                ));
            }
            found => found.object(&path.key, version, "GET")?,
        };
        self.conditions.require(&object.etag, object.modified)?;
        if object.is_cold(cx.now()) {
            return Err(InvalidObjectState.into());
        }
        tiering::touch(cx, &bucket, &object, current).await?;
        let customer = self.customer.key()?;
        data_key::check_customer(&object.protection, customer.as_ref())?;
        let kept = data_key::kept(cx, &bucket, &object.protection).await?;
        let manifest = object.manifest(cx, bucket.place()).await?;
        let pieces = get::pieces(&object, manifest);
        // The bytes that an earlier run copied are not those of an object that was written since.
        cx.about(&object.content);
        Ok(Source { bucket, object, is_noncurrent: !current, pieces, customer, kept })
    }
}

impl Source {
    /// Access points take copies within their Region only, and Multi-Region Access Points give none.
    // UNVERIFIED: the codes and the messages.
    pub(crate) fn check_region(&self, destination: &Bucket) -> Result<()> {
        if self.bucket.via.as_ref().is_some_and(Via::is_multi_region) {
            return Err(InvalidRequest::because("A Multi-Region Access Point cannot be the source of a copy."));
        }
        let through_points =
            [&self.bucket, destination].iter().any(|b| b.via.as_ref().is_some_and(|v| !v.is_multi_region()));
        if through_points && self.bucket.region != destination.region {
            return Err(InvalidRequest::because("Copying across Regions is not supported through access points."));
        }
        Ok(())
    }

    /// The id of the version that is copied, as answers have it.
    pub(crate) fn shown_version(&self) -> Option<String> {
        self.bucket.shown_version(self.object.version.as_deref())
    }

    /// A body of the source's bytes, for a requester who may have its data key; and the bucket-level key
    /// that was decrypted on the way. To be called in a stage.
    pub(crate) async fn read(&self, cx: &mut Cx, range: ByteRange) -> Result<(Body, Option<bucket_key::BucketKey>)> {
        let protection = &self.object.protection;
        let kept = self.kept.clone();
        let key = data_key::open(cx, &self.bucket, &self.object.key, protection, self.customer.as_ref(), kept).await?;
        let pieces = content::within(self.pieces.iter().cloned(), range);
        Ok((content::read(cx.blobs(), key.key, pieces).await?, key.decrypted))
    }
}

impl Operation for CopyObject {
    const NAME: &str = "CopyObject";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = CopyObjectOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let read = self.source().access(cx, !self.replaces_tags()?).await?;
        let bucket = Bucket::open_charged(cx, &self.bucket).await?;
        let write = access::to_write(cx, &bucket, &self.key, &self.settings()).await?;
        let write = creating(write, self.conditions()).key("s3:x-amz-copy-source", &self.copy_source);
        let write = match &self.metadata_directive {
            Some(directive) => write.key("s3:x-amz-metadata-directive", directive),
            None => write,
        };
        Ok(read.and(write))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CopyObjectOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let source = self.source().open(cx).await?;
        source.check_region(&bucket)?;
        let settings = self.settings_of_copy(cx, &source, &bucket)?;
        self.check(&bucket, &source, &settings)?;
        let plan = self.settings().encryption.plan(&bucket)?;
        let current = Object::find(cx, bucket.place(), &bucket.name, &self.key).await?;
        self.conditions().check()?;
        self.conditions().judge(&self.key, current.as_ref())?;
        let level = level_for(cx, &bucket, &plan).await?;
        let demands = self.demands(&source, &plan)?;
        let (mut at_rest, decrypted) = cx
            .stage(async |cx| {
                let range = ByteRange { start: 0, end: source.object.size };
                let (body, decrypted) = source.read(cx, range).await?;
                let key = data_key::make(cx, &bucket, &self.key, &plan, level).await?;
                let received = content::receive(cx, body, &key.key, &demands).await?;
                Ok((AtRest::new(key, received), decrypted))
            })
            .await?;
        at_rest.keep_key(cx, &bucket).await?;
        if let Some(decrypted) = decrypted {
            bucket_key::keep(cx, &source.bucket, decrypted).await?;
        }
        let AtRest { received, protection, .. } = at_rest;
        let mut object = Object {
            bucket: bucket.name.clone(),
            key: self.key.clone(),
            version: None,
            stamp: 0,
            etag: received.etag,
            size: received.size,
            modified: cx.now().whole_secs(),
            checksum: Checksum { algorithm: received.algorithm, kind: Kind::FullObject, value: received.checksum },
            settings,
            protection,
            content: received.piece.map_or(Content::Empty, Content::Whole),
            replication: None,
        };
        version::store(cx, &bucket, current, &mut object).await?;
        notify(cx, &bucket, Happening::to("ObjectCreated:Copy", &object)).await?;
        let mut output = CopyObjectOutput::of(&object);
        output.version_id = bucket.shown_version(object.version.as_deref());
        output.copy_source_version_id = source.shown_version();
        output.sse_kms_encryption_context = self.sse_kms_encryption_context.clone();
        output.expiration = lifecycle::expiration(cx, &bucket, &object).await?;
        Ok(output)
    }
}

impl CopyObject {
    fn conditions(&self) -> WriteConditions<'_> {
        WriteConditions { if_match: self.if_match.as_deref(), if_none_match: self.if_none_match.as_deref() }
    }

    fn replaces_metadata(&self) -> Result<bool> {
        replaces(self.metadata_directive.as_deref(), "x-amz-metadata-directive")
    }

    fn replaces_tags(&self) -> Result<bool> {
        replaces(self.tagging_directive.as_deref(), "x-amz-tagging-directive")
    }

    /// The settings of the copy: the source's, or those of the request where it says so. The storage class
    /// and the redirection are always the request's.
    fn settings_of_copy(&self, cx: &Cx, source: &Source, bucket: &Bucket) -> Result<Settings> {
        let requested = self.settings();
        let given = requested.settings(cx, bucket, &self.key)?;
        let own = &source.object.settings;
        let (headers, metadata) = if self.replaces_metadata()? {
            (given.headers, given.metadata)
        } else {
            let headers = settings::Headers { redirect: given.headers.redirect, ..own.headers.clone() };
            (headers, own.metadata.clone())
        };
        let tags = if self.replaces_tags()? { given.tags } else { own.tags.clone() };
        Ok(Settings {
            headers,
            metadata,
            tags,
            storage_class: given.storage_class,
            lock: given.lock,
            restoration: None,
            tiering: None,
            owner: given.owner,
            acl: given.acl,
        })
    }

    fn check(&self, bucket: &Bucket, source: &Source, settings: &Settings) -> Result<()> {
        if source.object.size > content::LONGEST {
            return Err(InvalidRequest::because(format!(
                "The specified copy source is larger than the maximum allowable size for a copy source: {}",
                content::LONGEST
            )));
        }
        let encryption = self.settings().encryption;
        let same = source.bucket.name == bucket.name && source.object.key == self.key && !source.is_noncurrent;
        let changed = self.replaces_metadata()?
            || settings.storage_class != source.object.settings.storage_class
            || settings.headers.redirect != source.object.settings.headers.redirect
            || encryption.algorithm.is_some()
            || encryption.customer.key.is_some()
            || source.customer.is_some();
        if same && !changed {
            return Err(InvalidRequest::because(
                "This copy request is illegal because it is trying to copy an object to itself without changing the \
                 object's metadata, storage class, website redirect location or encryption attributes.",
            ));
        }
        Ok(())
    }

    fn demands(&self, source: &Source, plan: &Plan) -> Result<Demands> {
        let algorithm = match &self.checksum_algorithm {
            Some(name) => checksum::named(name)?,
            None => source.object.checksum.algorithm,
        };
        Ok(computed(algorithm, plan))
    }
}

/// Demands that have a checksum computed, where there is none to compare it with.
pub(crate) fn computed(algorithm: Algorithm, plan: &Plan) -> Demands {
    Demands { computed: Some(algorithm), etag: matches!(plan, Plan::S3), ..Demands::default() }
}

fn replaces(directive: Option<&str>, header: &str) -> Result<bool> {
    match directive {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(other) => Err(invalid_argument(
            format!("Unknown {} directive.", if header.contains("tag") { "tagging" } else { "metadata" }),
            header,
            other,
        )),
    }
}

impl CopyObjectOutput {
    fn of(object: &Object) -> Self {
        let mut result = CopyObjectResult {
            e_tag: object.quoted_etag(),
            last_modified: object.modified,
            checksum_type: Some(object.checksum.kind.name().to_owned()),
            ..CopyObjectResult::default()
        };
        result.carry(object.checksum.algorithm, &object.checksum.value);
        let mut output = Self { copy_object_result: result, ..Self::default() };
        output.show(object.protection.shown());
        output
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_source_is_a_bucket_and_a_key() {
        let path = |path: &str| {
            let customer = CustomerKeyHeaders::default();
            SourceIn { path, conditions: ReadConditions::default(), customer }.path()
        };
        let of = |bucket: &str, key: &str, version: Option<&str>| SourcePath {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version: version.map(str::to_owned),
        };
        assert_eq!(path("b/k").unwrap(), of("b", "k", None));
        assert_eq!(path("/b/a/c%20d?versionId=null").unwrap(), of("b", "a/c d", Some("null")));
        assert_eq!(path("b%2Fk+l").unwrap(), of("b", "k+l", None));
        for wrong in ["", "b", "b/", "/b", "//k", "b/%ff"] {
            assert!(path(wrong).unwrap_err().is("InvalidArgument"), "{wrong}");
        }
        let point = "arn:aws:s3:us-east-1:111122223333:accesspoint/a";
        assert_eq!(path(&format!("{point}/object/a/b?versionId=x")).unwrap(), of(point, "a/b", Some("x")));
        assert!(path(point).unwrap_err().is("InvalidArgument"));
    }
}
