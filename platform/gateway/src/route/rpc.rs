//! Smithy RPC v2 CBOR: `POST /service/NAME/operation/OPERATION` with `smithy-protocol`.
//! <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>

use welkin_model::{Protocol, by_target_prefix};

use super::error::{Problem, RouteError};
use super::facts::Facts;
use super::matcher::Target;

/// Whether a request is in this protocol.
pub(super) fn is_rpc(facts: &Facts<'_>) -> bool {
    facts.headers.get("smithy-protocol").is_some_and(|protocol| protocol.as_bytes() == b"rpc-v2-cbor")
}

/// Service and operation in the path, which may have a prefix of its own.
pub(super) fn route(facts: &Facts<'_>) -> Result<Target, RouteError> {
    let mut segments = facts.path.rsplit('/');
    let (Some(operation), Some("operation"), Some(name), Some("service")) =
        (segments.next(), segments.next(), segments.next(), segments.next())
    else {
        let message = format!("{} is not a path of smithy-rpc-v2-cbor: /service/NAME/operation/OPERATION", facts.path);
        return Err(RouteError::new(Problem::NoPath, None, Protocol::RpcV2Cbor, message));
    };
    let entry = by_target_prefix(name).find(|entry| entry.protocols.contains(&Protocol::RpcV2Cbor));
    let Some(entry) = entry else {
        let message = format!("No service that speaks smithy-rpc-v2-cbor is called {name}");
        return Err(RouteError::new(Problem::NoOperation, None, Protocol::RpcV2Cbor, message));
    };
    let service = entry.service();
    service.operation(operation).map(|operation| (service, operation)).ok_or_else(|| {
        let message = format!("{} has no operation {operation}", service.service_id);
        RouteError::new(Problem::NoOperation, Some(service), Protocol::RpcV2Cbor, message)
    })
}
