//! HTTP/2 with prior knowledge, and TLS with Welkin's own authority, on the port of HTTP/1.

#![allow(clippy::unwrap_used)]

#[path = "support/echo.rs"]
mod echo;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use echo::{SQS, Served, read_until, send};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use welkin_gateway::{Ca, Config, Limits, Tls};
use welkin_wire::Timestamp;

type Client = SendRequest<Full<Bytes>>;

async fn http2<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S) -> Client {
    let (client, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn get(client: &mut Client, request: http::request::Builder) -> (u16, String) {
    let response = client.send_request(request.body(Full::default()).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn many_streams_of_one_connection() {
    let served = Served::start(Config::default()).await;
    let client = http2(served.connect().await).await;
    let calls = (0..100).map(|n| {
        let mut client = client.clone();
        tokio::spawn(async move {
            let uri = format!("http://bucket-{n}.s3.eu-central-1.amazonaws.com/a%2Fb?x-id=GetObject");
            let (status, text) = get(&mut client, Request::get(uri).header("x-sleep", 50)).await;
            assert_eq!(status, 200);
            let expected = format!(
                "s3 GetObject /bucket-{n}/a%2Fb host=bucket-{n}.s3.eu-central-1.amazonaws.com region=eu-central-1 "
            );
            assert!(text.starts_with(&expected), "{text}");
        })
    });
    let start = std::time::Instant::now();
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    assert!(start.elapsed().as_millis() < 2_000, "one after the other: {:?}", start.elapsed());
}

#[tokio::test]
async fn heads_are_limited() {
    let served = Served::start(Config::default()).await;
    let mut client = http2(served.connect().await).await;
    let head = Request::get("http://localhost/").header("x-long", "x".repeat(100 << 10));
    let (status, _) = get(&mut client, head).await;
    assert_eq!(status, 431);
    let (_, text) = get(&mut client, Request::get("http://localhost/some-bucket")).await;
    assert!(text.starts_with("s3 ListObjects /some-bucket "), "the connection is lost: {text}");
}

#[tokio::test]
async fn a_flood_of_resets_ends_the_connection() {
    let served = Served::with(Limits { h2_pending_resets: 16, ..Limits::default() }).await;
    let mut stream = served.connect().await;
    let mut flood = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    flood.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    for id in (1..4_000_u32).step_by(2) {
        // GET / of http://a, then RST_STREAM(CANCEL).
        let fields = [0x82, 0x86, 0x84, 0x41, 0x01, b'a'];
        flood.extend([0, 0, 6, 1, 5]);
        flood.extend(id.to_be_bytes());
        flood.extend(fields);
        flood.extend([0, 0, 4, 3, 0]);
        flood.extend(id.to_be_bytes());
        flood.extend(8_u32.to_be_bytes());
    }
    let _ = stream.write_all(&flood).await;
    let mut answer = Vec::new();
    let reading = tokio::time::timeout(std::time::Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
    assert!(reading.is_ok(), "the connection is still open");
    // GOAWAY with ENHANCE_YOUR_CALM.
    let goaway = answer.windows(9).position(|frame| frame[3] == 7 && frame[4..] == [0, 0, 0, 0, 0]).unwrap();
    assert_eq!(answer[goaway + 13..goaway + 17], 11_u32.to_be_bytes());
}

fn now() -> Timestamp {
    Timestamp::from_secs(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap())
}

async fn tls() -> (Served, Arc<Ca>) {
    let ca = Arc::new(Ca::create(now()).unwrap());
    let tls = Tls { ca: Arc::clone(&ca), clock: Arc::new(now) };
    (Served::start(Config { tls: Some(tls), ..Config::default() }).await, ca)
}

async fn dial(
    served: &Served,
    ca: &Ca,
    name: &'static str,
    alpn: &[&str],
) -> std::io::Result<TlsStream<tokio::net::TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), served.connect().await).await
}

#[tokio::test]
async fn tls_by_any_name_or_address() {
    let (served, ca) = tls().await;
    for name in ["localhost", "bucket.s3.us-east-1.amazonaws.com", "kms.eu-west-1.amazonaws.com", "127.0.0.1", "::1"] {
        let mut stream = dial(&served, &ca, name, &["http/1.1"]).await.unwrap();
        send(&mut stream, &format!("GET / HTTP/1.1\r\n{SQS}\r\n")).await;
        let text = read_until(&mut stream, "body=").await;
        assert!(text.contains("sqs SendMessage") && text.contains("tls=true"), "{name}: {text}");
    }
    // The same port still serves in the clear.
    let text = served.exchange(&format!("GET / HTTP/1.1\r\n{SQS}Connection: close\r\n\r\n")).await;
    assert!(text.contains("tls=false"), "{text}");
}

#[tokio::test]
async fn certificates_are_kept_and_alpn_chooses_http2() {
    let (served, ca) = tls().await;
    let certificate = |stream: &TlsStream<_>| stream.get_ref().1.peer_certificates().unwrap()[0].clone();
    let first = dial(&served, &ca, "one.localhost", &["h2", "http/1.1"]).await.unwrap();
    let again = dial(&served, &ca, "one.localhost", &["h2"]).await.unwrap();
    let other = dial(&served, &ca, "two.localhost", &["h2"]).await.unwrap();
    assert_eq!(certificate(&first), certificate(&again));
    assert_ne!(certificate(&first), certificate(&other));
    assert_eq!(first.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (_, text) = get(&mut http2(first).await, Request::get("https://one.localhost/key")).await;
    assert!(text.starts_with("s3 GetObject /one/key "), "{text}");
}

#[tokio::test]
async fn only_who_trusts_the_authority_connects() {
    let (served, _) = tls().await;
    let stranger = Ca::create(now()).unwrap();
    assert!(dial(&served, &stranger, "localhost", &[]).await.is_err());
    // A handshake that is none does no harm.
    let mut stream = served.connect().await;
    stream.write_all(&[0x16, 3, 1, 255, 255, 1, 2, 3]).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert!(served.exchange(&format!("GET / HTTP/1.1\r\n{SQS}Connection: close\r\n\r\n")).await.contains("sqs"));
}

#[test]
fn the_authority_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let first = Ca::load_or_create(dir.path(), now()).unwrap();
    let again = Ca::load_or_create(dir.path(), now()).unwrap();
    assert_eq!(first.pem(), again.pem());
    let key = dir.path().join("ca-key.pem");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(&key, "nonsense").unwrap();
    assert!(Ca::load_or_create(dir.path(), now()).is_err());
    std::fs::remove_file(&key).unwrap();
    assert!(Ca::load_or_create(dir.path(), now()).unwrap_err().to_string().contains("ca-key.pem is missing"));
}
