//! What Welkin's client writes, Welkin's server reads, and the other way round, on all services.
#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use http::HeaderMap;
use proptest::prelude::*;
use proptest::test_runner::TestRng;
use welkin_model::{Kind, Location, Member, Protocol, Service, Shape, Structure};
use welkin_wire::*;

/// Makes values that every protocol can tell apart: no empty collections, nothing that a header changes.
struct Make<'r> {
    service: &'static Service,
    rest: bool,
    rng: &'r mut TestRng,
    left: usize,
}

impl Make<'_> {
    fn pick(&mut self, n: usize) -> usize {
        (self.rng.next_u32() as usize) % n.max(1)
    }

    fn top(&mut self, structure: &'static Structure, answer: bool) -> Value {
        let mut map = Map::new();
        for member in &structure.members {
            let shape = self.service.shape(member.shape);
            let stream = matches!(&shape.kind, Kind::Structure(s) if s.event_stream) || is_stream(shape, member);
            let payload = structure.payload == Some(member.name);
            let needed = member.required || member.host_label || (!answer && member.location == Location::Uri);
            let status = member.location == Location::StatusCode;
            if stream || status || !(needed || payload || self.pick(2) == 0) {
                continue;
            }
            let bound = self.rest && !matches!(member.location, Location::Body) || member.host_label;
            if let Some(value) = self.value(shape, member, bound, 1) {
                map.push(member.name, value);
            }
        }
        Value::Map(map)
    }

    fn value(&mut self, shape: &'static Shape, member: &'static Member, bound: bool, depth: usize) -> Option<Value> {
        if self.left == 0 || depth > 12 {
            return None;
        }
        self.left -= 1;
        Some(match &shape.kind {
            Kind::Structure(s) if s.document => Value::Document(Box::new(Value::List(vec![Value::Int(1), "d".into()]))),
            Kind::Structure(s) => {
                let mut map = Map::new();
                let only = s.union.then(|| self.pick(s.members.len()));
                for (index, member) in s.members.iter().enumerate() {
                    let wanted = only.map_or_else(|| self.pick(2) == 0, |only| only == index);
                    if wanted
                        && let Some(value) = self.value(self.service.shape(member.shape), member, bound, depth + 1)
                    {
                        map.push(member.name, value);
                    }
                }
                return (!map.is_empty()).then_some(Value::Map(map));
            }
            Kind::List { member, .. } => {
                let one = self.value(self.service.shape(member.shape), member, bound, depth + 1)?;
                Value::List(vec![one.clone(), one])
            }
            Kind::Map { key, value, .. } => {
                let one = self.value(self.service.shape(value.shape), value, bound, depth + 1)?;
                let names: Vec<String> = match &self.service.shape(key.shape).kind {
                    Kind::String { values } if !values.is_empty() => {
                        values.iter().take(2).map(|v| (*v).to_owned()).collect()
                    }
                    _ => vec!["one".to_owned(), "two".to_owned()],
                };
                names.into_iter().map(|name| (Name::Owned(name), one.clone())).collect::<Map>().into()
            }
            Kind::String { .. } if member.json_value => Value::from("{\"a\":1}"),
            Kind::String { values } if !values.is_empty() => Value::from(values[self.pick(values.len())]),
            Kind::String { .. } if bound => Value::from(["plain", "a.b-c"][self.pick(2)]),
            Kind::String { .. } => Value::from(["plain", " é😀\n\t\r\"'<&>\\ ", "a,b%2F+"][self.pick(3)]),
            Kind::Boolean => Value::Bool(self.pick(2) == 0),
            Kind::Integer => Value::Int([0, -1, i64::from(i32::MAX), i64::from(i32::MIN)][self.pick(4)]),
            Kind::Long => Value::Int([0, -1, i64::MAX, i64::MIN][self.pick(4)]),
            Kind::Float => Value::Float([0.5, -1024.0, f64::INFINITY][self.pick(3)]),
            Kind::Double => Value::Float([0.1, 1e300, f64::NEG_INFINITY, 5e-324][self.pick(4)]),
            Kind::Blob { .. } => Value::Blob(Bytes::from_static(b"\0\xffblob")),
            Kind::Timestamp { .. } => {
                Value::Timestamp(Timestamp::from_secs([0, 951_782_400, 4_102_444_799][self.pick(3)]))
            }
        })
    }
}

