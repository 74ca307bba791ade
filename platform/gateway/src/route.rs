//! From a request to a service and an operation of it.
//!
//! In this order: smithy-rpc-v2-cbor says both in its path, the JSON protocols in `X-Amz-Target`.
//! Otherwise the service is among those that the signature, or without one the host name, leaves;
//! the operation is named by `Action`, or by method and path. What is not clear is refused, never
//! guessed.

mod action;
mod anonymous;
mod error;
mod facts;
mod form;
mod group;
mod host;
mod matcher;
mod query_string;
mod rest;
mod rpc;
mod s3;
mod signature;
mod target;
mod template;
mod tie;

use bytes::Bytes;
use http::request::Parts;
use welkin_model::{Protocol, service};
use welkin_wire::{Body, Route};

pub use error::{Problem, RouteError};
pub use group::{BEARER as BEARER_SERVICES, UNSIGNED as UNSIGNED_SERVICES};

use crate::local_names::LocalNames;
use crate::{Cors, Purpose};
use facts::Facts;
use group::Group;
use matcher::Target;
use rest::Outcome;
use signature::Signature;

/// Finds the operation that a request means.
#[derive(Clone, Debug)]
pub struct Router {
    names: LocalNames,
    buffered_body: usize,
}

/// Where a request goes.
#[derive(Debug)]
pub struct Routing {
    /// The operation, or why there is none.
    pub route: Result<Route, RouteError>,
    /// What kind of request it is.
    pub purpose: Purpose,
    /// Region of the call, if the request says it.
    pub region: Option<String>,
}

/// What a request comes to as far as it was read.
enum Step {
    Done(Result<Route, RouteError>, Purpose),
    /// The body must be read first.
    NeedsBody,
}

impl Router {
    /// A router that knows `names` as those of this machine and reads up to `buffered_body` bytes of
    /// a form.
    pub fn new(names: LocalNames, buffered_body: usize) -> Self {
        Self { names, buffered_body }
    }

    /// Finds the operation; gives the body back, in full if it had to be read.
    pub async fn route(&self, parts: &Parts, body: Body) -> (Routing, Body) {
        let facts = Facts::read(parts, &self.names);
        let region = facts.region().map(str::to_owned);
        let at_hand = if let Body::Full(bytes) = &body { Some(bytes.clone()) } else { None };
        if let Step::Done(route, purpose) = self.step(&facts, at_hand.as_ref()) {
            return (Routing { route, purpose, region }, body);
        }
        let (route, purpose, body) = match form::read(body, self.buffered_body).await {
            Err(error) => (Err(error), Purpose::Call, Body::empty()),
            Ok(bytes) => match self.step(&facts, Some(&bytes)) {
                Step::Done(route, purpose) => (route, purpose, Body::Full(bytes)),
                Step::NeedsBody => (Err(anonymous::refuse(&facts)), Purpose::Call, Body::Full(bytes)),
            },
        };
        (Routing { route, purpose, region }, body)
    }

    /// Whether a CORS preflight is for a bucket, whose rules S3 knows: the host says so, or it may
    /// be by its path and the gateway itself would not allow it.
    pub(crate) fn leaves_cors_to_s3(&self, parts: &Parts, cors: &Cors) -> bool {
        let facts = Facts::read(parts, &self.names);
        let by_host = matches!(facts.host.endpoint, Some(host::Endpoint::S3 | host::Endpoint::S3Website))
            || !facts.host.labels.is_empty();
        let origin = facts.header(http::header::ORIGIN.as_str());
        (by_host && anonymous::is_for_s3(&facts)) || (!cors.allows(origin) && anonymous::is_for_s3(&facts))
    }

    fn step(&self, facts: &Facts<'_>, body: Option<&Bytes>) -> Step {
        if facts.host.endpoint == Some(host::Endpoint::S3Website) {
            return visit(facts);
        }
        if rpc::is_rpc(facts) {
            return done(rpc::route(facts), Protocol::RpcV2Cbor, facts.path);
        }
        if let Some(target) = facts.headers.get("x-amz-target") {
            return match target::route(facts, target, body.map(AsRef::as_ref)) {
                Ok(Some(target)) => done(Ok(target), Protocol::Json, facts.path),
                Ok(None) => Step::NeedsBody,
                Err(error) => failed(error),
            };
        }
        match &facts.signature {
            Signature::V4 { service, .. } => match group::signing_as(service) {
                Some(group) => self.signed(facts, group, body),
                None => {
                    let message = format!("No AWS service signs its requests as {service:?}");
                    failed(RouteError::new(Problem::NoService, None, Protocol::RestJson, message))
                }
            },
            _ => self.unsigned(facts, body),
        }
    }

    /// The signature names the services.
    fn signed(&self, facts: &Facts<'_>, group: &'static Group, body: Option<&Bytes>) -> Step {
        if let Some(speaker) = group.by_action().next() {
            match self.by_action(facts, || group.by_action(), body, true) {
                Some(step) => return step,
                None if group.by_path().next().is_none() => return failed(action::missing(speaker)),
                None => {}
            }
        }
        if group.by_path().next().is_none() {
            return failed(not_by_path(facts, group));
        }
        self.by_path(facts, group, body)
    }

