//! One service as a frame; read back by `platform/model/src/decode.rs`, in the same order.

use std::collections::HashMap;

use super::Source;
use super::botocore::{Error, Input, Member, Namespace, Operation, Shape};
use crate::Failure;
use crate::pack::Frame;

/// Writes what identifies a service: the index has it, and so has the service's own frame.
pub(super) fn identity(frame: &mut Frame, source: &Source) {
    let metadata = &source.model.metadata;
    frame.string(&source.id);
    frame.string(&metadata.service_id);
    frame.string(&metadata.endpoint_prefix);
    frame.string(metadata.signing_name.as_ref().unwrap_or(&metadata.endpoint_prefix));
    frame.string(&metadata.api_version);
    frame.maybe(metadata.target_prefix.as_deref());
    frame.maybe(metadata.json_version.as_deref());
    frame.maybe(metadata.global_endpoint.as_deref());
    frame.list(protocols(source));
}

fn protocols(source: &Source) -> &[String] {
    let metadata = &source.model.metadata;
    metadata.protocols.as_deref().unwrap_or(std::slice::from_ref(&metadata.protocol))
}

/// Writes the whole service.
pub(super) fn service(source: &Source) -> Result<Vec<u8>, Failure> {
    let names = Names::of(source);
    let mut frame = Frame::default();
    let metadata = &source.model.metadata;
    frame.maybe(metadata.xml_namespace.as_deref());
    frame.number(metadata.aws_query_compatible.is_some().into());
    frame.string(&metadata.signature_version);
    let mut operations: Vec<_> = source.model.operations.0.iter().collect();
    operations.sort_by(|a, b| a.0.cmp(&b.0));
    frame.count(operations.len());
    for (name, operation) in operations {
        encode_operation(&mut frame, source, &names, name, operation).map_err(|e| format!("{name}: {e}"))?;
    }
    frame.count(names.shapes.len());
    for (name, shape) in &names.shapes {
        encode_shape(&mut frame, &names, name, shape).map_err(|e| format!("{name}: {e}"))?;
    }
    Ok(frame.finish())
}

/// Shapes sorted by name, and the number of each.
struct Names<'a> {
    shapes: Vec<(&'a str, &'a Shape)>,
    numbers: HashMap<&'a str, usize>,
    /// Error traits that older models state where an operation refers to the error.
    referred: HashMap<&'a str, &'a Error>,
}

impl<'a> Names<'a> {
    fn of(source: &'a Source) -> Self {
        let mut shapes: Vec<_> = source.model.shapes.0.iter().map(|(name, shape)| (name.as_str(), shape)).collect();
        shapes.sort_by_key(|(name, _)| *name);
        let numbers = shapes.iter().enumerate().map(|(number, (name, _))| (*name, number)).collect();
        let errors = source.model.operations.0.iter().flat_map(|(_, operation)| &operation.errors);
        let referred = errors.filter_map(|e| Some((e.shape.as_str(), e.error.as_ref()?))).collect();
        Names { shapes, numbers, referred }
    }

    fn number(&self, name: &str) -> Result<usize, Failure> {
        self.numbers.get(name).copied().ok_or_else(|| format!("no shape {name}").into())
    }

    fn shape(&self, name: &str) -> Result<&'a Shape, Failure> {
        Ok(self.shapes[self.number(name)?].1)
    }
}

