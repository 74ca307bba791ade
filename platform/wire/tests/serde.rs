//! Rust types from values and back.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_wire::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Everything {
    text: String,
    maybe: Option<String>,
    count: u32,
    big: Option<u64>,
    float: f64,
    flag: bool,
    blob: Bytes,
    when: Timestamp,
    list: Vec<Item>,
    map: BTreeMap<String, i64>,
    mode: Mode,
    choice: Choice,
    document: Value,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Item {
    id: i32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Mode {
    Fast,
    #[serde(rename = "very-slow")]
    Slow,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Choice {
    S(String),
    Nested { a: i32 },
}

fn everything() -> Everything {
    Everything {
        text: "t".into(),
        maybe: None,
        count: 7,
        big: Some(u64::MAX),
        float: 3.0,
        flag: true,
        blob: Bytes::from_static(b"\0\x01"),
        when: Timestamp::from_millis(1_700_000_000_123),
        list: vec![Item { id: 1 }, Item { id: -2 }],
        map: BTreeMap::from([("b".into(), 1), ("c".into(), 2)]),
        mode: Mode::Slow,
        choice: Choice::Nested { a: 5 },
        document: Value::List(vec![Value::Null, Value::Document(Box::new(Value::Int(1)))]),
    }
}

#[test]
fn round_trips_everything() {
    let value = to_value(&everything()).unwrap();
    assert!(value.get("Maybe").is_none(), "a None is left out");
    assert_eq!(value.get("When"), Some(&Value::Timestamp(Timestamp::from_millis(1_700_000_000_123))));
    assert_eq!(value.get("Blob"), Some(&Value::Blob(Bytes::from_static(b"\0\x01"))));
    assert_eq!(value.get("Mode").unwrap().as_str(), Some("very-slow"));
    assert_eq!(value.get("Big"), Some(&Value::Decimal("18446744073709551615".into())));
    assert_eq!(value.get("Document"), Some(&everything().document), "handed over as it is");
    let Value::Map(mut map) = value else { panic!("no map") };
    map.insert("Float", Value::Int(3));
    map.insert("Ignored", "by serde");
    assert_eq!(from_value::<Everything>(Value::Map(map)).unwrap(), everything());
}

#[test]
fn strings_and_bytes_move() {
    #[derive(Deserialize)]
    struct Body {
        text: String,
        blob: Bytes,
    }
    let text = "x".repeat(1000);
    let blob = Bytes::from(vec![1u8; 1000]);
    let (at_text, at_blob) = (text.as_ptr(), blob.as_ptr());
    let map: Map = [("text".into(), Value::String(text)), ("blob".into(), Value::Blob(blob))].into_iter().collect();
    let body: Body = from_value(Value::Map(map)).unwrap();
    assert_eq!((body.text.as_ptr(), body.blob.as_ptr()), (at_text, at_blob));
}

#[test]
fn streams_pass_through_and_are_not_stored() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Upload {
        body: Stream,
    }
    let map: Map = [("body".into(), Value::from(Stream::new(Bytes::from_static(b"abc").into())))].into_iter().collect();
    let upload: Upload = from_value(Value::Map(map)).unwrap();
    assert!(serde_json::to_string(&upload).is_err());
    let value = to_value(&upload).unwrap();
    let Some(Value::Stream(stream)) = value.get("body") else { panic!("no stream") };
    assert!(matches!(stream.take(), Some(Body::Full(bytes)) if bytes == "abc"));
    assert!(from_value::<Upload>(Value::Map(Map::new())).is_err());
    assert!(from_value::<Upload>(Value::Map([("body".into(), Value::Int(1))].into_iter().collect())).is_err());
}

#[test]
fn values_are_stored_as_what_they_hold() {
    let document = Value::Map([("a".into(), Value::List(vec![Value::Int(1), "x".into()]))].into_iter().collect());
    let json = serde_json::to_string(&document).unwrap();
    assert_eq!(json, r#"{"a":[1,"x"]}"#);
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), document);
}

#[test]
fn wrong_kinds_are_errors() {
    #[derive(Debug, Deserialize)]
    struct One {
        #[serde(rename = "N")]
        _n: u8,
    }
    let one = |value: Value| from_value::<One>(Value::Map([("N".into(), value)].into_iter().collect()));
    for value in [Value::Int(300), Value::Int(-1), "x".into(), Value::Null, Value::Float(1.5)] {
        assert!(one(value).is_err());
    }
    assert!(from_value::<One>(Value::Null).unwrap_err().to_string().contains("missing field `N`"));
    assert!(from_value::<Timestamp>(Value::Int(3)).is_err());
}