    /// Nothing but host name, `Action` or path can name the service.
    fn unsigned(&self, facts: &Facts<'_>, body: Option<&Bytes>) -> Step {
        if let Some(step) = self.by_action(facts, || group::BY_ACTION.iter().copied(), body, false) {
            return step;
        }
        let credentials = match facts.signature {
            Signature::Bearer => &*group::BEARER_GROUP,
            _ => &*group::UNSIGNED_GROUP,
        };
        match rest::route(facts, credentials, facts.path, body.map(AsRef::as_ref)) {
            Outcome::Found(target, protocol) => return done(Ok(target), protocol, facts.path),
            Outcome::NeedsBody => return Step::NeedsBody,
            Outcome::Nothing(_) => {}
        }
        let s3 = match facts.signature {
            Signature::V2 => true,
            Signature::Absent => anonymous::is_for_s3(facts),
            _ => false,
        };
        match group::signing_as(s3::ID) {
            Some(group) if s3 => self.by_path(facts, group, body),
            _ => failed(anonymous::refuse(facts)),
        }
    }

    /// `None` if the request has no `Action`.
    fn by_action<I: Iterator<Item = &'static welkin_model::Entry>>(
        &self,
        facts: &Facts<'_>,
        services: impl Fn() -> I,
        body: Option<&Bytes>,
        signed: bool,
    ) -> Option<Step> {
        let find = |asked: &action::Asked<'_>| match action::route(facts, asked, services(), signed) {
            Ok((target, protocol)) => done(Ok(target), protocol, facts.path),
            Err(error) => failed(error),
        };
        if facts.has_action() {
            return action::read(facts.query).map(|asked| find(&asked));
        }
        if !facts.is_form() {
            return None;
        }
        let Some(body) = body else { return Some(Step::NeedsBody) };
        let form = match form::unpack(facts.headers, body, self.buffered_body) {
            Ok(form) => form,
            Err(error) => return Some(failed(error)),
        };
        let asked = action::read(std::str::from_utf8(&form).ok()?)?;
        Some(find(&asked))
    }

    fn by_path(&self, facts: &Facts<'_>, group: &'static Group, body: Option<&Bytes>) -> Step {
        let is_s3 = group.entries.iter().any(|entry| entry.id == s3::ID);
        let path = if is_s3 && !s3::is_control(facts) { s3::path(facts) } else { facts.path.into() };
        if is_s3 && let Some((purpose, operation)) = special(facts, &path) {
            let target = service(s3::ID).and_then(|s3| Some((s3, s3.operation(operation)?)));
            return match target {
                Some(target) => Step::Done(Ok(route(target, Protocol::RestXml, &path)), purpose),
                None => failed(anonymous::refuse(facts)),
            };
        }
        match rest::route(facts, group, &path, body.map(AsRef::as_ref)) {
            Outcome::Found(target, protocol) => done(Ok(target), protocol, &path),
            Outcome::NeedsBody => Step::NeedsBody,
            Outcome::Nothing(error) => failed(error),
        }
    }
}

/// A request to a web site of S3: no call, whatever it brings, except for a browser's preflight.
fn visit(facts: &Facts<'_>) -> Step {
    // A site has a name, or else the first segment of the path would be taken for one.
    let path = ["/", facts.host.front, facts.path].concat();
    let (purpose, operation) = match special(facts, &path) {
        Some(preflight @ (Purpose::S3Preflight, _)) => preflight,
        _ => (Purpose::S3Visit, "GetObject"),
    };
    match service(s3::ID).and_then(|s3| Some((s3, s3.operation(operation)?))) {
        Some(target) => Step::Done(Ok(route(target, Protocol::RestXml, &path)), purpose),
        None => failed(anonymous::refuse(facts)),
    }
}

/// Requests to S3 that are no operation of its model, with the operation they are treated as.
fn special(facts: &Facts<'_>, path: &str) -> Option<(Purpose, &'static str)> {
    if facts.method == "OPTIONS" && facts.headers.contains_key(http::header::ORIGIN) {
        return Some((Purpose::S3Preflight, "GetBucketCors"));
    }
    s3::is_form_upload(facts, path).then_some((Purpose::S3Form, "PutObject"))
}

fn not_by_path(facts: &Facts<'_>, group: &'static Group) -> RouteError {
    let entry = group.entries.first();
    let protocol = entry.and_then(|entry| entry.protocols.first()).copied().unwrap_or(Protocol::Json);
    let name = entry.map(|entry| entry.service_id).unwrap_or_default();
    let message = format!("{} {} is no call of {name}: X-Amz-Target must name the operation", facts.method, facts.path);
    RouteError::new(Problem::NoOperation, entry.map(|entry| entry.service()), protocol, message)
}

fn route((service, operation): Target, protocol: Protocol, path: &str) -> Route {
    Route { service, operation, protocol, path: path.to_owned() }
}

fn done(target: Result<Target, RouteError>, protocol: Protocol, path: &str) -> Step {
    Step::Done(target.map(|target| route(target, protocol, path)), Purpose::Call)
}

fn failed(error: RouteError) -> Step {
    Step::Done(Err(error), Purpose::Call)
}