fn encode_operation(
    frame: &mut Frame,
    source: &Source,
    names: &Names<'_>,
    name: &str,
    operation: &Operation,
) -> Result<(), Failure> {
    let pagination = source.paginators.pagination.get(name);
    let unsigned_payload = operation.unsigned_payload || operation.authtype.as_deref() == Some("v4-unsigned-body");
    let unsigned =
        operation.authtype.as_deref() == Some("none") || operation.auth.iter().any(|a| a == "smithy.api#noAuth");
    if let Some(authtype) = operation.authtype.as_deref().filter(|a| !["none", "v4", "v4-unsigned-body"].contains(a)) {
        return Err(format!("unknown authtype {authtype}").into());
    }
    let checksum = operation.http_checksum.is_some() || operation.http_checksum_required;
    let encodings = operation.requestcompression.iter().flat_map(|c| &c.encodings).map(String::as_str);
    let gzip = encodings.clone().any(|e| e == "gzip");
    frame.string(name);
    frame.string(&operation.http.method);
    frame.string(&operation.http.request_uri);
    frame.number(operation.http.response_code.unwrap_or(200).into());
    frame.number(flags(&[
        unsigned,
        unsigned_payload,
        operation.readonly,
        operation.idempotent,
        gzip,
        checksum,
        pagination.is_some(),
    ]));
    encode_input(frame, names, operation.input.as_ref())?;
    match &operation.output {
        Some(output) => {
            frame.count(names.number(&output.shape)? + 1);
            frame.maybe(output.result_wrapper.as_deref());
        }
        None => frame.number(0),
    }
    frame.count(operation.errors.len());
    for error in &operation.errors {
        frame.count(names.number(&error.shape)?);
    }
    frame.maybe(operation.endpoint.as_ref().and_then(|endpoint| endpoint.host_prefix.as_deref()));
    if checksum {
        let rules = operation.http_checksum.as_ref();
        let required = operation.http_checksum_required || rules.is_some_and(|r| r.request_checksum_required);
        frame.number(required.into());
        frame.maybe(rules.and_then(|r| r.request_algorithm_member.as_deref()));
        frame.maybe(rules.and_then(|r| r.request_validation_mode_member.as_deref()));
        frame.list(rules.map_or(&[][..], |r| &r.response_algorithms));
    }
    if let Some(pagination) = pagination {
        frame.list(pagination.input_token.as_slice());
        frame.list(pagination.output_token.as_slice());
        frame.maybe(pagination.limit_key.as_deref());
        frame.list(pagination.result_key.as_slice());
        frame.maybe(pagination.more_results.as_deref());
    }
    Ok(())
}

fn encode_input(frame: &mut Frame, names: &Names<'_>, input: Option<&Input>) -> Result<(), Failure> {
    let Some(input) = input else {
        frame.number(0);
        return Ok(());
    };
    frame.count(names.number(&input.shape)? + 1);
    frame.maybe(input.location_name.as_deref());
    if input.location_name.is_some() {
        frame.maybe(input.xml_namespace.as_ref().map(Namespace::uri));
    }
    Ok(())
}

