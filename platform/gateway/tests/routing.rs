//! Requests in all their forms, and where they go.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::Instant;

use http::Request;
use http::request::Parts;
use proptest::prelude::*;
use welkin_gateway::{LocalNames, Purpose, Router};
use welkin_wire::Body;

/// A request line, headers (`name: value`), a body.
async fn ask(line: &str, headers: &[&str], body: &str) -> String {
    let (method, uri) = line.split_once(' ').unwrap();
    let mut builder = Request::builder().method(method).uri(uri);
    for header in headers {
        let (name, value) = header.split_once(": ").unwrap();
        builder = builder.header(name, value);
    }
    if !headers.iter().any(|header| header.starts_with("host: ")) {
        builder = builder.header("host", "localhost:4566");
    }
    let parts = builder.body(()).unwrap().into_parts().0;
    let (routing, _) = router().route(&parts, Body::Full(body.to_owned().into())).await;
    let purpose = if routing.purpose == Purpose::Call { String::new() } else { format!(" {:?}", routing.purpose) };
    let region = routing.region.map(|region| format!(" in {region}")).unwrap_or_default();
    match routing.route {
        Ok(route) => format!("{} {} {}{purpose}{region}", route.service.id, route.operation.name, route.path),
        Err(error) => format!("{} {} {:?}", error.status.as_u16(), error.code, error.protocol),
    }
}

fn router() -> Router {
    Router::new(LocalNames::default(), 1 << 20)
}

fn signed(service: &str) -> String {
    format!(
        "authorization: AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host"
    )
}

const FORM: &str = "content-type: application/x-www-form-urlencoded";

#[tokio::test]
async fn s3() {
    let s3 = signed("s3");
    let copy = "x-amz-copy-source: /other/key";
    for (line, headers, expected) in [
        ("GET /", vec![], "ListBuckets /"),
        ("GET /?x-id=ListBuckets", vec![], "ListBuckets /"),
        ("PUT /bucket", vec![], "CreateBucket /bucket"),
        ("PUT /bucket/", vec![], "CreateBucket /bucket/"),
        ("GET /bucket?list-type=2&prefix=a", vec![], "ListObjectsV2 /bucket"),
        ("GET /bucket?prefix=a", vec![], "ListObjects /bucket"),
        ("GET /bucket?versions", vec![], "ListObjectVersions /bucket"),
        ("GET /bucket?uploads=", vec![], "ListMultipartUploads /bucket"),
        ("GET /bucket?analytics", vec![], "ListBucketAnalyticsConfigurations /bucket"),
        ("GET /bucket?analytics&id=1", vec![], "GetBucketAnalyticsConfiguration /bucket"),
        ("HEAD /bucket", vec![], "HeadBucket /bucket"),
        ("HEAD /bucket/key", vec![], "HeadObject /bucket/key"),
        ("GET /bucket//a//b/", vec![], "GetObject /bucket//a//b/"),
        ("GET /bucket/a%2Fb%20%E2%82%AC", vec![], "GetObject /bucket/a%2Fb%20%E2%82%AC"),
        ("GET /bucket/key?partNumber=2", vec![], "GetObject /bucket/key"),
        ("GET /bucket/key?uploadId=u", vec![], "ListParts /bucket/key"),
        ("GET /bucket/key?attributes", vec![], "GetObjectAttributes /bucket/key"),
        ("PUT /bucket/key", vec![], "PutObject /bucket/key"),
        ("PUT /bucket/key", vec![copy], "CopyObject /bucket/key"),
        ("PUT /bucket/key?uploadId=u&partNumber=1", vec![], "UploadPart /bucket/key"),
        ("PUT /bucket/key?uploadId=u&partNumber=1", vec![copy], "UploadPartCopy /bucket/key"),
        ("PUT /bucket/key?uploadId=u", vec![], "UploadPart /bucket/key"),
        ("PUT /bucket/key?tagging", vec![], "PutObjectTagging /bucket/key"),
        ("POST /bucket?delete", vec![], "DeleteObjects /bucket"),
        ("POST /bucket/key?uploads", vec![], "CreateMultipartUpload /bucket/key"),
        ("POST /bucket/key?uploadId=u", vec![], "CompleteMultipartUpload /bucket/key"),
        ("POST /bucket/key?select&select-type=2", vec![], "SelectObjectContent /bucket/key"),
        ("DELETE /bucket/key?uploadId=u", vec![], "AbortMultipartUpload /bucket/key"),
        ("DELETE /bucket/key?versionId=v", vec![], "DeleteObject /bucket/key"),
        ("GET /key", vec!["host: bucket.s3.us-west-2.amazonaws.com"], "GetObject /bucket/key"),
        ("GET /", vec!["host: bucket.s3.localhost:4566"], "ListObjects /bucket/"),
        ("GET /key", vec!["host: my.bucket.localhost:4566"], "GetObject /my.bucket/key"),
        ("GET /key", vec!["host: logs.localhost:4566"], "GetObject /logs/key"),
        ("GET /bucket/key", vec!["host: s3.localhost:4566"], "GetObject /bucket/key"),
        ("GET /v20180820/key", vec![], "GetObject /v20180820/key"),
        // A form in content type only: the body is the object.
        ("PUT /bucket/key?Action", vec![FORM], "PutObject /bucket/key"),
    ] {
        let mut headers = headers;
        headers.push(&s3);
        assert_eq!(ask(line, &headers, "x").await, format!("s3 {expected} in us-east-1"), "{line} {headers:?}");
    }
    for line in ["POST /bucket/key", "POST /bucket", "PATCH /bucket/key", "POST /"] {
        assert_eq!(ask(line, &[&s3], "").await, "405 MethodNotAllowed RestXml", "{line}");
    }
    let control = ["x-amz-account-id: 123456789012", &s3, "host: 123456789012.localhost:4566"];
    let got = ask("GET /v20180820/accesspoint/a%2Fb/policy", &control, "").await;
    assert_eq!(got, "s3control GetAccessPointPolicy /v20180820/accesspoint/a%2Fb/policy in us-east-1");
    let got = ask("GET /", &[&signed("s3express")], "").await;
    assert_eq!(got, "s3 ListDirectoryBuckets / in us-east-1");
}

