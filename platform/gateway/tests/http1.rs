//! HTTP/1 over real sockets.

#![allow(clippy::unwrap_used)]

#[path = "support/echo.rs"]
mod echo;

use echo::{SQS, Served, read_until, send};
use welkin_gateway::{Config, Limits};

#[tokio::test]
async fn calls_are_routed_and_connections_kept() {
    let served = Served::start(Config::default()).await;
    let mut stream = served.connect().await;
    for n in 1..=3 {
        send(&mut stream, &format!("POST / HTTP/1.1\r\n{SQS}Content-Length: {n}\r\n\r\n{}", "a".repeat(n))).await;
        let text = read_until(&mut stream, &format!("body={n}:a")).await;
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
        assert!(
            text.contains("sqs SendMessage / host=localhost:4566 region=eu-west-1 purpose=Call tls=false"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let served = Served::start(Config::default()).await;
    let mut stream = served.connect().await;
    let one = |body: &str| format!("POST / HTTP/1.1\r\n{SQS}Content-Length: {}\r\n\r\n{body}", body.len());
    send(&mut stream, &[one("a"), one("bb"), one("ccc")].concat()).await;
    let text = read_until(&mut stream, "body=3:c").await;
    let place = |part: &str| text.find(part).unwrap();
    assert!(place("body=1:a") < place("body=2:b") && place("body=2:b") < place("body=3:c"), "{text}");
}

#[tokio::test]
async fn chunked_bodies_and_large_bodies_stream() {
    let served = Served::start(Config::default()).await;
    let mut stream = served.connect().await;
    send(
        &mut stream,
        &format!("POST / HTTP/1.1\r\n{SQS}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
    )
    .await;
    read_until(&mut stream, "body=5:e").await;
    let large = "z".repeat(3 << 20);
    send(&mut stream, &format!("POST / HTTP/1.1\r\n{SQS}Content-Length: {}\r\n\r\n{large}", large.len())).await;
    read_until(&mut stream, &format!("body={}:z", large.len())).await;
}

#[tokio::test]
async fn the_head_may_come_byte_by_byte() {
    let served = Served::start(Config::default()).await;
    let mut stream = served.connect().await;
    stream.set_nodelay(true).unwrap();
    // Begins like the preface of HTTP/2.
    for byte in format!("POST / HTTP/1.1\r\n{SQS}Content-Length: 1\r\n\r\nb").bytes() {
        send(&mut stream, &char::from(byte).to_string()).await;
    }
    read_until(&mut stream, "body=1:b").await;
}

#[tokio::test]
async fn continue_is_said_when_the_body_is_wanted() {
    let served = Served::start(Config::default()).await;
    let mut stream = served.connect().await;
    send(&mut stream, &format!("POST / HTTP/1.1\r\n{SQS}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")).await;
    let text = read_until(&mut stream, "\r\n\r\n").await;
    assert_eq!(text, "HTTP/1.1 100 Continue\r\n\r\n");
    send(&mut stream, "ok").await;
    read_until(&mut stream, "body=2:k").await;
}

#[tokio::test]
async fn continue_is_not_said_when_the_body_is_not_wanted() {
    let served = Served::start(Config::default()).await;
    let head = format!("POST / HTTP/1.1\r\n{SQS}Expect: 100-continue\r\nX-Leave-Body: 1\r\nContent-Length: 2\r\n\r\n");
    let mut stream = served.connect().await;
    send(&mut stream, &head).await;
    let text = read_until(&mut stream, "body=left").await;
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
    assert!(text.contains("connection: close\r\n"), "what comes next is no body: {text}");
    let text =
        served.exchange("GET / HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\nConnection: close\r\n\r\n").await;
    assert!(text.starts_with("HTTP/1.1 417 "), "{text}");
}

#[tokio::test]
async fn hosts_are_demanded_and_unique() {
    let served = Served::start(Config::default()).await;
    for (request, expected) in [
        ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 400 "),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", "HTTP/1.1 400 "),
        ("GET / HTTP/1.0\r\n\r\n", "host=localhost "),
        ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nConnection: close\r\n\r\n", "HTTP/1.1 405 "),
        (
            "GET http://bucket.s3.us-west-2.amazonaws.com/key HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "s3 GetObject /bucket/key host=bucket.s3.us-west-2.amazonaws.com region=us-west-2 ",
        ),
        ("NONSENSE\r\n\r\n", "HTTP/1.1 400 "),
        ("\r\n\r\n\u{1}\u{2}\u{3}\r\n\r\n", "HTTP/1.1 400 "),
    ] {
        let text = served.exchange(request).await;
        assert!(text.contains(expected), "{request:?}: {text}");
    }
}

#[tokio::test]
async fn heads_are_limited() {
    let served = Served::start(Config::default()).await;
    let many: String = (0..300).map(|n| format!("x-{n}: 1\r\n")).collect();
    let long = "x".repeat(100 << 10);
    for head in [
        format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nx-long: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nx-endless: {long}"),
    ] {
        let text = served.exchange(&head).await;
        assert!(text.starts_with("HTTP/1.1 431 "), "{text:.200}");
    }
    let text = served.exchange(&format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
    assert!(text.starts_with("HTTP/1.1 414 ") || text.starts_with("HTTP/1.1 431 "), "{text:.200}");
    // Just under the limits is welcome.
    let fair = "y".repeat(60 << 10);
    let text = served.exchange(&format!("GET / HTTP/1.1\r\n{SQS}x: {fair}\r\nConnection: close\r\n\r\n")).await;
    assert!(text.contains("sqs SendMessage"), "{text:.200}");
}

#[tokio::test]
async fn forms_are_read_up_to_a_limit() {
    let served = Served::with(Limits { buffered_body: 100, eager_body: 10, ..Limits::default() }).await;
    let form = |body: &str| {
        let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n";
        format!("{head}Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let text = served.exchange(&form("Action=GetCallerIdentity&Version=2011-06-15")).await;
    assert!(text.contains("sts GetCallerIdentity / ") && text.contains("body=43:5"), "{text}");
    let text = served.exchange(&form(&format!("Action=X&Y={}", "y".repeat(200)))).await;
    assert!(text.contains("413 RequestEntityTooLarge"), "{text}");
}

#[tokio::test]
async fn the_operator_and_web_pages() {
    let served = Served::start(Config::default()).await;
    let request = |line: &str, headers: &str| format!("{line} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
    let text = served.exchange(&request("GET /_welkin/health", "Host: localhost:4566\r\n")).await;
    assert!(text.contains("admin /_welkin/health"), "{text}");
    let text = served.exchange(&request("POST /_welkin/reset", "Host: rebound.example\r\n")).await;
    assert!(text.starts_with("HTTP/1.1 403 ") && text.contains("\"hint\""), "{text}");
    let preflight =
        "Host: localhost\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-amz-date\r\n";
    let local = request("OPTIONS /some-bucket/key", &format!("{preflight}Origin: http://localhost:3000\r\n"));
    let text = served.exchange(&local).await;
    assert!(text.starts_with("HTTP/1.1 204 "), "{text}");
    assert!(text.contains("access-control-allow-origin: http://localhost:3000\r\n"), "{text}");
    assert!(text.contains("access-control-allow-headers: x-amz-date\r\n"), "{text}");
    let foreign = format!("{preflight}Origin: https://app.example\r\n");
    let text = served.exchange(&request("OPTIONS /some-bucket/key", &foreign)).await;
    assert!(text.contains("s3 GetBucketCors /some-bucket/key ") && text.contains("purpose=S3Preflight"), "{text}");
    assert!(!text.contains("access-control-allow-origin"), "{text}");
    let text = served.exchange(&request("OPTIONS /2015-03-31/functions", &foreign)).await;
    assert!(text.starts_with("HTTP/1.1 403 "), "{text}");
    let text =
        served.exchange(&request("GET /some-bucket", "Host: localhost\r\nOrigin: http://localhost:3000\r\n")).await;
    assert!(text.contains("access-control-allow-origin: http://localhost:3000\r\n"), "{text}");
    let text =
        served.exchange(&request("GET /some-bucket", "Host: localhost\r\nOrigin: https://app.example\r\n")).await;
    assert!(text.contains("s3 ListObjects /some-bucket") && !text.contains("access-control"), "{text}");
}
