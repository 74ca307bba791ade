//! A gateway over a handler that says what it was given, and raw connections to it.

#![allow(clippy::unwrap_used, dead_code, missing_docs, unreachable_pub)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use welkin_gateway::{AdminRequest, BodyTimeout, Config, Gateway, Handler, Limits, Routed};
use welkin_wire::Body;

/// Answers `SERVICE OPERATION PATH host=… region=… purpose=… body=BYTES:LAST`, or the error's code.
/// Headers steer it: `x-sleep` (ms), `x-answer` (bytes of the answer), `x-leave-body`.
pub struct Echo;

impl Handler for Echo {
    async fn handle(self: Arc<Self>, request: Routed) -> Response<Body> {
        let number = |name: &str| request.parts.headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
        if let Some(sleep) = number("x-sleep") {
            tokio::time::sleep(Duration::from_millis(sleep)).await;
        }
        if let Some(size) = number("x-answer") {
            return Response::new(Body::Full(vec![b'x'; usize::try_from(size).unwrap()].into()));
        }
        let route = match &request.route {
            Ok(route) => format!("{} {} {}", route.service.id, route.operation.name, route.path),
            Err(error) => format!("{} {}", error.status.as_u16(), error.code),
        };
        let body = if request.parts.headers.contains_key("x-leave-body") {
            "left".to_owned()
        } else {
            match request.body.collect(1 << 30).await {
                Ok(bytes) => format!("{}:{}", bytes.len(), bytes.last().copied().unwrap_or(b'-') as char),
                Err(error) if error.is::<BodyTimeout>() => "stalled".to_owned(),
                Err(error) => format!("broken({error})"),
            }
        };
        let host = request.parts.headers.get("host").unwrap().to_str().unwrap();
        let region = request.region_hint.unwrap_or_default();
        let (purpose, tls) = (request.purpose, request.tls.is_some());
        let text = format!("{route} host={host} region={region} purpose={purpose:?} tls={tls} body={body}");
        Response::new(Body::Full(text.into()))
    }

    async fn admin(self: Arc<Self>, request: AdminRequest) -> Response<Body> {
        Response::new(Body::Full(format!("admin {}", request.parts.uri.path()).into()))
    }
}

/// A gateway that serves until dropped or stopped.
pub struct Served {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<bool>,
}

impl Served {
    pub async fn start(config: Config) -> Self {
        let config = Config { listen: Config::loopback(0), ..config };
        let gateway = Gateway::bind(config, Arc::new(Echo)).await.unwrap();
        let address = gateway.addresses()[0];
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(gateway.serve(async {
            let _ = stopped.await;
        }));
        Self { address, stop: Some(stop), serving }
    }

    pub async fn with(limits: Limits) -> Self {
        Self::start(Config { limits, ..Config::default() }).await
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Tells it to stop; whether all requests finished.
    pub fn stop(mut self) -> JoinHandle<bool> {
        let _ = self.stop.take().unwrap().send(());
        self.serving
    }

    /// Sends bytes on a connection of their own and reads what comes back until it is closed.
    pub async fn exchange(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        read_to_end(&mut stream).await
    }
}

/// Reads until the other side closes, at most five seconds.
pub async fn read_to_end<S: AsyncRead + Unpin>(stream: &mut S) -> String {
    let mut text = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut text)).await;
    assert!(read.is_ok(), "still open after {:?}", String::from_utf8_lossy(&text));
    String::from_utf8_lossy(&text).into_owned()
}

/// Reads until `end` has come, at most five seconds.
pub async fn read_until<S: AsyncRead + Unpin>(stream: &mut S, end: &str) -> String {
    let mut text = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&text).contains(end) {
            assert_ne!(
                stream.read_buf(&mut text).await.unwrap(),
                0,
                "closed after {:?}",
                String::from_utf8_lossy(&text)
            );
        }
    };
    let done = tokio::time::timeout(Duration::from_secs(5), reading).await;
    assert!(done.is_ok(), "no {end:?} in {:?}", String::from_utf8_lossy(&text));
    String::from_utf8_lossy(&text).into_owned()
}

pub async fn send<S: AsyncWrite + Unpin>(stream: &mut S, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// A head of a request for SQS that is signed, after its request line.
pub const SQS: &str = "Host: localhost:4566\r\nX-Amz-Target: AmazonSQS.SendMessage\r\n\
Authorization: AWS4-HMAC-SHA256 Credential=AK/20260101/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0\r\n";
