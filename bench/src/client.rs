//! One connection to a server, one request at a time.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::TcpStream;
use welkin_sigv4::sign::{Parts, Signer, sign_headers_with};
use welkin_sigv4::{Algorithm, Credentials, Payload, SigningKey, Style, sha256};

use crate::failure::{Failure, Result};

/// The Region of every request.
pub(crate) const REGION: &str = "us-east-1";

/// A request that is not signed yet.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) service: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(&'static str, HeaderValue)>,
    pub(crate) body: Bytes,
}

impl Spec {
    /// A call of the query protocol.
    pub(crate) fn form(service: &'static str, body: String) -> Self {
        let content = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
        Self::post(service, vec![("content-type", content)], body)
    }

    /// A call of a JSON protocol.
    pub(crate) fn json(service: &'static str, version: &'static str, target: &'static str, body: String) -> Self {
        let headers = vec![
            ("content-type", HeaderValue::from_static(version)),
            ("x-amz-target", HeaderValue::from_static(target)),
        ];
        Self::post(service, headers, body)
    }

    fn post(service: &'static str, headers: Vec<(&'static str, HeaderValue)>, body: String) -> Self {
        Self { service, method: "POST", path: "/".to_owned(), query: String::new(), headers, body: body.into() }
    }

    /// A call of S3, path-style.
    pub(crate) fn s3(method: &'static str, path: String, query: &str, body: Bytes) -> Self {
        Self { service: "s3", method, path, query: query.to_owned(), headers: Vec::new(), body }
    }
}

impl Spec {
    /// With the SHA-256 of its body, without which S3 refuses some requests.
    pub(crate) fn summed(mut self) -> Result<Self> {
        let sum = BASE64.encode(welkin_sigv4::sha256(&self.body));
        self.headers.push(("x-amz-checksum-sha256", HeaderValue::from_str(&sum).map_err(Failure::of)?));
        Ok(self)
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The answer, if it is a success.
    pub(crate) fn ok(self) -> Result<Self> {
        if self.status.is_success() {
            return Ok(self);
        }
        Err(format!("{}: {}", self.status, self.text()).into())
    }
}

/// Who signs, with the keys of the day for the services it was made for.
pub(crate) struct Identity {
    credentials: Credentials,
    keys: Vec<(&'static str, SigningKey)>,
}

const SERVICES: [&str; 6] = ["iam", "kms", "organizations", "s3", "sqs", "sts"];

impl Identity {
    pub(crate) fn new(access_key_id: &str, secret: &str) -> Arc<Self> {
        let access_key_id = access_key_id.to_owned();
        let credentials = Credentials { access_key_id, secret: secret.into(), session_token: None };
        let keys = SERVICES.iter().filter_map(|service| Some((*service, signer(&credentials, service).key()?)));
        let keys = keys.collect();
        Arc::new(Self { credentials, keys })
    }
}

fn signer<'a>(credentials: &'a Credentials, service: &'static str) -> Signer<'a> {
    let style = if service == "s3" { Style::S3 } else { Style::Standard };
    let time = Timestamp::now();
    Signer { credentials, algorithm: Algorithm::HmacSha256, region: REGION, service, style, time }
}

/// A connection; it is opened again where the server closes it after an answer.
pub(crate) struct Connection {
    address: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
    identity: Arc<Identity>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr, identity: &Arc<Identity>) -> Result<Self> {
        let host = HeaderValue::from_str(&address.to_string()).map_err(Failure::of)?;
        Ok(Self { address, sender: connect(address).await?, host, identity: Arc::clone(identity) })
    }

    /// Signs a request. `number` makes it distinct from all others, as the invocation id of an SDK does.
    pub(crate) fn sign(&self, spec: Spec, number: u64) -> Result<Request<Full<Bytes>>> {
        let mut headers = HeaderMap::with_capacity(12);
        headers.insert("host", self.host.clone());
        let invocation = format!("00000000-0000-4000-8000-{number:012x}");
        headers.insert("amz-sdk-invocation-id", HeaderValue::from_str(&invocation).map_err(Failure::of)?);
        headers.insert("user-agent", HeaderValue::from_static("welkin-bench"));
        for (name, value) in spec.headers {
            headers.insert(HeaderName::from_static(name), value);
        }
        let parts = Parts { method: spec.method, path: &spec.path, query: &spec.query };
        let payload = Payload::Sha256(sha256(&spec.body));
        let signer = signer(&self.identity.credentials, spec.service);
        let key = self.identity.keys.iter().find(|(service, _)| *service == spec.service).map(|(_, key)| key);
        sign_headers_with(key, parts, &mut headers, &payload, &signer).map_err(Failure::of)?;
        let target = if spec.query.is_empty() { spec.path } else { format!("{}?{}", spec.path, spec.query) };
        let mut request = Request::builder().method(spec.method).uri(target).body(Full::new(spec.body));
        if let Ok(request) = &mut request {
            *request.headers_mut() = headers;
        }
        request.map_err(Failure::of)
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer> {
        let (parts, body) = self.start(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    /// Sends a request; the body of the answer is still to be read.
    pub(crate) async fn start(&mut self, request: Request<Full<Bytes>>) -> Result<http::Response<Incoming>> {
        if self.sender.ready().await.is_err() {
            self.sender = connect(self.address).await?;
            self.sender.ready().await?;
        }
        Ok(self.sender.send_request(request).await?)
    }

    /// Signs, sends and wants a success.
    pub(crate) async fn call(&mut self, spec: Spec) -> Result<Answer> {
        let name = format!("{} {} {}", spec.service, spec.method, spec.path);
        let request = self.sign(spec, 0)?;
        self.send(request).await?.ok().map_err(|failure| Failure::at(&name, failure))
    }
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>> {
    let socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(socket)).await?;
    // Its errors come back from the requests.
    tokio::spawn(async move { connection.await.ok() });
    Ok(sender)
}
