//! The codecs as a filter: one JSON object per line in, one out. `welkin wire` runs it, and
//! `tests/wire` drives it against botocore.
//!
//! A command names what to do (`do`), the `service`, the `operation` and the `protocol`; an answer has
//! the command's `id`, and either results or `error`. Bodies are base64, values are JSON by the model.

mod events;

use std::collections::HashMap;
use std::io::{self, BufRead, Write};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use welkin_model::{Protocol, Service, ShapeId};

use crate::{
    Body, ErrorAnswer, Fault, Map, ResponseMeta, Route, Stream, Value, parse_request, parse_response, scalar,
    serialise_error, serialise_request, serialise_response, streams, validate, validation_error, value_from_json,
    value_to_json,
};

/// One line of input.
#[derive(Deserialize)]
struct Command {
    #[serde(default)]
    id: Json,
    r#do: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    operation: String,
    #[serde(default)]
    protocol: String,
    /// Path, for labels.
    #[serde(default)]
    path: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// Base64.
    #[serde(default)]
    body: String,
    #[serde(default)]
    value: Json,
    #[serde(default)]
    status: u16,
    /// Error code, message and extra members.
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    receiver: bool,
    /// Name and members of each event of a stream.
    #[serde(default)]
    events: Vec<(String, Json)>,
    /// A model in botocore's form, that `service` names from now on.
    model: Option<Json>,
}

/// Reads commands until the input ends; each is answered before the next is read.
pub fn run(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    let mut driver = Driver { models: HashMap::new() };
    let mut line = String::new();
    loop {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return output.flush();
        }
        let answer = match serde_json::from_str::<Command>(&line) {
            Ok(command) => {
                let mut answer = driver.run(&command).unwrap_or_else(|problem| json!({ "error": problem }));
                if let Json::Object(fields) = &mut answer {
                    fields.insert("id".to_owned(), command.id);
                }
                answer
            }
            Err(problem) => json!({ "error": { "code": "BadCommand", "message": problem.to_string() } }),
        };
        serde_json::to_writer(&mut *output, &answer)?;
        output.write_all(b"\n")?;
        output.flush()?;
    }
}

type Outcome = Result<Json, Json>;

fn problem(code: &str, message: impl ToString) -> Json {
    json!({ "code": code, "message": message.to_string() })
}

struct Driver {
    models: HashMap<String, &'static Service>,
}

