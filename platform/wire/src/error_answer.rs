//! Errors to answers.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use welkin_model::{Location, Member, Protocol, Service, Shape, Structure};

use crate::response::{SMITHY_PROTOCOL, content_type, id_headers, namespace};
use crate::route::{in_answer_body, is_rest, structure};
use crate::xml::{Side, Writer};
use crate::{Body, Map, Route, Value, binding, cbor, json};

/// Who is to blame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The caller: status 400 unless the model says otherwise.
    #[default]
    Sender,
    /// The service: status 500 unless the model says otherwise.
    Receiver,
}

/// An error to answer with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorAnswer {
    /// Name of the model's error shape or its code on the wire, or a code that the model does not have.
    pub code: String,
    /// Message; left out if empty.
    pub message: String,
    /// HTTP status; the model's, or 400 or 500 by `fault`, if `None`.
    pub status: Option<u16>,
    /// Extra members, by the model's names where it has them.
    pub members: Map,
    /// Who is to blame, where the model does not say.
    pub fault: Fault,
    /// Id of the request.
    pub request_id: String,
    /// S3's extended request id.
    pub host_id: String,
    /// S3: the path of the resource.
    pub resource: Option<String>,
}

/// Writes an error as `service` answers it over `protocol`; `route`, where it is known, adds the
/// operation's own errors and the rule that an answer to HEAD has no body.
pub fn serialise_error(
    route: Option<&Route>,
    service: &'static Service,
    protocol: Protocol,
    answer: &ErrorAnswer,
) -> Response<Body> {
    let service = service.in_protocol(protocol);
    let model = Modelled::find(route, service, &answer.code);
    let mut response = Response::new(Body::empty());
    let status = answer.status.or(model.status).unwrap_or(match model.fault(answer) {
        Fault::Sender => 400,
        Fault::Receiver => 500,
    });
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    id_headers(service, response.headers_mut(), &answer.request_id, &answer.host_id);
    if let (true, Some((_, structure))) = (is_rest(protocol), model.shape) {
        bound(service, structure, &answer.members, &mut response);
    }
    protocol_headers(service, protocol, &model, answer, &mut response);
    let head = route.is_some_and(|r| r.operation.method == "HEAD");
    if !head && !matches!(status, 204 | 304) {
        *response.body_mut() = Body::Full(Bytes::from(error_body(route, service, protocol, answer)));
        response.headers_mut().insert(CONTENT_TYPE, content_type(service, protocol));
    }
    response
}

/// The body of [`serialise_error`] alone: what CompleteMultipartUpload and CopyObject of S3 write after
/// they have answered 200.
pub fn error_body(
    route: Option<&Route>,
    service: &'static Service,
    protocol: Protocol,
    answer: &ErrorAnswer,
) -> Vec<u8> {
    let service = service.in_protocol(protocol);
    let model = Modelled::find(route, service, &answer.code);
    match protocol {
        Protocol::Json | Protocol::RestJson => json_body(service, protocol, &model, answer),
        Protocol::RpcV2Cbor => cbor_body(service, &model, answer),
        Protocol::RestXml if service.id == "s3" => s3_body(service, &model, answer),
        Protocol::Query | Protocol::RestXml => xml_body(service, protocol, &model, answer),
        Protocol::Ec2 => ec2_body(service, &model, answer),
    }
}

/// What the model says of an error.
struct Modelled {
    shape: Option<(&'static Shape, &'static Structure)>,
    status: Option<u16>,
}

impl Modelled {
    fn find(route: Option<&Route>, service: &'static Service, code: &str) -> Self {
        let is = |shape: &Shape| match &shape.error {
            Some(error) => shape.name == code || error.code == Some(code),
            None => false,
        };
        let own = route.and_then(|r| r.operation.errors.iter().copied().find(|id| is(service.shape(*id))));
        let shape = match own {
            Some(id) => structure(service, id),
            None => service.error(code).and_then(|shape| shape.structure().map(|structure| (shape, structure))),
        };
        let status = shape.and_then(|(shape, _)| shape.error.as_ref()).and_then(|error| error.status);
        Self { shape, status }
    }

