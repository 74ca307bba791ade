//! From a request to an operation.

use bytes::Bytes;
use http::{Method, Request, Uri};
use tokio::runtime::{Builder, Runtime};
use welkin_gateway::{LocalNames, Router};
use welkin_wire::Body;

use super::wire::headers;
use super::{Seed, Target};
use crate::chance::Chance;

pub(crate) struct Routes {
    router: Router,
    runtime: Runtime,
}

/// Method, path and query, headers, body.
const SEEDS: &[(&str, &str, &str, &str)] = &[
    (
        "POST",
        "/",
        "host:localhost:4566\nx-amz-target:AmazonSQS.SendMessage\ncontent-type:application/x-amz-json-1.0",
        "{}",
    ),
    (
        "POST",
        "/",
        "host:sts.us-east-1.amazonaws.com\nauthorization:AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=00\ncontent-type:application/x-www-form-urlencoded",
        "Action=GetCallerIdentity&Version=2011-06-15",
    ),
    (
        "GET",
        "/bucket/key?partNumber=1&uploadId=a",
        "host:localhost:4566\nauthorization:AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00",
        "",
    ),
    (
        "PUT",
        "/key%20with",
        "host:bucket.s3.eu-central-1.localhost:4566\nauthorization:AWS4-HMAC-SHA256 Credential=A/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=00",
        "x",
    ),
    (
        "POST",
        "/2015-03-31/functions/f/invocations",
        "host:localhost\nauthorization:AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00",
        "{}",
    ),
    (
        "POST",
        "/service/GraniteServiceVersion20100801/operation/PutMetricData",
        "host:localhost\nsmithy-protocol:rpc-v2-cbor",
        "",
    ),
    (
        "GET",
        "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00",
        "host:localhost",
        "",
    ),
    ("GET", "/?Action=DescribeInstances&Version=2016-11-15", "host:ec2.localhost", ""),
];

impl Routes {
    pub(crate) fn new() -> Self {
        // INVARIANT: a runtime without drivers takes nothing that could be missing.
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        Self { router: Router::new(LocalNames::default(), 1 << 20), runtime }
    }
}

impl Target for Routes {
    fn seed(&self, chance: &mut Chance) -> Seed {
        let (method, target, headers, body) = chance.pick(SEEDS);
        format!("{method}\n{target}\n{headers}\n\n{body}").into_bytes().into()
    }

    fn run(&self, input: &[u8]) -> Result<(), String> {
        let mut lines = input.splitn(3, |byte| *byte == b'\n');
        let method = lines.next().and_then(|method| Method::from_bytes(method).ok()).ok_or("no method")?;
        let target = lines.next().and_then(|target| Uri::try_from(target).ok()).ok_or("no URI")?;
        let (headers, body) = headers(lines.next().unwrap_or_default());
        let (mut parts, ()) = Request::new(()).into_parts();
        (parts.method, parts.uri, parts.headers) = (method, target, headers);
        let body = Bytes::copy_from_slice(body);
        let (routing, after) = self.runtime.block_on(self.router.route(&parts, Body::Full(body.clone())));
        match routing.route {
            Ok(route) => {
                let Body::Full(after) = after else { return Err("the body streams".to_owned()) };
                assert_eq!(after, body, "the body is given back");
                assert!(route.service.operation(route.operation.name).is_some(), "the operation is the service's");
                Ok(())
            }
            Err(error) => {
                assert!(error.status.as_u16() >= 400 && !error.code.is_empty());
                Err(error.message)
            }
        }
    }
}
