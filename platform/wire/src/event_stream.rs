//! Event streams (`application/vnd.amazon.eventstream`): frames, and events by the model.
//! <https://smithy.io/2.0/aws/amazon-eventstream.html>

mod frame;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use welkin_model::{Kind, Location, Member, Protocol, Service, ShapeId, Structure};

pub use frame::{Frame, FrameError, HeaderValue, MAX_FRAME, decode_frame, encode_frame};

use crate::parse_error::{Fail, ParseErrorKind};
use crate::route::{event_stream, structure};
use crate::serialise_error::{Problem, SerialiseError};
use crate::xml::{self, Side};
use crate::{Body, BodyError, Map, ParseError, Route, Timestamp, Value, cbor, json, scalar};

/// What a frame of a stream holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// An event: its name in the model, and its members.
    Event(String, Value),
    /// A modelled exception: its name, and its members.
    Exception(String, Value),
    /// An error that the model does not have: code and message.
    Error(String, String),
    /// The first frame of an RPC request or answer: the members that are not events.
    Initial(Value),
}

/// Writes an event or exception of `stream`, a union of events, as one frame.
pub fn encode_event(
    service: &'static Service,
    protocol: Protocol,
    stream: ShapeId,
    name: &str,
    value: &Value,
) -> Result<Bytes, SerialiseError> {
    let (_, union) = structure(service, stream).ok_or_else(|| SerialiseError::unknown(name))?;
    let member = union.members.iter().find(|m| m.name == name).ok_or_else(|| SerialiseError::unknown(name))?;
    let shape = service.shape(member.shape);
    let Some((_, event)) = structure(service, member.shape) else { return Err(SerialiseError::kind(shape, value)) };
    let Value::Map(map) = value else { return Err(SerialiseError::kind(shape, value).within(name)) };
    let exception = shape.error.is_some();
    let (kind, type_header) = if exception { ("exception", ":exception-type") } else { ("event", ":event-type") };
    let mut frame = Frame::new(&[(":message-type", kind), (type_header, member.name)]);
    write_event(service, protocol, event, map, &mut frame).map_err(|e| e.within(name))?;
    encode_frame(&frame).map_err(|_| SerialiseError::new(Problem::Text).within(name))
}

fn write_event(
    service: &'static Service,
    protocol: Protocol,
    event: &'static Structure,
    map: &Map,
    frame: &mut Frame,
) -> Result<(), SerialiseError> {
    for (name, value) in map.iter() {
        let member = event.members.iter().find(|m| m.name == name).ok_or_else(|| SerialiseError::unknown(name))?;
        if member.location == Location::EventHeader && !value.is_null() {
            let value = header(service, member, value)?;
            frame.headers.push((member.name.to_owned(), value));
        }
    }
    if let Some(member) = event.members.iter().find(|m| m.event_payload) {
        let Some(value) = map.get(member.name).filter(|v| !v.is_null()) else { return Ok(()) };
        let (bytes, media) = payload(service, protocol, member, value).map_err(|e| e.within(member.name))?;
        frame.payload = bytes;
        frame.headers.push((":content-type".to_owned(), HeaderValue::String(media.to_owned())));
    } else if event.members.iter().any(|m| m.location != Location::EventHeader) {
        frame.payload = Bytes::from(members(service, protocol, event, map)?);
        frame.headers.push((":content-type".to_owned(), HeaderValue::String(media(protocol).to_owned())));
    }
    Ok(())
}

fn media(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::RestXml | Protocol::Query | Protocol::Ec2 => "text/xml",
        Protocol::RpcV2Cbor => "application/cbor",
        Protocol::Json | Protocol::RestJson => "application/json",
    }
}

fn header(service: &'static Service, member: &'static Member, value: &Value) -> Result<HeaderValue, SerialiseError> {
    let shape = service.shape(member.shape);
    Ok(match (&shape.kind, value) {
        (Kind::Boolean, Value::Bool(bool)) => HeaderValue::Bool(*bool),
        (Kind::Integer, Value::Int(int)) => match i32::try_from(*int) {
            Ok(int) => HeaderValue::Int(int),
            Err(_) => return Err(SerialiseError::kind(shape, value).within(member.name)),
        },
        (Kind::Long, Value::Int(int)) => HeaderValue::Long(*int),
        (Kind::Blob { .. }, Value::Blob(bytes)) => HeaderValue::Bytes(bytes.clone()),
        (Kind::String { .. }, Value::String(text)) => HeaderValue::String(text.clone()),
        (Kind::Timestamp { .. }, Value::Timestamp(timestamp)) => HeaderValue::Timestamp(timestamp.millis()),
        _ => return Err(SerialiseError::kind(shape, value).within(member.name)),
    })
}

