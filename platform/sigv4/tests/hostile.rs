//! Requests made to hurt: nothing panics, nothing is accepted, nothing takes long.
#![allow(clippy::unwrap_used, missing_docs)]

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use proptest::{collection::vec, prelude::*};
use welkin_sigv4::{
    Error, ErrorKind, KeyCache, Location, Presented, Protocol, RequestView, Rules, answer, present, verify,
};

const NOW: &str = "2015-08-30T12:36:00Z";

fn check(headers: &HeaderMap, path: &str, query: &str, service: &str) -> Result<bool, Error> {
    let view = RequestView { method: "GET", path, query, headers };
    match present(&view)? {
        Presented::Anonymous => Ok(false),
        Presented::Signed(claim) => {
            let (now, keys): (Timestamp, _) = (NOW.parse().unwrap(), KeyCache::new());
            verify(&claim, &view, None, &"secret".into(), now, &Rules::of(service), &keys).map(|_| true)
        }
    }
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair =
        |(name, value): &(&str, &str)| (HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    pairs.iter().map(pair).collect()
}

fn kind(pairs: &[(&str, &str)], query: &str) -> ErrorKind {
    check(&headers(pairs), "/", query, "s3").unwrap_err().kind().clone()
}

const CREDENTIAL: &str = "Credential=AKID/20150830/us-east-1/s3/aws4_request";

fn authorization(rest: &str) -> String {
    format!("AWS4-HMAC-SHA256 {rest}")
}

#[test]
fn each_flaw_has_its_error() {
    let auth = |value: &str| kind(&[("authorization", value), ("x-amz-date", "20150830T123600Z")], "");
    assert_eq!(auth("AWS AKID:c2ln"), ErrorKind::SigV2);
    assert!(matches!(auth("Bearer x"), ErrorKind::UnsupportedAuthorization(_)));
    assert!(matches!(auth("AWS4-HMAC-SHA512 x"), ErrorKind::UnknownAlgorithm { location: Location::Header, .. }));
    assert!(
        matches!(auth("AWS4-HMAC-SHA256"), ErrorKind::MissingHeaderParameters { missing, .. } if missing.len() == 3)
    );
    assert!(matches!(auth(&authorization("Credential=a b=c x")), ErrorKind::MalformedPair { pair, .. } if pair == "x"));
    let twice = format!("{CREDENTIAL}, {CREDENTIAL}, SignedHeaders=host, Signature=00");
    assert!(matches!(auth(&authorization(&twice)), ErrorKind::MalformedPair { .. }));
    for credential in ["a", "a/b/c/d", "/20150830/r/s/aws4_request", "a/b/20150830/r/s/aws4_request"] {
        let header = authorization(&format!("Credential={credential}, SignedHeaders=host, Signature=00"));
        assert!(matches!(auth(&header), ErrorKind::MalformedCredential { .. }), "{credential}");
    }
    let whole = authorization(&format!("{CREDENTIAL}, SignedHeaders=host, Signature=00"));
    assert_eq!(kind(&[("authorization", &whole)], ""), ErrorKind::MissingDate);
    let dated = |date: &str| kind(&[("authorization", &whole), ("x-amz-date", date)], "");
    assert!(matches!(dated("yesterday"), ErrorKind::MalformedDate { .. }));
    assert!(matches!(dated("20150831T123600Z"), ErrorKind::WrongScopeDate { .. }));
    let other = whole.replace("aws4_request", "aws4");
    assert!(matches!(auth(&other), ErrorKind::WrongScopeTerminator { .. }));
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256";
    assert!(matches!(kind(&[("authorization", &whole)], query), ErrorKind::SeveralMechanisms(_)));
    assert!(matches!(kind(&[], query), ErrorKind::MissingQueryParameters(missing) if missing.len() == 4));
    assert_eq!(kind(&[], "AWSAccessKeyId=a&Signature=b&Expires=1"), ErrorKind::SigV2);
    assert_eq!(check(&HeaderMap::new(), "/", "Signature=b&list-type=2", "s3"), Ok(false));
    let two = [("authorization", whole.as_str()), ("authorization", whole.as_str())];
    assert!(matches!(kind(&two, ""), ErrorKind::SeveralMechanisms(_)));
}

fn presigned(expires: &str) -> String {
    format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20150830%2Fus-east-1%2Fs3%2Faws4_request&\
         X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00{expires}"
    )
}