fn is_stream(shape: &Shape, member: &Member) -> bool {
    matches!(shape.kind, Kind::Blob { streaming, .. } if streaming || member.streaming)
}

/// The value without empty streams, as text that two equal values share.
fn shown(value: Value) -> serde_json::Value {
    let Value::Map(map) = value else { return value_to_json(&value) };
    value_to_json(&Value::Map(map.into_iter().filter(|(_, v)| !matches!(v, Value::Stream(_))).collect()))
}

fn one(service: &'static Service, rng: &mut TestRng) -> Result<(), TestCaseError> {
    let pick = rng.next_u32() as usize;
    let operation = &service.operations[pick % service.operations.len()];
    for protocol in &service.protocols {
        let mut route = Route { service, operation, protocol: *protocol, path: String::new() };
        let rest = matches!(protocol, Protocol::RestJson | Protocol::RestXml);
        if let Some(Kind::Structure(input)) = operation.input.map(|id| &service.shape(id).kind) {
            let value = Make { service, rest, rng, left: 150 }.top(input, false);
            let request = serialise_request(&route, &value);
            let request =
                request.map_err(|e| TestCaseError::fail(format!("{} {}: {e}", service.id, operation.name)))?;
            route.path = request.path;
            let parsed = parse_request(&route, &request.headers, &request.query, request.body);
            let parsed = parsed.map_err(|e| TestCaseError::fail(format!("{} {}: {e}", service.id, operation.name)))?;
            let mut parsed = shown(parsed);
            forget_content_type(input, &value, &mut parsed);
            prop_assert_eq!(parsed, shown(value), "{} {} {:?} input", service.id, operation.name, protocol);
        }
        if let Some(Kind::Structure(output)) = operation.output.map(|id| &service.shape(id).kind) {
            let value = Make { service, rest, rng, left: 150 }.top(output, true);
            let response = serialise_response(&route, &value, &ResponseMeta::default());
            let response =
                response.map_err(|e| TestCaseError::fail(format!("{} {}: {e}", service.id, operation.name)))?;
            let (parts, body) = response.into_parts();
            if parts.status == 204 {
                continue;
            }
            let parsed = parse_response(&route, parts.status, &parts.headers, body);
            let parsed = parsed.map_err(|e| TestCaseError::fail(format!("{} {}: {e}", service.id, operation.name)))?;
            let mut parsed = shown(parsed);
            forget_content_type(output, &value, &mut parsed);
            prop_assert_eq!(parsed, shown(value), "{} {} {:?} output", service.id, operation.name, protocol);
        }
    }
    Ok(())
}

/// Members that stand for what a message always has: its type, its status, all of its headers.
fn forget_content_type(structure: &'static Structure, sent: &Value, parsed: &mut serde_json::Value) {
    let Some(parsed) = parsed.as_object_mut() else { return };
    for member in &structure.members {
        let name = member.location_name.unwrap_or(member.name);
        let typed = member.location == Location::Header && name.eq_ignore_ascii_case("content-type");
        let always = typed || member.location == Location::StatusCode;
        if always && sent.get(member.name).is_none() {
            parsed.remove(member.name);
        }
        if member.location == Location::Headers && name.is_empty() {
            let own = |n: &str| sent.get(member.name).is_some_and(|v| v.get(n).is_some());
            if let Some(headers) = parsed.get_mut(member.name).and_then(|v| v.as_object_mut()) {
                headers.retain(|n, _| own(n));
            }
        }
    }
}

#[test]
fn all_services_round_trip() {
    let mut rng = TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    for entry in welkin_model::services() {
        for _ in 0..4 {
            one(entry.service(), &mut rng).unwrap();
        }
    }
}

#[test]
fn an_empty_message_is_an_empty_structure() {
    let service = welkin_model::service("kms").unwrap();
    let operation = service.operation("ListKeys").unwrap();
    for body in ["", "{}", " \n", "null"] {
        let route = Route { service, operation, protocol: Protocol::Json, path: "/".to_owned() };
        let parsed = parse_request(&route, &HeaderMap::new(), "", Body::Full(body.into())).unwrap();
        assert_eq!(parsed, Value::Map(Map::new()), "{body:?}");
    }
}
