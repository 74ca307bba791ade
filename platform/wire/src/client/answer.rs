//! Answers to outputs and errors.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use welkin_model::{Kind, Location, Protocol, Service, Shape, ShapeId, Structure};

use crate::binding::headers as header;
use crate::parse_error::Fail;
use crate::request::{members_of_body, read_payload};
use crate::route::{in_answer_body, payload, stream_member};
use crate::{Body, Map, Route, Stream, Value, cbor, json, s3, xml};

/// An error that a service answered, or an answer that could not be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientError {
    /// HTTP status.
    pub status: u16,
    /// Code; `UnreadableAnswer` where the answer could not be read.
    pub code: String,
    /// Message.
    pub message: String,
    /// Members of the error, by the model where it has the error.
    pub members: Map,
    /// Id of the request, if the answer had one.
    pub request_id: Option<String>,
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.code, self.status, self.message)
    }
}

impl std::error::Error for ClientError {}

/// Reads the answer to a request: the output, or the error. A body that streams may be passed unread
/// for an answer of success; any other must be [`Body::Full`].
pub fn parse_response(
    route: &Route,
    status: StatusCode,
    headers: &HeaderMap,
    body: Body,
) -> Result<Value, ClientError> {
    let unreadable = |fail: Fail| ClientError {
        status: status.as_u16(),
        code: "UnreadableAnswer".to_owned(),
        message: fail.message,
        request_id: request_id(headers),
        ..ClientError::default()
    };
    if status.is_success() {
        let map = read(route, status, headers, body).map_err(unreadable)?;
        return Ok(without_nulls(route.model(), route.operation.output, Value::Map(map)));
    }
    let Body::Full(bytes) = body else { return Err(unreadable(Fail::malformed("The body was not read."))) };
    let mut error = read_error(route, headers, &bytes).map_err(unreadable)?;
    if let Some((_, structure)) = error_structure(route, &error.code) {
        for member in structure.members.iter().filter(|m| route.is_rest() && m.location == Location::StatusCode) {
            error.members.insert(member.name, i64::from(status.as_u16()));
        }
    }
    error.status = status.as_u16();
    error.request_id = error.request_id.or_else(|| request_id(headers));
    if error.code.is_empty() {
        error.code = status.as_str().to_owned();
    }
    Err(error)
}

/// Drops the nulls of maps that have none: a later version of the service may send them.
fn without_nulls(service: &'static Service, shape: Option<ShapeId>, value: Value) -> Value {
    let Some(shape) = shape.map(|id| service.shape(id)) else { return value };
    match (&shape.kind, value) {
        (Kind::Structure(s), Value::Map(map)) if !s.document => {
            let inner = |name: &str| s.member(name).map(|m| m.shape);
            Value::Map(map.into_iter().map(|(n, v)| (n.clone(), without_nulls(service, inner(&n), v))).collect())
        }
        (Kind::List { member, .. }, Value::List(list)) => {
            Value::List(list.into_iter().map(|v| without_nulls(service, Some(member.shape), v)).collect())
        }
        (Kind::Map { value: item, sparse, .. }, Value::Map(map)) => {
            let kept = map.into_iter().filter(|(_, v)| *sparse || !v.is_null());
            Value::Map(kept.map(|(n, v)| (n, without_nulls(service, Some(item.shape), v))).collect())
        }
        (_, value) => value,
    }
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    headers.get("x-amzn-requestid").or_else(|| headers.get("x-amz-request-id")).map(header::text)
}

fn read(route: &Route, status: StatusCode, headers: &HeaderMap, body: Body) -> Result<Map, Fail> {
    let Some((_, output)) = route.output() else { return Ok(Map::new()) };
    let mut map = Map::new();
    if route.is_rest() {
        bound(route, output, status, headers, &mut map)?;
    }
    if let Some(member) = stream_member(route, output) {
        map.push(member.name, Stream::new(body));
        return Ok(map);
    }
    let Body::Full(bytes) = body else { return Err(Fail::malformed("The body was not read.")) };
    let service = route.model();
    match route.protocol {
        Protocol::Json => json::read_members(service, output, |_| true, &bytes),
        Protocol::RpcV2Cbor => cbor::read_members(service, output, &bytes),
        Protocol::Query | Protocol::Ec2 => rpc_xml(route, output, &bytes),
        Protocol::RestJson | Protocol::RestXml => {
            if s3::is_location_answer(route) {
                location(&bytes, &mut map)?;
            } else if let Some(member) = payload(output) {
                if let Some(value) = read_payload(service, route.protocol, member, &bytes)? {
                    map.push(member.name, value);
                }
            } else if output.members.iter().any(in_answer_body) {
                let members = members_of_body(service, route.protocol, output, in_answer_body, &bytes)?;
                members.into_iter().for_each(|(name, value)| map.push(name, value));
            }
            Ok(map)
        }
    }
}

fn bound(
    route: &Route,
    output: &'static Structure,
    status: StatusCode,
    headers: &HeaderMap,
    map: &mut Map,
) -> Result<(), Fail> {
    for member in &output.members {
        let value = match member.location {
            Location::Header => header::read(route.model(), member, headers)?,
            Location::Headers => header::read_prefixed(member, headers),
            Location::StatusCode => Some(Value::Int(status.as_u16().into())),
            _ => None,
        };
        if let Some(value) = value {
            map.push(member.name, value);
        }
    }
    Ok(())
}

fn location(bytes: &[u8], map: &mut Map) -> Result<(), Fail> {
    let mut pull = xml::Pull::new(bytes)?;
    if pull.root()?.is_some() {
        let text = pull.text()?;
        if !text.is_empty() {
            map.push("LocationConstraint", text.into_owned());
        }
    }
    Ok(())
}

