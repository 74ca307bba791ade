//! The REST protocols: method and path, among the services that the signature leaves.

use welkin_model::{Protocol, Service};

use super::error::{Problem, RouteError};
use super::facts::Facts;
use super::group::{Group, rest_protocol};
use super::host::Endpoint;
use super::matcher::{Found, Target};
use super::{s3, tie};

/// What a look-up comes to.
pub(super) enum Outcome {
    /// An operation and its protocol.
    Found(Target, Protocol),
    /// Services share the path, and what tells them apart is in the body.
    NeedsBody,
    /// None.
    Nothing(RouteError),
}

/// Finds the operation among the services of `group`; `path` is the one that counts. `body` is what
/// was read of the body so far.
pub(super) fn route(facts: &Facts<'_>, group: &'static Group, path: &str, body: Option<&[u8]>) -> Outcome {
    let found = find(facts, group, path);
    let target = match found.best.as_slice() {
        [] => return Outcome::Nothing(nothing(facts, group, &found, path)),
        [target] => *target,
        several => match s3::pick(several, facts) {
            Some(target) => target,
            None => match tie::resolve(several, facts, path, body) {
                Some(target) => target,
                None => return Outcome::NeedsBody,
            },
        },
    };
    Outcome::Found(target, protocol_of(target.0))
}

/// The protocol of a REST service.
pub(super) fn protocol_of(service: &Service) -> Protocol {
    if service.speaks(Protocol::RestXml) { Protocol::RestXml } else { Protocol::RestJson }
}

fn find(facts: &Facts<'_>, group: &'static Group, path: &str) -> Found {
    let offer = facts.offer(path);
    if group.entries.iter().any(|entry| entry.id == s3::ID) {
        let control = s3::is_control(facts);
        return group.matcher().find(&offer, &|service| s3::is_meant(service, control));
    }
    // The host narrows the choice where it names one of the services.
    if let Some(Endpoint::Prefix(prefix)) = facts.host.endpoint
        && group.by_path().any(|entry| entry.endpoint_prefix == prefix)
    {
        return group.matcher().find(&offer, &|service| service.endpoint_prefix == prefix);
    }
    group.matcher().find(&offer, &|_| true)
}

fn nothing(facts: &Facts<'_>, group: &'static Group, found: &Found, path: &str) -> RouteError {
    let only = group.by_path().next().filter(|_| group.by_path().count() == 1);
    let service = found.path_of.or(only.map(|entry| entry.service()));
    let s3 = group.by_path().find(|entry| entry.id == s3::ID).map(|entry| entry.service());
    let Some(service) = service.or(s3) else {
        let names: Vec<&str> = group.by_path().map(|entry| entry.service_id).collect();
        let protocol = group.by_path().find_map(rest_protocol).unwrap_or(Protocol::RestJson);
        let message = format!("None of {} has an operation {} {path}", names.join(", "), facts.method);
        return RouteError::new(Problem::NoPath, None, protocol, message);
    };
    let message = if service.id == s3::ID {
        "The specified method is not allowed against this resource.".to_owned()
    } else {
        format!("{} has no operation {} {path}", service.service_id, facts.method)
    };
    RouteError::new(Problem::NoPath, Some(service), protocol_of(service), message)
}
