//! The JSON protocols: `X-Amz-Target: PREFIX.OPERATION`.
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>

use http::HeaderValue;
use welkin_model::{Protocol, by_target_prefix};

use super::error::{Problem, RouteError};
use super::facts::Facts;
use super::host::Endpoint;
use super::matcher::Target;

/// Service and operation of an `X-Amz-Target`. Where two services share the prefix (Timestream's),
/// the host name counts, then who has the operation.
pub(super) fn route(facts: &Facts<'_>, target: &HeaderValue) -> Result<Target, RouteError> {
    let text = target.to_str().unwrap_or_default();
    let (prefix, operation) = text.rsplit_once('.').unwrap_or(("", text));
    let mut services = by_target_prefix(prefix).filter(|entry| entry.protocols.contains(&Protocol::Json));
    let Some(first) = services.next() else {
        let message = format!("No service has operations called {text}");
        return Err(RouteError::new(Problem::NoOperation, None, Protocol::Json, message));
    };
    let is_host = |endpoint_prefix| facts.host.endpoint == Some(Endpoint::Prefix(endpoint_prefix));
    let mut chosen = first.service().operation(operation).map(|operation| (first.service(), operation));
    for other in services {
        if chosen.is_none() || is_host(other.endpoint_prefix) {
            let candidate = other.service().operation(operation).map(|operation| (other.service(), operation));
            chosen = candidate.or(chosen);
        }
    }
    chosen.ok_or_else(|| {
        let service = first.service();
        let message = format!("{} has no operation {operation}", service.service_id);
        RouteError::new(Problem::NoOperation, Some(service), Protocol::Json, message)
    })
}
