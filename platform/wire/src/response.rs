//! Outputs to answers: the way out.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use welkin_model::{Kind, Location, Member, Protocol, Service, Structure};

use crate::route::{in_answer_body, payload, stream_member};
use crate::serialise_error::SerialiseError;
use crate::xml::Side;
use crate::{Body, Map, Route, Value, binding, cbor, json, s3, xml};

/// What an answer says of itself.
#[derive(Clone, Debug, Default)]
pub struct ResponseMeta {
    /// Id of the request.
    pub request_id: String,
    /// S3's extended request id (`x-amz-id-2`); left out if empty.
    pub host_id: String,
}

/// Writes the answer of an operation from its output: a map of members (null: no members).
///
/// A body that streams is taken out of its [`crate::Stream`]. A member that the model does not know,
/// or a value that does not fit its shape, is an error that names it.
pub fn serialise_response(
    route: &Route,
    output: &Value,
    meta: &ResponseMeta,
) -> Result<Response<Body>, SerialiseError> {
    let empty = Map::new();
    let map = match (output, route.output()) {
        (Value::Map(map), Some(_)) => map,
        (Value::Map(map), None) => match map.iter().next() {
            Some((name, _)) => return Err(SerialiseError::unknown(name)),
            None => &empty,
        },
        (Value::Null, _) => &empty,
        (other, output) => {
            let shape = output.map(|(shape, _)| shape);
            return Err(shape.map_or_else(|| SerialiseError::unknown("output"), |s| SerialiseError::kind(s, other)));
        }
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(route.operation.status).unwrap_or(StatusCode::OK);
    id_headers(route.model(), response.headers_mut(), &meta.request_id, &meta.host_id);
    write(route, map, meta, &mut response)?;
    Ok(response)
}

fn write(route: &Route, map: &Map, meta: &ResponseMeta, response: &mut Response<Body>) -> Result<(), SerialiseError> {
    let output = route.output().map(|(_, output)| output);
    if let Some(output) = output {
        if route.is_rest() {
            bound(route.model(), output, map, response)?;
        }
        if let Some(member) = stream_member(route, output) {
            return write_stream(route, output, member, map, response);
        }
    }
    let body = match (route.protocol, output) {
        (Protocol::Json, None) => Vec::new(),
        (Protocol::Json, Some(output)) => {
            let mut writer = json::Writer::new(route.model());
            writer.begin();
            writer.members(output, map, |_| true, 0)?;
            writer.end();
            writer.finish()
        }
        (Protocol::RpcV2Cbor, None) => {
            response.headers_mut().insert(SMITHY_PROTOCOL, HeaderValue::from_static("rpc-v2-cbor"));
            return Ok(());
        }
        (Protocol::RpcV2Cbor, Some(output)) => cbor::write_members(route.model(), output, map)?,
        (Protocol::Query | Protocol::Ec2, output) => rpc_xml(route, output, map, meta)?,
        (Protocol::RestJson | Protocol::RestXml, None) => return Ok(()),
        (Protocol::RestJson | Protocol::RestXml, Some(output)) => return rest_body(route, output, map, response),
    };
    if route.protocol == Protocol::RpcV2Cbor {
        response.headers_mut().insert(SMITHY_PROTOCOL, HeaderValue::from_static("rpc-v2-cbor"));
    }
    response.headers_mut().insert(CONTENT_TYPE, content_type(route.model(), route.protocol));
    *response.body_mut() = Body::Full(Bytes::from(body));
    Ok(())
}

pub(crate) const SMITHY_PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");

/// Media type of structured bodies.
pub(crate) fn content_type(service: &Service, protocol: Protocol) -> HeaderValue {
    HeaderValue::from_static(match protocol {
        Protocol::Query => "text/xml",
        Protocol::Ec2 => "text/xml;charset=UTF-8",
        Protocol::Json if service.json_version == Some("1.0") => "application/x-amz-json-1.0",
        Protocol::Json => "application/x-amz-json-1.1",
        Protocol::RestJson => "application/json",
        Protocol::RestXml if service.id == "s3" => "application/xml",
        Protocol::RestXml => "text/xml",
        Protocol::RpcV2Cbor => "application/cbor",
    })
}

/// Adds the headers that carry the request's ids.
pub(crate) fn id_headers(service: &Service, headers: &mut HeaderMap, request_id: &str, host_id: &str) {
    let s3 = matches!(service.id, "s3" | "s3control");
    let name = if s3 { "x-amz-request-id" } else { "x-amzn-requestid" };
    if let Ok(id) = HeaderValue::from_str(request_id)
        && !request_id.is_empty()
    {
        headers.insert(HeaderName::from_static(name), id);
    }
    if let (true, false, Ok(id)) = (s3, host_id.is_empty(), HeaderValue::from_str(host_id)) {
        headers.insert(HeaderName::from_static("x-amz-id-2"), id);
    }
}

/// Writes the members that stand in the status and the headers; checks that all are known.
pub(crate) fn bound(
    service: &'static Service,
    output: &'static Structure,
    map: &Map,
    response: &mut Response<Body>,
) -> Result<(), SerialiseError> {
    let mut finder = crate::route::Finder::new(output);
    for (name, value) in map.iter() {
        let member = finder.find(|m| m.name == name).ok_or_else(|| SerialiseError::unknown(name))?;
        if value.is_null() {
            continue;
        }
        let written = match member.location {
            Location::Header => binding::headers::write(service, member, value, response.headers_mut()),
            Location::Headers => binding::headers::write_prefixed(service, member, value, response.headers_mut()),
            Location::StatusCode => status(service, member, value, response),
            _ => Ok(()),
        };
        written.map_err(|e| e.within(name))?;
    }
    Ok(())
}

fn status(
    service: &'static Service,
    member: &'static Member,
    value: &Value,
    response: &mut Response<Body>,
) -> Result<(), SerialiseError> {
    let status = value.as_int().and_then(|int| u16::try_from(int).ok()).and_then(|s| StatusCode::from_u16(s).ok());
    let status = status.ok_or_else(|| SerialiseError::kind(service.shape(member.shape), value))?;
    *response.status_mut() = status;
    Ok(())
}

fn write_stream(
    route: &Route,
    output: &'static Structure,
    member: &'static Member,
    map: &Map,
    response: &mut Response<Body>,
) -> Result<(), SerialiseError> {
    let events = matches!(&route.model().shape(member.shape).kind, Kind::Structure(s) if s.event_stream);
    let mut body = match map.get(member.name) {
        None | Some(Value::Null) => Body::empty(),
        Some(Value::Stream(stream)) => stream.take().unwrap_or_else(Body::empty),
        Some(Value::Blob(bytes)) if !events => Body::Full(bytes.clone()),
        Some(other) => return Err(SerialiseError::kind(route.model().shape(member.shape), other).within(member.name)),
    };
    if events && !route.is_rest() {
        let first = crate::event_stream::initial_response(route, output, map)?;
        body = crate::event_stream::prepend(first, body);
    }
    if route.protocol == Protocol::RpcV2Cbor {
        response.headers_mut().insert(SMITHY_PROTOCOL, HeaderValue::from_static("rpc-v2-cbor"));
    }
    let media = if events { "application/vnd.amazon.eventstream" } else { "application/octet-stream" };
    response.headers_mut().entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(media));
    *response.body_mut() = body;
    Ok(())
}

