//! The JSON protocols: `X-Amz-Target: PREFIX.OPERATION`.
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>

use http::HeaderValue;
use welkin_model::{Entry, Protocol, by_target_prefix};

use super::error::{Problem, RouteError};
use super::facts::Facts;
use super::host::Endpoint;
use super::matcher::Target;
use super::tie;

/// Service and operation of an `X-Amz-Target`; `None` if services share both (Timestream's do), and
/// the body, not yet read, may tell.
pub(super) fn route(
    facts: &Facts<'_>,
    target: &HeaderValue,
    body: Option<&[u8]>,
) -> Result<Option<Target>, RouteError> {
    let text = target.to_str().unwrap_or_default();
    let (prefix, operation) = text.rsplit_once('.').unwrap_or(("", text));
    let mut services = by_target_prefix(prefix).filter(|entry| entry.protocols.contains(&Protocol::Json));
    let Some(first) = services.next() else {
        let message = format!("No service has operations called {text}");
        return Err(RouteError::new(Problem::NoOperation, None, Protocol::Json, message));
    };
    let find = |entry: &'static Entry| Some((entry.service(), entry.service().operation(operation)?));
    let missing = || {
        let service = first.service();
        let message = format!("{} has no operation {operation}", service.service_id);
        RouteError::new(Problem::NoOperation, Some(service), Protocol::Json, message)
    };
    let Some(second) = services.next() else { return find(first).map(Some).ok_or_else(missing) };
    // No prefix has more than two: a test routes every operation of every service.
    let services = || [first, second].into_iter();
    let called = |entry: &&'static Entry| facts.host.endpoint == Some(Endpoint::Prefix(entry.endpoint_prefix));
    if let Some(target) = services().find(called).and_then(find) {
        return Ok(Some(target));
    }
    let several: Vec<Target> = services().filter_map(find).collect();
    match several.as_slice() {
        [] => Err(missing()),
        [target] => Ok(Some(*target)),
        several => Ok(tie::resolve(several, facts, facts.path, body)),
    }
}
