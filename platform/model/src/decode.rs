//! Decodes the frame of one service; written by `xtask/src/models/encode.rs`, in the same order.

use crate::catalog::Entry;
use crate::frame::{Corrupt, Frame, Read};
use crate::shape::SMALL;
use crate::{
    ErrorTrait, HttpChecksum, Kind, Location, Member, Operation, Pagination, Protocol, Service, Shape, ShapeId,
    Structure, TimestampFormat, XmlName, XmlNamespace,
};

/// Decodes the service of an entry.
pub(crate) fn service(entry: &Entry, mut frame: Frame) -> Read<Service> {
    let xml_namespace = frame.maybe()?;
    let query_compatible = frame.number()? == 1;
    let signature_version = frame.string()?;
    let operations = frame.many(|frame| operation(frame, entry.shape_count))?;
    let shapes = frame.many(|frame| shape(frame, entry.shape_count))?;
    if !frame.is_finished() || shapes.len() != entry.shape_count || operations.len() != entry.operation_count {
        return Err(Corrupt);
    }
    let errors = sorted_errors(&shapes);
    Ok(Service {
        id: entry.id,
        service_id: entry.service_id,
        endpoint_prefix: entry.endpoint_prefix,
        signing_name: entry.signing_name,
        api_version: entry.api_version,
        target_prefix: entry.target_prefix,
        json_version: entry.json_version,
        protocols: entry.protocols.clone(),
        xml_namespace,
        query_compatible,
        global_endpoint: entry.global_endpoint,
        signature_version,
        operations,
        shapes,
        errors,
    })
}

fn sorted_errors(shapes: &[Shape]) -> Vec<ShapeId> {
    let mut errors: Vec<_> = (0..)
        .zip(shapes)
        .filter(|(_, shape)| shape.error.is_some())
        .map(|(number, shape)| (shape.error_code(), number))
        .collect();
    errors.sort_unstable();
    errors.into_iter().map(|(_, number)| ShapeId(number)).collect()
}

/// One protocol, by the name that the models use.
pub(crate) fn protocol(frame: &mut Frame) -> Read<Protocol> {
    Ok(match frame.string()? {
        "query" => Protocol::Query,
        "ec2" => Protocol::Ec2,
        "json" => Protocol::Json,
        "rest-json" => Protocol::RestJson,
        "rest-xml" => Protocol::RestXml,
        "smithy-rpc-v2-cbor" => Protocol::RpcV2Cbor,
        _ => return Err(Corrupt),
    })
}

/// A reference that is never out of range.
fn shape_id(frame: &mut Frame, shapes: usize) -> Read<ShapeId> {
    let number: u32 = frame.narrow()?;
    if number as usize >= shapes { Err(Corrupt) } else { Ok(ShapeId(number)) }
}

/// A reference or none; 0 is none.
fn maybe_shape_id(frame: &mut Frame, shapes: usize) -> Read<Option<ShapeId>> {
    match frame.narrow::<u32>()?.checked_sub(1) {
        Some(number) if number as usize >= shapes => Err(Corrupt),
        number => Ok(number.map(ShapeId)),
    }
}

fn operation(frame: &mut Frame, shapes: usize) -> Read<Operation> {
    let name = frame.string()?;
    let method = frame.string()?;
    let uri = frame.string()?;
    let status = frame.narrow()?;
    let mut flags = frame.flags()?;
    let unsigned = flags.next();
    let unsigned_payload = flags.next();
    let readonly = flags.next();
    let idempotent = flags.next();
    let gzip = flags.next();
    let has_checksum = flags.next();
    let has_pagination = flags.next();
    let input = maybe_shape_id(frame, shapes)?;
    let input_element = if input.is_some() { input_element(frame)? } else { None };
    let output = maybe_shape_id(frame, shapes)?;
    let result_wrapper = if output.is_some() { frame.maybe()? } else { None };
    Ok(Operation {
        name,
        method,
        uri,
        status,
        input,
        input_element,
        output,
        result_wrapper,
        errors: frame.many(|frame| shape_id(frame, shapes))?,
        host_prefix: frame.maybe()?,
        unsigned,
        unsigned_payload,
        readonly,
        idempotent,
        gzip,
        checksum: if has_checksum { Some(checksum(frame)?) } else { None },
        pagination: if has_pagination { Some(pagination(frame)?) } else { None },
    })
}

fn input_element(frame: &mut Frame) -> Read<Option<XmlName>> {
    let Some(name) = frame.maybe()? else { return Ok(None) };
    Ok(Some(XmlName { name, namespace: frame.maybe()? }))
}

fn checksum(frame: &mut Frame) -> Read<HttpChecksum> {
    Ok(HttpChecksum {
        required: frame.number()? == 1,
        request_algorithm_member: frame.maybe()?,
        request_validation_mode_member: frame.maybe()?,
        response_algorithms: frame.list()?,
    })
}

fn pagination(frame: &mut Frame) -> Read<Pagination> {
    Ok(Pagination {
        input_token: frame.list()?,
        output_token: frame.list()?,
        limit_key: frame.maybe()?,
        result_key: frame.list()?,
        more_results: frame.maybe()?,
    })
}

