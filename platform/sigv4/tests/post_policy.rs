//! Browsers' forms to S3: conditions, times, fields, and hostile policies.
#![allow(clippy::unwrap_used, missing_docs)]

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use proptest::{collection::vec, prelude::*};
use welkin_sigv4::{
    ErrorKind, KeyCache, PostError,
    post_policy::{Form, Policy, verify},
};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html>
const POLICY: &str = "{ \"expiration\": \"2015-12-30T12:00:00.000Z\",\r\n  \"conditions\": [\r\n    {\"bucket\": \
                      \"sigv4examplebucket\"},\r\n    [\"starts-with\", \"$key\", \"user/user1/\"],\r\n    {\"acl\": \
                      \"public-read\"},\r\n    {\"success_action_redirect\": \
                      \"http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html\"},\r\n    \
                      [\"starts-with\", \"$Content-Type\", \"image/\"],\r\n    {\"x-amz-meta-uuid\": \
                      \"14365123651274\"},\r\n    {\"x-amz-server-side-encryption\": \"AES256\"},\r\n    \
                      [\"starts-with\", \"$x-amz-meta-tag\", \"\"],\r\n\r\n    {\"x-amz-credential\": \
                      \"AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request\"},\r\n    {\"x-amz-algorithm\": \
                      \"AWS4-HMAC-SHA256\"},\r\n    {\"x-amz-date\": \"20151229T000000Z\" }\r\n  ]\r\n}";
const SIGNATURE: &str = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e";