fn payload(
    service: &'static Service,
    protocol: Protocol,
    member: &'static Member,
    value: &Value,
) -> Result<(Bytes, &'static str), SerialiseError> {
    let shape = service.shape(member.shape);
    match (&shape.kind, value) {
        (Kind::Blob { .. }, Value::Blob(bytes)) => Ok((bytes.clone(), "application/octet-stream")),
        (Kind::String { .. }, Value::String(text)) => Ok((Bytes::from(text.clone()), "text/plain")),
        (Kind::Structure(structure), Value::Map(map)) if protocol == Protocol::RestXml => {
            let mut writer = xml::Writer::new(service, protocol, Side::Server);
            writer.root(shape.name, None, member, structure, map)?;
            Ok((Bytes::from(writer.finish()), media(protocol)))
        }
        (Kind::Structure(structure), Value::Map(map)) if protocol == Protocol::RpcV2Cbor => {
            Ok((Bytes::from(cbor::write_members(service, structure, map)?), media(protocol)))
        }
        (Kind::Structure(_), value) => {
            let mut writer = json::Writer::new(service);
            writer.value(shape, Some(member), value, 0)?;
            Ok((Bytes::from(writer.finish()), media(protocol)))
        }
        _ => Err(SerialiseError::kind(shape, value)),
    }
}

/// Members of an event that are neither header nor payload.
fn members(
    service: &'static Service,
    protocol: Protocol,
    event: &'static Structure,
    map: &Map,
) -> Result<Vec<u8>, SerialiseError> {
    let wanted = |m: &Member| m.location != Location::EventHeader;
    match protocol {
        Protocol::RestXml => {
            let mut writer = xml::Writer::new(service, protocol, Side::Server);
            writer.open("Event", None);
            writer.members(event, map, wanted, 0)?;
            writer.close("Event");
            Ok(writer.finish())
        }
        Protocol::RpcV2Cbor => cbor::write_members(service, event, map),
        _ => {
            let mut writer = json::Writer::new(service);
            writer.begin();
            writer.members(event, map, wanted, 0)?;
            writer.end();
            Ok(writer.finish())
        }
    }
}

/// Reads one frame of `stream`, a union of events. `rpc` is the structure around it (input of a
/// request, output of an answer), for the first frame of RPC protocols.
pub fn decode_event(
    service: &'static Service,
    protocol: Protocol,
    stream: ShapeId,
    rpc: Option<ShapeId>,
    frame: &Frame,
) -> Result<Event, ParseError> {
    read_event(service, protocol, stream, rpc, frame).map_err(|fail| fail.into_error(service, protocol))
}

fn read_event(
    service: &'static Service,
    protocol: Protocol,
    stream: ShapeId,
    rpc: Option<ShapeId>,
    frame: &Frame,
) -> Result<Event, Fail> {
    let kind = frame.text(":message-type").ok_or_else(|| Fail::malformed("A frame has no :message-type."))?;
    let name = match kind {
        "event" => frame.text(":event-type"),
        "exception" => frame.text(":exception-type"),
        "error" => {
            let text = |name| frame.text(name).unwrap_or_default().to_owned();
            return Ok(Event::Error(text(":error-code"), text(":error-message")));
        }
        _ => return Err(Fail::malformed("A frame has an unknown :message-type.")),
    };
    let name = name.ok_or_else(|| Fail::malformed("A frame does not name its type."))?;
    if let ("event", "initial-request" | "initial-response") = (kind, name) {
        let structure = rpc.and_then(|id| structure(service, id)).map(|(_, structure)| structure);
        let structure = structure.ok_or_else(|| Fail::malformed("Unexpected initial frame."))?;
        return read_members(service, protocol, structure, frame).map(|map| Event::Initial(Value::Map(map)));
    }
    let unknown = || Fail::new(ParseErrorKind::Union, format!("Unknown event {name}."));
    let (_, union) = structure(service, stream).ok_or_else(unknown)?;
    let member = union.members.iter().find(|m| m.name == name).ok_or_else(unknown)?;
    let (_, event) = structure(service, member.shape).ok_or_else(unknown)?;
    let value = Value::Map(read_event_members(service, protocol, event, frame)?);
    let name = member.name.to_owned();
    Ok(if kind == "exception" { Event::Exception(name, value) } else { Event::Event(name, value) })
}

