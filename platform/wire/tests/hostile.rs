//! Input made to break parsers: each is an error or a value, soon, and never a panic.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::HeaderMap;
use proptest::prelude::*;
use welkin_model::Protocol;
use welkin_wire::*;

fn parse(service: &str, operation: &str, protocol: Protocol, body: impl Into<Bytes>) -> Result<Value, ParseError> {
    let service = welkin_model::service(service).unwrap();
    let operation = service.operation(operation).unwrap();
    let route = Route { service, operation, protocol, path: "/bucket".to_owned() };
    parse_request(&route, &HeaderMap::new(), "", Body::Full(body.into()))
}

const JSON: (&str, &str, Protocol) = ("dynamodb", "PutItem", Protocol::Json);
const XML: (&str, &str, Protocol) = ("s3", "PutBucketLifecycleConfiguration", Protocol::RestXml);
const CBOR: (&str, &str, Protocol) = ("cloudwatch", "PutMetricData", Protocol::RpcV2Cbor);
const FORM: (&str, &str, Protocol) = ("iam", "CreateUser", Protocol::Query);

fn deep(one: (&str, &str, Protocol), body: Vec<u8>) -> ParseErrorKind {
    let started = Instant::now();
    let error = parse(one.0, one.1, one.2, body).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(2));
    error.kind
}

#[test]
fn ten_thousand_levels() {
    const N: usize = 10_000;
    let known = [r#"{"Item":{"a":"#.to_owned(), r#"{"L":["#.repeat(N)].concat();
    assert_eq!(deep(JSON, known.into_bytes()), ParseErrorKind::TooDeep);
    assert_eq!(deep(JSON, format!(r#"{{"Unknown":{}"#, "[".repeat(N)).into_bytes()), ParseErrorKind::TooDeep);
    assert_eq!(deep(JSON, format!(r#"{{"Unknown":{}"#, r#"{"a":"#.repeat(N)).into_bytes()), ParseErrorKind::TooDeep);
    assert_eq!(deep(XML, format!("<LifecycleConfiguration>{}", "<a>".repeat(N)).into_bytes()), ParseErrorKind::TooDeep);
    assert_eq!(deep(CBOR, [vec![0xa1, 0x61, b'x'], vec![0x81; N]].concat()), ParseErrorKind::TooDeep);
    assert_eq!(deep(CBOR, vec![0xc1; N]), ParseErrorKind::TooDeep);
    assert_eq!(deep(CBOR, [vec![0xa1, 0x61, b'x'], vec![0x9f; N]].concat()), ParseErrorKind::TooDeep);
    let name = "Tags.member.1.".repeat(N);
    assert!(parse(FORM.0, FORM.1, FORM.2, format!("{name}=x")).is_ok(), "no member of that name");
}

#[test]
fn documents_and_recursive_shapes_stop_too() {
    let service = welkin_model::service("bedrock-runtime").unwrap();
    let operation = service.operation("Converse").unwrap();
    let path = "/model/m/converse".to_owned();
    let route = Route { service, operation, protocol: Protocol::RestJson, path };
    let body = format!(r#"{{"additionalModelRequestFields":{}"#, r#"{"a":["#.repeat(10_000));
    let error = parse_request(&route, &HeaderMap::new(), "", Body::Full(body.into())).unwrap_err();
    assert_eq!(error.kind, ParseErrorKind::TooDeep);
}

#[test]
fn many_small_things_take_no_quadratic_time() {
    const N: usize = 90_000;
    let entries: Vec<String> = (0..N).map(|i| format!(r#""k{i}":{{"S":"x"}}"#)).collect();
    let started = Instant::now();
    parse(JSON.0, JSON.1, JSON.2, format!(r#"{{"Item":{{{}}}}}"#, entries.join(","))).unwrap();
    let form: Vec<String> = (0..N / 2).map(|i| format!("Tags.member.{i}.Key=k{i}&Tags.member.{i}.Value=v")).collect();
    parse(FORM.0, FORM.1, FORM.2, form.join("&")).unwrap();
    let rules = "<Rule><ID>x</ID></Rule>".repeat(N);
    parse(XML.0, XML.1, XML.2, format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>")).unwrap();
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    let form = "a=b&".repeat(MAX_PARAMETERS + 1);
    assert_eq!(parse(FORM.0, FORM.1, FORM.2, form).unwrap_err().kind, ParseErrorKind::TooLarge);
}

#[test]
fn entities_and_document_types_are_refused() {
    for body in [
        "<!DOCTYPE a [<!ENTITY b \"c\">]><LifecycleConfiguration/>",
        "<LifecycleConfiguration><Rule><ID>&b;</ID></Rule></LifecycleConfiguration>",
        "<LifecycleConfiguration></Other>",
        "<LifecycleConfiguration/><LifecycleConfiguration/>",
        "text",
    ] {
        assert_eq!(parse(XML.0, XML.1, XML.2, body).unwrap_err().code, "MalformedXML", "{body}");
    }
}

#[test]
fn lengths_and_numbers_beyond_all_bounds() {
    for body in [
        &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..],
        &[0xa1, 0x7b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0xa1, 0x69, b'N', b'a', b'm', b'e', b's', b'p', b'a', b'c', b'e', 0x7f, 0x61],
        &[0xff],
        &[0xbf, 0xff, 0x00],
    ] {
        assert_eq!(
            parse(CBOR.0, CBOR.1, CBOR.2, body.to_vec()).unwrap_err().kind,
            ParseErrorKind::Malformed,
            "{body:x?}"
        );
    }
    let number = format!(r#"{{"MaxNumberOfMessages":{}}}"#, "9".repeat(100_000));
    assert_eq!(parse("sqs", "ReceiveMessage", Protocol::Json, number).unwrap_err().kind, ParseErrorKind::Number);
    let number = r#"{"MaxNumberOfMessages":3000000000}"#;
    assert_eq!(parse("sqs", "ReceiveMessage", Protocol::Json, number).unwrap_err().kind, ParseErrorKind::Number);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn noise_never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        for (service, operation, protocol) in [JSON, XML, CBOR, FORM, ("ec2", "RunInstances", Protocol::Ec2)] {
            let _ = parse(service, operation, protocol, body.clone());
        }
    }

    #[test]
    fn cut_and_flipped_bodies_never_panic(cut in 0usize..400, at in 0usize..400, byte in any::<u8>()) {
        let json = br#"{"TableName":"t","Item":{"a":{"S":"x\u00e9"},"b":{"L":[{"N":"1"},{"B":"AAAA"}]}},"ReturnValues":"NONE"}"#;
        let xml = b"<LifecycleConfiguration xmlns=\"u\"><Rule><ID>a&amp;b</ID><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>";
        let form = b"Action=CreateUser&UserName=a%20b&Tags.member.1.Key=k&Tags.member.1.Value=v";
        for ((service, operation, protocol), body) in [(JSON, &json[..]), (XML, xml), (FORM, form)] {
            let mut body = body.to_vec();
            if let Some(slot) = body.get_mut(at) {
                *slot = byte;
            }
            body.truncate(cut);
            let _ = parse(service, operation, protocol, body);
        }
    }

    #[test]
    fn paths_and_queries_never_panic(path in "\\PC{0,30}", query in "\\PC{0,60}") {
        let service = welkin_model::service("s3").unwrap();
        for operation in ["ListParts", "GetObject", "ListObjectsV2"] {
            let operation = service.operation(operation).unwrap();
            let route = Route { service, operation, protocol: Protocol::RestXml, path: path.clone() };
            let _ = parse_request(&route, &HeaderMap::new(), &query, Body::empty());
        }
    }
}
