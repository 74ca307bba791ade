//! S3's inputs and outputs as the record shows them: what stood in the HTTP message, under its names there.
//!
//! Source: the entries of
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-understanding-s3-entries.html>

use serde_json::{Map, Value as Json};
use welkin_model::{Kind, Location, Member, Operation, Service, ShapeId};
use welkin_wire::Value;

use super::shown;

/// Bucket and key, the query, headers of S3's own, the body's XML, and `Host`.
pub(super) fn parameters(
    service: &'static Service,
    operation: &'static Operation,
    host: Option<&str>,
    input: &welkin_wire::Map,
) -> Json {
    let mut shown = Map::new();
    for parameter in operation.uri.split_once('?').map_or("", |(_, query)| query).split('&') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if !name.is_empty() {
            shown.insert(name.to_owned(), value.into());
        }
    }
    let structure = operation.input.and_then(|id| service.shape(id).structure());
    for (name, value) in input.iter() {
        let Some(member) = structure.and_then(|structure| structure.member(name)) else { continue };
        let is_body = structure.is_some_and(|structure| structure.payload == Some(name));
        if let Some((name, value)) = parameter(service, member, is_body, value) {
            shown.insert(name, value);
        }
    }
    if let Some(host) = host {
        shown.insert("Host".to_owned(), host.into());
    }
    shown.into()
}

fn parameter(service: &'static Service, member: &Member, is_body: bool, value: &Value) -> Option<(String, Json)> {
    let wire_name = member.location_name.unwrap_or(member.name);
    match member.location {
        Location::Uri if member.name == "Bucket" => Some(("bucketName".to_owned(), text(service, member, value)?)),
        Location::Uri => Some((shown::lower_camel(member.name), text(service, member, value)?)),
        Location::QueryString => Some((wire_name.to_owned(), text(service, member, value)?)),
        Location::Header => header(service, member, value),
        Location::Body if is_body => body(service, member, wire_name, value),
        _ => None,
    }
}

/// A policy is shown as the JSON that it is; other bodies are XML.
fn body(service: &'static Service, member: &Member, name: &str, value: &Value) -> Option<(String, Json)> {
    if let (Value::String(policy), "Policy") = (value, member.name) {
        let parsed = serde_json::from_str(policy).unwrap_or_else(|_| policy.as_str().into());
        return Some(("bucketPolicy".to_owned(), parsed));
    }
    Some((name.to_owned(), element(service, member.shape, value)?))
}

/// Headers of the answer that are S3's own.
pub(super) fn elements(service: &'static Service, operation: &'static Operation, output: &welkin_wire::Map) -> Json {
    let structure = operation.output.and_then(|id| service.shape(id).structure());
    let shown = output.iter().filter_map(|(name, value)| {
        let member = structure?.member(name)?;
        if member.location == Location::Header { header(service, member, value) } else { None }
    });
    shown.collect::<Map<_, _>>().into()
}

fn header(service: &'static Service, member: &Member, value: &Value) -> Option<(String, Json)> {
    let name = member.location_name.unwrap_or(member.name).to_ascii_lowercase();
    if name.starts_with("x-amz-") { Some((name, text(service, member, value)?)) } else { None }
}

/// A value outside of the body is text, whatever it means.
fn text(service: &'static Service, member: &Member, value: &Value) -> Option<Json> {
    Some(match shown::json(service, member.shape, value)? {
        text @ Json::String(_) => text,
        other => other.to_string().into(),
    })
}

/// An element of XML: its children by their names; of several with one name a list.
fn element(service: &'static Service, id: ShapeId, value: &Value) -> Option<Json> {
    let shape = service.shape(id);
    match (value, &shape.kind) {
        (Value::Map(map), Kind::Structure(structure)) if !shape.sensitive => {
            let children = map.iter().filter_map(|(name, value)| {
                let member = structure.member(name)?;
                Some((member.location_name.unwrap_or(member.name).to_owned(), child(service, member, value)?))
            });
            Some(children.collect::<Map<_, _>>().into())
        }
        _ => shown::json(service, id, value),
    }
}

fn child(service: &'static Service, reference: &Member, value: &Value) -> Option<Json> {
    let Kind::List { member, flattened, .. } = &service.shape(reference.shape).kind else {
        return element(service, reference.shape, value);
    };
    let Value::List(list) = value else { return None };
    let mut items: Vec<Json> = list.iter().filter_map(|item| element(service, member.shape, item)).collect();
    let items = if items.len() == 1 { items.remove(0) } else { items.into() };
    if *flattened || reference.flattened {
        return Some(items);
    }
    let name = member.location_name.unwrap_or("member");
    Some(Map::from_iter([(name.to_owned(), items)]).into())
}
