//! Requests to inputs: the way in.

use bytes::Bytes;
use http::HeaderMap;
use welkin_model::{Kind, Location, Member, Protocol, Service, Shape, Structure, TimestampFormat};

use crate::binding::{headers as header, labels};
use crate::form::{self, Pairs};
use crate::parse_error::{Fail, ParseErrorKind};
use crate::route::{in_body, payload, stream_member, wire_name};
use crate::{Body, Map, Name, ParseError, Route, Stream, Value, cbor, json, query_read, scalar, xml};

/// Reads the input of an operation from a request: a map of the members that were sent.
///
/// `query` is the raw query string. A body of an operation for which [`crate::streams`] is true is
/// passed unread and ends as a [`Value::Stream`]; any other must be [`Body::Full`]. Members that the
/// model does not know are ignored, as AWS does; a value of a wrong type is an error with the code of
/// the protocol and service. Constraints are not checked: see [`crate::validate`].
pub fn parse_request(route: &Route, headers: &HeaderMap, query: &str, body: Body) -> Result<Value, ParseError> {
    let result = match route.input() {
        None => Ok(Map::new()),
        Some((_, input)) => read(route, input, headers, query, body),
    };
    result.map(Value::Map).map_err(|fail| fail.into_error(route.model(), route.protocol))
}

fn read(route: &Route, input: &'static Structure, headers: &HeaderMap, query: &str, body: Body) -> Result<Map, Fail> {
    let mut map = if route.is_rest() { bound(route, input, headers, query)? } else { Map::new() };
    if let Some(member) = stream_member(route, input) {
        map.push(member.name, Stream::new(body));
    } else {
        let Body::Full(bytes) = body else {
            return Err(Fail::new(ParseErrorKind::Unread, "The body was not read."));
        };
        read_body(route, input, query, &bytes, &mut map)?;
    }
    host_labels(route, input, headers, &mut map);
    queue_of_path(route, input, &mut map);
    Ok(map)
}

/// SQS in the query protocol takes the queue from the path where no parameter names it.
///
/// Reference: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html>
fn queue_of_path(route: &Route, input: &'static Structure, map: &mut Map) {
    const MEMBER: &str = "QueueUrl";
    let concerns = route.service.id == "sqs" && route.protocol == Protocol::Query;
    if concerns && route.path.len() > 1 && map.get(MEMBER).is_none() && input.member(MEMBER).is_some() {
        map.push(MEMBER, route.path.as_str());
    }
}

fn read_body(route: &Route, input: &'static Structure, query: &str, body: &Bytes, map: &mut Map) -> Result<(), Fail> {
    let service = route.model();
    match route.protocol {
        Protocol::Json => *map = json::read_members(service, input, |_| true, body)?,
        Protocol::Query | Protocol::Ec2 => *map = query_read::read(service, route.protocol, input, query, body)?,
        Protocol::RpcV2Cbor => *map = cbor::read_members(service, input, body)?,
        Protocol::RestJson | Protocol::RestXml => {
            if let Some(member) = payload(input) {
                if let Some(value) = read_payload(service, route.protocol, member, body)? {
                    map.push(member.name, value);
                }
            } else if input.members.iter().any(in_body) {
                let members = members_of_body(service, route.protocol, input, in_body, body)?;
                members.into_iter().for_each(|(name, value)| map.push(name, value));
            }
        }
    }
    Ok(())
}

/// Reads a payload member from a body; `None` if there is no body.
pub(crate) fn read_payload(
    service: &'static Service,
    protocol: Protocol,
    member: &'static Member,
    body: &Bytes,
) -> Result<Option<Value>, Fail> {
    if body.is_empty() {
        return Ok(None);
    }
    let shape: &'static Shape = service.shape(member.shape);
    match &shape.kind {
        Kind::Blob { .. } => Ok(Some(Value::Blob(body.clone()))),
        Kind::String { .. } => {
            let text = std::str::from_utf8(body).map_err(|_| Fail::malformed("The body is not UTF-8."))?;
            Ok(Some(Value::from(text)))
        }
        _ if protocol == Protocol::RestXml => {
            let mut read = xml::Read::new(service, body)?;
            let Some(root) = read.pull.root()? else { return Ok(None) };
            let value = read.value(shape, Some(member), &root)?;
            read.pull.finish()?;
            Ok(Some(value))
        }
        _ => json::read(service, shape, Some(member), body).map(|value| Some(value).filter(|v| !v.is_null())),
    }
}

/// Reads the members that stand in a body.
pub(crate) fn members_of_body(
    service: &'static Service,
    protocol: Protocol,
    structure: &'static Structure,
    wanted: fn(&Member) -> bool,
    body: &[u8],
) -> Result<Map, Fail> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    if protocol == Protocol::RestXml {
        let mut read = xml::Read::new(service, body)?;
        let Some(root) = read.pull.root()? else { return Ok(Map::new()) };
        let map = read.structure(structure, wanted, &root)?;
        read.pull.finish()?;
        return Ok(map);
    }
    json::read_members(service, structure, wanted, body)
}