fn rpc_xml(route: &Route, output: &'static Structure, bytes: &[u8]) -> Result<Map, Fail> {
    let mut read = xml::Read::new(route.model(), bytes)?;
    let Some(root) = read.pull.root()? else { return Ok(Map::new()) };
    let Some(wrapper) = route.operation.result_wrapper else { return read.structure(output, |_| true, &root) };
    let mut map = Map::new();
    while let Some(start) = read.pull.child()? {
        if start.name() == wrapper {
            map = read.structure(output, |_| true, &start)?;
        } else {
            read.pull.skip()?;
        }
    }
    Ok(map)
}

fn read_error(route: &Route, headers: &HeaderMap, body: &Bytes) -> Result<ClientError, Fail> {
    match route.protocol {
        Protocol::Json | Protocol::RestJson => json_error(route, headers, body),
        Protocol::RpcV2Cbor => cbor_error(route, headers, body),
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => xml_error(route, headers, body),
    }
}

/// A code without the namespace before it and the address after it.
fn bare(code: &str) -> &str {
    let code = code.split_once(':').map_or(code, |(code, _)| code);
    code.rsplit_once('#').map_or(code, |(_, code)| code)
}

fn query_code(headers: &HeaderMap) -> Option<String> {
    let text = header::text(headers.get("x-amzn-query-error")?);
    text.split_once(';').map(|(code, _)| code.to_owned()).filter(|code| !code.is_empty())
}

fn error_structure(route: &Route, code: &str) -> Option<(&'static Shape, &'static Structure)> {
    let shape = route.model().error(code)?;
    match &shape.kind {
        Kind::Structure(structure) => Some((shape, structure)),
        _ => None,
    }
}

fn header_members(
    route: &Route,
    structure: &'static Structure,
    headers: &HeaderMap,
    members: &mut Map,
) -> Result<(), Fail> {
    for member in structure.members.iter().filter(|m| route.is_rest() && m.location == Location::Header) {
        if let Some(value) = header::read(route.model(), member, headers)? {
            members.insert(member.name, value);
        }
    }
    Ok(())
}

fn json_error(route: &Route, headers: &HeaderMap, body: &Bytes) -> Result<ClientError, Fail> {
    let document = if body.is_empty() { Value::Null } else { json::read_document(body)? };
    let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
    let header = headers.get("x-amzn-errortype").map(header::text);
    let code = header.or_else(|| text("__type")).or_else(|| text("code")).or_else(|| text("Code")).unwrap_or_default();
    let name = bare(&code).to_owned();
    let mut members = Map::new();
    if let Some((_, structure)) = error_structure(route, &name) {
        let wanted = if route.is_rest() { in_answer_body } else { |_: &welkin_model::Member| true };
        members = json::read_members(route.model(), structure, wanted, body)?;
        header_members(route, structure, headers, &mut members)?;
    }
    let message = text("message").or_else(|| text("Message")).unwrap_or_default();
    Ok(ClientError { code: query_code(headers).unwrap_or(name), message, members, ..ClientError::default() })
}

fn cbor_error(route: &Route, headers: &HeaderMap, body: &Bytes) -> Result<ClientError, Fail> {
    let document = if body.is_empty() { Value::Null } else { cbor::read_any(route.model(), body)? };
    let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
    let code = text("__type").unwrap_or_default();
    let name = bare(&code).to_owned();
    let members = match error_structure(route, &name) {
        Some((_, structure)) => cbor::read_members(route.model(), structure, body)?,
        None => Map::new(),
    };
    let message = text("message").or_else(|| text("Message")).unwrap_or_default();
    Ok(ClientError { code: query_code(headers).unwrap_or(name), message, members, ..ClientError::default() })
}

fn xml_error(route: &Route, headers: &HeaderMap, body: &Bytes) -> Result<ClientError, Fail> {
    let mut error = ClientError::default();
    let mut pull = xml::Pull::new(body)?;
    let Some(root) = pull.root()? else { return Ok(error) };
    let bare_error = root.name() == "Error";
    xml_facts(&mut pull, bare_error, &mut error)?;
    if let Some((_, structure)) = error_structure(route, &error.code) {
        let mut read = xml::Read::new(route.model(), body)?;
        if let Some(start) = error_element(&mut read)? {
            let wanted = if route.is_rest() { in_answer_body } else { |_: &welkin_model::Member| true };
            error.members = read.structure(structure, wanted, &start)?;
        }
        header_members(route, structure, headers, &mut error.members)?;
    }
    Ok(error)
}

/// Reads code, message and request id from anywhere below the root.
fn xml_facts(pull: &mut xml::Pull<'_>, inside: bool, error: &mut ClientError) -> Result<(), Fail> {
    while let Some(start) = pull.child()? {
        match start.name() {
            "Error" | "Errors" if !inside => xml_facts(pull, start.name() == "Error", error)?,
            "Code" if inside => error.code = pull.text()?.into_owned(),
            "Message" if inside => error.message = pull.text()?.into_owned(),
            "RequestId" | "RequestID" => error.request_id = Some(pull.text()?.into_owned()),
            _ => pull.skip()?,
        }
    }
    Ok(())
}

/// Goes to the element that holds the error's members.
fn error_element<'a>(read: &mut xml::Read<'a>) -> Result<Option<xml::Start<'a>>, Fail> {
    let Some(root) = read.pull.root()? else { return Ok(None) };
    if root.name() == "Error" {
        return Ok(Some(root));
    }
    // Neither `ErrorResponse` nor `Response` and `Errors` have anything else of interest before it.
    while let Some(start) = read.pull.child()? {
        match start.name() {
            "Error" => return Ok(Some(start)),
            "Errors" => {}
            _ => read.pull.skip()?,
        }
    }
    Ok(None)
}
