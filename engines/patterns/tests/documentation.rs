//! The examples of the documentation: what each operator accepts, and what it does not.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html> and the pages beside it.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use welkin_patterns::Pattern;

fn matches(pattern: &Value, document: &Value) -> bool {
    Pattern::parse(&pattern.to_string()).unwrap().matches(document)
}

#[test]
fn each_operator_accepts_what_it_says() {
    for (matchers, accepted, refused) in [
        (json!(["rugby", "tennis"]), json!(["rugby", ["soccer", "tennis"]]), json!(["baseball", "Rugby", null, 1])),
        (json!([{ "prefix": "bas" }]), json!(["baseball", ["rugby", "basketball"]]), json!(["rugby", "Base"])),
        (json!([{ "suffix": "ball" }]), json!(["baseball"]), json!(["balls"])),
        (json!([{ "equals-ignore-case": "tennis" }]), json!(["TENNIS", "Tennis"]), json!(["tennis!"])),
        (json!([{ "wildcard": "*ball" }]), json!(["baseball", "ball"]), json!(["rugby"])),
        (json!([{ "cidr": "10.0.0.0/24" }]), json!(["10.0.0.7"]), json!(["10.1.1.0", "x"])),
        (
            json!([{ "anything-but": ["rugby", "tennis"] }]),
            json!(["baseball", ["rugby", "baseball"]]),
            json!(["rugby", ["tennis"]]),
        ),
        (json!([{ "anything-but": { "prefix": "order-" } }]), json!(["data-entry"]), json!(["order-number"])),
        (json!([{ "anything-but": { "suffix": "ball" } }]), json!(["rugby"]), json!(["baseball"])),
        (json!([{ "anything-but": { "wildcard": "*ball" } }]), json!(["hockey"]), json!(["baseball"])),
        (json!([{ "numeric": ["=", 301.5] }]), json!([301.5, 3.015e2]), json!([301, "301.5"])),
        (json!([{ "anything-but": [100, 500] }]), json!([101, [100, 50.1]]), json!([100, [500.0, 100]])),
        (json!([{ "numeric": ["<", 0] }]), json!([-1, -0.5]), json!([0, 1])),
        (json!([{ "numeric": [">", 0, "<=", 150] }]), json!([150, 0.00001]), json!([0, 150.1])),
        (json!([{ "exists": true }]), json!(["", null, 0, ["x"]]), json!([{ "a": 1 }])),
        (json!([true, null, 7]), json!([true, null, 7.0, [false, true]]), json!([false, "true", "null", "7"])),
    ] {
        for value in accepted.as_array().unwrap() {
            assert!(matches(&json!({ "key": matchers }), &json!({ "key": value })), "{matchers} accepts {value}");
        }
        for value in refused.as_array().unwrap() {
            assert!(!matches(&json!({ "key": matchers }), &json!({ "key": value })), "{matchers} refuses {value}");
        }
        assert!(!matches(&json!({ "key": matchers }), &json!({ "other": 1 })), "{matchers} needs a value");
    }
    assert!(matches(&json!({ "key": [{ "exists": false }] }), &json!({ "other": 1 })));
    assert!(!matches(&json!({ "key": [{ "exists": false }] }), &json!({ "key": null })));
}

#[test]
fn keys_are_joined_by_and_their_matchers_by_or() {
    let pattern = json!({ "customer_interests": ["rugby", "football"], "price_usd": [{ "numeric": [">", 100] }] });
    assert!(matches(&pattern, &json!({ "customer_interests": ["football"], "price_usd": 101, "more": 1 })));
    assert!(!matches(&pattern, &json!({ "customer_interests": ["football"], "price_usd": 100 })));
    assert!(!matches(&pattern, &json!({ "price_usd": 101 })));
}

#[test]
fn one_of_several_groups_of_keys_is_enough() {
    let pattern = json!({
        "source": ["aws.cloudwatch"],
        "$or": [{ "metricName": ["CPUUtilization"] }, { "namespace": ["AWS/EC2"], "unit": [{ "prefix": "P" }] }],
    });
    assert!(matches(&pattern, &json!({ "source": "aws.cloudwatch", "metricName": "CPUUtilization" })));
    assert!(matches(&pattern, &json!({ "source": "aws.cloudwatch", "namespace": "AWS/EC2", "unit": "Percent" })));
    assert!(!matches(&pattern, &json!({ "source": "aws.cloudwatch", "namespace": "AWS/EC2" })));
    assert!(!matches(&pattern, &json!({ "metricName": "CPUUtilization" })));
    // With one group, or with operators in it, it is a key like any other.
    assert!(matches(&json!({ "$or": [{ "prefix": "a" }, { "suffix": "b" }] }), &json!({ "$or": "ax" })));
}

#[test]
fn objects_nest_also_in_arrays() {
    let pattern = json!({ "person": { "address": { "city": ["Seattle"], "zip": [{ "exists": false }] } } });
    assert!(matches(&pattern, &json!({ "person": { "address": { "city": "Seattle" } } })));
    assert!(!matches(&pattern, &json!({ "person": { "address": { "city": "Seattle", "zip": 1 } } })));
    let one = json!({ "items": { "kind": ["book"], "price": [{ "numeric": ["<", 10] }] } });
    assert!(matches(&one, &json!({ "items": [{ "kind": "pen", "price": 1 }, { "kind": "book", "price": 9 }] })));
    assert!(!matches(&one, &json!({ "items": [{ "kind": "pen", "price": 1 }, { "kind": "book", "price": 19 }] })));
    assert!(!matches(&one, &json!("text")));
}

#[test]
fn what_is_no_pattern_is_refused_with_the_reason() {
    for (text, why) in [
        ("{", "JSON"),
        ("[]", "object"),
        (r#"{"a":"b"}"#, "must be an object or an array"),
        (r#"{"a":[]}"#, "Empty arrays"),
        (r#"{"a":{}}"#, "Empty objects"),
        (r#"{"a":[["b"]]}"#, "match value"),
        (r#"{"a":[{"like":"b"}]}"#, "Unrecognized match type like"),
        (r#"{"a":[{"prefix":"b","suffix":"c"}]}"#, "only one key"),
        (r#"{"a":[{"prefix":1}]}"#, "string"),
        (r#"{"a":[{"exists":"yes"}]}"#, "true or false"),
        (r#"{"a":[{"numeric":["<"]}]}"#, "numbers in turn"),
        (r#"{"a":[{"numeric":["~",1]}]}"#, "operator: ~"),
        (r#"{"a":[{"numeric":["<",1,">",0]}]}"#, "lower and an upper"),
        (r#"{"a":[{"numeric":[">",1,"<",0]}]}"#, "Bottom"),
        (r#"{"a":[{"numeric":["=",1e10]}]}"#, "1.0E9"),
        (r#"{"a":[{"cidr":"10.0.0.0"}]}"#, "cidr"),
        (r#"{"a":[{"wildcard":"a**"}]}"#, "wildcard"),
        (r#"{"a":[{"anything-but":{"cidr":"10.0.0.0/8"}}]}"#, "anything-but"),
    ] {
        let fault = Pattern::parse(text).unwrap_err().to_string();
        assert!(fault.contains(why), "{text}: {fault}");
    }
    let deep = format!("{}[1]{}", r#"{"a":"#.repeat(100), "}".repeat(100));
    assert!(Pattern::parse(&deep).unwrap_err().to_string().contains("deep"));
}