fn rpc_xml(
    route: &Route,
    output: Option<&'static Structure>,
    map: &Map,
    meta: &ResponseMeta,
) -> Result<Vec<u8>, SerialiseError> {
    let mut writer = xml::Writer::new(route.model(), route.protocol, Side::Server);
    let root = format!("{}Response", route.operation.name);
    let ec2 = route.protocol == Protocol::Ec2;
    if ec2 {
        writer.declaration();
    }
    writer.open(&root, namespace(route.model()).as_deref());
    if ec2 {
        writer.leaf("requestId", &meta.request_id);
    }
    if let Some(wrapper) = route.operation.result_wrapper {
        writer.open(wrapper, None);
    }
    if let Some(output) = output {
        writer.members(output, map, |_| true, 0)?;
    }
    if let Some(wrapper) = route.operation.result_wrapper {
        writer.close(wrapper);
    }
    if !ec2 {
        writer.open("ResponseMetadata", None);
        writer.leaf("RequestId", &meta.request_id);
        writer.close("ResponseMetadata");
    }
    writer.close(&root);
    Ok(writer.finish())
}

/// Namespace of a service's XML answers.
pub(crate) fn namespace(service: &'static Service) -> Option<std::borrow::Cow<'static, str>> {
    use std::borrow::Cow;
    if let Some(namespace) = service.xml_namespace {
        return Some(Cow::Borrowed(namespace));
    }
    match service.id {
        "s3" => Some(Cow::Borrowed("http://s3.amazonaws.com/doc/2006-03-01/")),
        "s3control" => Some(Cow::Borrowed("http://awss3control.amazonaws.com/doc/2018-08-20/")),
        "route53" => Some(Cow::Borrowed("https://route53.amazonaws.com/doc/2013-04-01/")),
        "cloudfront" => Some(Cow::Owned(format!("http://cloudfront.amazonaws.com/doc/{}/", service.api_version))),
        "ec2" => Some(Cow::Owned(format!("http://ec2.amazonaws.com/doc/{}/", service.api_version))),
        _ => None,
    }
}

fn rest_body(
    route: &Route,
    output: &'static Structure,
    map: &Map,
    response: &mut Response<Body>,
) -> Result<(), SerialiseError> {
    let service = route.model();
    let (body, media) = if let Some(member) = payload(output) {
        let value = map.get(member.name).filter(|v| !v.is_null());
        match value {
            Some(value) => payload_body(route, member, value).map_err(|e| e.within(member.name))?,
            None => return Ok(()),
        }
    } else if output.members.iter().any(in_answer_body) {
        let bytes = match route.protocol {
            Protocol::RestXml => xml_body(route, output, map)?,
            _ => {
                let mut writer = json::Writer::new(service);
                writer.begin();
                writer.members(output, map, in_answer_body, 0)?;
                writer.end();
                writer.finish()
            }
        };
        (Bytes::from(bytes), content_type(service, route.protocol))
    } else {
        return Ok(());
    };
    if matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        return Ok(());
    }
    response.headers_mut().entry(CONTENT_TYPE).or_insert(media);
    *response.body_mut() = Body::Full(body);
    Ok(())
}

