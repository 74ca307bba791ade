//! Constraints of the model, and how services tell of them.
#![allow(clippy::unwrap_used)]

use welkin_model::Protocol;
use welkin_wire::*;

fn check(service: &str, operation: &str, protocol: Protocol, input: &str) -> Option<(&'static str, String)> {
    let service = welkin_model::service(service).unwrap();
    let shape = service.operation(operation).unwrap().input.unwrap();
    let value = value_from_json(service, shape, &serde_json::from_str(input).unwrap()).unwrap();
    let found = validate(service, shape, &value).err()?;
    Some(validation_error(service, protocol, &found))
}

#[test]
fn the_common_wording() {
    let (code, message) = check("kms", "Encrypt", Protocol::Json, r#"{"KeyId":"","Plaintext":"QQ=="}"#).unwrap();
    assert_eq!(code, "ValidationException");
    assert_eq!(
        message,
        "1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: \
         Member must have length greater than or equal to 1"
    );
    let (_, message) = check("kms", "Encrypt", Protocol::Json, r#"{"EncryptionAlgorithm":"ROT13"}"#).unwrap();
    assert!(message.starts_with("3 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; "), "{message}");
    assert!(message.contains("Value 'ROT13' at 'encryptionAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [SYMMETRIC_DEFAULT, "), "{message}");
    let (_, message) = check(
        "dynamodb",
        "CreateTable",
        Protocol::Json,
        r#"{"TableName":"t","AttributeDefinitions":[{"AttributeName":"","AttributeType":"S"}],"KeySchema":[]}"#,
    )
    .unwrap();
    assert!(message.contains("at 'attributeDefinitions.1.member.attributeName' failed"), "{message}");
}

#[test]
fn ranges_patterns_and_items() {
    let (_, message) = check("kms", "ListKeys", Protocol::Json, r#"{"Limit":0}"#).unwrap();
    assert!(
        message.ends_with(
            "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"
        ),
        "{message}"
    );
    let (code, message) = check("iam", "CreateUser", Protocol::Query, r#"{"UserName":"a b"}"#).unwrap();
    assert_eq!(code, "ValidationError");
    assert!(message.ends_with("Member must satisfy regular expression pattern: [\\w+=,.@-]+"), "{message}");
    assert_eq!(check("iam", "CreateUser", Protocol::Query, r#"{"UserName":"a+b@c"}"#), None);
    let lines = r#"{"SchemaName":"s","DataFormat":"AVRO","SchemaDefinition":"{\n}"}"#;
    assert_eq!(check("glue", "CreateSchema", Protocol::Json, lines), None);
    assert!(check("glue", "CreateSchema", Protocol::Json, &lines.replace("{\\n}", " \\n ")).is_some());
    let (_, message) =
        check("kms", "Decrypt", Protocol::Json, r#"{"CiphertextBlob":"QQ==","GrantTokens":["ok",""]}"#).unwrap();
    assert!(
        message.contains(
            "Value '[ok, ]' at 'grantTokens' failed to satisfy constraint: Member must satisfy constraint: ["
        ),
        "{message}"
    );
}

#[test]
fn families_with_words_of_their_own() {
    let missing = |code, message: &str| Some((code, message.to_owned()));
    assert_eq!(
        check("sqs", "SendMessage", Protocol::Json, r#"{"MessageBody":"x"}"#),
        missing("MissingParameter", "The request must contain the parameter QueueUrl.")
    );
    assert_eq!(
        check("ec2", "TerminateInstances", Protocol::Ec2, "{}"),
        missing("MissingParameter", "The request must contain the parameter InstanceIds.")
    );
    assert_eq!(check("s3", "PutObject", Protocol::RestXml, r#"{"Bucket":""}"#), None, "S3 says it in its own ways");
}

#[test]
fn secrets_are_not_shown() {
    let (_, message) =
        check("cognito-idp", "SignUp", Protocol::Json, r#"{"ClientId":"c","Username":"u","Password":"\n"}"#)
            .unwrap_or_default();
    assert!(!message.contains('\n'), "{message}");
}

/// `tests/wire` compiles the patterns of all services; here only those that Java writes differently.
#[test]
fn patterns_in_javas_dialect() {
    for pattern in [
        r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*",
        r"[\p{Alpha}\p{Digit}-_]+",
        r"^(?!aws:).{1,65535}$",
        r"[\w-.~]+",
        r"(?=.{1,2048}$)a*+",
    ] {
        assert!(pattern_compiles(pattern), "{pattern}");
    }
    assert!(!pattern_compiles("("));
}
