//! Prints the facts of every service, one JSON object per line, named as botocore names them:
//! `tests/model` compares them with botocore's own reading of its models.
#![allow(clippy::print_stdout)]

use serde_json::{Map, Value, json};
use welkin_model::{Kind, Location, Member, Operation, Protocol, Service, Shape, Structure, TimestampFormat};

fn main() {
    for entry in welkin_model::services() {
        println!("{}", service(entry.service()));
    }
}

/// An object of what is set: null, false and empty lists are left out.
fn object<const N: usize>(facts: [(&str, Value); N]) -> Value {
    let is_set = |value: &Value| !value.is_null() && *value != json!(false) && *value != json!([]);
    facts.into_iter().filter(|(_, value)| is_set(value)).map(|(key, value)| (key.to_owned(), value)).collect()
}

fn service(service: &Service) -> Value {
    let operations: Map<_, _> = service.operations.iter().map(|o| (o.name.to_owned(), operation(service, o))).collect();
    let shapes: Map<_, _> = service.shapes.iter().map(|s| (s.name.to_owned(), shape(service, s))).collect();
    object([
        ("id", json!(service.id)),
        ("serviceId", json!(service.service_id)),
        ("endpointPrefix", json!(service.endpoint_prefix)),
        ("signingName", json!(service.signing_name)),
        ("apiVersion", json!(service.api_version)),
        ("targetPrefix", json!(service.target_prefix)),
        ("jsonVersion", json!(service.json_version)),
        ("protocols", service.protocols.iter().map(|p| protocol(*p)).collect()),
        ("xmlNamespace", json!(service.xml_namespace)),
        ("awsQueryCompatible", json!(service.query_compatible)),
        ("globalEndpoint", json!(service.global_endpoint)),
        ("signatureVersion", json!(service.signature_version)),
        ("operations", Value::Object(operations)),
        ("shapes", Value::Object(shapes)),
    ])
}

fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Query => "query",
        Protocol::Ec2 => "ec2",
        Protocol::Json => "json",
        Protocol::RestJson => "rest-json",
        Protocol::RestXml => "rest-xml",
        Protocol::RpcV2Cbor => "smithy-rpc-v2-cbor",
    }
}

fn operation(service: &Service, operation: &Operation) -> Value {
    let name = |id| service.shape(id).name;
    let checksum = operation.checksum.as_ref().map(|checksum| {
        object([
            ("required", json!(checksum.required)),
            ("requestAlgorithmMember", json!(checksum.request_algorithm_member)),
            ("requestValidationModeMember", json!(checksum.request_validation_mode_member)),
            ("responseAlgorithms", json!(checksum.response_algorithms)),
        ])
    });
    let pagination = operation.pagination.as_ref().map(|pagination| {
        object([
            ("input_token", json!(pagination.input_token)),
            ("output_token", json!(pagination.output_token)),
            ("limit_key", json!(pagination.limit_key)),
            ("result_key", json!(pagination.result_key)),
            ("more_results", json!(pagination.more_results)),
        ])
    });
    object([
        ("method", json!(operation.method)),
        ("requestUri", json!(operation.uri)),
        ("responseCode", json!(operation.status)),
        ("input", json!(operation.input.map(name))),
        ("inputElement", json!(operation.input_element.map(|element| element.name))),
        ("inputNamespace", json!(operation.input_element.and_then(|element| element.namespace))),
        ("output", json!(operation.output.map(name))),
        ("resultWrapper", json!(operation.result_wrapper)),
        ("errors", operation.errors.iter().map(|id| name(*id)).collect()),
        ("hostPrefix", json!(operation.host_prefix)),
        ("unsigned", json!(operation.unsigned)),
        ("unsignedPayload", json!(operation.unsigned_payload)),
        ("readonly", json!(operation.readonly)),
        ("idempotent", json!(operation.idempotent)),
        ("gzip", json!(operation.gzip)),
        ("checksum", json!(checksum)),
        ("pagination", json!(pagination)),
    ])
}