/// Reads the members that stand in the path, the query string and the headers.
fn bound(route: &Route, input: &'static Structure, headers: &HeaderMap, query: &str) -> Result<Map, Fail> {
    let mut map = Map::with_capacity(input.members.len().min(8));
    let (mut labels, mut pairs) = (Vec::new(), Vec::new());
    if input.members.iter().any(|m| m.location == Location::Uri) {
        labels = labels::read(route.operation.uri, &route.path)?;
    }
    if !query.is_empty() && input.members.iter().any(|m| m.location == Location::QueryString) {
        pairs = form::pairs(query)?;
    }
    for member in &input.members {
        let value = match member.location {
            Location::Uri => match labels.iter().find(|(name, _)| *name == wire_name(member)) {
                Some((_, text)) => Some(parameter(route.model(), member, text)?),
                None => None,
            },
            Location::QueryString => query_member(route, input, member, &pairs)?,
            Location::Header => header::read(route.model(), member, headers)?,
            Location::Headers => header::read_prefixed(member, headers),
            Location::Body | Location::StatusCode | Location::EventHeader => None,
        };
        if let Some(value) = value {
            map.push(member.name, value);
        }
    }
    Ok(map)
}

/// A label or a parameter of the query string.
fn parameter(service: &'static Service, member: &'static Member, text: &str) -> Result<Value, Fail> {
    let value = scalar::from_text(service.shape(member.shape), Some(member), text, TimestampFormat::Iso8601);
    value.map_err(|fail| Fail { parameter: None, ..fail }.of(wire_name(member), text))
}

fn query_member(
    route: &Route,
    input: &'static Structure,
    member: &'static Member,
    pairs: &Pairs<'_>,
) -> Result<Option<Value>, Fail> {
    let name = wire_name(member);
    let texts = || pairs.iter().filter(|(n, _)| n == name).map(|(_, text)| text.as_ref());
    match &route.model().shape(member.shape).kind {
        Kind::List { member: item, .. } => {
            let mut list = Vec::new();
            for text in texts() {
                list.push(
                    parameter(route.model(), item, text).map_err(|f| Fail { parameter: None, ..f }.of(name, text))?,
                );
            }
            Ok((!list.is_empty()).then_some(Value::List(list)))
        }
        Kind::Map { value, .. } => query_map(route, input, value, pairs),
        _ => texts().next().map(|text| parameter(route.model(), member, text)).transpose(),
    }
}

/// The map of all parameters that no other member is bound to.
fn query_map(
    route: &Route,
    input: &'static Structure,
    value: &'static Member,
    pairs: &Pairs<'_>,
) -> Result<Option<Value>, Fail> {
    let service = route.model();
    let bound = |name: &str| {
        let other = |m: &Member| m.location == Location::QueryString && wire_name(m) == name;
        let is_map = |m: &Member| matches!(service.shape(m.shape).kind, Kind::Map { .. });
        input.members.iter().any(|m| other(m) && !is_map(m))
            || labels::constants(route.operation.uri).any(|(constant, _)| constant == name)
    };
    let mut names: Vec<&str> = Vec::new();
    let mut values: std::collections::HashMap<&str, Vec<&str>> = std::collections::HashMap::new();
    for (name, text) in pairs.iter().filter(|(name, _)| !bound(name)) {
        let texts = values.entry(name).or_default();
        if texts.is_empty() {
            names.push(name);
        }
        texts.push(text);
    }
    let mut map = Map::with_capacity(names.len());
    for name in names {
        let texts = values.remove(name).unwrap_or_default();
        let value = match &service.shape(value.shape).kind {
            Kind::List { member: item, .. } => {
                let items = texts.iter().map(|text| parameter(service, item, text)).collect::<Result<_, _>>()?;
                Value::List(items)
            }
            _ => parameter(service, value, texts.first().copied().unwrap_or_default())?,
        };
        map.push(Name::Owned(name.to_owned()), value);
    }
    Ok((!map.is_empty()).then_some(Value::Map(map)))
}

/// Takes members that fill the host prefix from the host, where they were not sent otherwise.
fn host_labels(route: &Route, input: &'static Structure, headers: &HeaderMap, map: &mut Map) {
    let Some(template) = route.operation.host_prefix else { return };
    let Some(host) = headers.get(http::header::HOST).and_then(|h| h.to_str().ok()) else { return };
    let Some(labels) = labels_of_host(template, host) else { return };
    for (name, text) in labels {
        if let Some(member) = input.members.iter().find(|m| m.host_label && m.name == name)
            && map.get(name).is_none()
        {
            map.push(member.name, text);
        }
    }
}

/// Labels of a template like `{AccountId}.data-` at the front of a host name.
fn labels_of_host(template: &'static str, host: &str) -> Option<Vec<(&'static str, String)>> {
    let mut labels = Vec::new();
    let mut rest = host;
    let mut parts = labels::parts(template).peekable();
    while let Some(part) = parts.next() {
        match part {
            labels::Part::Literal(literal) => rest = rest.strip_prefix(literal)?,
            labels::Part::Label { name, .. } => {
                let end = match parts.peek() {
                    Some(labels::Part::Literal(next)) => rest.find(next)?,
                    _ => rest.find('.')?,
                };
                let (text, after) = rest.split_at(end);
                labels.push((name, text.to_owned()));
                rest = after;
            }
        }
    }
    Some(labels)
}
