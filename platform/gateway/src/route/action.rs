//! The query protocols: `Action=…&Version=…` in the query string or in a form.
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use std::borrow::Cow;

use welkin_model::{Entry, Protocol};

use super::error::{Problem, RouteError};
use super::facts::Facts;
use super::group::query_protocol;
use super::host::Endpoint;
use super::matcher::Target;
use super::query_string;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked<'a> {
    action: Cow<'a, str>,
    version: Option<Cow<'a, str>>,
}

/// `Action` and `Version` of a query string or form.
pub(super) fn read(text: &str) -> Option<Asked<'_>> {
    let action = query_string::value(text, "Action")?;
    Some(Asked { action, version: query_string::value(text, "Version") })
}

/// Services of one API, which AWS runs as one: RDS answers for the others' operations as well. The
/// first that has an operation is taken.
const FIRST: [&str; 2] = ["rds", "elbv2"];

/// Finds the operation among `services`: those whose host was called, or whose version was asked
/// for, or, as old clients ask for old versions, all; without a signature the version must be given.
pub(super) fn route(
    facts: &Facts<'_>,
    asked: &Asked<'_>,
    services: impl Iterator<Item = &'static Entry>,
    signed: bool,
) -> Result<(Target, Protocol), RouteError> {
    let mut services: Vec<&'static Entry> = services.collect();
    keep_if_any(&mut services, |entry| facts.host.endpoint == Some(Endpoint::Prefix(entry.endpoint_prefix)));
    let by_host = services.iter().all(|entry| facts.host.endpoint == Some(Endpoint::Prefix(entry.endpoint_prefix)));
    let version = asked.version.as_deref();
    let known_version = keep_if_any(&mut services, |entry| version == Some(entry.api_version));
    let protocol = services.first().and_then(|entry| query_protocol(entry)).unwrap_or(Protocol::Query);
    if !signed && !by_host && !known_version {
        let message =
            format!("{} is asked for without a signature and without a Version that tells the service", asked.action);
        return Err(RouteError::new(Problem::NoService, None, protocol, message));
    }
    services.sort_by_key(|entry| FIRST.iter().position(|first| *first == entry.id).unwrap_or(FIRST.len()));
    let found = services.iter().find_map(|entry| {
        let operation = entry.service().operation(&asked.action)?;
        Some(((entry.service(), operation), query_protocol(entry)?))
    });
    found.ok_or_else(|| {
        let service = services.first().map(|entry| entry.service());
        let message = match (protocol, service) {
            (Protocol::Ec2, _) => format!("The action {} is not valid for this web service.", asked.action),
            (_, service) => {
                let version = version.or(service.map(|service| service.api_version)).unwrap_or_default();
                format!("Could not find operation {} for version {version}", asked.action)
            }
        };
        RouteError::new(Problem::NoOperation, service, protocol, message)
    })
}

/// Keeps what `test` takes, if it takes any; says whether it did.
fn keep_if_any(services: &mut Vec<&'static Entry>, test: impl Fn(&Entry) -> bool) -> bool {
    let any = services.iter().any(|entry| test(entry));
    if any {
        services.retain(|entry| test(entry));
    }
    any
}

/// A request of a service that speaks nothing else, without `Action`.
pub(super) fn missing(entry: &'static Entry) -> RouteError {
    let protocol = query_protocol(entry).unwrap_or(Protocol::Query);
    let message = "The request must contain the parameter Action.".to_owned();
    RouteError::new(Problem::NoAction, Some(entry.service()), protocol, message)
}