fn encode_shape(frame: &mut Frame, names: &Names<'_>, name: &str, shape: &Shape) -> Result<(), Failure> {
    let error = shape.error.as_ref().or_else(|| names.referred.get(name).copied());
    let is_error = shape.exception || error.is_some();
    frame.string(name);
    frame.number(kind_number(&shape.kind)?);
    frame.number(flags(&[
        shape.min.is_some(),
        shape.max.is_some(),
        shape.pattern.is_some(),
        shape.sensitive,
        shape.boxed,
        is_error,
    ]));
    for limit in [shape.min, shape.max].into_iter().flatten() {
        encode_limit(frame, limit);
    }
    if let Some(pattern) = &shape.pattern {
        frame.string(pattern);
    }
    if is_error {
        encode_error(frame, shape, error);
    }
    match shape.kind.as_str() {
        "structure" => encode_structure(frame, names, shape),
        "list" => {
            frame.number(flags(&[shape.flattened, shape.sparse]));
            encode_member(frame, names, shape.member.as_ref().ok_or("a list without member")?, "", false)
        }
        "map" => {
            frame.number(flags(&[shape.flattened, shape.sparse]));
            encode_member(frame, names, shape.key.as_ref().ok_or("a map without key")?, "", false)?;
            encode_member(frame, names, shape.value.as_ref().ok_or("a map without value")?, "", false)
        }
        "string" => {
            frame.list(&shape.values);
            Ok(())
        }
        "blob" => {
            frame.number(flags(&[shape.streaming, shape.requires_length]));
            Ok(())
        }
        "timestamp" => {
            frame.number(timestamp_format(shape.timestamp_format.as_deref())?);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn kind_number(kind: &str) -> Result<u64, Failure> {
    const KINDS: [&str; 11] =
        ["structure", "list", "map", "string", "integer", "long", "float", "double", "boolean", "blob", "timestamp"];
    match KINDS.iter().position(|known| *known == kind) {
        Some(number) => Ok(number as u64),
        None => Err(format!("unknown kind of shape {kind}").into()),
    }
}

fn encode_error(frame: &mut Frame, shape: &Shape, error: Option<&Error>) {
    let sender_fault = error.and_then(|e| e.sender_fault);
    frame.maybe(error.and_then(|e| e.code.as_deref()));
    frame.number(error.and_then(|e| e.http_status_code).unwrap_or(0).into());
    frame.number(flags(&[sender_fault.is_some(), sender_fault == Some(true), shape.fault, shape.retryable.is_some()]));
}

fn encode_structure(frame: &mut Frame, names: &Names<'_>, shape: &Shape) -> Result<(), Failure> {
    frame.number(flags(&[
        shape.union,
        shape.document,
        shape.eventstream,
        shape.event,
        shape.wrapper,
        shape.payload.is_some(),
        shape.location_name.is_some(),
        shape.xml_namespace.is_some(),
    ]));
    for name in [&shape.payload, &shape.location_name].into_iter().flatten() {
        frame.string(name);
    }
    if let Some(namespace) = &shape.xml_namespace {
        encode_namespace(frame, namespace);
    }
    let mut members: Vec<_> = shape.members.0.iter().collect();
    if !shape.xml_order.is_empty() {
        let place = |name: &str| shape.xml_order.iter().position(|n| n == name).unwrap_or(usize::MAX);
        members.sort_by_key(|(name, _)| place(name));
    }
    frame.count(members.len());
    for (name, member) in members {
        let required = shape.required.contains(name);
        encode_member(frame, names, member, name, required).map_err(|e| format!("{name}: {e}"))?;
    }
    Ok(())
}

/// Writes a reference to a shape. What the shape says of its serialisation holds wherever it is
/// referred to, unless the reference says otherwise; it is resolved here, once.
fn encode_member(
    frame: &mut Frame,
    names: &Names<'_>,
    member: &Member,
    name: &str,
    required: bool,
) -> Result<(), Failure> {
    let shape = names.shape(&member.shape)?;
    let location_name = member.location_name.as_ref().or(shape.location_name.as_ref());
    let namespace = member.xml_namespace.as_ref().or(shape.xml_namespace.as_ref());
    let format = member.timestamp_format.as_ref().or(shape.timestamp_format.as_ref());
    let location = location_number(member.location.as_deref())?;
    if !name.is_empty() {
        frame.string(name);
    }
    frame.count(names.number(&member.shape)?);
    frame.number(flags(&[
        required,
        location_name.is_some(),
        location != 0,
        member.idempotency_token,
        member.flattened || shape.flattened,
        namespace.is_some(),
        format.is_some(),
        member.query_name.is_some(),
        member.xml_attribute,
        member.host_label,
        member.jsonvalue,
        member.eventpayload,
        member.streaming || shape.streaming,
    ]));
    if let Some(name) = location_name {
        frame.string(name);
    }
    if location != 0 {
        frame.number(location);
    }
    if let Some(namespace) = namespace {
        encode_namespace(frame, namespace);
    }
    if format.is_some() {
        frame.number(timestamp_format(format.map(String::as_str))?);
    }
    if let Some(name) = &member.query_name {
        frame.string(name);
    }
    Ok(())
}

fn encode_namespace(frame: &mut Frame, namespace: &Namespace) {
    frame.string(namespace.uri());
    frame.maybe(namespace.prefix());
}

fn location_number(location: Option<&str>) -> Result<u64, Failure> {
    Ok(match location {
        None => 0,
        Some("uri") => 1,
        Some("querystring") => 2,
        Some("header") => 3,
        Some("headers") => 4,
        Some("statusCode") => 5,
        Some("eventheader") => 6,
        Some(other) => return Err(format!("unknown location {other}").into()),
    })
}

fn timestamp_format(format: Option<&str>) -> Result<u64, Failure> {
    Ok(match format {
        None => 0,
        Some("iso8601") => 1,
        Some("rfc822") => 2,
        Some("unixTimestamp") => 3,
        Some(other) => return Err(format!("unknown timestamp format {other}").into()),
    })
}

/// A least or greatest length or value: even numbers are integers (zigzag), 1 announces a double.
fn encode_limit(frame: &mut Frame, limit: f64) {
    // 2^52: below it every integer is exact and survives the two shifts.
    if limit.fract() == 0.0 && limit.abs() < 4_503_599_627_370_496.0 {
        let integer = limit as i64;
        frame.number((((integer << 1) ^ (integer >> 63)) as u64) << 1);
    } else {
        frame.number(1);
        frame.double(limit);
    }
}

/// Booleans as the bits of one number, the first in the lowest bit.
fn flags(bits: &[bool]) -> u64 {
    bits.iter().rev().fold(0, |flags, bit| flags << 1 | u64::from(*bit))
}