fn shape(frame: &mut Frame, shapes: usize) -> Read<Shape> {
    let name = frame.string()?;
    let kind = frame.number()?;
    let mut flags = frame.flags()?;
    let min = if flags.next() { Some(limit(frame)?) } else { None };
    let max = if flags.next() { Some(limit(frame)?) } else { None };
    let pattern = if flags.next() { Some(frame.string()?) } else { None };
    let sensitive = flags.next();
    let boxed = flags.next();
    let error = if flags.next() { Some(error(frame)?) } else { None };
    Ok(Shape { name, kind: self::kind(frame, kind, shapes)?, min, max, pattern, sensitive, boxed, error })
}

/// A least or greatest length or value: even numbers are integers (zigzag), 1 announces a double.
fn limit(frame: &mut Frame) -> Read<f64> {
    let number = frame.number()?;
    if number == 1 {
        return frame.double();
    }
    let zigzag = number >> 1;
    Ok(((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64)) as f64)
}

fn error(frame: &mut Frame) -> Read<ErrorTrait> {
    let code = frame.maybe()?;
    let status: u16 = frame.narrow()?;
    let mut flags = frame.flags()?;
    let says_fault = flags.next();
    let sender_fault = flags.next();
    Ok(ErrorTrait {
        code,
        status: (status != 0).then_some(status),
        sender_fault: says_fault.then_some(sender_fault),
        fault: flags.next(),
        retryable: flags.next(),
    })
}

fn kind(frame: &mut Frame, kind: u64, shapes: usize) -> Read<Kind> {
    Ok(match kind {
        0 => Kind::Structure(structure(frame, shapes)?),
        1 => {
            let mut flags = frame.flags()?;
            Kind::List { flattened: flags.next(), sparse: flags.next(), member: member(frame, "", shapes)? }
        }
        2 => {
            let mut flags = frame.flags()?;
            Kind::Map {
                flattened: flags.next(),
                sparse: flags.next(),
                key: member(frame, "", shapes)?,
                value: member(frame, "", shapes)?,
            }
        }
        3 => Kind::String { values: frame.list()? },
        4 => Kind::Integer,
        5 => Kind::Long,
        6 => Kind::Float,
        7 => Kind::Double,
        8 => Kind::Boolean,
        9 => {
            let mut flags = frame.flags()?;
            Kind::Blob { streaming: flags.next(), requires_length: flags.next() }
        }
        10 => Kind::Timestamp { format: timestamp_format(frame)? },
        _ => return Err(Corrupt),
    })
}

fn structure(frame: &mut Frame, shapes: usize) -> Read<Structure> {
    let mut flags = frame.flags()?;
    let union = flags.next();
    let document = flags.next();
    let event_stream = flags.next();
    let event = flags.next();
    let wrapper = flags.next();
    let payload = if flags.next() { Some(frame.string()?) } else { None };
    let location_name = if flags.next() { Some(frame.string()?) } else { None };
    let xml_namespace = if flags.next() { Some(namespace(frame)?) } else { None };
    let members = frame.many(|frame| {
        let name = frame.string()?;
        member(frame, name, shapes)
    })?;
    let by_name = if members.len() > SMALL { sorted_by_name(&members) } else { Vec::new() };
    Ok(Structure {
        members,
        union,
        document,
        payload,
        event_stream,
        event,
        wrapper,
        location_name,
        xml_namespace,
        by_name,
    })
}

fn sorted_by_name(members: &[Member]) -> Vec<u16> {
    let mut named: Vec<_> = members.iter().map(|member| member.name).zip(0..).collect();
    named.sort_unstable();
    named.into_iter().map(|(_, place)| place).collect()
}

fn member(frame: &mut Frame, name: &'static str, shapes: usize) -> Read<Member> {
    let shape = shape_id(frame, shapes)?;
    let mut flags = frame.flags()?;
    let required = flags.next();
    let location_name = if flags.next() { Some(frame.string()?) } else { None };
    let location = if flags.next() { location(frame)? } else { Location::Body };
    let idempotency_token = flags.next();
    let flattened = flags.next();
    let xml_namespace = if flags.next() { Some(namespace(frame)?) } else { None };
    let timestamp_format = if flags.next() { timestamp_format(frame)? } else { None };
    let query_name = if flags.next() { Some(frame.string()?) } else { None };
    Ok(Member {
        name,
        shape,
        required,
        location,
        location_name,
        query_name,
        flattened,
        xml_attribute: flags.next(),
        xml_namespace,
        idempotency_token,
        host_label: flags.next(),
        json_value: flags.next(),
        event_payload: flags.next(),
        streaming: flags.next(),
        timestamp_format,
    })
}

fn namespace(frame: &mut Frame) -> Read<XmlNamespace> {
    Ok(XmlNamespace { uri: frame.string()?, prefix: frame.maybe()? })
}

fn location(frame: &mut Frame) -> Read<Location> {
    Ok(match frame.number()? {
        1 => Location::Uri,
        2 => Location::QueryString,
        3 => Location::Header,
        4 => Location::Headers,
        5 => Location::StatusCode,
        6 => Location::EventHeader,
        _ => return Err(Corrupt),
    })
}

fn timestamp_format(frame: &mut Frame) -> Read<Option<TimestampFormat>> {
    Ok(match frame.number()? {
        0 => None,
        1 => Some(TimestampFormat::Iso8601),
        2 => Some(TimestampFormat::Rfc822),
        3 => Some(TimestampFormat::UnixTimestamp),
        _ => return Err(Corrupt),
    })
}