    fn fault(&self, answer: &ErrorAnswer) -> Fault {
        match self.shape.and_then(|(shape, _)| shape.error.as_ref()) {
            Some(error) if error.fault => Fault::Receiver,
            Some(error) => match (error.sender_fault, error.status) {
                (Some(true), _) => Fault::Sender,
                (Some(false), _) => Fault::Receiver,
                (None, Some(500..)) => Fault::Receiver,
                (None, _) => answer.fault,
            },
            None => answer.fault,
        }
    }

    /// Code of the query protocols.
    fn code<'a>(&self, answer: &'a ErrorAnswer) -> &'a str
    where
        'static: 'a,
    {
        match self.shape {
            Some((shape, _)) => shape.error.as_ref().and_then(|e| e.code).unwrap_or(shape.name),
            None => &answer.code,
        }
    }

    /// Name of the shape, for the JSON protocols.
    fn name<'a>(&self, answer: &'a ErrorAnswer) -> &'a str
    where
        'static: 'a,
    {
        self.shape.map_or(&answer.code, |(shape, _)| shape.name)
    }

    fn message_member(&self) -> Option<&'static Member> {
        let (_, structure) = self.shape?;
        structure.members.iter().find(|m| m.name.eq_ignore_ascii_case("message"))
    }

    fn member(&self, name: &str) -> Option<&'static Member> {
        let (_, structure) = self.shape?;
        structure.members.iter().find(|m| m.name == name)
    }
}

/// Members in headers. What does not fit a header is left out: the error matters more.
fn bound(service: &'static Service, structure: &'static Structure, members: &Map, response: &mut Response<Body>) {
    for member in structure.members.iter().filter(|m| m.location == Location::Header) {
        if let Some(value) = members.get(member.name).filter(|v| !v.is_null()) {
            let _ = binding::headers::write(service, member, value, response.headers_mut());
        }
    }
}

fn protocol_headers(
    service: &'static Service,
    protocol: Protocol,
    model: &Modelled,
    answer: &ErrorAnswer,
    response: &mut Response<Body>,
) {
    let headers = response.headers_mut();
    if protocol == Protocol::RestJson
        && let Ok(code) = HeaderValue::from_str(model.code(answer))
    {
        headers.insert(HeaderName::from_static("x-amzn-errortype"), code);
    }
    if protocol == Protocol::RpcV2Cbor {
        headers.insert(SMITHY_PROTOCOL, HeaderValue::from_static("rpc-v2-cbor"));
    }
    if service.query_compatible && matches!(protocol, Protocol::Json | Protocol::RpcV2Cbor) {
        let text = format!("{};{}", model.code(answer), fault_name(model.fault(answer)));
        if let Ok(text) = HeaderValue::from_str(&text) {
            headers.insert(HeaderName::from_static("x-amzn-query-error"), text);
        }
    }
}

fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::Sender => "Sender",
        Fault::Receiver => "Receiver",
    }
}

/// `__type`, with the namespace of the services that answer one.
fn type_name(service: &Service, model: &Modelled, answer: &ErrorAnswer) -> String {
    let name = model.name(answer);
    // UNVERIFIED beyond DynamoDB and SQS, whose documentation shows these prefixes.
    let namespace = match (service.id, model.shape.is_some()) {
        ("dynamodb" | "dynamodbstreams", true) => "com.amazonaws.dynamodb.v20120810#",
        ("dynamodb" | "dynamodbstreams", false) if name == "ValidationException" => "com.amazon.coral.validate#",
        ("dynamodb" | "dynamodbstreams", false) => "com.amazon.coral.service#",
        ("sqs", true) => "com.amazonaws.sqs#",
        ("sqs", false) => "com.amazon.coral.service#",
        ("swf", true) => "com.amazonaws.swf.base.model#",
        _ => "",
    };
    format!("{namespace}{name}")
}

fn json_body(service: &'static Service, protocol: Protocol, model: &Modelled, answer: &ErrorAnswer) -> Vec<u8> {
    let mut writer = json::Writer::new(service);
    writer.begin();
    if protocol == Protocol::Json {
        writer.field("__type", &type_name(service, model, answer));
    }
    let message = model.message_member();
    if !answer.message.is_empty() && answer.members.get("message").or(answer.members.get("Message")).is_none() {
        match message {
            Some(member) if is_rest(protocol) && !in_answer_body(member) => {}
            Some(member) => writer.field(crate::route::wire_name(member), &answer.message),
            None => writer.field("message", &answer.message),
        }
    }
    for (name, value) in answer.members.iter().filter(|(_, v)| !v.is_null()) {
        match model.member(name) {
            Some(member) if is_rest(protocol) && !in_answer_body(member) => {}
            Some(member) => writer.try_member(member, value),
            None => writer.try_document(name, value),
        }
    }
    writer.end();
    writer.finish()
}