#[tokio::test]
async fn without_a_signature() {
    let multipart = "content-type: multipart/form-data; boundary=b";
    let v2 = "/bucket/key?AWSAccessKeyId=AK&Expires=1&Signature=s";
    let v4 =
        "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20260101%2Feu-west-1%2Fs3%2Faws4_request";
    let identity = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15";
    let preflight = ["origin: https://a.example", "access-control-request-method: PUT"];
    for (line, headers, body, expected) in [
        ("GET /bucket/key", vec![], "", "s3 GetObject /bucket/key"),
        ("PUT /bucket/key", vec![], "", "s3 PutObject /bucket/key"),
        ("GET /bucket?list-type=2", vec![], "", "s3 ListObjectsV2 /bucket"),
        ("GET /key", vec!["host: bucket.localhost"], "", "s3 GetObject /bucket/key"),
        ("GET /key", vec!["host: events.localhost"], "", "s3 GetObject /events/key"),
        ("GET /", vec!["host: s3.amazonaws.com"], "", "s3 ListBuckets /"),
        ("POST /bucket", vec![multipart], "", "s3 PutObject /bucket S3Form"),
        ("POST /", vec![multipart, "host: bucket.s3.localhost"], "", "s3 PutObject /bucket/ S3Form"),
        ("OPTIONS /bucket/key", preflight.to_vec(), "", "s3 GetBucketCors /bucket/key S3Preflight"),
        ("GET /a/?b", vec!["host: my.site.s3-website.localhost:4566"], "", "s3 GetObject /my.site/a/ S3Visit"),
        (
            "POST /a",
            vec!["host: site.s3-website-us-west-2.amazonaws.com"],
            "",
            "s3 GetObject /site/a S3Visit in us-west-2",
        ),
        ("GET /", vec!["host: s3-website.eu-central-1.amazonaws.com"], "", "s3 GetObject // S3Visit in eu-central-1"),
        (&format!("GET {v2}"), vec![], "", "s3 GetObject /bucket/key"),
        (&format!("GET {v4}"), vec![], "", "s3 GetObject /bucket/key in eu-west-1"),
        ("GET /bucket/key", vec!["authorization: AWS AK:sig"], "", "s3 GetObject /bucket/key"),
        ("POST /", vec![FORM], identity, "sts AssumeRoleWithWebIdentity /"),
        (&format!("GET /?{identity}"), vec![], "", "sts AssumeRoleWithWebIdentity /"),
        ("POST /", vec![FORM, "host: iam.amazonaws.com"], "Action=ListUsers", "iam ListUsers /"),
        ("POST /", vec!["x-amz-target: AWSCognitoIdentityProviderService.SignUp"], "{}", "cognito-idp SignUp /"),
        (
            "POST /client/register",
            vec!["content-type: application/json"],
            "{}",
            "sso-oidc RegisterClient /client/register",
        ),
        ("GET /assignment/accounts", vec!["x-amz-sso_bearer_token: t"], "", "sso ListAccounts /assignment/accounts"),
        ("POST /model/m/invoke", vec!["authorization: Bearer k"], "{}", "bedrock-runtime InvokeModel /model/m/invoke"),
        ("GET /", vec![], "", "400 InvalidRequest RestJson"),
        ("GET /2015-03-31/functions", vec![], "", "400 InvalidRequest RestJson"),
        ("GET /Bucket/key", vec![], "", "400 InvalidRequest RestJson"),
        ("GET /bucket/key", vec!["authorization: Basic eDp5"], "", "400 InvalidRequest RestJson"),
        ("GET /bucket/key", vec!["authorization: Bearer k"], "", "400 InvalidRequest RestJson"),
        ("POST /", vec![FORM], "Action=ListUsers", "400 InvalidRequest Query"),
        ("POST /", vec![FORM], "", "400 InvalidRequest RestJson"),
        ("GET /functions", vec!["host: lambda.us-east-1.amazonaws.com"], "", "400 InvalidRequest RestJson"),
    ] {
        assert_eq!(ask(line, &headers, body).await, expected, "{line} {headers:?}");
    }
}