fn shape(service: &Service, shape: &Shape) -> Value {
    let error = shape.error.as_ref().map(|error| {
        object([
            ("code", json!(error.code)),
            ("httpStatusCode", json!(error.status)),
            ("caller", json!(error.sender_fault.map(|fault| if fault { "at fault" } else { "not at fault" }))),
            ("fault", json!(error.fault)),
            ("retryable", json!(error.retryable)),
        ])
    });
    object([
        ("kind", kind(service, &shape.kind)),
        ("min", json!(shape.min)),
        ("max", json!(shape.max)),
        ("pattern", json!(shape.pattern)),
        ("sensitive", json!(shape.sensitive)),
        ("box", json!(shape.boxed)),
        ("error", json!(error)),
    ])
}

fn kind(service: &Service, kind: &Kind) -> Value {
    let simple = |name| object([("type", json!(name))]);
    match kind {
        Kind::Structure(facts) => structure(service, facts),
        Kind::List { member: item, flattened, sparse } => object([
            ("type", json!("list")),
            ("member", member(service, item)),
            ("flattened", json!(flattened)),
            ("sparse", json!(sparse)),
        ]),
        Kind::Map { key, value, flattened, sparse } => object([
            ("type", json!("map")),
            ("key", member(service, key)),
            ("value", member(service, value)),
            ("flattened", json!(flattened)),
            ("sparse", json!(sparse)),
        ]),
        Kind::String { values } => object([("type", json!("string")), ("enum", json!(values))]),
        Kind::Integer => simple("integer"),
        Kind::Long => simple("long"),
        Kind::Float => simple("float"),
        Kind::Double => simple("double"),
        Kind::Boolean => simple("boolean"),
        Kind::Blob { streaming, requires_length } => object([
            ("type", json!("blob")),
            ("streaming", json!(streaming)),
            ("requiresLength", json!(requires_length)),
        ]),
        Kind::Timestamp { format } => {
            object([("type", json!("timestamp")), ("timestampFormat", json!(format.map(timestamp_format)))])
        }
    }
}

fn structure(service: &Service, structure: &Structure) -> Value {
    object([
        ("type", json!("structure")),
        ("members", structure.members.iter().map(|m| json!([m.name, member(service, m)])).collect()),
        ("union", json!(structure.union)),
        ("document", json!(structure.document)),
        ("payload", json!(structure.payload)),
        ("eventstream", json!(structure.event_stream)),
        ("event", json!(structure.event)),
        ("wrapper", json!(structure.wrapper)),
        ("locationName", json!(structure.location_name)),
        ("xmlNamespace", json!(structure.xml_namespace.map(|n| [Some(n.uri), n.prefix]))),
    ])
}

fn member(service: &Service, member: &Member) -> Value {
    let location = match member.location {
        Location::Body => None,
        Location::Uri => Some("uri"),
        Location::QueryString => Some("querystring"),
        Location::Header => Some("header"),
        Location::Headers => Some("headers"),
        Location::StatusCode => Some("statusCode"),
        Location::EventHeader => Some("eventheader"),
    };
    object([
        ("shape", json!(service.shape(member.shape).name)),
        ("required", json!(member.required)),
        ("location", json!(location)),
        ("locationName", json!(member.location_name)),
        ("queryName", json!(member.query_name)),
        ("flattened", json!(member.flattened)),
        ("xmlAttribute", json!(member.xml_attribute)),
        ("xmlNamespace", json!(member.xml_namespace.map(|n| [Some(n.uri), n.prefix]))),
        ("idempotencyToken", json!(member.idempotency_token)),
        ("hostLabel", json!(member.host_label)),
        ("jsonvalue", json!(member.json_value)),
        ("eventpayload", json!(member.event_payload)),
        ("streaming", json!(member.streaming)),
        ("timestampFormat", json!(member.timestamp_format.map(timestamp_format))),
    ])
}

fn timestamp_format(format: TimestampFormat) -> &'static str {
    match format {
        TimestampFormat::Iso8601 => "iso8601",
        TimestampFormat::Rfc822 => "rfc822",
        TimestampFormat::UnixTimestamp => "unixTimestamp",
    }
}
