//! Slow clients, too many clients, and the end.

#![allow(clippy::unwrap_used)]

#[path = "support/echo.rs"]
mod echo;

use std::time::{Duration, Instant};

use echo::{SQS, Served, read_to_end, read_until, send};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::sleep;
use welkin_gateway::{Config, Limits};

const SHORT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_slow_head_is_a_408() {
    let served = Served::with(Limits { head_time: SHORT, ..Limits::default() }).await;
    let mut stream = served.connect().await;
    let start = Instant::now();
    // Each byte comes in time, the head does not.
    let (mut reader, mut writer) = stream.split();
    let drip = async {
        for byte in "GET / HTTP/1.1\r\nHost: localhost\r\nx: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".bytes() {
            send(&mut writer, &char::from(byte).to_string()).await;
            sleep(Duration::from_millis(20)).await;
        }
    };
    let text = tokio::select! {
        text = read_to_end(&mut reader) => text,
        () = drip => panic!("the whole drip was taken"),
    };
    assert!(text.starts_with("HTTP/1.1 408 "), "{text:?}");
    assert!(start.elapsed() >= SHORT && start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn the_second_head_is_watched_too() {
    let served = Served::with(Limits { head_time: SHORT, ..Limits::default() }).await;
    let mut stream = served.connect().await;
    send(&mut stream, &format!("POST / HTTP/1.1\r\n{SQS}Content-Length: 1\r\n\r\na")).await;
    read_until(&mut stream, "body=1:a").await;
    send(&mut stream, "GET / HT").await;
    let text = read_to_end(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 408 "), "{text:?}");
}

#[tokio::test]
async fn silence_is_closed() {
    let limits = Limits { head_time: SHORT, idle_time: SHORT, ..Limits::default() };
    let served = Served::with(limits).await;
    let mut silent = served.connect().await;
    assert_eq!(read_to_end(&mut silent).await, "");
    let mut idle = served.connect().await;
    send(&mut idle, &format!("POST / HTTP/1.1\r\n{SQS}Content-Length: 1\r\n\r\na")).await;
    read_until(&mut idle, "body=1:a").await;
    assert_eq!(read_to_end(&mut idle).await, "");
}

#[tokio::test]
async fn a_slow_answer_is_not_a_slow_client() {
    let limits = Limits { head_time: SHORT, idle_time: SHORT, body_stall: SHORT, ..Limits::default() };
    let served = Served::with(limits).await;
    let mut stream = served.connect().await;
    send(&mut stream, &format!("POST / HTTP/1.1\r\n{SQS}X-Sleep: 900\r\nContent-Length: 1\r\n\r\na")).await;
    read_until(&mut stream, "body=1:a").await;
}

#[tokio::test]
async fn a_stalled_body_is_given_up() {
    let served = Served::with(Limits { body_stall: SHORT, ..Limits::default() }).await;
    // Large enough to stream; small enough to be read before the handler runs; a form.
    for (headers, expected) in [
        ("Content-Length: 1000000\r\n", "body=stalled"),
        ("Content-Length: 10\r\n", "body=stalled"),
        ("Transfer-Encoding: chunked\r\n", "body=stalled"),
    ] {
        let mut stream = served.connect().await;
        send(&mut stream, &format!("POST / HTTP/1.1\r\n{SQS}{headers}\r\n1\r\n")).await;
        let text = read_until(&mut stream, expected).await;
        assert!(text.contains("sqs SendMessage"), "{text}");
    }
    let mut stream = served.connect().await;
    let form = "Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 50\r\n";
    send(&mut stream, &format!("POST / HTTP/1.1\r\n{form}\r\nAction=")).await;
    read_until(&mut stream, "408 RequestTimeout").await;
}

#[tokio::test]
async fn a_body_that_comes_slowly_but_steadily_is_taken() {
    let served = Served::with(Limits { body_stall: SHORT, head_time: SHORT, ..Limits::default() }).await;
    let mut stream = served.connect().await;
    send(&mut stream, &format!("POST / HTTP/1.1\r\n{SQS}Content-Length: 10\r\n\r\n")).await;
    for _ in 0..10 {
        sleep(SHORT / 4).await;
        send(&mut stream, "d").await;
    }
    read_until(&mut stream, "body=10:d").await;
}

#[tokio::test]
async fn a_truncated_body_is_broken() {
    let served = Served::start(Config::default()).await;
    let mut stream = served.connect().await;
    send(&mut stream, &format!("POST / HTTP/1.1\r\n{SQS}Content-Length: 10\r\n\r\nabc")).await;
    tokio::io::AsyncWriteExt::shutdown(&mut stream).await.unwrap();
    let text = read_to_end(&mut stream).await;
    assert!(text.contains("body=broken(") || text.is_empty(), "{text}");
}

#[tokio::test]
async fn an_unread_answer_ends_the_connection() {
    let served = Served::with(Limits { write_stall: SHORT, ..Limits::default() }).await;
    let mut stream = served.connect().await;
    send(&mut stream, &format!("GET / HTTP/1.1\r\n{SQS}X-Answer: 50000000\r\n\r\n")).await;
    sleep(SHORT * 5).await;
    let mut read = Vec::new();
    let _ = stream.read_to_end(&mut read).await;
    assert!(read.len() < 50_000_000, "{} bytes came", read.len());
}

#[tokio::test]
async fn one_client_too_many_is_a_503() {
    let served = Served::with(Limits { connections: 2, ..Limits::default() }).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut stream = served.connect().await;
        send(&mut stream, &format!("GET / HTTP/1.1\r\n{SQS}\r\n")).await;
        read_until(&mut stream, "body=0:-").await;
        open.push(stream);
    }
    let text = read_to_end(&mut served.connect().await).await;
    assert!(text.starts_with("HTTP/1.1 503 "), "{text:?}");
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}", body.len())), "{text:?}");
    open.pop();
    sleep(Duration::from_millis(50)).await;
    let mut stream = served.connect().await;
    send(&mut stream, &format!("GET / HTTP/1.1\r\n{SQS}\r\n")).await;
    read_until(&mut stream, "body=0:-").await;
}

#[tokio::test]
async fn shutdown_finishes_what_is_in_flight() {
    let served = Served::start(Config::default()).await;
    let address = served.address;
    let mut idle = served.connect().await;
    let mut busy = served.connect().await;
    send(&mut busy, &format!("GET / HTTP/1.1\r\n{SQS}X-Sleep: 400\r\n\r\n")).await;
    sleep(Duration::from_millis(100)).await;
    let stopped = served.stop();
    assert_eq!(read_to_end(&mut idle).await, "");
    assert!(TcpStream::connect(address).await.is_err(), "still listening");
    assert!(read_to_end(&mut busy).await.contains("sqs SendMessage"));
    assert!(stopped.await.unwrap());
}

#[tokio::test]
async fn shutdown_does_not_wait_for_ever() {
    let served = Served::with(Limits { shutdown_time: SHORT, ..Limits::default() }).await;
    let mut busy = served.connect().await;
    send(&mut busy, &format!("GET / HTTP/1.1\r\n{SQS}X-Sleep: 60000\r\n\r\n")).await;
    sleep(Duration::from_millis(100)).await;
    let start = Instant::now();
    assert!(!served.stop().await.unwrap());
    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!(read_to_end(&mut busy).await, "");
}
