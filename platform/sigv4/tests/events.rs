//! Event streams signed by AWS's own signer verify, in order and untouched only.
#![allow(clippy::unwrap_used, missing_docs)]

use aws_credential_types::Credentials;
use aws_sigv4::{
    event_stream::{SigningParams, sign_empty_message, sign_message},
    sign::v4,
};
use aws_smithy_types::event_stream::{HeaderValue, Message};
use jiff::Timestamp;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use welkin_sigv4::{Algorithm, ErrorKind, EventVerifier, Scope, Seed, SigningKey};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const FIRST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// Just before midnight.
const START: u64 = 1_440_979_190;

fn verifier() -> EventVerifier {
    let scope = Scope {
        date: "20150830".to_owned(),
        region: "us-east-1".to_owned(),
        service: "transcribe".to_owned(),
        terminator: "aws4_request".to_owned(),
    };
    let seed = Seed {
        algorithm: Algorithm::HmacSha256,
        key: Arc::new(SigningKey::hmac(&SECRET.into(), &scope)),
        signature: FIRST.to_owned(),
        scope,
        timestamp_text: "20150830T235950Z".to_owned(),
        access_key_id: "AKID".to_owned(),
    };
    EventVerifier::new(seed, SECRET.into())
}

fn parts(message: &Message) -> (Timestamp, Vec<u8>, Vec<u8>) {
    let (mut date, mut signature) = (Timestamp::UNIX_EPOCH, Vec::new());
    for header in message.headers() {
        match (header.name().as_str(), header.value()) {
            (":date", HeaderValue::Timestamp(time)) => date = Timestamp::from_second(time.secs()).unwrap(),
            (":chunk-signature", HeaderValue::ByteArray(bytes)) => signature = bytes.to_vec(),
            _ => {}
        }
    }
    (date, signature, message.payload().to_vec())
}

/// Five messages and the empty one that ends the stream, four seconds apart: they cross midnight.
fn stream() -> Vec<(Timestamp, Vec<u8>, Vec<u8>)> {
    let identity = Credentials::new("AKID", SECRET, None, None, "test").into();
    let mut last = FIRST.to_owned();
    let mut out = Vec::new();
    for n in 0..6 {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(START + 4 * n);
        let builder = v4::SigningParams::builder().identity(&identity).region("us-east-1").name("transcribe");
        let params: SigningParams<'_> = builder.time(time).settings(()).build().unwrap();
        let inner = Message::new(format!("event {n}").into_bytes());
        let signed = if n < 5 { sign_message(&inner, &last, &params) } else { sign_empty_message(&last, &params) };
        let (message, signature) = signed.unwrap().into_parts();
        last = signature;
        out.push(parts(&message));
    }
    out
}

#[test]
fn signed_streams_verify_past_midnight() {
    let mut verifier = verifier();
    for (n, (date, signature, payload)) in stream().iter().enumerate() {
        assert_eq!(verifier.verify(*date, signature, payload), Ok(()), "message {n}");
        assert_eq!(payload.is_empty(), n == 5);
    }
}

#[test]
fn messages_that_are_changed_or_moved_fail() {
    let stream = stream();
    let (date, signature, payload) = &stream[0];
    let fails = |date, signature: &[u8], payload: &[u8]| {
        let error = verifier().verify(date, signature, payload).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::SignatureMismatch(_)));
    };
    fails(*date, signature, &[payload.as_slice(), b"x"].concat());
    fails(*date + Duration::from_secs(1), signature, payload);
    fails(*date, &signature[1..], payload);
    fails(*date, b"", payload);
    fails(stream[1].0, &stream[1].1, &stream[1].2);
}
