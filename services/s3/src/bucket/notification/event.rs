//! What happened to an object, as notifications tell it.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>

use serde_json::{Map, Value, json};
use welkin_kernel::{Cx, Fraction, Principal};

use crate::bucket::{Bucket, Owner};
use crate::object::Object;
use crate::object::list::page::Encoding;
use crate::object::version::Marker;

/// The entity tag of nothing, which delete markers are told to have.
const EMPTY: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// What happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happening<'a> {
    /// The type of event, without `s3:`.
    pub(crate) name: &'static str,
    pub(crate) key: &'a str,
    pub(super) version: Option<&'a str>,
    pub(super) etag: Option<&'a str>,
    pub(super) size: Option<u64>,
    /// The object, while it is there.
    pub(super) object: Option<&'a Object>,
    /// What only events of its type have, by its name.
    data: Option<(&'static str, &'a Value)>,
}

impl<'a> Happening<'a> {
    /// Something happened to an object that is there.
    pub(crate) fn to(name: &'static str, object: &'a Object) -> Self {
        Self {
            name,
            key: &object.key,
            version: object.version.as_deref(),
            etag: Some(&object.etag),
            size: Some(object.size),
            object: Some(object),
            data: None,
        }
    }

    /// A version is no more.
    pub(crate) fn removed(name: &'static str, key: &'a str, version: Option<&'a str>) -> Self {
        Self { name, key, version, etag: None, size: None, object: None, data: None }
    }

    /// A delete marker was made.
    pub(crate) fn marked(name: &'static str, marker: &'a Marker) -> Self {
        let version = marker.version.as_deref();
        Self { name, key: &marker.key, version, etag: Some(EMPTY), size: None, object: None, data: None }
    }

    /// With data that only events of its type have.
    pub(crate) fn with(self, name: &'static str, data: &'a Value) -> Self {
        Self { data: Some((name, data)), ..self }
    }

    /// A member of the data that only events of its type have.
    pub(super) fn datum(&self, name: &str) -> Option<&'a Value> {
        self.data.and_then(|(_, data)| data.get(name))
    }

    /// What orders the events of one object.
    pub(super) fn sequencer(&self, cx: &Cx) -> String {
        format!("{:018X}", cx.now().micros())
    }

    /// The message.
    pub(super) fn message(&self, cx: &Cx, bucket: &Bucket, id: &str) -> Value {
        let (who, from) = match cx.principal() {
            // Rules of the bucket are carried out by S3 itself.
            Principal::Service(service) if cx.caller().via.is_empty() && cx.facts().headers.is_empty() => {
                (service.name.clone(), service.name.clone())
            }
            Principal::Anonymous => ("Anonymous".to_owned(), cx.facts().source_ip.clone()),
            principal => (format!("AWS:{}", principal.user_id().unwrap_or_default()), cx.facts().source_ip.clone()),
        };
        let mut record = json!({
            "eventVersion": self.event_version(),
            "eventSource": "aws:s3",
            "awsRegion": bucket.region.name(),
            "eventTime": cx.now().to_iso8601(Fraction::Millis),
            "eventName": self.name,
            "userIdentity": { "principalId": who },
            "requestParameters": { "sourceIPAddress": from },
            "responseElements": { "x-amz-request-id": cx.request_id(), "x-amz-id-2": host_id(cx) },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": id,
                "bucket": {
                    "name": bucket.name,
                    "ownerIdentity": { "principalId": Owner::of(bucket.owner).id },
                    "arn": bucket.arn(),
                },
                "object": self.object(cx, bucket),
            },
        });
        if let (Some((name, data)), Value::Object(record)) = (self.data, &mut record) {
            record.insert(name.to_owned(), data.clone());
        }
        json!({ "Records": [record] })
    }

    /// Later types of events came with later versions of the message.
    fn event_version(&self) -> &'static str {
        match self.name.split(':').next() {
            Some("ObjectCreated" | "ObjectRemoved") => "2.1",
            Some("Replication") => "2.2",
            _ => "2.3",
        }
    }

    fn object(&self, cx: &Cx, bucket: &Bucket) -> Value {
        let mut object = Map::new();
        object.insert("key".to_owned(), Encoding::Url.of(self.key).into());
        if let Some(size) = self.size {
            object.insert("size".to_owned(), size.into());
        }
        if let Some(etag) = self.etag {
            object.insert("eTag".to_owned(), etag.into());
        }
        if let Some(version) = bucket.shown_version(self.version) {
            object.insert("versionId".to_owned(), version.into());
        }
        object.insert("sequencer".to_owned(), self.sequencer(cx).into());
        Value::Object(object)
    }
}

/// The second id of a request, which S3 answers with.
pub(super) fn host_id(cx: &Cx) -> String {
    cx.chance().text(76, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}
