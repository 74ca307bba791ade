//! Calls of other services as the caller who started the query.

use serde_json::Value;
use welkin_kernel::{Answered, Call, Cx, Result};

use crate::execution::Execution;

/// Athena as a service principal: `aws:CalledVia`.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/security-iam-athena-calledvia.html>
pub(super) const SERVICE: &str = "athena.amazonaws.com";

/// A call with the caller's rights.
pub(super) fn call(execution: &Execution, service: &'static str, operation: &'static str, input: &Value) -> Call {
    let (principal, key) = (execution.principal.clone(), execution.access_key_id.clone());
    Call::to(service, operation).input(input).on_behalf_of(principal, key, SERVICE)
}

/// Calls another service with the caller's rights.
pub(super) async fn ask(
    cx: &mut Cx,
    execution: &Execution,
    service: &'static str,
    operation: &'static str,
    input: &Value,
) -> Result<Answered> {
    cx.call(call(execution, service, operation, input)).await
}