fn fields() -> Vec<(String, String)> {
    let pairs = [
        ("key", "user/user1/cat.png"),
        ("acl", "public-read"),
        ("success_action_redirect", "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"),
        ("Content-Type", "image/png"),
        ("x-amz-meta-uuid", "14365123651274"),
        ("x-amz-server-side-encryption", "AES256"),
        ("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"),
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Amz-Date", "20151229T000000Z"),
        ("x-amz-meta-tag", ""),
        ("Policy", &STANDARD.encode(POLICY)),
        ("X-Amz-Signature", SIGNATURE),
        ("x-ignore-me", "anything"),
    ];
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn check(fields: Vec<(String, String)>, bucket: &str, secret: &str, now: &str) -> Result<Policy, ErrorKind> {
    let form = Form::new(fields);
    let claim = form.present().map_err(|error| error.kind().clone())?.ok_or(ErrorKind::MissingToken)?;
    let now: Timestamp = now.parse().unwrap();
    verify(&claim, &form, bucket, &secret.into(), now, &KeyCache::new()).map_err(|error| error.kind().clone())
}

fn with(name: &str, value: &str) -> Result<Policy, ErrorKind> {
    let mut fields = fields();
    fields.retain(|(field, _)| !field.eq_ignore_ascii_case(name));
    fields.push((name.to_owned(), value.to_owned()));
    check(fields, "sigv4examplebucket", SECRET, "2015-12-30T11:59:59Z")
}

fn post<T>(error: PostError) -> Result<T, ErrorKind> {
    Err(ErrorKind::Post(error))
}

#[test]
fn the_documented_example_verifies() {
    let policy = with("x-ignore-me", "").unwrap();
    assert_eq!(policy.conditions.len(), 11);
    assert_eq!(policy.max_size(), None);
}

#[test]
fn conditions_are_enforced() {
    let failed = |text: &str| post(PostError::ConditionFailed(text.to_owned()));
    assert_eq!(with("key", "user/user2/cat.png"), failed("[\"starts-with\", \"$key\", \"user/user1/\"]"));
    assert_eq!(with("acl", "private"), failed("[\"eq\", \"$acl\", \"public-read\"]"));
    assert!(with("Content-Type", "image/png, image/gif").is_ok());
    assert!(with("Content-Type", "image/png,text/html").is_err());
    assert_eq!(with("x-amz-meta-new", "1"), post(PostError::ExtraFields(vec!["x-amz-meta-new".to_owned()])));
    let without: Vec<_> = fields().into_iter().filter(|(name, _)| name != "x-amz-meta-tag").collect();
    let missing = check(without, "sigv4examplebucket", SECRET, "2015-12-30T00:00:00Z");
    assert_eq!(missing, failed("[\"starts-with\", \"$x-amz-meta-tag\", \"\"]"));
    let other = check(fields(), "other", SECRET, "2015-12-30T00:00:00Z");
    assert_eq!(other, failed("[\"eq\", \"$bucket\", \"sigv4examplebucket\"]"));
}

#[test]
fn a_second_value_of_a_field_cannot_slip_through() {
    let mut twice = fields();
    twice.push(("ACL".to_owned(), "public-read-write".to_owned()));
    assert!(check(twice, "sigv4examplebucket", SECRET, "2015-12-30T00:00:00Z").is_err());
}

#[test]
fn time_and_signature_are_enforced() {
    let late = check(fields(), "sigv4examplebucket", SECRET, "2015-12-30T12:00:01Z");
    assert_eq!(late, post(PostError::PolicyExpired));
    let other = check(fields(), "sigv4examplebucket", "other", "2015-12-30T00:00:00Z");
    assert!(matches!(other, Err(ErrorKind::SignatureMismatch(_))));
    let policy = STANDARD.encode(POLICY.replace("user1", "user2"));
    assert!(matches!(with("Policy", &policy), Err(ErrorKind::SignatureMismatch(_))));
    let unsigned: Vec<_> = fields().into_iter().filter(|(name, _)| name != "X-Amz-Signature").collect();
    let unsigned = check(unsigned, "sigv4examplebucket", SECRET, "2015-12-30T00:00:00Z");
    assert_eq!(unsigned, post(PostError::MissingField("X-Amz-Signature")));
    assert_eq!(Form::new([("key".to_owned(), "k".to_owned())]).present(), Ok(None), "no policy: anonymous");
}

fn policy(conditions: &str) -> Result<Policy, PostError> {
    let json = format!("{{\"expiration\": \"2030-01-01T00:00:00Z\", \"conditions\": {conditions}}}");
    Policy::parse(&STANDARD.encode(json))
}

#[test]
fn sizes_are_enforced() {
    let policy = policy("[[\"content-length-range\", 10, 20]]").unwrap();
    assert_eq!(policy.max_size(), Some(20));
    assert_eq!(policy.check_size(9), Err(PostError::TooSmall { size: 9, min: 10 }));
    assert_eq!(policy.check_size(10), Ok(()));
    assert_eq!(policy.check_size(20), Ok(()));
    assert_eq!(policy.check_size(21), Err(PostError::TooLarge { size: 21, max: 20 }));
}

#[test]
fn dollar_signs_may_be_escaped() {
    let policy = policy(r#"[["eq", "$key", "\$5 a\\b\"\u0041"], ["starts-with", "$bucket", ""]]"#).unwrap();
    let form = |key: &str| Form::new([("key".to_owned(), key.to_owned())]);
    let now = Timestamp::UNIX_EPOCH;
    assert_eq!(policy.check(&form("$5 a\\b\"A"), "b", now), Ok(()));
    assert!(policy.check(&form("5 a\\b\"A"), "b", now).is_err());
}

#[test]
fn malformed_policies_are_refused() {
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for conditions in [
        "{}",
        "[1]",
        "[{}]",
        "[{\"acl\": 1}]",
        "[[\"eq\", \"key\", \"x\"]]",
        "[[\"eq\", \"$key\"]]",
        "[[\"ends-with\", \"$key\", \"x\"]]",
        "[[\"content-length-range\", -1, 5]]",
        "[[\"content-length-range\", 1.5, 5]]",
        "[null]",
        "[",
        &deep,
    ] {
        assert!(matches!(policy(conditions), Err(PostError::InvalidPolicy(_))), "{conditions:.40}");
    }
    for json in [
        "",
        "[]",
        "{}",
        "{\"expiration\": \"2030-01-01T00:00:00Z\"}",
        "{\"conditions\": []}",
        "{\"expiration\": \"tomorrow\", \"conditions\": []}",
        "{\"expiration\": 5, \"conditions\": []}",
    ] {
        assert!(Policy::parse(&STANDARD.encode(json)).is_err(), "{json}");
    }
    assert!(Policy::parse("*").is_err());
    assert!(Policy::parse(&"A".repeat(1 << 20)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_policies_never_panic(bytes in vec(any::<u8>(), 0..200), text in "[\\[\\]{}\":,$\\\\a-z0-9]{0,80}") {
        let _ = Policy::parse(&STANDARD.encode(&bytes));
        let _ = Policy::parse(&String::from_utf8_lossy(&bytes));
        if let Ok(policy) = policy(&text) {
            let _ = policy.check(&Form::default(), "b", Timestamp::UNIX_EPOCH);
        }
    }

    #[test]
    fn arbitrary_forms_never_panic(names in vec("(policy|key|x-amz-(signature|algorithm|credential|date))", 0..8),
        values in vec("(AWS4-HMAC-SHA256|a/20151229/r/s3/aws4_request|20151229T000000Z|.{0,20})", 8))
    {
        let form = Form::new(names.into_iter().zip(values));
        if let Ok(Some(claim)) = form.present() {
            let keys = KeyCache::new();
            prop_assert!(verify(&claim, &form, "b", &"s".into(), Timestamp::UNIX_EPOCH, &keys).is_err());
        }
    }
}
