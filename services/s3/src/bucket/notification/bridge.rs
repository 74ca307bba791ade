//! What happened to an object, as EventBridge is told: on the default bus of the bucket's owner.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>

use serde_json::{Map, Value, json};
use welkin_kernel::{Arn, Cx, Error, Fraction, Principal, Result, ServiceEvent};

use super::event::Happening;
use crate::bucket::Bucket;

/// The detail type of an event, and its reason, where events of the type have one.
///
/// What is not here is told to queues and topics alone.
fn kind(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match name {
        "ObjectCreated:Put" => ("Object Created", Some("PutObject")),
        "ObjectCreated:Post" => ("Object Created", Some("POST Object")),
        "ObjectCreated:Copy" => ("Object Created", Some("CopyObject")),
        "ObjectCreated:CompleteMultipartUpload" => ("Object Created", Some("CompleteMultipartUpload")),
        "ObjectRemoved:Delete" | "ObjectRemoved:DeleteMarkerCreated" => ("Object Deleted", Some("DeleteObject")),
        "LifecycleExpiration:Delete" | "LifecycleExpiration:DeleteMarkerCreated" => {
            ("Object Deleted", Some("Lifecycle Expiration"))
        }
        "ObjectRestore:Post" => ("Object Restore Initiated", None),
        "ObjectRestore:Completed" => ("Object Restore Completed", None),
        "ObjectRestore:Delete" => ("Object Restore Expired", None),
        "LifecycleTransition" => ("Object Storage Class Changed", None),
        "IntelligentTiering" => ("Object Access Tier Changed", None),
        "ObjectAcl:Put" => ("Object ACL Updated", None),
        "ObjectTagging:Put" => ("Object Tags Added", None),
        "ObjectTagging:Delete" => ("Object Tags Deleted", None),
        _ => return None,
    })
}

/// Tells EventBridge, in the transaction in which it happens.
pub(super) async fn tell(cx: &mut Cx, bucket: &Bucket, happening: &Happening<'_>) -> Result<()> {
    let Some((detail_type, reason)) = kind(happening.name) else { return Ok(()) };
    let detail = detail(cx, bucket, happening, reason);
    let arn: Arn = bucket.arn().parse().map_err(Error::internal)?;
    let event = ServiceEvent::new(cx, "aws.s3", detail_type, detail).at(bucket.place()).about([arn]);
    cx.emit(event).await
}

// UNVERIFIED: without `event-version`, which later versions of the page have.
fn detail(cx: &Cx, bucket: &Bucket, happening: &Happening<'_>, reason: Option<&'static str>) -> Value {
    let (requester, address) = requester(cx);
    let mut detail = Map::new();
    let mut put = |name: &str, value: Value| detail.insert(name.to_owned(), value);
    put("version", "0".into());
    put("bucket", json!({ "name": bucket.name }));
    put("object", object(cx, bucket, happening));
    put("request-id", cx.request_id().into());
    put("requester", requester.into());
    if let Some(address) = address {
        put("source-ip-address", address.into());
    }
    if let Some(reason) = reason {
        put("reason", reason.into());
    }
    if happening.name.ends_with(":DeleteMarkerCreated") {
        put("deletion-type", "Delete Marker Created".into());
    } else if reason.is_some() && happening.object.is_none() {
        put("deletion-type", "Permanently Deleted".into());
    }
    let Some(object) = happening.object else { return Value::Object(detail) };
    let class = object.settings.storage_class.as_str();
    match happening.name {
        "LifecycleTransition" => {
            put("destination-storage-class", class.into());
        }
        "IntelligentTiering" => {
            let tier = happening.datum("destinationAccessTier").cloned().unwrap_or_default();
            put("destination-access-tier", tier);
        }
        "ObjectRestore:Post" => {
            put("source-storage-class", class.into());
        }
        "ObjectRestore:Completed" => {
            if let Some(restored) = object.settings.restoration {
                put("restore-expiry-time", restored.until.whole_secs().to_iso8601(Fraction::AsNeeded).into());
            }
            put("source-storage-class", class.into());
        }
        _ => {}
    }
    Value::Object(detail)
}

fn object(cx: &Cx, bucket: &Bucket, happening: &Happening<'_>) -> Value {
    let mut object = Map::new();
    object.insert("key".to_owned(), happening.key.into());
    if let Some(size) = happening.size {
        object.insert("size".to_owned(), size.into());
    }
    if let Some(etag) = happening.etag {
        object.insert("etag".to_owned(), etag.into());
    }
    if let Some(version) = bucket.shown_version(happening.version) {
        object.insert("version-id".to_owned(), version.into());
    }
    object.insert("sequencer".to_owned(), happening.sequencer(cx).into());
    Value::Object(object)
}

/// The account or the service that asked, and from where an account did.
fn requester(cx: &Cx) -> (String, Option<&str>) {
    match cx.principal() {
        Principal::Service(service) => (service.name.clone(), None),
        principal => {
            let account = principal.account().map_or_else(|| "anonymous".to_owned(), |account| account.to_string());
            (account, Some(&cx.facts().source_ip))
        }
    }
}
