//! Every operation of every service, asked for as its clients do, is routed to itself.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;

use http::Request;
use http::request::Parts;
use welkin_gateway::{LocalNames, Router, Routing};
use welkin_model::{Location, Operation, Protocol, Service, services};
use welkin_wire::Body;

/// Which host name the client sends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Address {
    /// That of an endpoint URL that all services share.
    Shared,
    /// AWS's.
    Aws,
}

fn host(service: &Service, operation: &Operation, address: Address) -> String {
    if address == Address::Shared {
        return "localhost:4566".to_owned();
    }
    if operation.name == "WriteGetObjectResponse" {
        return "some-route.s3-object-lambda.us-east-1.amazonaws.com".to_owned();
    }
    let prefix = operation.host_prefix.unwrap_or_default();
    let prefix = prefix.replace(['{', '}'], "");
    format!("{prefix}{}.us-east-1.amazonaws.com", service.endpoint_prefix)
}

fn signing_name(service: &Service, operation: &Operation) -> &'static str {
    match (service.id, operation.name) {
        ("s3", "WriteGetObjectResponse") => "s3-object-lambda",
        ("s3", "ListDirectoryBuckets") => "s3express",
        _ => service.signing_name,
    }
}

/// A resource of the service, where its ARN tells it from others.
fn resource(service: &Service) -> String {
    let resource = match service.id {
        "bedrock" => "custom-model/imported/abc",
        "bedrock-agent" => "agent/ABCDEFGHIJ",
        "bedrock-agent-runtime" => "session/00000000-0000-0000-0000-000000000000",
        "bedrock-data-automation" => "data-automation-project/abcdefghijkl",
        "chime-sdk-identity" => "app-instance/one/user/two",
        "chime-sdk-media-pipelines" => "media-pipeline/one",
        "chime-sdk-meetings" => "meeting/one",
        "chime-sdk-messaging" => "app-instance/one/channel/two",
        "chime-sdk-voice" => "vc/one",
        "greengrass" => "/greengrass/groups/one",
        "greengrassv2" => "components:one",
        "ivs" => "channel/one",
        "ivs-realtime" => "stage/one",
        "lambda" => "function:one",
        "lambda-microvms" => "microvm-image:one",
        "lex-models" => "bot:one",
        "lexv2-models" => "bot/ABCDEFGHIJ",
        "timestream-query" => "scheduled-query/one",
        "timestream-write" => "database/one",
        _ => "thing/one",
    };
    format!("arn:aws:{}:us-east-1:123456789012:{resource}", service.signing_name)
}

fn value(service: &Service, name: &str) -> String {
    if name.to_ascii_lowercase().contains("arn") || name == "Resource" { resource(service) } else { "v/1".to_owned() }
}

fn encode(text: &str) -> String {
    text.replace('/', "%2F").replace(':', "%3A")
}

/// Fills the labels of a URI, and adds what the operation must have besides.
fn uri(service: &Service, operation: &Operation) -> String {
    let mut uri = String::new();
    let mut rest = operation.uri;
    while let Some((before, tail)) = rest.split_once('{') {
        let (label, after) = tail.split_once('}').unwrap();
        uri.push_str(before);
        uri.push_str(&if label.ends_with('+') { "gree/dy%20value".to_owned() } else { encode(&value(service, label)) });
        rest = after;
    }
    uri.push_str(rest);
    for name in required(service, operation, Location::QueryString) {
        uri.push(if uri.contains('?') { '&' } else { '?' });
        uri.push_str(&format!("{name}={}", encode(&value(service, name))));
    }
    uri
}

fn required(service: &Service, operation: &Operation, location: Location) -> Vec<&'static str> {
    let Some(input) = operation.input.and_then(|input| service.shape(input).structure()) else { return vec![] };
    let members = input.members.iter().filter(|member| member.required && member.location == location);
    members.map(|member| member.location_name.unwrap_or(member.name)).collect()
}

/// A JSON body of strings, whatever the members are: the router does not validate.
fn json(service: &Service, operation: &Operation) -> String {
    let members = required(service, operation, Location::Body);
    let members: Vec<_> = members.iter().map(|name| format!("{name:?}: {:?}", value(service, name))).collect();
    format!("{{{}}}", members.join(", "))
}

fn request(service: &Service, operation: &Operation, protocol: Protocol, address: Address) -> (Parts, Body) {
    let mut builder = Request::builder().header("host", host(service, operation, address));
    if service.signature_version == "bearer" {
        builder = builder.header("authorization", "Bearer token");
    } else if !operation.unsigned {
        let scope = format!("AKIDEXAMPLE/20260101/us-east-1/{}/aws4_request", signing_name(service, operation));
        let text = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00");
        builder = builder.header("authorization", text);
    }
    let (request, body) = match protocol {
        Protocol::RpcV2Cbor => {
            let uri = format!("/service/{}/operation/{}", service.target_prefix.unwrap(), operation.name);
            (builder.method("POST").uri(uri).header("smithy-protocol", "rpc-v2-cbor"), String::new())
        }
        Protocol::Json => {
            let target = format!("{}.{}", service.target_prefix.unwrap(), operation.name);
            let content_type = format!("application/x-amz-json-{}", service.json_version.unwrap());
            let builder = builder.method("POST").uri("/").header("x-amz-target", target);
            (builder.header("content-type", content_type), json(service, operation))
        }
        Protocol::Query | Protocol::Ec2 => {
            let form = "application/x-www-form-urlencoded; charset=utf-8";
            let body = format!("Action={}&Version={}", operation.name, service.api_version);
            (builder.method("POST").uri("/").header("content-type", form), body)
        }
        Protocol::RestJson | Protocol::RestXml => {
            for name in required(service, operation, Location::Header) {
                builder = builder.header(name, "value");
            }
            if service.id == "s3control" {
                // SDKs send it with every call for Outposts, the model requires it for none.
                builder = builder.header("x-amz-outpost-id", "op-01ac5d28a6a232904");
            }
            let builder = builder.method(operation.method).uri(uri(service, operation));
            (builder.header("content-type", "application/json"), json(service, operation))
        }
    };
    (request.body(()).unwrap().into_parts().0, Body::Full(body.into()))
}

