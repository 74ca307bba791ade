//! What other services are told of parameters.
//!
//! Reference: <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html>

use serde_json::{Value, json};
use welkin_kernel::{Cx, Place, Result, ServiceEvent};

use super::Version;
use crate::name;

const SOURCE: &str = "aws.ssm";

/// Tells that a parameter was created, updated, deleted or labelled.
///
/// # Errors
/// When the store fails.
pub(super) async fn changed(cx: &mut Cx, place: Place, name: &str, version: &Version, operation: &str) -> Result<()> {
    let mut detail = json!({ "operation": operation, "name": name, "type": version.kind.as_str() });
    if let Some(description) = &version.description {
        detail["description"] = json!(description);
    }
    emit(cx, place, name, "Parameter Store Change", detail).await
}

/// Tells that a policy of a parameter acted.
///
/// # Errors
/// When the store fails.
pub(super) async fn acted(
    cx: &mut Cx,
    place: Place,
    name: &str,
    version: &Version,
    policy: &str,
    content: Value,
) -> Result<()> {
    let detail = json!({
        "parameter-name": name,
        "parameter-type": version.kind.as_str(),
        "policy-type": policy,
        "policy-content": content,
        "action-status": "Success",
        "action-reason": "",
    });
    emit(cx, place, name, "Parameter Store Policy Action", detail).await
}

async fn emit(cx: &mut Cx, place: Place, name: &str, what: &str, detail: Value) -> Result<()> {
    let event = ServiceEvent::new(cx, SOURCE, what, detail).at(place).about([name::arn(place, name)]);
    cx.emit(event).await
}
