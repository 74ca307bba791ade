//! A [`Service`] from one of botocore's model files at run time: for tests that bring their own model.
//!
//! The embedded models do not come this way: `cargo xtask models` packs them beforehand.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::shape::SMALL;
use crate::{
    ErrorTrait, Kind, Location, Member, Operation, Protocol, Service, Shape, ShapeId, Structure, TimestampFormat,
    XmlName, XmlNamespace,
};

/// Makes a service of a model, and keeps it for good (it leaks). `id` is the name it goes by.
///
/// # Errors
///
/// Says which fact is missing or unknown.
pub fn service(id: &str, model: &Value) -> Result<&'static Service, String> {
    let metadata = &model["metadata"];
    let empty = Map::new();
    let shapes = model["shapes"].as_object().unwrap_or(&empty);
    let ids: BTreeMap<&str, ShapeId> = sorted(shapes).into_keys().zip((0..).map(ShapeId)).collect();
    let build = Build { ids, shapes, operations: model["operations"].as_object().unwrap_or(&empty) };
    let shapes =
        sorted(shapes).into_iter().map(|(name, shape)| build.shape(name, shape)).collect::<Result<Vec<_>, _>>()?;
    let operations = sorted(build.operations).into_iter().map(|(name, value)| build.operation(name, value));
    let mut errors: Vec<ShapeId> =
        shapes.iter().zip((0..).map(ShapeId)).filter(|(s, _)| s.error.is_some()).map(|(_, id)| id).collect();
    errors.sort_by_key(|id| shapes.get(id.0 as usize).map(Shape::error_code));
    let prefix = text(metadata, "endpointPrefix").unwrap_or("inline");
    let listed = metadata["protocols"].as_array().map(Vec::as_slice).unwrap_or_default();
    let listed = if listed.is_empty() { std::slice::from_ref(&metadata["protocol"]) } else { listed };
    Ok(Box::leak(Box::new(Service {
        id: leak(id),
        service_id: text(metadata, "serviceId").unwrap_or("Inline"),
        endpoint_prefix: prefix,
        signing_name: text(metadata, "signingName").unwrap_or(prefix),
        api_version: text(metadata, "apiVersion").unwrap_or_default(),
        target_prefix: text(metadata, "targetPrefix"),
        json_version: text(metadata, "jsonVersion"),
        protocols: listed.iter().map(protocol).collect::<Result<_, _>>()?,
        xml_namespace: text(metadata, "xmlNamespace"),
        query_compatible: metadata.get("awsQueryCompatible").is_some(),
        global_endpoint: text(metadata, "globalEndpoint"),
        signature_version: text(metadata, "signatureVersion").unwrap_or("v4"),
        operations: operations.collect::<Result<_, _>>()?,
        shapes,
        errors,
    })))
}

fn sorted(map: &Map<String, Value>) -> BTreeMap<&str, &Value> {
    map.iter().map(|(name, value)| (name.as_str(), value)).collect()
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn text(value: &Value, key: &str) -> Option<&'static str> {
    value.get(key)?.as_str().map(leak)
}

fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn protocol(name: &Value) -> Result<Protocol, String> {
    Ok(match name.as_str().unwrap_or_default() {
        "query" => Protocol::Query,
        "ec2" => Protocol::Ec2,
        "json" => Protocol::Json,
        "rest-json" => Protocol::RestJson,
        "rest-xml" => Protocol::RestXml,
        "smithy-rpc-v2-cbor" => Protocol::RpcV2Cbor,
        other => return Err(format!("unknown protocol {other}")),
    })
}

struct Build<'m> {
    ids: BTreeMap<&'m str, ShapeId>,
    shapes: &'m Map<String, Value>,
    operations: &'m Map<String, Value>,
}