fn read_event_members(
    service: &'static Service,
    protocol: Protocol,
    event: &'static Structure,
    frame: &Frame,
) -> Result<Map, Fail> {
    let payload = event.members.iter().find(|m| m.event_payload);
    let mut map = match payload {
        Some(member) => {
            let mut map = Map::new();
            if protocol == Protocol::RpcV2Cbor
                && let Some((_, structure)) = structure(service, member.shape)
            {
                map.push(member.name, cbor::read_members(service, structure, &frame.payload)?);
            } else if let Some(value) = crate::request::read_payload(service, protocol, member, &frame.payload)? {
                map.push(member.name, value);
            } else if matches!(service.shape(member.shape).kind, Kind::Blob { .. }) {
                map.push(member.name, Bytes::new());
            }
            map
        }
        None => read_members(service, protocol, event, frame)?,
    };
    for member in event.members.iter().filter(|m| m.location == Location::EventHeader) {
        let header = frame.headers.iter().find(|(name, _)| name == member.name);
        if let Some((_, header)) = header {
            map.insert(member.name, header_value(service, member, header)?);
        }
    }
    Ok(map)
}

fn read_members(
    service: &'static Service,
    protocol: Protocol,
    structure: &'static Structure,
    frame: &Frame,
) -> Result<Map, Fail> {
    match protocol {
        _ if frame.payload.is_empty() => Ok(Map::new()),
        Protocol::RpcV2Cbor => cbor::read_members(service, structure, &frame.payload),
        Protocol::Json => json::read_members(service, structure, |_| true, &frame.payload),
        _ => {
            let wanted = |m: &Member| m.location != Location::EventHeader;
            crate::request::members_of_body(service, protocol, structure, wanted, &frame.payload)
        }
    }
}

fn header_value(service: &'static Service, member: &'static Member, header: &HeaderValue) -> Result<Value, Fail> {
    let kind = &service.shape(member.shape).kind;
    Ok(match (kind, header) {
        (Kind::Boolean, HeaderValue::Bool(bool)) => Value::Bool(*bool),
        (Kind::Integer | Kind::Long, header) => match header {
            HeaderValue::Byte(int) => Value::Int((*int).into()),
            HeaderValue::Short(int) => Value::Int((*int).into()),
            HeaderValue::Int(int) => Value::Int((*int).into()),
            HeaderValue::Long(int) => Value::Int(*int),
            HeaderValue::String(text) => Value::Int(scalar::integer(kind, text)?),
            _ => return Err(bad_header(member)),
        },
        (Kind::Blob { .. }, HeaderValue::Bytes(bytes)) => Value::Blob(bytes.clone()),
        (Kind::String { .. }, HeaderValue::String(text)) => Value::String(text.clone()),
        (Kind::String { .. }, HeaderValue::Uuid(uuid)) => Value::String(frame::uuid_text(uuid)),
        (Kind::Timestamp { .. }, HeaderValue::Timestamp(millis)) => Value::Timestamp(Timestamp::from_millis(*millis)),
        _ => return Err(bad_header(member)),
    })
}

fn bad_header(member: &Member) -> Fail {
    Fail::new(ParseErrorKind::Type, format!("The event header {} has a wrong type.", member.name))
}

/// The frame that ends a stream with an error that the model does not have.
pub fn encode_error(code: &str, message: &str) -> Result<Bytes, FrameError> {
    encode_frame(&Frame::new(&[(":message-type", "error"), (":error-code", code), (":error-message", message)]))
}

/// The first frame of an RPC answer: the members that are not events.
pub(crate) fn initial_response(route: &Route, output: &'static Structure, map: &Map) -> Result<Bytes, SerialiseError> {
    initial(route.service, route.protocol, output, map, "initial-response")
}

/// The first frame of an RPC message.
pub(crate) fn initial(
    service: &'static Service,
    protocol: Protocol,
    structure: &'static Structure,
    map: &Map,
    name: &str,
) -> Result<Bytes, SerialiseError> {
    let stream = event_stream(service, structure);
    let rest: Map = map.clone().into_iter().filter(|(name, _)| stream.is_none_or(|m| m.name != name)).collect();
    let mut frame =
        Frame::new(&[(":message-type", "event"), (":event-type", name), (":content-type", media(protocol))]);
    frame.payload = Bytes::from(members(service, protocol, structure, &rest)?);
    encode_frame(&frame).map_err(|_| SerialiseError::new(Problem::Text))
}

/// A body that starts with `first`.
pub(crate) fn prepend(first: Bytes, rest: Body) -> Body {
    match rest {
        Body::Full(rest) if rest.is_empty() => Body::Full(first),
        Body::Full(rest) => Body::Full([first, rest].concat().into()),
        Body::Stream(rest) => Body::stream(Chained { first, rest }),
    }
}

struct Chained {
    first: Bytes,
    rest: UnsyncBoxBody<Bytes, BodyError>,
}

impl http_body::Body for Chained {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, BodyError>>> {
        let first = std::mem::take(&mut self.first);
        if !first.is_empty() {
            return std::task::Poll::Ready(Some(Ok(http_body::Frame::data(first))));
        }
        std::pin::Pin::new(&mut self.rest).poll_frame(cx)
    }
}
