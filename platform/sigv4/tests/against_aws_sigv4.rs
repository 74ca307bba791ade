//! Requests signed by AWS's own signer, the `aws-sigv4` crate, verify; and no longer once anything is changed.
#![allow(clippy::unwrap_used, missing_docs)]

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningParams,
        SigningSettings, UriPathNormalizationMode, sign,
    },
    sign::{v4, v4a},
};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use jiff::Timestamp;
use proptest::{collection::vec, prelude::*, sample::Index};
use std::time::{Duration, SystemTime};
use welkin_sigv4::{
    Algorithm, Body, Error, ErrorKind, KeyCache, Location, Presented, RequestView, Rules, Secret, present, sha256,
    verify,
};

const NOW: i64 = 1_440_938_160;
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

#[derive(Clone, Debug)]
struct Sent {
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Way {
    s3: bool,
    query: bool,
    ecdsa: bool,
    token: bool,
}

fn sign_by_aws(sent: &Sent, way: Way) -> Sent {
    let token = way.token.then(|| "FwoGZXIvYXdzE+token/==".to_owned());
    let identity = Credentials::new("AKIDEXAMPLE", SECRET, token, None, "test").into();
    let mut settings = SigningSettings::default();
    if way.s3 {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    if way.query {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(600));
        settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
    }
    let name = if way.s3 { "s3" } else { "service" };
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW as u64);
    let params: SigningParams<'_> = if way.ecdsa {
        let builder = v4a::SigningParams::builder().identity(&identity).region_set("us-east-1,eu-*").name(name);
        builder.time(time).settings(settings).build().unwrap().into()
    } else {
        let builder = v4::SigningParams::builder().identity(&identity).region("us-east-1").name(name);
        builder.time(time).settings(settings).build().unwrap().into()
    };
    let uri = format!("https://example.amazonaws.com{}?{}", sent.path, sent.query);
    let headers = sent.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let body = if way.s3 && way.query { SignableBody::UnsignedPayload } else { SignableBody::Bytes(&sent.body) };
    let signable = SignableRequest::new(&sent.method, &uri, headers, body).unwrap();
    let (instructions, _) = sign(signable, &params).unwrap().into_parts();
    let mut request = Request::builder().method(sent.method.as_str()).uri(&uri).body(()).unwrap();
    *request.headers_mut() = sent.headers.clone();
    instructions.apply_to_request_http1x(&mut request);
    Sent {
        query: request.uri().query().unwrap_or_default().to_owned(),
        path: request.uri().path().to_owned(),
        headers: request.headers().clone(),
        ..sent.clone()
    }
}

fn check_with(sent: &Sent, way: Way, secret: &str, now: i64, keys: &KeyCache) -> Result<Body, Error> {
    let view = RequestView { method: &sent.method, path: &sent.path, query: &sent.query, headers: &sent.headers };
    let Presented::Signed(claim) = present(&view)? else { return Err(ErrorKind::MissingToken.into()) };
    claim.expect_scope(if way.s3 { "s3" } else { "service" }, Some("us-east-1"))?;
    let rules = Rules::of(if way.s3 { "s3" } else { "sts" });
    let now = Timestamp::from_second(now).unwrap();
    let expected = if way.ecdsa { Algorithm::EcdsaP256Sha256 } else { Algorithm::HmacSha256 };
    assert_eq!(claim.algorithm, expected);
    assert_eq!(claim.location, if way.query { Location::Query } else { Location::Header });
    let verified = verify(&claim, &view, Some(sha256(&sent.body)), &Secret::new(secret), now, &rules, keys)?;
    Ok(verified.body)
}

fn check(sent: &Sent, way: Way) -> Result<Body, Error> {
    check_with(sent, way, SECRET, NOW + 30, &KeyCache::new())
}

fn session_token(sent: &Sent) -> Option<String> {
    let view = RequestView { method: &sent.method, path: &sent.path, query: &sent.query, headers: &sent.headers };
    match present(&view) {
        Ok(Presented::Signed(claim)) => claim.session_token,
        _ => None,
    }
}

fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

