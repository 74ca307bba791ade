//! Event patterns: the examples of EventBridge's guide, and what it refuses.
//!
//! Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use welkin_patterns::{Dialect, Pattern};

fn matches(pattern: &Value, document: &Value) -> bool {
    Pattern::parse_in(&pattern.to_string(), Dialect::EventPattern).unwrap().matches(document)
}

#[test]
fn each_operator_accepts_what_it_says() {
    for (matchers, accepted, refused) in [
        (json!(["New York"]), json!(["New York", ["a", "New York"]]), json!(["new york", 1, null])),
        (json!([{ "anything-but": "initializing" }]), json!(["running", 7, null]), json!(["initializing"])),
        (json!([{ "anything-but": [100, 200] }]), json!([300, "100", [100, 300]]), json!([100, 200.0])),
        (json!([{ "anything-but": { "prefix": "us-" } }]), json!(["eu-1"]), json!(["us-1"])),
        (json!([{ "anything-but": { "prefix": ["us-", "eu-"] } }]), json!(["ap-1"]), json!(["us-1", "eu-1"])),
        (json!([{ "anything-but": { "suffix": ".png" } }]), json!(["a.txt"]), json!(["a.png"])),
        (json!([{ "anything-but": { "suffix": [".png", ".jpg"] } }]), json!(["a.txt"]), json!(["a.jpg"])),
        (
            json!([{ "anything-but": { "equals-ignore-case": ["initializing", "stopped"] } }]),
            json!(["running"]),
            json!(["INITIALIZING", "Stopped"]),
        ),
        (json!([{ "anything-but": { "wildcard": "*/lib/*" } }]), json!(["/bin/a"]), json!(["/lib/a"])),
        (json!([{ "prefix": { "equals-ignore-case": "EventB" } }]), json!(["EVENTBRIDGE", "eventb"]), json!(["event"])),
        (json!([{ "suffix": { "equals-ignore-case": ".png" } }]), json!(["a.PNG"]), json!(["png"])),
        (json!([{ "equals-ignore-case": "alice" }]), json!(["Alice"]), json!(["Alices"])),
        (json!([""]), json!([""]), json!([null, "a"])),
        (json!([null]), json!([null]), json!(["", "null"])),
        (json!([{ "exists": true }]), json!(["", null, [1]]), json!([{ "a": 1 }, []])),
        (json!([{ "numeric": ["=", 100] }]), json!([100, 100.0]), json!(["100", 101])),
        (json!([{ "numeric": [">", 8] }]), json!([8.000001, 9.8]), json!([8, 8.0000001])),
        (json!([{ "numeric": [">", 10, "<=", 20] }]), json!([10.5, 20]), json!([10, 21])),
        (json!([{ "cidr": "10.0.0.0/24" }]), json!(["10.0.0.33"]), json!(["10.0.1.33"])),
        (json!([{ "wildcard": "*.png" }]), json!(["a.png"]), json!(["a.jpg"])),
        (json!([{ "wildcard": "dir/*/a\\*b\\\\" }]), json!(["dir/x/a*b\\"]), json!(["dir/x/ab"])),
        (json!(["a", { "prefix": "b" }, 3, { "exists": false }]), json!(["a", "bc", 3]), json!(["c"])),
        (json!([5e10]), json!([5e10]), json!([5e11])),
    ] {
        for value in accepted.as_array().unwrap() {
            assert!(matches(&json!({ "key": matchers }), &json!({ "key": value })), "{matchers} accepts {value}");
        }
        for value in refused.as_array().unwrap() {
            assert!(!matches(&json!({ "key": matchers }), &json!({ "key": value })), "{matchers} refuses {value}");
        }
    }
}

#[test]
fn patterns_of_systems_match_their_events() {
    let failed = json!({
        "source": ["aws.cloudformation"],
        "detail-type": ["CloudFormation Resource Status Change"],
        "detail": { "status-details": { "status": ["CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED"] } },
    });
    let event = |status: &str| {
        json!({
            "source": "aws.cloudformation",
            "detail-type": "CloudFormation Resource Status Change",
            "detail": { "stack-id": "s", "status-details": { "status": status, "status-reason": "" } },
        })
    };
    assert!(matches(&failed, &event("UPDATE_FAILED")) && !matches(&failed, &event("UPDATE_COMPLETE")));
    let finding = json!({
        "source": ["aws.inspector2"],
        "detail-type": ["Inspector2 Finding"],
        "detail": { "severity": ["HIGH", "CRITICAL"], "inspectorScore": [{ "numeric": [">", 8] }] },
    });
    let found = |score: f64| {
        json!({
            "source": "aws.inspector2",
            "detail-type": "Inspector2 Finding",
            "detail": { "severity": "CRITICAL", "inspectorScore": score },
        })
    };
    assert!(matches(&finding, &found(9.8)) && !matches(&finding, &found(7.5)));
}

#[test]
fn what_is_no_event_pattern_is_refused_with_the_reason() {
    for (text, why) in [
        ("[]", "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        (r#"{"source":["a"],"detail":{}}"#, "Empty objects are not allowed"),
        (r#"{"source":[]}"#, "Empty arrays are not allowed"),
        (r#"{"detail":{"slug":"a"}}"#, "\"slug\" must be an object or an array"),
        (r#"{"a":[{"suffix":["b"]}]}"#, "suffix match pattern must be a string"),
        (r#"{"a":[{"like":"b"}]}"#, "Unrecognized match type like"),
        (r#"{"a":[{"anything-but":["b",1]}]}"#, "mixed type is not supported"),
        (r#"{"a":[{"anything-but":null}]}"#, "single string/number value"),
        (r#"{"a":[{"numeric":[">",6e9]}]}"#, "5.0E9"),
        (r#"{"a":[{"prefix":{"suffix":"b"}}]}"#, "Unsupported prefix pattern"),
        (r#"{"a":[{"exists":"true"}]}"#, "exists match pattern must be either true or false."),
    ] {
        let fault = Pattern::parse_in(text, Dialect::EventPattern).unwrap_err().to_string();
        assert!(fault.contains(why), "{text}: {fault}");
    }
}
