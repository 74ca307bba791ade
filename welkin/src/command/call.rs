//! `welkin call`.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::BodyExt;
use serde_json::Value as Json;
use welkin_kernel::Clock;
use welkin_model::{Kind, Operation, Service};
use welkin_sigv4::sign::{Parts, Signer, sign_headers};
use welkin_sigv4::{Algorithm, Credentials, Payload, Rules, Secret};
use welkin_wire::{Body, Route, Value};

use super::{Target, block_on};
use crate::fault::Fault;
use crate::{admin_client, screen};

/// Call any operation of any service, signed, by the API model.
#[derive(Args, Debug)]
pub(crate) struct Call {
    #[command(flatten)]
    target: Target,
    /// Service by its name in the AWS CLI and boto3, e.g. sqs
    service: String,
    /// Operation, e.g. SendMessage or send-message
    operation: String,
    /// Input as JSON; '-' reads it from standard input; blobs are base64
    #[arg(long, value_name = "JSON", default_value = "{}")]
    input: String,
    /// File that is the body of an operation whose input streams
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// File for the body of an operation whose output streams; without it the body goes to standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Region
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    region: String,
    /// Access key id
    #[arg(long, env = "AWS_ACCESS_KEY_ID", default_value = "test")]
    access_key: String,
    /// Secret access key
    #[arg(long, env = "AWS_SECRET_ACCESS_KEY", default_value = "test", hide_env_values = true)]
    secret_key: String,
    /// Session token
    #[arg(long, env = "AWS_SESSION_TOKEN", hide_env_values = true)]
    session_token: Option<String>,
}

