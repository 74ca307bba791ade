//! What KMS does by itself, as CloudTrail records it and EventBridge is told.
//!
//! Sources: <https://docs.aws.amazon.com/kms/latest/developerguide/kms-events.html>,
//! <https://docs.aws.amazon.com/kms/latest/developerguide/ct-rotatekey.html>,
//! <https://docs.aws.amazon.com/kms/latest/developerguide/ct-delete-kms-key.html>,
//! <https://docs.aws.amazon.com/kms/latest/developerguide/ct-deleteexpiredkeymaterial.html>

use serde_json::json;
use welkin_kernel::{Cx, RecordedResource, Result, ServiceEvent, ServiceRecord};

use crate::key::Key;
use crate::material::RotationType;

/// A key was rotated.
pub(crate) async fn rotated(cx: &mut Cx, key: &Key, rotation: RotationType) -> Result<()> {
    record(cx, key, "RotateKey", json!({ "rotationType": rotation, "keyId": key.id }));
    tell(cx, key, "KMS CMK Rotation").await
}

/// A key related to one that was rotated has the new material too.
pub(crate) fn synchronized(cx: &mut Cx, key: &Key) {
    record(cx, key, "SynchronizeMultiRegionKey", json!({ "keyId": key.id }));
}

/// A key is no more.
pub(crate) async fn deleted(cx: &mut Cx, key: &Key) -> Result<()> {
    record(cx, key, "DeleteKey", json!({ "keyId": key.id }));
    tell(cx, key, "KMS CMK Deletion").await
}

/// Imported material has expired.
pub(crate) async fn material_expired(cx: &mut Cx, key: &Key) -> Result<()> {
    record(cx, key, "DeleteExpiredKeyMaterial", json!({ "keyId": key.id }));
    tell(cx, key, "KMS Imported Key Material Expiration").await
}

async fn tell(cx: &mut Cx, key: &Key, what: &str) -> Result<()> {
    let event = ServiceEvent::new(cx, "aws.kms", what, json!({ "key-id": key.id }));
    cx.emit(event.at(key.place).about([key.arn()])).await
}

fn record(cx: &mut Cx, key: &Key, name: &'static str, details: serde_json::Value) {
    let resource = RecordedResource {
        arn: key.arn().into(),
        account: key.place.account,
        kind: "AWS::KMS::Key".to_owned(),
        is_prefix: false,
    };
    let source = "kms.amazonaws.com";
    cx.record_service_event(ServiceRecord { source, name, place: key.place, resources: vec![resource], details });
}
