//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use super::scene::applies;
use welkin_policy::MapContext;

/// Operator, values of the policy as JSON, value of the request, whether they match.
const OPERATORS: &[(&str, &str, &str, bool)] = &[
    ("StringEquals", r#""john""#, "john", true),
    ("StringEquals", r#""john""#, "John", false),
    ("StringEquals", r#""jo*""#, "john", false),
    ("StringEquals", r#""jo*""#, "jo*", true),
    ("StringEquals", r#"["ann","john"]"#, "john", true),
    ("StringEquals", r#"[]"#, "john", false),
    ("StringEquals", "10", "10", true),
    ("StringEquals", "true", "true", true),
    ("StringNotEquals", r#""john""#, "john", false),
    ("StringNotEquals", r#""john""#, "John", true),
    ("StringNotEquals", r#"["ann","john"]"#, "john", false),
    ("StringNotEquals", r#"["ann","john"]"#, "bob", true),
    ("StringEqualsIgnoreCase", r#""john""#, "JOHN", true),
    ("StringEqualsIgnoreCase", r#""müller""#, "MÜLLER", true),
    ("StringEqualsIgnoreCase", r#""john""#, "jon", false),
    ("StringNotEqualsIgnoreCase", r#""john""#, "JOHN", false),
    ("StringNotEqualsIgnoreCase", r#""john""#, "ann", true),
    ("StringLike", r#""home/*""#, "home/ann/x", true),
    ("StringLike", r#""home/?""#, "home/a", true),
    ("StringLike", r#""home/?""#, "home/ü", true),
    ("StringLike", r#""home/?""#, "home/", false),
    ("StringLike", r#""Home/*""#, "home/a", false),
    ("StringLike", r#"["", "home/"]"#, "", true),
    (
        "StringLike",
        r#""arn:aws:someservice:*:111122223333:finance/*""#,
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
        true,
    ),
    ("StringNotLike", r#""home/*""#, "home/ann", false),
    ("StringNotLike", r#""home/*""#, "work/ann", true),
    ("NumericEquals", r#""10""#, "10", true),
    ("NumericEquals", "10", "10.0", true),
    ("NumericEquals", r#""10""#, "11", false),
    ("NumericEquals", r#""10""#, "ten", false),
    ("NumericEquals", r#""ten""#, "10", false),
    ("NumericEquals", "9007199254740993", "9007199254740992", false),
    ("NumericNotEquals", "10", "11", true),
    ("NumericNotEquals", "10", "10.00", false),
    ("NumericLessThan", "10", "9", true),
    ("NumericLessThan", "10", "10", false),
    ("NumericLessThanEquals", "10", "10", true),
    ("NumericLessThanEquals", "10", "-100", true),
    ("NumericGreaterThan", "10", "9", false),
    ("NumericGreaterThan", "10", "10.5", true),
    ("NumericGreaterThanEquals", "10", "10", true),
    ("DateEquals", r#""2020-01-01T00:00:01Z""#, "2020-01-01T01:00:01+01:00", true),
    ("DateEquals", r#""2020-01-01T00:00:01Z""#, "1577836801", true),
    ("DateEquals", r#""2020-01-01""#, "2020-01-01T00:00:00Z", true),
    ("DateEquals", r#""someday""#, "2020-01-01T00:00:00Z", false),
    ("DateNotEquals", r#""2020-01-01""#, "2020-01-01T00:00:00Z", false),
    ("DateNotEquals", r#""2020-01-01""#, "2020-01-02T00:00:00Z", true),
    ("DateLessThan", r#""2020-01-01""#, "2019-12-31T23:59:59Z", true),
    ("DateLessThan", r#""2020-01-01""#, "2020-01-01T00:00:00Z", false),
    ("DateLessThanEquals", r#""2020-01-01""#, "2020-01-01T00:00:00Z", true),
    ("DateGreaterThan", r#""2020-01-01T00:00:01Z""#, "2020-01-01T00:00:01.5Z", true),
    ("DateGreaterThan", "1577836801", "2020-01-01T00:00:01Z", false),
    ("DateGreaterThanEquals", "1577836801", "2020-01-01T00:00:01Z", true),
    ("Bool", r#""true""#, "true", true),
    ("Bool", "true", "TRUE", true),
    ("Bool", "false", "true", false),
    ("Bool", "false", "no", false),
    ("BinaryEquals", r#""QmluYXJ5VmFsdWVJbkJhc2U2NA==""#, "QmluYXJ5VmFsdWVJbkJhc2U2NA==", true),
    ("BinaryEquals", r#""QmluYXJ5""#, "QmluYXJ6", false),
    ("BinaryEquals", r#""!""#, "!", false),
    ("IpAddress", r#""203.0.113.0/24""#, "203.0.113.9", true),
    ("IpAddress", r#""203.0.113.0/24""#, "203.0.114.9", false),
    ("IpAddress", r#"["203.0.113.0/24","2001:DB8:1234:5678::/64"]"#, "2001:db8:1234:5678::9", true),
    ("IpAddress", r#""203.0.113.9""#, "203.0.113.9", true),
    ("IpAddress", r#""203.0.113.0/24""#, "somewhere", false),
    ("NotIpAddress", r#""203.0.113.0/24""#, "203.0.113.9", false),
    ("NotIpAddress", r#""203.0.113.0/24""#, "8.8.8.8", true),
    ("ArnEquals", r#""arn:aws:sns:*:123456789012:topic""#, "arn:aws:sns:eu-west-1:123456789012:topic", true),
    (
        "ArnLike",
        r#""arn:aws:someservice:*:111122223333:finance/*""#,
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
        false,
    ),
    ("ArnLike", r#""arn:aws:iam::*:role/ap?""#, "arn:aws:iam::111122223333:role/app", true),
    ("ArnLike", r#""arn:aws:iam::*:role/ap?""#, "arn:aws:iam::111122223333:role/apps", false),
    ("ArnLike", r#""arn:aws:sqs""#, "arn:aws:sqs:eu-west-1:123456789012:q", true),
    ("ArnLike", r#""*""#, "arn:aws:sqs:eu-west-1:123456789012:q", true),
    ("ArnLike", r#""arn:aws:iam::*:role/*""#, "no arn", false),
    ("ArnNotLike", r#""arn:aws:iam::*:role/ap?""#, "arn:aws:iam::111122223333:role/app", false),
    ("ArnNotEquals", r#""arn:aws:iam::*:role/ap?""#, "arn:aws:iam::111122223333:role/x", true),
    ("Null", r#""true""#, "x", false),
    ("Null", r#""false""#, "x", true),
    ("Null", "false", "", true),
    ("stringlike", r#""h*""#, "home", true),
];

#[test]
fn operators() {
    for (operator, values, request, expected) in OPERATORS {
        let context = MapContext::new().with("test:Key", *request);
        let condition = format!(r#"{{"{operator}":{{"TEST:key":{values}}}}}"#);
        assert_eq!(applies("Allow", &condition, &context), *expected, "{condition} {request}");
        assert_eq!(applies("Deny", &condition, &context), *expected, "deny {condition} {request}");
        if !operator.starts_with("Null") {
            let if_exists = format!(r#"{{"{operator}IfExists":{{"test:key":{values}}}}}"#);
            assert_eq!(applies("Allow", &if_exists, &context), *expected, "{if_exists} {request}");
            // One value: the set operators say the same, unless it is the empty data set.
            for set in ["ForAllValues", "ForAnyValue"] {
                let wanted = if request.is_empty() { set == "ForAllValues" } else { *expected };
                let qualified = format!(r#"{{"{set}:{operator}":{{"test:key":{values}}}}}"#);
                assert_eq!(applies("Allow", &qualified, &context), wanted, "{qualified} {request}");
            }
        }
    }
}

/// "If the key is not present, the values do not match and the condition is false. If the condition
/// requires that the key is not matched, the condition is true. This applies to all operators except
/// IfExists and Null."
#[test]
fn missing_keys() {
    for (operator, value, expected) in [
        ("StringEquals", "x", false),
        ("StringNotEquals", "x", true),
        ("StringEqualsIgnoreCase", "x", false),
        ("StringNotEqualsIgnoreCase", "x", true),
        ("StringLike", "*", false),
        ("StringNotLike", "*", true),
        ("NumericEquals", "1", false),
        ("NumericNotEquals", "1", true),
        ("NumericLessThan", "1", false),
        ("DateLessThan", "2020", false),
        ("DateNotEquals", "2020", true),
        ("Bool", "false", false),
        ("BinaryEquals", "", false),
        ("IpAddress", "0.0.0.0/0", false),
        ("NotIpAddress", "0.0.0.0/0", true),
        ("ArnLike", "*", false),
        ("ArnNotLike", "*", true),
        ("Null", "true", true),
        ("Null", "false", false),
        ("StringEqualsIfExists", "x", true),
        ("StringNotEqualsIfExists", "x", true),
        ("NumericLessThanIfExists", "1", true),
        ("DateLessThanIfExists", "2020", true),
        ("BoolIfExists", "true", true),
        ("IpAddressIfExists", "10.0.0.0/8", true),
        ("ArnLikeIfExists", "arn:x", true),
        ("ForAllValues:StringEquals", "x", true),
        ("ForAllValues:StringNotEquals", "x", true),
        ("ForAnyValue:StringEquals", "x", false),
        ("ForAnyValue:StringNotEquals", "x", false),
        ("ForAnyValue:StringEqualsIfExists", "x", true),
    ] {
        let condition = format!(r#"{{"{operator}":{{"test:key":"{value}"}}}}"#);
        for context in [MapContext::new(), MapContext::new().with_all("test:key", Vec::<String>::new())] {
            assert_eq!(applies("Allow", &condition, &context), expected, "{condition}");
            assert_eq!(applies("Deny", &condition, &context), expected, "deny {condition}");
        }
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[test]
fn many_values() {
    for (operator, policy, request, expected) in [
        ("ForAllValues:StringEquals", &["a", "b"][..], &["a", "b"][..], true),
        ("ForAllValues:StringEquals", &["a", "b"], &["a"], true),
        ("ForAllValues:StringEquals", &["a", "b"], &["a", "c"], false),
        ("ForAllValues:StringLike", &["a*"], &["a1", "a2"], true),
        ("ForAllValues:StringNotEquals", &["a", "b"], &["c", "d"], true),
        ("ForAllValues:StringNotEquals", &["a", "b"], &["c", "a"], false),
        ("ForAllValues:StringEquals", &["a"], &[""], true),
        ("ForAnyValue:StringEquals", &["a", "b"], &["c", "a"], true),
        ("ForAnyValue:StringEquals", &["a", "b"], &["c", "d"], false),
        ("ForAnyValue:StringNotEquals", &["a", "b"], &["a", "c"], true),
        ("ForAnyValue:StringNotEquals", &["a", "b"], &["a", "b"], false),
        ("ForAnyValue:StringLike", &["*"], &[""], false),
        ("StringEquals", &["a"], &["c", "a"], true),
        ("StringNotEquals", &["a"], &["c", "a"], false),
        ("StringNotEquals", &["a"], &["c", "d"], true),
        ("Null", &["false"], &["c", "d"], true),
    ] {
        let condition = format!(r#"{{"{operator}":{{"test:key":{}}}}}"#, serde_json::to_string(policy).unwrap());
        let context = MapContext::new().with_all("test:key", request.iter().copied());
        assert_eq!(applies("Allow", &condition, &context), expected, "{condition} {request:?}");
    }
}

/// Operators and keys are joined by AND, values by OR.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>
#[test]
fn many_keys() {
    let condition = r#"{"StringEquals":{"a:x":["1","2"],"a:y":"3"},"NumericLessThan":{"a:z":5}}"#;
    let full = || MapContext::new().with("a:x", "2").with("a:y", "3").with("a:z", "4");
    assert!(applies("Allow", condition, &full()));
    for (key, value) in [("a:x", "3"), ("a:y", "2"), ("a:z", "5")] {
        assert!(!applies("Allow", condition, &full().with(key, value)), "{key}");
    }
}