fn xml_body(route: &Route, output: &'static Structure, map: &Map) -> Result<Vec<u8>, SerialiseError> {
    let mut writer = xml::Writer::new(route.model(), Protocol::RestXml, Side::Server);
    writer.declaration();
    let shape = route.operation.output.map(|id| route.model().shape(id).name);
    let name = s3::root(route).or(output.location_name).or(shape).unwrap_or(route.operation.name);
    writer.open(name, namespace(route.model()).as_deref());
    if s3::is_location_answer(route) {
        writer.text(map.get("LocationConstraint").and_then(Value::as_str).unwrap_or_default());
    } else {
        writer.members(output, map, in_answer_body, 0)?;
    }
    writer.close(name);
    Ok(writer.finish())
}

/// Bytes and media type of a payload member.
fn payload_body(route: &Route, member: &'static Member, value: &Value) -> Result<(Bytes, HeaderValue), SerialiseError> {
    let shape = route.model().shape(member.shape);
    match (&shape.kind, value) {
        (Kind::Blob { .. }, Value::Blob(bytes)) => {
            Ok((bytes.clone(), HeaderValue::from_static("application/octet-stream")))
        }
        (Kind::String { .. }, Value::String(text)) => {
            Ok((Bytes::from(text.clone()), HeaderValue::from_static("text/plain")))
        }
        (Kind::Structure(structure), value) if route.protocol == Protocol::RestXml => {
            let Value::Map(map) = value else { return Err(SerialiseError::kind(shape, value)) };
            let mut writer = xml::Writer::new(route.model(), Protocol::RestXml, Side::Server);
            writer.declaration();
            let name = member.location_name.or(structure.location_name).unwrap_or(shape.name);
            writer.root(name, namespace(route.model()).as_deref(), member, structure, map)?;
            Ok((Bytes::from(writer.finish()), content_type(route.model(), route.protocol)))
        }
        _ => {
            let mut writer = json::Writer::new(route.model());
            writer.value(shape, Some(member), value, 0)?;
            Ok((Bytes::from(writer.finish()), content_type(route.model(), route.protocol)))
        }
    }
}
