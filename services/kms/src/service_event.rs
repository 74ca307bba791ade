//! What KMS does by itself, as CloudTrail records it.
//!
//! Sources: <https://docs.aws.amazon.com/kms/latest/developerguide/ct-rotatekey.html>,
//! <https://docs.aws.amazon.com/kms/latest/developerguide/ct-delete-kms-key.html>,
//! <https://docs.aws.amazon.com/kms/latest/developerguide/ct-deleteexpiredkeymaterial.html>

use serde_json::json;
use welkin_kernel::{Cx, RecordedResource, ServiceRecord};

use crate::key::Key;
use crate::material::RotationType;

/// A key was rotated.
pub(crate) fn rotated(cx: &mut Cx, key: &Key, rotation: RotationType) {
    record(cx, key, "RotateKey", json!({ "rotationType": rotation, "keyId": key.id }));
}

/// A key related to one that was rotated has the new material too.
pub(crate) fn synchronized(cx: &mut Cx, key: &Key) {
    record(cx, key, "SynchronizeMultiRegionKey", json!({ "keyId": key.id }));
}

/// A key is no more.
pub(crate) fn deleted(cx: &mut Cx, key: &Key) {
    record(cx, key, "DeleteKey", json!({ "keyId": key.id }));
}

/// Imported material has expired.
pub(crate) fn material_expired(cx: &mut Cx, key: &Key) {
    record(cx, key, "DeleteExpiredKeyMaterial", json!({ "keyId": key.id }));
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