fn cbor_body(service: &'static Service, model: &Modelled, answer: &ErrorAnswer) -> Vec<u8> {
    let mut members = Map::with_capacity(answer.members.len() + 2);
    members.push("__type", type_name(service, model, answer));
    if !answer.message.is_empty() {
        members.push(model.message_member().map_or("message", |m| m.name), answer.message.clone());
    }
    for (name, value) in answer.members.clone() {
        members.insert(name, value);
    }
    cbor::write_lenient(service, model.shape.map(|(_, structure)| structure), &members)
}

fn xml_members(protocol: Protocol, model: &Modelled, answer: &ErrorAnswer, writer: &mut Writer) {
    let rest = is_rest(protocol);
    for (name, value) in answer.members.iter().filter(|(name, v)| !v.is_null() && *name != "Code") {
        match model.member(name) {
            Some(member) if rest && !in_answer_body(member) => {}
            Some(member) => writer.try_member(member, value),
            None => match value {
                Value::String(text) => writer.leaf(name, text),
                Value::Int(int) => writer.leaf(name, &int.to_string()),
                Value::Bool(bool) => writer.leaf(name, &bool.to_string()),
                _ => {}
            },
        }
    }
}

fn message_element(model: &Modelled, answer: &ErrorAnswer, writer: &mut Writer) {
    let own = answer.members.get("message").or(answer.members.get("Message")).is_some();
    if own {
        return;
    }
    let name = model.message_member().map_or("Message", crate::route::wire_name);
    if name == "Message" || !answer.message.is_empty() {
        writer.leaf(name, &answer.message);
    }
    // Clients look for `Message`, whatever the model calls it.
    if name != "Message" && !answer.message.is_empty() {
        writer.leaf("Message", &answer.message);
    }
}

fn xml_body(service: &'static Service, protocol: Protocol, model: &Modelled, answer: &ErrorAnswer) -> Vec<u8> {
    let mut writer = Writer::new(service, protocol, Side::Server);
    if protocol == Protocol::RestXml {
        writer.declaration();
    }
    writer.open("ErrorResponse", namespace(service).as_deref());
    writer.open("Error", None);
    writer.leaf("Type", fault_name(model.fault(answer)));
    writer.leaf("Code", model.code(answer));
    message_element(model, answer, &mut writer);
    xml_members(protocol, model, answer, &mut writer);
    writer.close("Error");
    writer.leaf("RequestId", &answer.request_id);
    if !answer.host_id.is_empty() && service.id == "s3control" {
        writer.leaf("HostId", &answer.host_id);
    }
    writer.close("ErrorResponse");
    writer.finish()
}

fn s3_body(service: &'static Service, model: &Modelled, answer: &ErrorAnswer) -> Vec<u8> {
    let mut writer = Writer::new(service, Protocol::RestXml, Side::Server);
    writer.declaration();
    writer.open("Error", None);
    writer.leaf("Code", model.code(answer));
    writer.leaf("Message", &answer.message);
    if let Some(resource) = &answer.resource {
        writer.leaf("Resource", resource);
    }
    xml_members(Protocol::RestXml, model, answer, &mut writer);
    writer.leaf("RequestId", &answer.request_id);
    writer.leaf("HostId", &answer.host_id);
    writer.close("Error");
    writer.finish()
}

fn ec2_body(service: &'static Service, model: &Modelled, answer: &ErrorAnswer) -> Vec<u8> {
    let mut writer = Writer::new(service, Protocol::Ec2, Side::Server);
    writer.declaration();
    writer.open("Response", None);
    writer.open("Errors", None);
    writer.open("Error", None);
    writer.leaf("Code", model.code(answer));
    message_element(model, answer, &mut writer);
    xml_members(Protocol::Ec2, model, answer, &mut writer);
    writer.close("Error");
    writer.close("Errors");
    writer.leaf("RequestID", &answer.request_id);
    writer.close("Response");
    writer.finish()
}
