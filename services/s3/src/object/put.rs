//! PutObject, and what all writers of objects share.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Event, Operation, Result, Timestamp};

use super::{Content, Object, access, version};
use crate::bucket::notification::event::Happening;
use crate::bucket::notification::notify;
use crate::bucket::{Bucket, lifecycle};
use crate::checksum::{self, Carries, Checksum, Kind};
use crate::condition::WriteConditions;
use crate::content::{self, Demands, Received};
use crate::encryption::data_key::{self, NewKey};
use crate::encryption::{Plan, Protection, Shows, bucket_key};
use crate::errors::{InvalidRequest, MissingContentLength, not_implemented};

shape! {
    /// Writes an object, in place of the one with its key.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
    #[derive(Debug, Deserialize)]
    pub(crate) struct PutObject {
        bucket: String,
        key: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        content_length: Option<u64>,
        #[serde(rename = "ContentMD5")] content_md5: Option<String>,
        checksum_algorithm: Option<String>,
        write_offset_bytes: Option<i64>,
        +checksums,
        +settings,
    }
}
gives!(PutObject: checksums, settings);

shape! {
    /// Answer of [`PutObject`].
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(crate) struct PutObjectOutput {
        e_tag: String,
        checksum_type: Option<String>,
        version_id: Option<String>,
        expiration: Option<String>,
        #[serde(rename = "SSEKMSEncryptionContext")] sse_kms_encryption_context: Option<String>,
        +checksums,
        +encrypted,
    }
}
gives!(PutObjectOutput: checksums, encrypted);

/// What is at rest of a new object before the transaction that makes it one.
#[derive(Clone)]
pub(crate) struct AtRest {
    pub(crate) received: Received,
    pub(crate) protection: Protection,
    made: Option<bucket_key::BucketKey>,
}

impl AtRest {
    pub(crate) fn new(key: NewKey, received: Received) -> Self {
        Self { received, protection: key.protection, made: key.made }
    }

    /// Keeps the bucket-level key that was made on the way, for the next objects.
    pub(crate) async fn keep_key(&mut self, cx: &mut Cx, bucket: &Bucket) -> Result<()> {
        match self.made.take() {
            Some(made) => bucket_key::keep(cx, bucket, made).await,
            None => Ok(()),
        }
    }
}

impl Operation for PutObject {
    const NAME: &str = "PutObject";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = PutObjectOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let bucket = Bucket::open_charged(cx, &self.bucket).await?;
        let access = access::to_write(cx, &bucket, &self.key, &self.settings()).await?;
        Ok(creating(access, self.conditions()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutObjectOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        if self.write_offset_bytes.is_some() {
            return Err(not_implemented("appending to objects"));
        }
        let requested = self.settings();
        let (settings, plan) = (requested.settings(cx, &bucket, &self.key)?, requested.encryption.plan(&bucket)?);
        let demands = self.demands(cx, &plan)?;
        let locks = settings.lock.retention.is_some() || bucket.object_lock.as_ref().is_some_and(|l| l.is_by_default());
        if locks && !is_by_a_service(cx) && demands.md5.is_none() && demands.announced.algorithm.is_none() {
            return Err(InvalidRequest::because(
                "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock \
                 parameters",
            ));
        }
        let current = self.judged(cx, &bucket).await?;
        let level = level_for(cx, &bucket, &plan).await?;
        let mut at_rest = cx
            .stage(async |cx| {
                let key = data_key::make(cx, &bucket, &self.key, &plan, level).await?;
                let body = cx.take_body();
                let received = content::receive(cx, body, &key.key, &demands).await?;
                Ok(AtRest::new(key, received))
            })
            .await?;
        at_rest.keep_key(cx, &bucket).await?;
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
        let name = if cx.facts().form { "ObjectCreated:Post" } else { "ObjectCreated:Put" };
        notify(cx, &bucket, Happening::to(name, &object)).await?;
        let expiration = lifecycle::expiration(cx, &bucket, &object).await?;
        let sse_kms_encryption_context = self.sse_kms_encryption_context.clone();
        Ok(PutObjectOutput { expiration, sse_kms_encryption_context, ..PutObjectOutput::of(&bucket, &object) })
    }
}

impl PutObject {
    fn conditions(&self) -> WriteConditions<'_> {
        WriteConditions { if_match: self.if_match.as_deref(), if_none_match: self.if_none_match.as_deref() }
    }

    /// The object that is there now, if the conditions permit to replace it.
    async fn judged(&self, cx: &mut Cx, bucket: &Bucket) -> Result<Option<Object>> {
        let conditions = self.conditions();
        conditions.check()?;
        let current = Object::find(cx, bucket.place(), &bucket.name, &self.key).await?;
        conditions.judge(&self.key, current.as_ref())?;
        Ok(current)
    }

    fn demands(&self, cx: &Cx, plan: &Plan) -> Result<Demands> {
        let headers = &cx.facts().headers;
        Ok(Demands {
            computed: None,
            announced: checksum::announced(self.carried(), headers, self.checksum_algorithm.as_deref())?,
            md5: content::content_md5(self.content_md5.as_deref())?,
            length: length(cx, self.content_length)?,
            etag: matches!(plan, Plan::S3),
        })
    }
}

impl PutObjectOutput {
    fn of(bucket: &Bucket, object: &Object) -> Self {
        let version_id = bucket.shown_version(object.version.as_deref());
        let mut output = Self { e_tag: object.quoted_etag(), version_id, ..Self::default() };
        output.checksum_type = Some(object.checksum.kind.name().to_owned());
        output.carry(object.checksum.algorithm, &object.checksum.value);
        output.show(object.protection.shown());
        output
    }
}

/// The keys that writers of whole objects have.
pub(crate) fn creating(access: Access, conditions: WriteConditions<'_>) -> Access {
    let access = access.key("s3:ObjectCreationOperation", "true");
    let access = conditions.if_match.into_iter().fold(access, |access, tag| access.key("s3:if-match", tag));
    conditions.if_none_match.into_iter().fold(access, |access, tag| access.key("s3:if-none-match", tag))
}

/// The requester's bucket-level key for new objects, if the plan needs one and there is one.
pub(crate) async fn level_for(cx: &mut Cx, bucket: &Bucket, plan: &Plan) -> Result<Option<bucket_key::BucketKey>> {
    match plan {
        Plan::Kms(plan) if plan.bucket_key => bucket_key::kept(cx, bucket, plan).await,
        _ => Ok(None),
    }
}

/// Whether a service makes the call: what it sends cannot be damaged on its way.
fn is_by_a_service(cx: &Cx) -> bool {
    !cx.caller().via.is_empty() || cx.facts().headers.is_empty()
}

/// The length of the body, which clients must give: of its content, where it comes in chunks.
///
/// # Errors
/// `MissingContentLength`, `EntityTooLarge`
pub(crate) fn length(cx: &Cx, content_length: Option<u64>) -> Result<Option<u64>> {
    if is_by_a_service(cx) {
        // It brings its body as it is.
        return Ok(None);
    }
    if cx.facts().form {
        // The length of a form is known, but not that of its file.
        return Ok(None);
    }
    let decoded = cx.facts().headers.get("x-amz-decoded-content-length");
    let length = match decoded.map(|value| value.to_str().ok().and_then(|text| text.parse().ok())) {
        Some(Some(length)) => length,
        Some(None) => return Err(MissingContentLength.into()),
        None => content_length.ok_or(MissingContentLength)?,
    };
    if length > content::LONGEST {
        return Err(content::too_large(length));
    }
    Ok(Some(length))
}
