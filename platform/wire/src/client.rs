//! The client's side: requests to send, answers to read.

mod answer;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use welkin_model::{Kind, Location, Member, Protocol, Structure, TimestampFormat};

pub use answer::{ClientError, parse_response};

use crate::binding::{headers, labels};
use crate::response::{SMITHY_PROTOCOL, content_type, namespace};
use crate::route::{Finder, in_body, payload, stream_member, wire_name};
use crate::serialise_error::{Problem, SerialiseError};
use crate::xml::{Side, Writer};
use crate::{Body, Fraction, Map, Route, Value, cbor, event_stream, json, query_write, scalar};

/// A request to sign and send.
#[derive(Debug)]
pub struct ClientRequest {
    /// HTTP method.
    pub method: &'static str,
    /// Path, percent-encoded.
    pub path: String,
    /// Query string, percent-encoded, without the question mark.
    pub query: String,
    /// Headers that the protocol and the input ask for.
    pub headers: HeaderMap,
    /// Body.
    pub body: Body,
    /// What stands in front of the end point's host name.
    pub host_prefix: Option<String>,
}

type Result<T> = std::result::Result<T, SerialiseError>;

/// Writes the request of an operation from its input. The route's path is not looked at.
pub fn serialise_request(route: &Route, input: &Value) -> Result<ClientRequest> {
    let empty = Map::new();
    let map = match input {
        Value::Map(map) => map,
        Value::Null => &empty,
        _ => return Err(SerialiseError::new(Problem::Kind { shape: "input", found: "no map" })),
    };
    let structure = route.input().map(|(_, structure)| structure);
    if let (None, Some((name, _))) = (structure, map.iter().next()) {
        return Err(SerialiseError::unknown(name));
    }
    let mut request = ClientRequest {
        method: route.operation.method,
        path: "/".to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Body::empty(),
        host_prefix: route.operation.host_prefix.map(|template| host_prefix(template, map)).transpose()?,
    };
    if route.is_rest() {
        bind(route, structure, map, &mut request)?;
    } else {
        rpc_headers(route, &mut request)?;
    }
    match structure.and_then(|s| stream_member(route, s).map(|member| (s, member))) {
        Some((structure, member)) => write_stream(route, structure, member, map, &mut request)?,
        None => write_body(route, structure, map, &mut request)?,
    }
    Ok(request)
}

fn host_prefix(template: &'static str, map: &Map) -> Result<String> {
    let mut prefix = String::new();
    for part in labels::parts(template) {
        match part {
            labels::Part::Literal(literal) => prefix.push_str(literal),
            labels::Part::Label { name, .. } => match map.get(name) {
                Some(Value::String(text)) if !text.is_empty() => prefix.push_str(text),
                _ => return Err(SerialiseError::new(Problem::Label(name.to_owned()))),
            },
        }
    }
    Ok(prefix)
}

fn rpc_headers(route: &Route, request: &mut ClientRequest) -> Result<()> {
    let (service, name) = (route.service, route.operation.name);
    let target = || service.target_prefix.ok_or_else(|| SerialiseError::new(Problem::Protocol));
    match route.protocol {
        Protocol::Json => {
            let text = headers::header_value(&format!("{}.{name}", target()?))?;
            request.headers.insert(HeaderName::from_static("x-amz-target"), text);
        }
        Protocol::RpcV2Cbor => {
            request.method = "POST";
            request.path = format!("/service/{}/operation/{name}", target()?);
            request.headers.insert(SMITHY_PROTOCOL, HeaderValue::from_static("rpc-v2-cbor"));
            request.headers.insert(ACCEPT, HeaderValue::from_static("application/cbor"));
        }
        _ => {}
    }
    if service.query_compatible && matches!(route.protocol, Protocol::Json | Protocol::RpcV2Cbor) {
        request.headers.insert(HeaderName::from_static("x-amzn-query-mode"), HeaderValue::from_static("true"));
    }
    Ok(())
}

