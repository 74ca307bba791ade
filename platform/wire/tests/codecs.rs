//! Requests and answers through the public API, on the real models.
#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use welkin_model::Protocol;
use welkin_wire::*;

fn route(service: &str, operation: &str, protocol: Protocol, path: &str) -> Route {
    let service = welkin_model::service(service).unwrap();
    Route { service, operation: service.operation(operation).unwrap(), protocol, path: path.to_owned() }
}

fn parse(route: &Route, query: &str, headers: &[(&str, &str)], body: &str) -> Result<Value, ParseError> {
    let headers: HeaderMap =
        headers.iter().map(|(n, v)| (HeaderName::try_from(*n).unwrap(), HeaderValue::try_from(*v).unwrap())).collect();
    parse_request(route, &headers, query, Body::Full(Bytes::from(body.to_owned())))
}

fn text(response: http::Response<Body>) -> String {
    match response.into_body() {
        Body::Full(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Body::Stream(_) => panic!("streams"),
    }
}

fn meta() -> ResponseMeta {
    ResponseMeta { request_id: "R-1".to_owned(), host_id: "H-1".to_owned() }
}

fn map(entries: &[(&'static str, Value)]) -> Map {
    entries.iter().map(|(name, value)| (Name::Borrowed(*name), value.clone())).collect()
}

#[test]
fn sqs_in_json_and_in_its_query_days() {
    let json = route("sqs", "SendMessage", Protocol::Json, "/");
    let sent = r#"{"QueueUrl":"u","MessageBody":"a\u00e9\n\ud83d\ude00","DelaySeconds":3,"Unknown":{"x":[1,{}]},
        "MessageAttributes":{"k":{"DataType":"Binary","BinaryValue":"AP8="}}}"#;
    let value = parse(&json, "", &[], sent).unwrap();
    assert_eq!(value.get("MessageBody").unwrap().as_str(), Some("aé\n😀"));
    assert_eq!(value.get("DelaySeconds").unwrap().as_int(), Some(3));
    let attribute = value.get("MessageAttributes").unwrap().get("k").unwrap();
    assert_eq!(attribute.get("BinaryValue"), Some(&Value::Blob(Bytes::from_static(&[0, 255]))));
    assert!(value.get("Unknown").is_none());

    let query = route("sqs", "SendMessage", Protocol::Query, "/");
    let form = "Action=SendMessage&Version=2012-11-05&QueueUrl=u&MessageBody=a%C3%A9%0A%F0%9F%98%80&DelaySeconds=3\
        &MessageAttribute.1.Name=k&MessageAttribute.1.Value.DataType=Binary&MessageAttribute.1.Value.BinaryValue=AP8%3D";
    assert_eq!(value_to_json(&parse(&query, "", &[], form).unwrap()), value_to_json(&value), "but for the order");

    let delete = route("sqs", "DeleteMessageBatch", Protocol::Query, "/");
    let output = map(&[
        ("Successful", Value::List(vec![Value::Map(map(&[("Id", "1".into())]))])),
        ("Failed", Value::List(Vec::new())),
    ]);
    let answer = text(serialise_response(&delete, &Value::Map(output), &meta()).unwrap());
    assert!(answer.contains("<DeleteMessageBatchResultEntry><Id>1</Id></DeleteMessageBatchResultEntry>"), "{answer}");
}

#[test]
fn query_answers_have_wrapper_and_metadata() {
    let route = route("sts", "GetCallerIdentity", Protocol::Query, "/");
    let output = Value::Map(map(&[("Account", "123456789012".into())]));
    let response = serialise_response(&route, &output, &meta()).unwrap();
    assert_eq!(response.headers()["x-amzn-requestid"], "R-1");
    assert_eq!(
        text(response),
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>R-1</RequestId>\
         </ResponseMetadata></GetCallerIdentityResponse>"
    );
}

#[test]
fn s3_binds_path_query_headers_and_stream() {
    let put = route("s3", "PutObject", Protocol::RestXml, "/bucket/a%20b//c+d");
    assert!(streams(&put));
    let headers = [("x-amz-meta-Colour", "blue"), ("content-type", "text/plain"), ("x-amz-acl", "private")];
    let value = parse(&put, "x-id=PutObject", &headers, "bytes").unwrap();
    assert_eq!(value.get("Key").unwrap().as_str(), Some("a b//c+d"));
    assert_eq!(value.get("Metadata").unwrap().get("colour").unwrap().as_str(), Some("blue"));
    let Some(Value::Stream(stream)) = value.get("Body") else { panic!("no stream") };
    assert!(matches!(stream.take(), Some(Body::Full(bytes)) if bytes == "bytes"));
    assert!(stream.take().is_none());

    let list = route("s3", "ListObjectsV2", Protocol::RestXml, "/bucket");
    let value = parse(&list, "list-type=2&prefix=a%2Fb&max-keys=7&start-after=x+y", &[], "").unwrap();
    assert_eq!(value.get("MaxKeys").unwrap().as_int(), Some(7));
    assert_eq!(value.get("StartAfter").unwrap().as_str(), Some("x y"));
    let error = parse(&list, "list-type=2&max-keys=many", &[], "").unwrap_err();
    assert_eq!((error.code, error.members.get("ArgumentName")), ("InvalidArgument", Some(&"max-keys".into())));

    let error =
        parse(&route("s3", "DeleteObjects", Protocol::RestXml, "/b"), "delete", &[], "<Delete><Object>").unwrap_err();
    assert_eq!(error.code, "MalformedXML");
}

#[test]
fn s3_answers_in_its_own_ways() {
    let location = route("s3", "GetBucketLocation", Protocol::RestXml, "/b");
    let output = Value::Map(map(&[("LocationConstraint", "eu-west-1".into())]));
    assert!(text(serialise_response(&location, &output, &meta()).unwrap()).ends_with(
        "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">eu-west-1</LocationConstraint>"
    ));
    let acl = route("s3", "GetBucketAcl", Protocol::RestXml, "/b");
    let grantee = Value::Map(map(&[("Type", "CanonicalUser".into()), ("ID", "me".into())]));
    let grants = Value::List(vec![Value::Map(map(&[("Grantee", grantee)]))]);
    let answer = text(serialise_response(&acl, &Value::Map(map(&[("Grants", grants)])), &meta()).unwrap());
    let expected = "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>me</ID></Grantee>";
    assert!(answer.contains(expected), "{answer}");

    let head = route("s3", "HeadObject", Protocol::RestXml, "/b/k");
    let error = ErrorAnswer {
        code: "NoSuchKey".into(),
        message: "gone".into(),
        resource: Some("/b/k".into()),
        ..ErrorAnswer::default()
    };
    let response = serialise_error(Some(&head), head.service, Protocol::RestXml, &error);
    assert_eq!((response.status().as_u16(), text(response)), (404, String::new()));
    let get = route("s3", "GetObject", Protocol::RestXml, "/b/k");
    let answer = text(serialise_error(Some(&get), get.service, Protocol::RestXml, &error));
    assert!(
        answer.contains("<Error><Code>NoSuchKey</Code><Message>gone</Message><Resource>/b/k</Resource>"),
        "{answer}"
    );

    let delete =
        serialise_response(&route("s3", "DeleteObject", Protocol::RestXml, "/b/k"), &Value::Null, &meta()).unwrap();
    assert_eq!((delete.status().as_u16(), delete.headers()["x-amz-id-2"].to_str().unwrap()), (204, "H-1"));
    assert_eq!(text(delete), "");
}

#[test]
fn errors_name_their_code_as_each_protocol_does() {
    let sqs = welkin_model::service("sqs").unwrap();
    let missing = ErrorAnswer { code: "QueueDoesNotExist".into(), message: "no".into(), ..ErrorAnswer::default() };
    let response = serialise_error(None, sqs, Protocol::Json, &missing);
    assert_eq!(response.headers()["x-amzn-query-error"], "AWS.SimpleQueueService.NonExistentQueue;Sender");
    assert_eq!(text(response), r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"}"#);
    let answer = text(serialise_error(None, sqs, Protocol::Query, &missing));
    assert!(answer.contains("<Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>"), "{answer}");
    let kms = welkin_model::service("kms").unwrap();
    let error = ErrorAnswer { code: "NotFoundException".into(), ..ErrorAnswer::default() };
    assert_eq!(text(serialise_error(None, kms, Protocol::Json, &error)), r#"{"__type":"NotFoundException"}"#);
    let lambda = welkin_model::service("lambda").unwrap();
    let error =
        ErrorAnswer { code: "ResourceNotFoundException".into(), message: "no".into(), ..ErrorAnswer::default() };
    let response = serialise_error(None, lambda, Protocol::RestJson, &error);
    assert_eq!(
        (response.status().as_u16(), &response.headers()["x-amzn-errortype"]),
        (404, &HeaderValue::from_static("ResourceNotFoundException"))
    );
    let cloudwatch = welkin_model::service("cloudwatch").unwrap();
    let response = serialise_error(None, cloudwatch, Protocol::RpcV2Cbor, &error);
    assert_eq!(response.headers()["smithy-protocol"], "rpc-v2-cbor");
    let ec2 = welkin_model::service("ec2").unwrap();
    let error = ErrorAnswer {
        code: "AuthFailure".into(),
        message: "no".into(),
        status: Some(401),
        request_id: "R".into(),
        ..ErrorAnswer::default()
    };
    let answer = text(serialise_error(None, ec2, Protocol::Ec2, &error));
    assert!(answer.ends_with("<Response><Errors><Error><Code>AuthFailure</Code><Message>no</Message></Error></Errors><RequestID>R</RequestID></Response>"));
}

#[test]
fn outputs_that_do_not_fit_the_model_are_refused_by_name() {
    let route = route("kms", "Encrypt", Protocol::Json, "/");
    let unknown = Value::Map(map(&[("CiphertextBlob", Bytes::new().into()), ("Cipher", 1i64.into())]));
    assert_eq!(
        serialise_response(&route, &unknown, &meta()).unwrap_err().problem,
        Problem::UnknownMember("Cipher".into())
    );
    let wrong = Value::Map(map(&[("KeyId", 1i64.into())]));
    let error = serialise_response(&route, &wrong, &meta()).unwrap_err();
    assert_eq!(error.to_string(), "KeyId: found a integer where the model has the shape KeyIdType");
}

#[test]
fn wrong_types_are_errors_with_the_code_of_the_family() {
    for (service, operation, protocol, body, code) in [
        ("kms", "Encrypt", Protocol::Json, r#"{"KeyId":5}"#, "SerializationException"),
        ("kms", "Encrypt", Protocol::Json, r#"{"KeyId":"a""#, "SerializationException"),
        ("kms", "Encrypt", Protocol::Json, r#"{"KeyId":"\x"}"#, "SerializationException"),
        ("kms", "Encrypt", Protocol::Json, r#"{"Plaintext":"?"}"#, "SerializationException"),
        ("dynamodb", "PutItem", Protocol::Json, r#"{"Item":{"a":["S"]}}"#, "SerializationException"),
        ("lambda", "CreateFunction", Protocol::RestJson, "[", "InvalidRequestContentException"),
        ("sqs", "ReceiveMessage", Protocol::Query, "MaxNumberOfMessages=x", "InvalidParameterValue"),
        ("iam", "ListUsers", Protocol::Query, "MaxItems=x", "MalformedInput"),
        ("iam", "ListUsers", Protocol::Query, "MaxItems=%zz", "MalformedQueryString"),
        ("ec2", "DescribeInstances", Protocol::Ec2, "MaxResults=x", "InvalidParameterValue"),
    ] {
        assert_eq!(
            parse(&route(service, operation, protocol, "/2015-03-31/functions"), "", &[], body).unwrap_err().code,
            code,
            "{body}"
        );
    }
}

#[test]
fn members_of_the_host_prefix_come_from_the_host() {
    let service = welkin_model::service("s3control").unwrap();
    let operation = service.operation("ListAccessPoints").unwrap();
    let route = Route { service, operation, protocol: Protocol::RestXml, path: "/v20180820/accesspoint".to_owned() };
    let value = parse(&route, "", &[("host", "123456789012.s3-control.us-east-1.amazonaws.com")], "").unwrap();
    assert_eq!(value.get("AccountId").unwrap().as_str(), Some("123456789012"));
}