#[tokio::test]
async fn what_there_is_not() {
    let (iam, ec2, sqs, lambda) = (signed("iam"), signed("ec2"), signed("sqs"), signed("lambda"));
    let (nobody, ddb) = (signed("nobody"), signed("dynamodb"));
    let cbor = "smithy-protocol: rpc-v2-cbor";
    for (line, headers, body, expected) in [
        ("POST /", vec![&*iam, FORM], "Action=Fly&Version=2010-05-08", "400 InvalidAction Query"),
        ("POST /", vec![&*ec2, FORM], "Action=Fly&Version=2016-11-15", "400 InvalidAction Ec2"),
        ("POST /", vec![&*sqs, "x-amz-target: AmazonSQS.Fly"], "{}", "404 UnknownOperationException Json"),
        ("POST /", vec!["x-amz-target: Nobody.Fly"], "{}", "404 UnknownOperationException Json"),
        ("POST /", vec![&*ddb], "{}", "404 UnknownOperationException Json"),
        ("GET /2015-03-31/planes", vec![&*lambda], "", "404 UnknownOperationException RestJson"),
        ("PATCH /2015-03-31/functions", vec![&*lambda], "", "404 UnknownOperationException RestJson"),
        ("POST /service/Nobody/operation/Fly", vec![cbor], "", "404 UnknownOperationException RpcV2Cbor"),
        ("POST /service/KmsNot", vec![cbor], "", "404 UnknownOperationException RpcV2Cbor"),
        ("POST /", vec![&*nobody], "", "400 InvalidRequest RestJson"),
    ] {
        assert_eq!(ask(line, &headers, body).await, expected, "{line} {headers:?} {body}");
    }
    // Old clients ask for old versions.
    let got = ask("POST /", &[&ec2, FORM], "Version=2014-10-01&Action=DescribeInstances").await;
    assert_eq!(got, "ec2 DescribeInstances / in us-east-1");
    let elb = signed("elasticloadbalancing");
    for (version, service) in [("2012-06-01", "elb"), ("2015-12-01", "elbv2")] {
        let got = ask("POST /", &[&elb, FORM], &format!("Action=DescribeLoadBalancers&Version={version}")).await;
        assert_eq!(got, format!("{service} DescribeLoadBalancers / in us-east-1"));
    }
    let client = ["user-agent: aws-sdk-js/3.1 ua/2.1 api/ivs-realtime#3.1 m/E", &signed("ivs")];
    let got = ask("GET /tags/x", &client, "").await;
    assert_eq!(got, "ivs-realtime ListTagsForResource /tags/x in us-east-1");
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        prop::sample::select(vec![
            "s3",
            "sqs",
            "Action",
            "Version",
            "bucket",
            "aws4_request",
            "AWS4-HMAC-SHA256",
            "Credential=",
            "X-Amz-Credential",
            "uploadId",
            "2015-03-31",
            "functions",
            "service",
            "operation",
            "arn:aws:ivs:::",
            "localhost",
            "amazonaws.com",
            "us-east-1",
            "v20180820",
            "tags",
            "%",
            "%2F",
            "%zz",
            "/",
            "?",
            "&",
            "=",
            "+",
            ".",
            ":",
            "[",
            "AmazonSQS.",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,12}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 0..8).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn nothing_makes_the_router_panic(
        method in prop::sample::select(vec!["GET", "PUT", "POST", "HEAD", "DELETE", "OPTIONS", "BREW"]),
        path in text(),
        headers in prop::collection::vec((prop::sample::select(vec![
            "host", "authorization", "x-amz-target", "content-type", "smithy-protocol", "user-agent", "x-amz-region-set",
            "content-encoding", "x-amz-copy-source", "origin",
        ]), text()), 0..5),
        body in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut builder = Request::builder().method(method).uri(format!("/{path}"));
        for (name, value) in &headers {
            builder = builder.header(*name, value);
        }
        if let Ok(request) = builder.body(()) {
            let parts: Parts = request.into_parts().0;
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (routing, after) = runtime.block_on(router().route(&parts, Body::Full(body.clone().into())));
            if let Ok(route) = routing.route {
                prop_assert!(route.path.ends_with(parts.uri.path()));
                prop_assert!(matches!(after, Body::Full(bytes) if bytes == body));
            }
        }
    }
}

