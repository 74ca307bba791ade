//! Requests of each protocol, for operations of many services.

use http::{HeaderMap, HeaderName, HeaderValue};
use welkin_model::{Operation, Protocol, Service, ShapeId};
use welkin_wire::{Body, Route, parse_request, serialise_error, serialise_request, validate};

use super::{Seed, Target};
use crate::chance::Chance;
use crate::value;

/// Services of a protocol; more would only cost memory.
const SERVICES: usize = 24;

pub(crate) struct Requests {
    protocol: Protocol,
    services: Vec<&'static Service>,
}

impl Requests {
    pub(crate) fn of(protocol: Protocol) -> Self {
        // Those that everybody uses, then some others.
        let first = ["sqs", "kms", "dynamodb", "iam", "sts", "ec2", "s3", "lambda", "cloudwatch", "route53"];
        let first = first.iter().filter_map(|id| welkin_model::entry(id));
        let others = welkin_model::services().iter().filter(|entry| entry.protocols.contains(&protocol)).step_by(7);
        let mut services: Vec<&'static Service> = Vec::new();
        for entry in first.chain(others).filter(|entry| entry.protocols.contains(&protocol)) {
            if services.len() < SERVICES && !services.iter().any(|service| service.id == entry.id) {
                services.push(entry.service());
            }
        }
        Self { protocol, services }
    }

    fn route(&self, service: &str, operation: &str, path: &str) -> Option<Route> {
        let service: &'static Service = self.services.iter().find(|known| known.id == service)?;
        let operation: &'static Operation = service.operation(operation)?;
        Some(Route { service, operation, protocol: self.protocol, path: path.to_owned() })
    }

    /// A request that Welkin's own client would send, if that operation can be called so.
    fn try_seed(&self, chance: &mut Chance) -> Option<Seed> {
        let service = *chance.pick(&self.services);
        let operation = chance.pick(&service.operations);
        let model = service.in_protocol(self.protocol);
        let route = self.route(service.id, operation.name, "/")?;
        let input = operation.input.map(|id| value::of(model, model.shape(id), 0, chance)).unwrap_or_default();
        let request = serialise_request(&route, &input).ok()?;
        let Body::Full(body) = request.body else { return None };
        let mut bytes = format!("{}\n{}\n", service.id, operation.name).into_bytes();
        let kept = bytes.len();
        bytes.extend_from_slice(format!("{}\n{}\n", request.path, request.query).as_bytes());
        for (name, value) in &request.headers {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.push(b':');
            bytes.extend_from_slice(value.as_bytes());
            bytes.push(b'\n');
        }
        bytes.push(b'\n');
        bytes.extend_from_slice(&body);
        Some(Seed { bytes, kept })
    }
}

impl Target for Requests {
    fn seed(&self, chance: &mut Chance) -> Seed {
        loop {
            if let Some(seed) = self.try_seed(chance) {
                return seed;
            }
        }
    }

    fn run(&self, input: &[u8]) -> Result<(), String> {
        let mut lines = input.splitn(5, |byte| *byte == b'\n');
        let mut line = || String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let (service, operation, path, query) = (line(), line(), line(), line());
        let Some(route) = self.route(&service, &operation, &path) else { return Err("no such operation".to_owned()) };
        let (headers, body) = headers(lines.next().unwrap_or_default());
        match parse_request(&route, &headers, &query, Body::Full(body.to_vec().into())) {
            Ok(value) => {
                let violations = operation_input(&route).map(|input| validate(input.0, input.1, &value));
                drop(format!("{violations:?}"));
                Ok(())
            }
            Err(error) => {
                // The refusal itself must be writable.
                let told = error.to_string();
                drop(serialise_error(Some(&route), route.service, route.protocol, &error.into_answer()));
                Err(told)
            }
        }
    }
}

fn operation_input(route: &Route) -> Option<(&'static Service, ShapeId)> {
    Some((route.service.in_protocol(route.protocol), route.operation.input?))
}

/// Header lines up to an empty one, and what follows it.
pub(super) fn headers(mut input: &[u8]) -> (HeaderMap, &[u8]) {
    let mut headers = HeaderMap::new();
    while let Some(end) = input.iter().position(|byte| *byte == b'\n') {
        let (line, rest) = input.split_at(end);
        input = rest.get(1..).unwrap_or_default();
        if line.is_empty() {
            break;
        }
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = parts.next().and_then(|name| HeaderName::from_bytes(name).ok());
        let value = parts.next().and_then(|value| HeaderValue::from_bytes(value).ok());
        // As many as the gateway lets through.
        if let (Some(name), Some(value), true) = (name, value, headers.len() < 128) {
            headers.append(name, value);
        }
    }
    (headers, input)
}