/// Writes the members that stand in the path, the query string and the headers.
fn bind(route: &Route, structure: Option<&'static Structure>, map: &Map, request: &mut ClientRequest) -> Result<()> {
    let service = route.model();
    request.path = String::new();
    for part in labels::parts(route.operation.uri) {
        match part {
            labels::Part::Literal(literal) => request.path.push_str(literal),
            labels::Part::Label { name, greedy } => {
                let is = |m: &&Member| m.location == Location::Uri && wire_name(m) == name;
                let member = structure.and_then(|s| s.members.iter().find(is));
                let value = member.and_then(|m| map.get(m.name).map(|value| (m, value)));
                let text = value.and_then(|(m, value)| parameter(route, m, value)).filter(|text| !text.is_empty());
                let text = text.ok_or_else(|| SerialiseError::new(Problem::Label(name.to_owned())))?;
                labels::encode(&mut request.path, &text, greedy);
            }
        }
    }
    for (name, text) in labels::constants(route.operation.uri) {
        add_parameter(&mut request.query, name, text);
    }
    let Some(structure) = structure else { return Ok(()) };
    let mut finder = Finder::new(structure);
    for (name, value) in map.iter() {
        let member = finder.find(|m| m.name == name).ok_or_else(|| SerialiseError::unknown(name))?;
        if value.is_null() {
            continue;
        }
        let written = match member.location {
            Location::QueryString => query_member(route, member, value, &mut request.query),
            Location::Header => headers::write(service, member, value, &mut request.headers),
            Location::Headers => headers::write_prefixed(service, member, value, &mut request.headers),
            _ => Ok(()),
        };
        written.map_err(|e| e.within(name))?;
    }
    Ok(())
}

fn add_parameter(query: &mut String, name: &str, text: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    labels::encode(query, name, false);
    if !text.is_empty() {
        query.push('=');
        labels::encode(query, text, false);
    }
}

fn parameter(route: &Route, member: &'static Member, value: &Value) -> Option<String> {
    let shape = route.model().shape(member.shape);
    scalar::to_text(shape, Some(member), value, TimestampFormat::Iso8601, Fraction::AsNeeded)
}

fn query_member(route: &Route, member: &'static Member, value: &Value, query: &mut String) -> Result<()> {
    let shape = route.model().shape(member.shape);
    let wrong = || SerialiseError::kind(shape, value);
    match (&shape.kind, value) {
        (Kind::List { member: item, .. }, Value::List(list)) => {
            for value in list {
                add_parameter(query, wire_name(member), &parameter(route, item, value).ok_or_else(wrong)?);
            }
        }
        (Kind::Map { value: item, .. }, Value::Map(map)) => {
            for (name, value) in map.iter() {
                match (&route.model().shape(item.shape).kind, value) {
                    (Kind::List { member: item, .. }, Value::List(list)) => {
                        for value in list {
                            add_parameter(query, name, &parameter(route, item, value).ok_or_else(wrong)?);
                        }
                    }
                    _ => add_parameter(query, name, &parameter(route, item, value).ok_or_else(wrong)?),
                }
            }
        }
        _ => {
            let text = parameter(route, member, value).ok_or_else(wrong)?;
            add_parameter(query, wire_name(member), &text);
        }
    }
    Ok(())
}

fn write_stream(
    route: &Route,
    structure: &'static Structure,
    member: &'static Member,
    map: &Map,
    request: &mut ClientRequest,
) -> Result<()> {
    let events = matches!(&route.model().shape(member.shape).kind, Kind::Structure(s) if s.event_stream);
    let mut body = match map.get(member.name) {
        Some(Value::Stream(stream)) => stream.take().unwrap_or_else(Body::empty),
        Some(Value::Blob(bytes)) if !events => Body::Full(bytes.clone()),
        None | Some(Value::Null) => Body::empty(),
        Some(other) => return Err(SerialiseError::kind(route.model().shape(member.shape), other).within(member.name)),
    };
    if events {
        if !route.is_rest() {
            let first = event_stream::initial(route.model(), route.protocol, structure, map, "initial-request")?;
            body = event_stream::prepend(first, body);
        }
        let media = HeaderValue::from_static("application/vnd.amazon.eventstream");
        request.headers.insert(CONTENT_TYPE, media);
    }
    request.body = body;
    Ok(())
}

