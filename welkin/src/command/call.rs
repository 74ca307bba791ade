//! `welkin call`.

use std::io::Read;

use bytes::Bytes;
use clap::Args;
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::Full;
use serde_json::Value as Json;
use welkin_kernel::Clock;
use welkin_model::{Operation, Service};
use welkin_sigv4::sign::{Parts, Signer, sign_headers};
use welkin_sigv4::{Algorithm, Credentials, Payload, Rules, Secret};
use welkin_wire::{Body, Route};

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
    body: Option<std::path::PathBuf>,
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
        let answer = block_on(async {
            let answer = admin_client::send(request).await?;
            let body = admin_client::collect(answer.body).await?;
            Ok((answer.status, answer.headers, body))
        })?;
        show(&route, answer)
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

    fn sign(&self, route: &Route, input: &welkin_wire::Value) -> Result<Request<Full<Bytes>>, Fault> {
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
        let mut request = Request::builder().method(client.method).uri(uri).body(Full::new(body)).map_err(|e| {
            Fault::new("the request cannot be made", e, "use an end point such as http://127.0.0.1:4566")
        })?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

fn show(route: &Route, (status, headers, body): (http::StatusCode, HeaderMap, Bytes)) -> Result<(), Fault> {
    let id = ["x-amzn-requestid", "x-amz-request-id"].iter().find_map(|name| headers.get(*name)?.to_str().ok());
    match welkin_wire::parse_response(route, status, &headers, Body::Full(body)) {
        Ok(value) => {
            let value = match value {
                welkin_wire::Value::Map(map) if map.is_empty() => return Ok(()),
                value => value,
            };
            let json = welkin_wire::value_to_json(&value);
            screen::line(&serde_json::to_string_pretty(&json).unwrap_or_default());
            Ok(())
        }
        Err(error) => Err(Fault::new(
            format!("{} {}", error.code, status.as_u16()),
            error.message,
            id.map(|id| format!("'welkin explain {id}' tells how the permission was decided")).unwrap_or_default(),
        )),
    }
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
