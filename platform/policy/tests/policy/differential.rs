//! Operators and wildcards against another implementation, `iam-rs`, over a grid of values.
//! The differences are listed and explained; a new one fails.

use super::scene::{applies, user};
use iam_rs::{Arn, Context, ContextValue, IAMPolicy, IAMRequest, PolicyEvaluator, Principal, PrincipalId};
use welkin_policy::{MapContext, matches_arn};

const OPERATORS: [&str; 23] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateGreaterThanEquals",
    "Bool",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotLike",
    "Null",
];

/// Values for each family of operators.
fn values(operator: &str) -> &'static [&'static str] {
    match operator {
        "Null" | "Bool" => &["true", "false"],
        _ if operator.starts_with("Numeric") => &["0", "-1", "10", "10.5", "9.75", "010"],
        _ if operator.starts_with("Date") => {
            &["2020-01-01T00:00:00Z", "2020-01-01T01:00:00+01:00", "2019-12-31T23:59:59Z", "2021-06-01T12:00:00Z"]
        }
        _ if operator.ends_with("IpAddress") => {
            &["10.0.0.0/8", "10.1.2.3", "203.0.113.0/24", "203.0.113.9", "2001:db8::/32", "2001:db8::1"]
        }
        _ if operator.starts_with("Arn") => &[
            "arn:aws:iam::111122223333:role/app",
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::111122223333:role/a?p",
            "arn:aws:sqs:eu-west-1:111122223333:q",
            "arn:aws:sqs:*:111122223333:q",
            "arn:aws:s3:::b/x:y",
            "arn:aws:s3:::b/*",
        ],
        _ => &["", "a", "A", "ab", "a*", "?", "*", "*b", "a?c", "abc", "x/y:z"],
    }
}

/// Why the two differ, with the AWS documentation on our side.
fn explained(operator: &str, policy: &str, request: Option<&str>) -> Option<&'static str> {
    match (operator, policy, request?) {
        ("StringLike" | "StringNotLike", "*", "*b") => Some("its matcher takes a * in the text for one in the pattern"),
        ("IpAddress" | "NotIpAddress", policy, request) if policy == request && request.contains('/') => {
            Some("it takes a range as the address of a caller")
        }
        ("ArnEquals", policy, _) if policy.contains(['*', '?']) => {
            Some("it takes no wildcards; \"ArnEquals and ArnLike behave identically\"")
        }
        _ => None,
    }
}

fn theirs(condition: &str, value: Option<&str>) -> Option<bool> {
    let json = format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}]}}"#
    );
    let policy = IAMPolicy::from_json(&json).ok()?;
    let mut context = Context::new();
    if let Some(value) = value {
        // It compares booleans only with values that came in as such.
        let typed = match value.parse() {
            Ok(truth) if condition.starts_with(r#"{"Bool""#) => ContextValue::Boolean(truth),
            _ => ContextValue::String(value.into()),
        };
        context.insert("test:key".into(), typed);
    }
    let principal = Principal::Aws(PrincipalId::String(user().name().into()));
    let arn = Arn::parse("arn:aws:svc:eu-central-1:111122223333:thing/1").unwrap();
    let request = IAMRequest::new_with_context(principal, "svc:Act", arn, context);
    let result = PolicyEvaluator::with_policies(vec![policy]).evaluate(&request).ok()?;
    Some(result.decision == iam_rs::Decision::Allow)
}

#[test]
fn operators() {
    let mut compared = 0;
    let mut unexplained = Vec::new();
    for operator in OPERATORS {
        for policy in values(operator) {
            let requests = values(operator).iter().map(|value| Some(*value)).chain([None]);
            for request in requests {
                let condition = format!(r#"{{"{operator}":{{"test:key":"{policy}"}}}}"#);
                let context = request.map_or(MapContext::new(), |value| MapContext::new().with("test:key", value));
                let ours = applies("Allow", &condition, &context);
                let theirs = theirs(&condition, request);
                compared += 1;
                if theirs != Some(ours) && explained(operator, policy, request).is_none() {
                    unexplained.push(format!("{condition} {request:?}: ours {ours}, theirs {theirs:?}"));
                }
            }
        }
    }
    assert!(compared > 1000, "only {compared} compared");
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
}

#[test]
fn wildcards() {
    let patterns = values("ArnLike").iter().chain(values("StringLike"));
    let mut unexplained = Vec::new();
    for pattern in patterns {
        for text in values("ArnLike") {
            let pattern =
                if pattern.starts_with("arn:") { (*pattern).to_owned() } else { format!("arn:aws:s3:::{pattern}") };
            let ours = matches_arn(&pattern, text);
            let theirs = Arn::parse(text).unwrap().matches(&pattern).ok();
            if theirs != Some(ours) {
                unexplained.push(format!("{pattern} {text}: ours {ours}, theirs {theirs:?}"));
            }
        }
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
}