fn write_body(
    route: &Route,
    structure: Option<&'static Structure>,
    map: &Map,
    request: &mut ClientRequest,
) -> Result<()> {
    let service = route.model();
    let media = content_type(service, route.protocol);
    let (bytes, media) = match (route.protocol, structure) {
        (Protocol::Query | Protocol::Ec2, structure) => {
            let input = structure.map(|structure| (structure, map));
            let body = query_write::write(service, route.protocol, route.operation.name, input)?;
            (body.into_bytes(), HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8"))
        }
        (Protocol::Json, None) => (b"{}".to_vec(), media),
        (Protocol::Json, Some(structure)) => (json_body(route, structure, map, |_| true)?, media),
        (Protocol::RpcV2Cbor, Some(structure)) => (cbor::write_members(service, structure, map)?, media),
        (Protocol::RestJson | Protocol::RestXml, Some(structure)) => {
            return rest_body(route, structure, map, request);
        }
        (_, None) => return Ok(()),
    };
    request.headers.insert(CONTENT_TYPE, media);
    request.body = Body::Full(Bytes::from(bytes));
    Ok(())
}

fn json_body(route: &Route, structure: &'static Structure, map: &Map, wanted: fn(&Member) -> bool) -> Result<Vec<u8>> {
    let mut writer = json::Writer::new(route.model());
    writer.begin();
    writer.members(structure, map, wanted, 0)?;
    writer.end();
    Ok(writer.finish())
}

fn rest_body(route: &Route, structure: &'static Structure, map: &Map, request: &mut ClientRequest) -> Result<()> {
    let (bytes, media) = match payload(structure) {
        Some(member) => match map.get(member.name).filter(|value| !value.is_null()) {
            Some(value) => payload_body(route, member, value).map_err(|e| e.within(member.name))?,
            None => return Ok(()),
        },
        None => {
            let given = |m: &Member| in_body(m) && map.get(m.name).is_some_and(|v| !v.is_null());
            let media = content_type(route.model(), route.protocol);
            match route.protocol {
                Protocol::RestXml if structure.members.iter().any(given) => {
                    (Bytes::from(xml_body(route, structure, map)?), media)
                }
                Protocol::RestJson if structure.members.iter().any(in_body) => {
                    (Bytes::from(json_body(route, structure, map, in_body)?), media)
                }
                _ => return Ok(()),
            }
        }
    };
    request.headers.entry(CONTENT_TYPE).or_insert(media);
    request.body = Body::Full(bytes);
    Ok(())
}

fn xml_body(route: &Route, structure: &'static Structure, map: &Map) -> Result<Vec<u8>> {
    let mut writer = Writer::new(route.model(), Protocol::RestXml, Side::Client);
    let element = route.operation.input_element;
    let shape = route.operation.input.map(|id| route.model().shape(id).name);
    let name = element.map(|e| e.name).or(structure.location_name).or(shape).unwrap_or(route.operation.name);
    let service_namespace = namespace(route.model());
    writer.open(name, element.and_then(|e| e.namespace).or(service_namespace.as_deref()));
    writer.members(structure, map, in_body, 0)?;
    writer.close(name);
    Ok(writer.finish())
}

fn payload_body(route: &Route, member: &'static Member, value: &Value) -> Result<(Bytes, HeaderValue)> {
    let service = route.model();
    let shape = service.shape(member.shape);
    match (&shape.kind, value) {
        (Kind::Blob { .. }, Value::Blob(bytes)) => {
            Ok((bytes.clone(), HeaderValue::from_static("application/octet-stream")))
        }
        (Kind::String { .. }, Value::String(text)) => {
            Ok((Bytes::from(text.clone()), HeaderValue::from_static("text/plain")))
        }
        (Kind::Structure(structure), Value::Map(map)) if route.protocol == Protocol::RestXml => {
            let mut writer = Writer::new(service, Protocol::RestXml, Side::Client);
            let name = member.location_name.or(structure.location_name).unwrap_or(shape.name);
            writer.root(name, namespace(service).as_deref(), member, structure, map)?;
            Ok((Bytes::from(writer.finish()), content_type(service, route.protocol)))
        }
        _ => {
            let mut writer = json::Writer::new(service);
            writer.value(shape, Some(member), value, 0)?;
            Ok((Bytes::from(writer.finish()), content_type(service, route.protocol)))
        }
    }
}