/// Prints what a routing costs. Not a test of time: machines differ.
#[tokio::test]
async fn cost() {
    let router = router();
    let sqs = signed("sqs");
    let cases = [
        ("X-Amz-Target", "POST", "/", vec![&*sqs, "x-amz-target: AmazonSQS.SendMessage"], "{}"),
        ("Action", "POST", "/", vec![FORM], "Action=GetCallerIdentity&Version=2011-06-15"),
        ("S3 path", "GET", "/bucket/some/key.txt?x-id=GetObject", vec![], ""),
        ("S3 host", "PUT", "/some/key.txt", vec!["host: bucket.s3.localhost:4566"], ""),
        ("Lambda", "POST", "/2015-03-31/functions/some-function/invocations", vec![], ""),
    ];
    for (name, method, uri, headers, body) in cases {
        let mut builder = Request::builder().method(method).uri(uri);
        for header in &headers {
            let (name, value) = header.split_once(": ").unwrap();
            builder = builder.header(name, value);
        }
        let signing = match name {
            "Action" => signed("sts"),
            "Lambda" => signed("lambda"),
            _ => signed("s3"),
        };
        if !headers.contains(&&*sqs) {
            builder = builder.header("authorization", signing.split_once(": ").unwrap().1);
        }
        if !headers.iter().any(|header| header.starts_with("host")) {
            builder = builder.header("host", "127.0.0.1:4566");
        }
        let parts = builder.body(()).unwrap().into_parts().0;
        let body = bytes::Bytes::from_static(body.as_bytes());
        let rounds = 100_000_u32;
        for _ in 0..1_000 {
            router.route(&parts, Body::Full(body.clone())).await.0.route.unwrap();
        }
        let start = Instant::now();
        for _ in 0..rounds {
            let (routing, _) = router.route(&parts, Body::Full(body.clone())).await;
            assert!(routing.route.is_ok());
        }
        println!("{name}: {:?} a request", start.elapsed() / rounds);
    }
}
