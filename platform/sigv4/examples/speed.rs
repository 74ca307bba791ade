//! Prints what verification costs: `cargo run --release -p welkin-sigv4 --example speed`.
#![allow(clippy::print_stdout)]

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use std::{error::Error, hint::black_box, time::Instant};
use welkin_sigv4::{
    Algorithm, Body, ChunkDecoder, Credentials, KeyCache, Payload, Presented, RequestView, Rules, Secret, Style,
    present, sha256,
    sign::{Parts, Signer, sign_headers},
    verify,
};

const BODY: &[u8] = br#"{"TableName":"orders","Key":{"id":{"S":"4711"}},"ConsistentRead":true}"#;

fn main() -> Result<(), Box<dyn Error>> {
    for algorithm in [Algorithm::HmacSha256, Algorithm::EcdsaP256Sha256] {
        requests(algorithm)?;
    }
    chunks(Payload::StreamingSigned { trailer: false })?;
    chunks(Payload::StreamingUnsignedTrailer)
}

fn credentials() -> Credentials {
    let access_key_id = "AKIAIOSFODNN7EXAMPLE".to_owned();
    Credentials { access_key_id, secret: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), session_token: None }
}

/// Headers as botocore sends them.
fn headers() -> HeaderMap {
    let pairs = [
        ("host", "dynamodb.us-east-1.amazonaws.com"),
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", "DynamoDB_20120810.GetItem"),
        ("accept-encoding", "identity"),
        ("user-agent", "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11.7"),
        ("amz-sdk-invocation-id", "0b3b4ab5-0c2a-4c0e-9d0e-4b0b8c8d8b1f"),
        ("amz-sdk-request", "attempt=1"),
    ];
    pairs.into_iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
}

fn requests(algorithm: Algorithm) -> Result<(), Box<dyn Error>> {
    let (credentials, time) = (credentials(), Timestamp::UNIX_EPOCH);
    let (region, service, style) = ("us-east-1", "dynamodb", Style::Standard);
    let signer = Signer { credentials: &credentials, algorithm, region, service, style, time };
    let mut headers = headers();
    let parts = Parts { method: "POST", path: "/", query: "" };
    sign_headers(parts, &mut headers, &Payload::Sha256(sha256(BODY)), &signer)?;
    let view = RequestView { method: "POST", path: "/", query: "", headers: &headers };
    let (warm, rules) = (KeyCache::new(), Rules::of("dynamodb"));
    let check = |keys: &KeyCache| -> Result<(), welkin_sigv4::Error> {
        let Presented::Signed(claim) = present(&view)? else { return Ok(()) };
        claim.expect_scope("dynamodb", Some("us-east-1"))?;
        black_box(verify(&claim, &view, Some(sha256(BODY)), &credentials.secret, time, &rules, keys)?);
        Ok(())
    };
    let rounds = if algorithm == Algorithm::HmacSha256 { 200_000 } else { 5_000 };
    let per_call = |name: &str, keys: &dyn Fn() -> Option<KeyCache>| -> Result<(), welkin_sigv4::Error> {
        let start = Instant::now();
        for _ in 0..rounds {
            match keys() {
                Some(cold) => check(&cold)?,
                None => check(&warm)?,
            }
        }
        let micros = start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
        println!("{} {name}: {micros:.2} µs a request", algorithm.name());
        Ok(())
    };
    per_call("warm cache", &|| None)?;
    let start = Instant::now();
    for _ in 0..rounds {
        black_box(KeyCache::new());
    }
    let empty = start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
    println!("(an empty cache costs {empty:.2} µs, included in the next line)");
    per_call("cold cache", &|| Some(KeyCache::new()))?;
    Ok(())
}

/// A body of 64 MiB in chunks of 64 KiB, which comes in pieces of 16 KiB.
fn chunks(payload: Payload) -> Result<(), Box<dyn Error>> {
    const CHUNK: usize = 64 * 1024;
    const COUNT: usize = 1024;
    let (credentials, time, algorithm) = (credentials(), Timestamp::UNIX_EPOCH, Algorithm::HmacSha256);
    let signer =
        Signer { credentials: &credentials, algorithm, region: "us-east-1", service: "s3", style: Style::S3, time };
    let mut headers = headers();
    headers.insert("x-amz-decoded-content-length", HeaderValue::from(CHUNK * COUNT));
    let parts = Parts { method: "PUT", path: "/b/k", query: "" };
    let mut signer = sign_headers(parts, &mut headers, &payload, &signer)?;
    let mut body = Vec::new();
    for _ in 0..COUNT {
        body.extend(signer.chunk(&[7; CHUNK]));
    }
    body.extend(signer.chunk(&[]));
    body.extend_from_slice(signer.end());
    let body = Bytes::from(body);
    let view = RequestView { method: "PUT", path: "/b/k", query: "", headers: &headers };
    let Presented::Signed(claim) = present(&view)? else { return Ok(()) };
    let verified = verify(&claim, &view, None, &credentials.secret, time, &Rules::of("s3"), &KeyCache::new())?;
    let Body::Chunked { payload, seed } = verified.body else { return Ok(()) };
    let mut decoder = ChunkDecoder::for_request(&view, &payload, seed)?;
    let start = Instant::now();
    let mut size = 0;
    for at in (0..body.len()).step_by(16 * 1024) {
        decoder.push(body.slice(at..body.len().min(at + 16 * 1024)))?;
        while let Some(data) = decoder.pop() {
            size += data.len();
        }
    }
    decoder.finish()?;
    let rate = size as f64 / start.elapsed().as_secs_f64() / f64::from(1 << 20);
    println!("{payload:?}: {rate:.0} MiB a second");
    Ok(())
}