impl Build<'_> {
    fn id(&self, reference: &Value) -> Result<ShapeId, String> {
        let name = reference["shape"].as_str().unwrap_or_default();
        self.ids.get(name).copied().ok_or_else(|| format!("no shape {name}"))
    }

    fn maybe_id(&self, reference: Option<&Value>) -> Result<Option<ShapeId>, String> {
        reference.map(|reference| self.id(reference)).transpose()
    }

    fn operation(&self, name: &str, value: &Value) -> Result<Operation, String> {
        let input = value.get("input");
        let element = input.and_then(|input| text(input, "locationName"));
        let errors = value["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let status = value["http"]["responseCode"].as_u64().and_then(|code| u16::try_from(code).ok());
        Ok(Operation {
            name: leak(name),
            method: text(&value["http"], "method").unwrap_or("POST"),
            uri: text(&value["http"], "requestUri").unwrap_or("/"),
            status: status.unwrap_or(200),
            input: self.maybe_id(input)?,
            input_element: element.map(|name| XmlName { name, namespace: input.and_then(namespace).map(|n| n.uri) }),
            output: self.maybe_id(value.get("output"))?,
            result_wrapper: value.get("output").and_then(|output| text(output, "resultWrapper")),
            errors: errors.iter().map(|error| self.id(error)).collect::<Result<_, _>>()?,
            host_prefix: value.get("endpoint").and_then(|endpoint| text(endpoint, "hostPrefix")),
            unsigned: value["authtype"] == "none",
            unsigned_payload: value["authtype"] == "v4-unsigned-body" || flag(value, "unsignedPayload"),
            readonly: flag(value, "readonly"),
            idempotent: flag(value, "idempotent"),
            gzip: value["requestcompression"]["encodings"]
                .as_array()
                .is_some_and(|all| all.iter().any(|e| e == "gzip")),
            checksum: None,
            pagination: None,
        })
    }

    fn shape(&self, name: &str, value: &Value) -> Result<Shape, String> {
        let kind = match value["type"].as_str().unwrap_or_default() {
            "structure" => Kind::Structure(self.structure(name, value)?),
            "list" => Kind::List {
                member: self.member("", &value["member"], false)?,
                flattened: flag(value, "flattened"),
                sparse: flag(value, "sparse"),
            },
            "map" => Kind::Map {
                key: self.member("", &value["key"], false)?,
                value: self.member("", &value["value"], false)?,
                flattened: flag(value, "flattened"),
                sparse: flag(value, "sparse"),
            },
            "string" | "character" => {
                let values = value["enum"].as_array().map(Vec::as_slice).unwrap_or_default();
                Kind::String { values: values.iter().filter_map(Value::as_str).map(leak).collect() }
            }
            "integer" => Kind::Integer,
            "long" => Kind::Long,
            "float" => Kind::Float,
            "double" => Kind::Double,
            "boolean" => Kind::Boolean,
            "blob" => {
                Kind::Blob { streaming: flag(value, "streaming"), requires_length: flag(value, "requiresLength") }
            }
            "timestamp" => Kind::Timestamp { format: timestamp_format(value)? },
            other => return Err(format!("{name}: unknown kind of shape {other}")),
        };
        Ok(Shape {
            name: leak(name),
            kind,
            min: value["min"].as_f64(),
            max: value["max"].as_f64(),
            pattern: text(value, "pattern"),
            sensitive: flag(value, "sensitive"),
            boxed: flag(value, "box"),
            error: self.error(name, value),
        })
    }

    /// The error trait; older models state it where an operation refers to the error.
    fn error(&self, name: &str, value: &Value) -> Option<ErrorTrait> {
        let references = self.operations.values().filter_map(|o| o["errors"].as_array()).flatten();
        let referred = || references.filter(|r| r["shape"] == name).find_map(|r| r.get("error"));
        let facts = value.get("error").or_else(referred);
        (flag(value, "exception") || facts.is_some()).then(|| ErrorTrait {
            code: facts.and_then(|facts| text(facts, "code")),
            status: facts.and_then(|f| f["httpStatusCode"].as_u64()).and_then(|status| u16::try_from(status).ok()),
            sender_fault: facts.and_then(|facts| facts["senderFault"].as_bool()),
            fault: flag(value, "fault"),
            retryable: value.get("retryable").is_some(),
        })
    }

    fn structure(&self, name: &str, value: &Value) -> Result<Structure, String> {
        // Older models name the payload where an operation refers to its input.
        let inputs = || self.operations.values().filter_map(|o| o.get("input")).filter(|i| i["shape"] == name);
        let payload = text(value, "payload").or_else(|| inputs().find_map(|input| text(input, "payload")));
        let required = value["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        let empty = Map::new();
        let members = value["members"].as_object().unwrap_or(&empty).iter();
        let members = members
            .map(|(name, member)| self.member(name, member, required.iter().any(|r| r == name)))
            .collect::<Result<Vec<_>, _>>()?;
        let mut named: Vec<(&str, u16)> = members.iter().map(|member| member.name).zip(0..).collect();
        named.sort_unstable();
        let by_name =
            if members.len() > SMALL { named.into_iter().map(|(_, place)| place).collect() } else { Vec::new() };
        Ok(Structure {
            members,
            union: flag(value, "union"),
            document: flag(value, "document"),
            payload,
            event_stream: flag(value, "eventstream"),
            event: flag(value, "event"),
            wrapper: flag(value, "wrapper"),
            location_name: text(value, "locationName"),
            xml_namespace: namespace(value),
            by_name,
        })
    }

    /// A reference; what its shape says of serialisation holds where the reference says nothing.
    fn member(&self, name: &str, value: &Value, required: bool) -> Result<Member, String> {
        let shape = value["shape"].as_str().and_then(|name| self.shapes.get(name)).unwrap_or(&Value::Null);
        let format = timestamp_format(value)?;
        let event_header = flag(value, "eventheader");
        Ok(Member {
            name: leak(name),
            shape: self.id(value)?,
            required,
            location: if event_header { Location::EventHeader } else { location(value, shape)? },
            location_name: text(value, "locationName").or_else(|| text(shape, "locationName")),
            query_name: text(value, "queryName"),
            flattened: flag(value, "flattened") || flag(shape, "flattened"),
            xml_attribute: flag(value, "xmlAttribute"),
            xml_namespace: namespace(value).or_else(|| namespace(shape)),
            idempotency_token: flag(value, "idempotencyToken"),
            host_label: flag(value, "hostLabel"),
            json_value: flag(value, "jsonvalue"),
            event_payload: flag(value, "eventpayload"),
            streaming: flag(value, "streaming") || flag(shape, "streaming"),
            timestamp_format: match format {
                None => timestamp_format(shape)?,
                own => own,
            },
        })
    }
}

fn namespace(value: &Value) -> Option<XmlNamespace> {
    match value.get("xmlNamespace")? {
        Value::String(uri) => Some(XmlNamespace { uri: leak(uri), prefix: None }),
        full => Some(XmlNamespace { uri: text(full, "uri")?, prefix: text(full, "prefix") }),
    }
}

fn location(value: &Value, shape: &Value) -> Result<Location, String> {
    Ok(match value["location"].as_str().or_else(|| shape["location"].as_str()) {
        None => Location::Body,
        Some("uri") => Location::Uri,
        Some("querystring") => Location::QueryString,
        Some("header") => Location::Header,
        Some("headers") => Location::Headers,
        Some("statusCode") => Location::StatusCode,
        Some("eventheader") => Location::EventHeader,
        Some(other) => return Err(format!("unknown location {other}")),
    })
}

fn timestamp_format(value: &Value) -> Result<Option<TimestampFormat>, String> {
    Ok(match value["timestampFormat"].as_str() {
        None => None,
        Some("iso8601") => Some(TimestampFormat::Iso8601),
        Some("rfc822") => Some(TimestampFormat::Rfc822),
        Some("unixTimestamp") => Some(TimestampFormat::UnixTimestamp),
        Some(other) => return Err(format!("unknown timestamp format {other}")),
    })
}