impl Call {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let service = service(&self.service)?;
        let operation = operation(service, &self.operation)?;
        let input = self.input(service, operation)?;
        // INVARIANT: every service of the model has a protocol; a test of the model counts them.
        let protocol = service.protocols.first().copied().unwrap_or(welkin_model::Protocol::Json);
        let route = Route { service, operation, protocol, path: operation.uri.to_owned() };
        let request = self.sign(&route, &input)?;
        block_on(async {
            let answer = admin_client::send(request).await?;
            let streams = answer.status.is_success() && streams(&route);
            let body = match streams {
                true => Body::stream(answer.body),
                false => Body::Full(admin_client::collect(answer.body).await?),
            };
            let stream = show(&route, answer.status, &answer.headers, body, self.output.is_some())?;
            match stream {
                Some(body) => self.save(body).await,
                None => Ok(()),
            }
        })
    }

    /// Writes a body that streams.
    async fn save(&self, mut body: Body) -> Result<(), Fault> {
        let name = self.output.as_deref().map_or("standard output".into(), |file| file.display().to_string());
        let unwritable =
            |e: io::Error| Fault::new(format!("{name} cannot be written"), e, "name another --output FILE");
        let mut out: Box<dyn Write> = match &self.output {
            Some(file) => Box::new(std::fs::File::create(file).map_err(unwritable)?),
            None => Box::new(io::stdout()),
        };
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|e| Fault::new("the answer was broken off", e, "try again"))?;
            if let Some(data) = frame.data_ref() {
                out.write_all(data).map_err(unwritable)?;
            }
        }
        out.flush().map_err(unwritable)
    }

    fn input(&self, service: &'static Service, operation: &'static Operation) -> Result<welkin_wire::Value, Fault> {
        let hint = "give a JSON object with the members of the API, e.g. --input '{\"QueueName\": \"q\"}'";
        let mut text = self.input.clone();
        if text == "-" {
            text.clear();
            std::io::stdin().read_to_string(&mut text).map_err(|e| Fault::new("the input cannot be read", e, hint))?;
        }
        let json: Json = serde_json::from_str(&text).map_err(|e| Fault::new("--input is not JSON", e, hint))?;
        match operation.input {
            Some(shape) => welkin_wire::value_from_json(service, shape, &json)
                .map_err(|e| Fault::new(format!("the input does not fit {}", operation.name), e, hint)),
            None => Ok(welkin_wire::Value::Null),
        }
    }

    fn sign(&self, route: &Route, input: &welkin_wire::Value) -> Result<Request<Body>, Fault> {
        let client = welkin_wire::serialise_request(route, input)
            .map_err(|e| Fault::new("the request cannot be written", e, "check --input against the API reference"))?;
        let endpoint = self.target.endpoint.trim_end_matches('/');
        let host = endpoint.split_once("://").map_or(endpoint, |(_, host)| host);
        let body = match (&self.body, client.body) {
            (Some(file), _) => Bytes::from(std::fs::read(file).map_err(|e| {
                Fault::new(format!("{} cannot be read", file.display()), e, "name a file that is there")
            })?),
            (None, Body::Full(bytes)) => bytes,
            (None, Body::Stream(_)) => Bytes::new(),
        };
        let mut headers: HeaderMap = client.headers;
        let bad =
            |e: http::header::InvalidHeaderValue| Fault::new("--endpoint is no address", e, "use http://HOST:PORT");
        headers.insert(http::header::HOST, HeaderValue::from_str(host).map_err(bad)?);
        let payload = Payload::Sha256(welkin_sigv4::sha256(&body));
        let credentials = Credentials {
            access_key_id: self.access_key.clone(),
            secret: Secret::new(self.secret_key.as_str()),
            session_token: self.session_token.clone(),
        };
        let time = jiff::Timestamp::from_second(Clock::machine_now().secs()).unwrap_or_default();
        let signer = Signer {
            credentials: &credentials,
            algorithm: Algorithm::HmacSha256,
            region: &self.region,
            service: route.service.signing_name,
            style: Rules::of(route.service.id).style,
            time,
        };
        let parts = Parts { method: client.method, path: &client.path, query: &client.query };
        sign_headers(parts, &mut headers, &payload, &signer)
            .map_err(|e| Fault::new("the request cannot be signed", e, "check the credentials"))?;
        let question = if client.query.is_empty() { "" } else { "?" };
        let uri = format!("{endpoint}{}{question}{}", client.path, client.query);
        let mut request = Request::builder().method(client.method).uri(uri).body(Body::Full(body)).map_err(|e| {
            Fault::new("the request cannot be made", e, "use an end point such as http://127.0.0.1:4566")
        })?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// Whether the output has a member that streams.
fn streams(route: &Route) -> bool {
    let structure = route.operation.output.map(|id| &route.service.shape(id).kind);
    let Some(Kind::Structure(structure)) = structure else { return false };
    structure.members.iter().any(|member| {
        member.streaming || matches!(route.service.shape(member.shape).kind, Kind::Blob { streaming: true, .. })
    })
}

/// Prints the output's members; returns the one that streams.
fn show(
    route: &Route,
    status: http::StatusCode,
    headers: &HeaderMap,
    body: Body,
    to_file: bool,
) -> Result<Option<Body>, Fault> {
    let id = ["x-amzn-requestid", "x-amz-request-id"].iter().find_map(|name| headers.get(*name)?.to_str().ok());
    let value = welkin_wire::parse_response(route, status, headers, body).map_err(|error| {
        let id = id.map(str::to_owned).or(error.request_id);
        let hint = match (error.code.as_str(), id) {
            // The message says what works.
            ("NotImplemented", _) => String::new(),
            (_, Some(id)) => format!("'welkin explain {id}' tells how the permission was decided"),
            (_, None) => String::new(),
        };
        Fault::new(format!("{} {}", error.code, status.as_u16()), error.message, hint)
    })?;
    let Value::Map(mut map) = value else { return Ok(None) };
    let streaming = map.iter().find(|(_, value)| matches!(value, Value::Stream(_))).map(|(name, _)| name.to_owned());
    let stream = match streaming.and_then(|name| map.remove(&name)) {
        Some(Value::Stream(stream)) => stream.take(),
        _ => None,
    };
    if !map.is_empty() {
        let json = welkin_wire::value_to_json(&Value::Map(map));
        let text = serde_json::to_string_pretty(&json).unwrap_or_default();
        // Where the body goes to standard output, what describes it goes elsewhere.
        if stream.is_some() && !to_file { screen::error(&text) } else { screen::line(&text) }
    }
    Ok(stream)
}

fn service(name: &str) -> Result<&'static Service, Fault> {
    welkin_model::service(name).ok_or_else(|| {
        Fault::new(format!("there is no service '{name}'"), "", "'welkin coverage --all' lists their names")
    })
}

/// The operation by its name, or by the AWS CLI's form of it.
fn operation(service: &'static Service, name: &str) -> Result<&'static Operation, Fault> {
    let plain: String = name.chars().filter(|c| *c != '-').collect();
    service.operations.iter().find(|o| o.name.eq_ignore_ascii_case(&plain)).ok_or_else(|| {
        let hint = format!("'welkin coverage {}' lists them", service.id);
        Fault::new(format!("{} has no operation '{name}'", service.id), "", hint)
    })
}