impl Driver {
    fn run(&mut self, command: &Command) -> Outcome {
        match command.r#do.as_str() {
            "model" => self.model(command),
            "parse_request" => self.parse_request(command),
            "serialise_response" => self.serialise_response(command),
            "serialise_error" => self.serialise_error(command),
            "serialise_request" => self.serialise_request(command),
            "parse_response" => self.parse_response(command),
            "validate" => self.validate(command),
            "patterns" => self.patterns(command),
            other => Err(problem("BadCommand", format!("unknown command {other}"))),
        }
    }

    fn model(&mut self, command: &Command) -> Outcome {
        let model = command.model.as_ref().ok_or_else(|| problem("BadCommand", "no model"))?;
        let service = welkin_model::botocore::service(&command.service, model).map_err(|e| problem("BadModel", e))?;
        self.models.insert(command.service.clone(), service);
        Ok(json!({}))
    }

    fn service(&self, command: &Command) -> Result<&'static Service, Json> {
        let own = self.models.get(&command.service).copied();
        own.or_else(|| welkin_model::service(&command.service)).ok_or_else(|| problem("BadCommand", "unknown service"))
    }

    fn route(&self, command: &Command) -> Result<Route, Json> {
        let service = self.service(command)?;
        let operation = service.operation(&command.operation);
        let operation = operation.ok_or_else(|| problem("BadCommand", "unknown operation"))?;
        Ok(Route { service, operation, protocol: protocol(&command.protocol)?, path: command.path.clone() })
    }

    fn parse_request(&self, command: &Command) -> Outcome {
        let route = self.route(command)?;
        let body = body(command)?;
        let parsed = parse_request(&route, &headers(command)?, &command.query, Body::Full(body.clone()));
        let parsed = parsed.map_err(|e| json!({ "code": e.code, "message": e.message, "status": e.status }))?;
        let value = with_streams(parsed);
        Ok(json!({ "value": value_to_json(&value), "streams": streams(&route) }))
    }

    fn serialise_response(&self, command: &Command) -> Outcome {
        let route = self.route(command)?;
        let mut value = self.value(&route, route.operation.output, command)?;
        events::add(&route, &command.events, &mut value).map_err(|e| problem("Unserialisable", e))?;
        let meta =
            ResponseMeta { request_id: "00000000-0000-0000-0000-000000000000".to_owned(), host_id: String::new() };
        let response = serialise_response(&route, &value, &meta).map_err(|e| problem("Unserialisable", e))?;
        answer(response)
    }

    fn serialise_error(&self, command: &Command) -> Outcome {
        let service = self.service(command)?;
        let route = self.route(command).ok();
        let protocol = protocol(&command.protocol)?;
        let shape = service.error(&command.code).and_then(|s| service.shapes.iter().position(|o| std::ptr::eq(o, s)));
        let members = match shape.and_then(|at| u32::try_from(at).ok()).filter(|_| command.value.is_object()) {
            Some(at) => value_from_json(service, ShapeId(at), &command.value).map_err(|e| problem("BadValue", e))?,
            None => Value::Map(Map::new()),
        };
        let error = ErrorAnswer {
            code: command.code.clone(),
            message: command.message.clone(),
            status: (command.status != 0).then_some(command.status),
            members: members.as_map().cloned().unwrap_or_default(),
            fault: if command.receiver { Fault::Receiver } else { Fault::Sender },
            request_id: "00000000-0000-0000-0000-000000000000".to_owned(),
            ..ErrorAnswer::default()
        };
        answer(serialise_error(route.as_ref(), service, protocol, &error))
    }

    fn serialise_request(&self, command: &Command) -> Outcome {
        let route = self.route(command)?;
        let value = self.value(&route, route.operation.input, command)?;
        let request = serialise_request(&route, &value).map_err(|e| problem("Unserialisable", e))?;
        Ok(json!({
            "method": request.method, "path": request.path, "query": request.query,
            "headers": header_list(&request.headers), "body": full(request.body)?, "host_prefix": request.host_prefix,
        }))
    }

    fn parse_response(&self, command: &Command) -> Outcome {
        let route = self.route(command)?;
        let status = StatusCode::from_u16(command.status).map_err(|e| problem("BadCommand", e))?;
        let body = body(command)?;
        match parse_response(&route, status, &headers(command)?, Body::Full(body.clone())) {
            Ok(value) => {
                let events = events::read(&route, &body).map_err(|e| problem("UnreadableEvents", e))?;
                let value = if events.is_some() { value } else { with_streams(value) };
                Ok(json!({ "value": value_to_json(&value), "events": events }))
            }
            Err(error) => Err(json!({
                "code": error.code, "message": error.message, "status": error.status,
                "members": value_to_json(&Value::Map(error.members)), "request_id": error.request_id,
            })),
        }
    }

    fn validate(&self, command: &Command) -> Outcome {
        let route = self.route(command)?;
        let value = self.value(&route, route.operation.input, command)?;
        let shape = route.operation.input.ok_or_else(|| problem("BadCommand", "the operation has no input"))?;
        match validate(route.service, shape, &value) {
            Ok(()) => Ok(json!({ "violations": [] })),
            Err(found) => {
                let (code, message) = validation_error(route.service, route.protocol, &found);
                let paths: Vec<&str> = found.iter().map(|v| v.path.as_str()).collect();
                Ok(json!({ "violations": paths, "code": code, "message": message }))
            }
        }
    }

    /// The patterns of a service that do not compile.
    fn patterns(&self, command: &Command) -> Outcome {
        let mut patterns: Vec<&str> = self.service(command)?.shapes.iter().filter_map(|shape| shape.pattern).collect();
        patterns.sort_unstable();
        patterns.dedup();
        let unknown: Vec<&&str> = patterns.iter().filter(|pattern| !crate::pattern_compiles(pattern)).collect();
        Ok(json!({ "count": patterns.len(), "unknown": unknown }))
    }

    fn value(&self, route: &Route, shape: Option<ShapeId>, command: &Command) -> Result<Value, Json> {
        match shape {
            Some(shape) if !command.value.is_null() => {
                value_from_json(route.service, shape, &command.value).map_err(|e| problem("BadValue", e))
            }
            _ => Ok(Value::Map(Map::new())),
        }
    }
}

fn protocol(name: &str) -> Result<Protocol, Json> {
    Ok(match name {
        "query" => Protocol::Query,
        "ec2" => Protocol::Ec2,
        "json" => Protocol::Json,
        "rest-json" => Protocol::RestJson,
        "rest-xml" => Protocol::RestXml,
        "smithy-rpc-v2-cbor" => Protocol::RpcV2Cbor,
        other => return Err(problem("BadCommand", format!("unknown protocol {other}"))),
    })
}

fn headers(command: &Command) -> Result<HeaderMap, Json> {
    let mut headers = HeaderMap::new();
    for (name, value) in &command.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| problem("BadCommand", e))?;
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).map_err(|e| problem("BadCommand", e))?);
    }
    Ok(headers)
}

fn header_list(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.to_string(), crate::binding::headers::text(value))).collect()
}

fn body(command: &Command) -> Result<Bytes, Json> {
    scalar::decode_base64(&command.body).map_err(|e| problem("BadCommand", e.message))
}

/// A body in base64; the driver only ever makes bodies that are at hand.
fn full(body: Body) -> Result<String, Json> {
    match body {
        Body::Full(bytes) => Ok(scalar::encode_base64(&bytes)),
        Body::Stream(_) => Err(problem("Unserialisable", "the body streams")),
    }
}

fn answer(response: http::Response<Body>) -> Outcome {
    let (parts, body) = response.into_parts();
    Ok(json!({ "status": parts.status.as_u16(), "headers": header_list(&parts.headers), "body": full(body)? }))
}

/// The bytes of top-level members that stream, as blobs.
fn with_streams(value: Value) -> Value {
    let Value::Map(map) = value else { return value };
    let bytes = |stream: &Stream| match stream.take() {
        Some(Body::Full(bytes)) => Value::Blob(bytes),
        _ => Value::Null,
    };
    let entries = map.into_iter().map(|(name, value)| match &value {
        Value::Stream(stream) => (name, bytes(stream)),
        _ => (name, value),
    });
    Value::Map(entries.collect())
}
