//! Every operation of every service, asked for as its clients do, is routed to itself.

#![allow(clippy::unwrap_used)]

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
    let prefix = operation.host_prefix.unwrap_or_default();
    let prefix = prefix.replace(|c| matches!(c, '{' | '}'), "");
    format!("{prefix}{}.us-east-1.amazonaws.com", service.endpoint_prefix)
}

/// Fills the labels of a URI, and adds what the operation must have besides.
fn uri(service: &Service, operation: &Operation) -> String {
    let mut uri = String::new();
    let mut rest = operation.uri;
    while let Some((before, tail)) = rest.split_once('{') {
        let (label, after) = tail.split_once('}').unwrap();
        uri.push_str(before);
        uri.push_str(if label.ends_with('+') { "gree/dy%20value" } else { "some-value" });
        rest = after;
    }
    uri.push_str(rest);
    for name in required(service, operation, Location::QueryString) {
        uri.push(if uri.contains('?') { '&' } else { '?' });
        uri.push_str(&format!("{name}=v%2F1"));
    }
    uri
}

fn required(service: &Service, operation: &Operation, location: Location) -> Vec<&'static str> {
    let Some(input) = operation.input.and_then(|input| service.shape(input).structure()) else { return vec![] };
    let members = input.members.iter().filter(|member| member.required && member.location == location);
    members.map(|member| member.location_name.unwrap_or(member.name)).collect()
}

fn request(service: &Service, operation: &Operation, protocol: Protocol, address: Address) -> (Parts, Body) {
    let mut builder = Request::builder().header("host", host(service, operation, address));
    if !operation.unsigned && service.signature_version != "bearer" {
        let scope = format!("AKIDEXAMPLE/20260101/us-east-1/{}/aws4_request", service.signing_name);
        let text = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00");
        builder = builder.header("authorization", text);
    } else if service.signature_version == "bearer" {
        builder = builder.header("authorization", "Bearer token");
    }
    let (request, body) = match protocol {
        Protocol::RpcV2Cbor => {
            let uri = format!("/service/{}/operation/{}", service.target_prefix.unwrap(), operation.name);
            (builder.method("POST").uri(uri).header("smithy-protocol", "rpc-v2-cbor"), "\u{a0}".to_owned())
        }
        Protocol::Json => {
            let target = format!("{}.{}", service.target_prefix.unwrap(), operation.name);
            (builder.method("POST").uri("/").header("x-amz-target", target), "{}".to_owned())
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
            let builder = builder.method(operation.method).uri(uri(service, operation));
            (builder.header("content-type", "application/json"), "{}".to_owned())
        }
    };
    (request.body(()).unwrap().into_parts().0, Body::Full(body.into()))
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

#[tokio::test]
async fn every_operation_at_aws_names() {
    let (asked, wrong) = misrouted(Address::Aws).await;
    println!("{asked}");
    for (meant, got) in &wrong {
        println!("A {meant} -> {got}");
    }
}

#[tokio::test]
async fn every_operation_at_one_address() {
    let (asked, wrong) = misrouted(Address::Shared).await;
    println!("{asked}");
    for (meant, got) in &wrong {
        println!("S {meant} -> {got}");
    }
}