prop_compose! {
    fn requests()(
        method in prop::sample::select(vec!["GET", "PUT", "POST", "DELETE", "HEAD"]),
        segments in vec("[a-zA-Z0-9 é日:+()*!'@$&,;=~._-]{1,12}", 0..4),
        trailing in any::<bool>(),
        query in vec(("[a-zA-Z0-9 é_.-]{1,8}", "[ -~é日]{0,12}"), 0..5),
        names in vec("x-(amz-meta|test)-[a-z]{1,6}", 0..4),
        values in vec("[!-~]{1,6}( {1,3}[!-~]{1,6}){0,2}", 4),
        body in vec(any::<u8>(), 0..64),
    ) -> Sent {
        let mut path: String = segments.iter().map(|segment| format!("/{}", encode(segment))).collect();
        if trailing || path.is_empty() {
            path.push('/');
        }
        let pairs: Vec<_> = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("example.amazonaws.com"));
        for (name, value) in names.iter().zip(&values) {
            headers.insert(HeaderName::try_from(name.as_str()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        Sent { method: method.to_owned(), path, query: pairs.join("&"), headers, body }
    }
}

fn ways(ecdsa: bool) -> impl Strategy<Value = Way> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(move |(s3, query, token)| Way { s3, query, ecdsa, token })
}

/// Changes one thing of a signed request that its signature covers.
fn tamper(sent: &Sent, way: Way, kind: u8, at: Index) -> Option<Sent> {
    let mut out = sent.clone();
    match kind {
        0 => out.method = if sent.method == "GET" { "PUT" } else { "GET" }.to_owned(),
        1 => out.path.insert(1 + at.index(sent.path.len()), 'x'),
        2 => out.query.push_str("&extra=1"),
        3 if way.s3 && way.query => return None,
        3 => out.body.push(1),
        4 => {
            let signed: Vec<_> = sent.headers.keys().filter(|name| *name != "authorization").cloned().collect();
            let name = &signed[at.index(signed.len())];
            let mut value = sent.headers[name].as_bytes().to_vec();
            value.push(b'x');
            out.headers.insert(name, HeaderValue::from_bytes(&value).unwrap());
        }
        5 => {
            let signed: Vec<_> = sent.headers.keys().filter(|name| *name != "authorization").cloned().collect();
            out.headers.remove(&signed[at.index(signed.len())]);
        }
        6 => {
            let signed: Vec<_> = sent.headers.keys().filter(|name| *name != "authorization").cloned().collect();
            out.headers.append(&signed[at.index(signed.len())], HeaderValue::from_static("again"));
        }
        // A digit of the signature, the scope's day, or the key.
        7 if way.query => out.query = flip(&sent.query, "X-Amz-Signature=", at),
        7 => {
            let flipped = flip(sent.headers["authorization"].to_str().unwrap(), "Signature=", at);
            out.headers.insert("authorization", HeaderValue::from_str(&flipped).unwrap());
        }
        8 if way.query => out.query = sent.query.replace("X-Amz-Expires=600", "X-Amz-Expires=601"),
        8 if way.s3 => out.headers.insert("x-amz-extra", HeaderValue::from_static("1")).map_or((), drop),
        _ => return None,
    }
    Some(out)
}

/// Flips a hexadecimal digit among the 64 after `marker`.
fn flip(text: &str, marker: &str, at: Index) -> String {
    let position = text.find(marker).unwrap() + marker.len() + at.index(64);
    let digit = if text.as_bytes()[position] == b'0' { "1" } else { "0" };
    format!("{}{digit}{}", &text[..position], &text[position + 1..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hmac_signatures_verify(sent in requests(), way in ways(false), kind in 0..9_u8, at: Index) {
        let signed = sign_by_aws(&sent, way);
        prop_assert_eq!(session_token(&signed).is_some(), way.token);
        let body = check(&signed, way);
        prop_assert!(body.is_ok(), "{:?} {signed:?}", body);
        if let Some(tampered) = tamper(&signed, way, kind, at) {
            prop_assert!(check(&tampered, way).is_err(), "kind {kind}: {tampered:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ecdsa_signatures_verify(sent in requests(), way in ways(true), kind in 0..9_u8, at: Index) {
        let signed = sign_by_aws(&sent, way);
        prop_assert_eq!(session_token(&signed).is_some(), way.token);
        let body = check(&signed, way);
        prop_assert!(body.is_ok(), "{:?} {signed:?}", body);
        if let Some(tampered) = tamper(&signed, way, kind, at) {
            prop_assert!(check(&tampered, way).is_err(), "kind {kind}: {tampered:?}");
        }
    }
}

fn plain() -> Sent {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("example.amazonaws.com"));
    Sent { method: "GET".to_owned(), path: "/".to_owned(), query: "a=1".to_owned(), headers, body: Vec::new() }
}

const HEADER: Way = Way { s3: false, query: false, ecdsa: false, token: false };

#[test]
fn another_secret_fails_even_when_the_key_is_cached() {
    let signed = sign_by_aws(&plain(), HEADER);
    let keys = KeyCache::new();
    assert!(check_with(&signed, HEADER, SECRET, NOW, &keys).is_ok());
    assert_eq!(keys.len(), 1);
    let error = check_with(&signed, HEADER, "other", NOW, &keys).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::SignatureMismatch(_)));
    assert_eq!(keys.len(), 1, "a key that verified nothing is not kept");
    assert!(check_with(&signed, HEADER, SECRET, NOW, &keys).is_ok());
}

#[test]
fn header_signatures_live_as_long_as_the_skew() {
    let signed = sign_by_aws(&plain(), HEADER);
    let at = |offset| check_with(&signed, HEADER, SECRET, NOW + offset, &KeyCache::new());
    assert!(at(900).is_ok());
    assert!(matches!(at(901).unwrap_err().kind(), ErrorKind::Expired { .. }));
    assert!(at(-900).is_ok());
    assert!(matches!(at(-901).unwrap_err().kind(), ErrorKind::NotYetCurrent { .. }));
}

#[test]
fn presigned_urls_live_as_long_as_they_say() {
    let way = Way { s3: true, query: true, ..HEADER };
    let signed = sign_by_aws(&plain(), way);
    let at = |offset| check_with(&signed, way, SECRET, NOW + offset, &KeyCache::new());
    assert!(matches!(at(600), Ok(Body::Unsigned)));
    assert!(matches!(at(601).unwrap_err().kind(), ErrorKind::PresignedExpired { .. }));
    assert!(matches!(at(-901).unwrap_err().kind(), ErrorKind::PresignedNotYetValid { .. }));
}