/// Names for what AWS runs as one API: the second answers for the first. What has its place taken
/// is in the list as well.
const ONE_API: [(&str, &str); 6] = [
    ("docdb", "rds"),
    ("neptune", "rds"),
    ("wisdom", "qconnect"),
    ("sms-voice", "pinpoint-sms-voice"),
    // The Region's service role and a core's connectivity are the same in both versions.
    ("greengrass", "greengrassv2"),
    // `signer` sends this one operation to the other's host.
    ("signer", "signer-data"),
];

/// At one address for all services, besides: telephony moved from Chime to its SDK.
const ONE_ADDRESS: [(&str, &str); 3] =
    [("chime", "chime-sdk-voice"), ("signer-data", "signer"), ("timestream-query", "timestream-write")];

/// Operations of S3 that newer ones with the same URI replace.
fn replaced(operation: &str) -> Option<&'static str> {
    match operation {
        "GetBucketLifecycle" => Some("GetBucketLifecycleConfiguration"),
        "PutBucketLifecycle" => Some("PutBucketLifecycleConfiguration"),
        "GetBucketNotification" => Some("GetBucketNotificationConfiguration"),
        "PutBucketNotification" => Some("PutBucketNotificationConfiguration"),
        _ => None,
    }
}

async fn misrouted(address: Address) -> (usize, BTreeMap<String, String>) {
    let router = Router::new(LocalNames::default(), 1 << 20);
    let mut asked = 0;
    let mut wrong = BTreeMap::new();
    for entry in services() {
        let service = entry.service();
        for operation in &service.operations {
            for protocol in &service.protocols {
                asked += 1;
                let (parts, body) = request(service, operation, *protocol, address);
                let (Routing { route, .. }, _) = router.route(&parts, body).await;
                let got = match &route {
                    Ok(route) => {
                        assert_eq!(route.path, parts.uri.path());
                        format!("{} {} {:?}", route.service.id, route.operation.name, route.protocol)
                    }
                    Err(error) => format!("{} {error}", error.code),
                };
                let meant = format!("{} {} {protocol:?}", service.id, operation.name);
                if got != meant {
                    wrong.insert(meant, got);
                }
            }
        }
    }
    (asked, wrong)
}

/// What was not routed to itself, and is not in the lists above.
fn unexplained(wrong: &BTreeMap<String, String>, aliases: &[&[(&str, &str)]]) -> Vec<String> {
    let explained = |meant: &str, got: &str| {
        let mut meant = meant.split(' ');
        let (service, operation) = (meant.next().unwrap(), meant.next().unwrap());
        let mut got = got.split(' ');
        let (got_service, got_operation) = (got.next().unwrap(), got.next().unwrap());
        let one = aliases.iter().copied().flatten().any(|alias| *alias == (service, got_service));
        (one && operation == got_operation) || (service == "s3" && replaced(operation) == Some(got_operation))
    };
    let unexplained = wrong.iter().filter(|(meant, got)| !explained(meant, got));
    unexplained.map(|(meant, got)| format!("{meant} -> {got}")).collect()
}

#[tokio::test]
async fn every_operation_at_aws_names() {
    let (asked, wrong) = misrouted(Address::Aws).await;
    assert_eq!(unexplained(&wrong, &[&ONE_API]), Vec::<String>::new());
    assert!(asked > 21_000, "{asked} requests");
    println!("{asked} requests at AWS's host names, {} answered by the same API's other name", wrong.len());
}

#[tokio::test]
async fn every_operation_at_one_address() {
    let (asked, wrong) = misrouted(Address::Shared).await;
    assert_eq!(unexplained(&wrong, &[&ONE_API, &ONE_ADDRESS]), Vec::<String>::new());
    assert!(asked > 21_000, "{asked} requests");
    println!("{asked} requests at one address, {} answered by the same API's other name", wrong.len());
}

/// The lists of services that need no signature are those of the model.
#[test]
fn services_without_signatures() {
    let rest = |service: &Service| service.speaks(Protocol::RestJson) || service.speaks(Protocol::RestXml);
    let is_unsigned = |service: &&Service| service.operations.iter().any(|operation| operation.unsigned);
    let services = || services().iter().map(|entry| entry.service()).filter(|service| rest(service));
    let unsigned: Vec<_> = services().filter(is_unsigned).map(|service| service.id).collect();
    assert_eq!(unsigned, welkin_gateway::UNSIGNED_SERVICES);
    let bearer: Vec<_> = services().filter(|service| service.signature_version == "bearer").collect();
    for service in bearer {
        assert!(welkin_gateway::BEARER_SERVICES.contains(&service.id), "{}", service.id);
    }
}