#[test]
fn lifetimes_of_urls_are_judged() {
    let expires = |text: &str| kind(&[("host", "h")], &presigned(text));
    assert_eq!(expires("&X-Amz-Expires=604801"), ErrorKind::ExpiresTooLong);
    assert_eq!(expires("&X-Amz-Expires=99999999999999999999999"), ErrorKind::ExpiresTooLong);
    assert_eq!(expires("&X-Amz-Expires=-1"), ErrorKind::ExpiresNegative);
    for text in ["", "1.5", "%00", "+1", "0x10", "--1"] {
        assert_eq!(expires(&format!("&X-Amz-Expires={text}")), ErrorKind::ExpiresNotNumber, "{text}");
    }
    assert_eq!(expires(""), ErrorKind::MissingQueryParameters(vec!["X-Amz-Expires"]));
    assert!(matches!(expires("&X-Amz-Expires=604800"), ErrorKind::SignatureMismatch(_)));
    let twice = expires("&X-Amz-Expires=1&X-Amz-Expires=604800");
    assert_eq!(twice, ErrorKind::MissingQueryParameters(vec!["X-Amz-Expires"]));
}

#[test]
fn signed_headers_cannot_be_repeated_to_exhaust_the_server() {
    let names = vec!["x-big"; 8_000].join(";");
    let whole = authorization(&format!("{CREDENTIAL}, SignedHeaders=host;{names}, Signature={}", "0".repeat(64)));
    let big = "v".repeat(60_000);
    let pairs = [
        ("authorization", whole.as_str()),
        ("x-amz-date", "20150830T123600Z"),
        ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        ("host", "h"),
        ("x-big", &big),
    ];
    let error = check(&headers(&pairs), "/", "", "sts").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::HeadersNotSigned(_)));
    let whole = whole.replace("host;", "host;x-amz-content-sha256;x-amz-date;");
    let pairs = [("authorization", whole.as_str()), pairs[1], pairs[2], pairs[3], pairs[4]];
    match check(&headers(&pairs), "/", "", "s3").unwrap_err().kind() {
        ErrorKind::SignatureMismatch(mismatch) => assert_eq!(mismatch.canonical_request, None),
        other => panic!("{other:?}"),
    }
}

fn fragments() -> impl Strategy<Value = String> {
    let words = vec![
        "AWS4-HMAC-SHA256 ",
        "AWS4-ECDSA-P256-SHA256 ",
        "AWS ",
        "Credential=",
        "SignedHeaders=",
        "Signature=",
        ", ",
        ";",
        "/",
        "host",
        "x-amz-date",
        "20150830",
        "us-east-1",
        "s3",
        "aws4_request",
        "00",
        "=",
        "%",
        "&",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&",
        "X-Amz-Credential=",
        "X-Amz-Date=20150830T123600Z&",
        "X-Amz-Expires=",
        "X-Amz-SignedHeaders=host&",
        "X-Amz-Signature=",
        "AKID/20150830/us-east-1/s3/aws4_request",
    ];
    vec(prop_oneof![prop::sample::select(words).prop_map(str::to_owned), "\\PC{0,3}"], 0..24)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_requests_never_panic_and_never_verify(
        authorization in proptest::option::of(prop_oneof![fragments().prop_map(String::into_bytes), vec(any::<u8>(), 0..80)]),
        date in prop_oneof![Just("20150830T123600Z".to_owned()), "\\PC{0,20}"],
        sha in "(UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]{0,40}|[0-9a-f]{64}|\\PC{0,10})",
        path in "(/|\\.|%|[^ ]){0,20}",
        query in fragments(),
        service in prop::sample::select(vec!["s3", "sts", "lambda", "ec2", "dynamodb"]),
    ) {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("h"));
        for (name, value) in [("x-amz-date", date.as_bytes()), ("x-amz-content-sha256", sha.as_bytes())] {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        if let Some(Ok(value)) = authorization.map(|bytes| HeaderValue::from_bytes(&bytes)) {
            headers.insert("authorization", value);
        }
        match check(&headers, &path, &query, service) {
            Ok(verified) => prop_assert!(!verified),
            Err(error) => {
                for protocol in [Protocol::Query, Protocol::Ec2, Protocol::Json, Protocol::RestJson, Protocol::RestXml] {
                    let answer = answer(error.kind(), service, protocol);
                    prop_assert!((400..500).contains(&answer.status) && !answer.code.is_empty());
                }
            }
        }
    }
}
