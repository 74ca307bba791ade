//! Names of parameters in the query and ec2 protocols.

use std::borrow::Cow;

use welkin_model::{Kind, Member, Protocol, Service};

use crate::route::wire_name;

/// Whether a list or map is written without a wrapper, here.
pub(crate) fn is_flattened(kind: &Kind, member: Option<&Member>) -> bool {
    match kind {
        Kind::List { flattened, .. } | Kind::Map { flattened, .. } => *flattened || member.is_some_and(|m| m.flattened),
        _ => false,
    }
}

/// Name of a structure's member as a parameter.
pub(crate) fn parameter_name(service: &'static Service, protocol: Protocol, member: &Member) -> Cow<'static, str> {
    if protocol == Protocol::Ec2 {
        return match (member.query_name, member.location_name) {
            (Some(name), _) => Cow::Borrowed(name),
            (None, Some(name)) => capitalised(name),
            (None, None) => Cow::Borrowed(member.name),
        };
    }
    let kind = &service.shape(member.shape).kind;
    match kind {
        Kind::List { member: item, .. } if is_flattened(kind, Some(member)) => {
            Cow::Borrowed(item.location_name.unwrap_or(wire_name(member)))
        }
        _ => Cow::Borrowed(wire_name(member)),
    }
}

/// Whether a parameter called `segment` holds `member`. A flattened list also goes by its member's own
/// name (empty lists do), and an ec2 member without names of its own also by its capitalised name.
pub(crate) fn is_parameter(service: &'static Service, protocol: Protocol, member: &Member, segment: &str) -> bool {
    if protocol == Protocol::Ec2 {
        return match (member.query_name, member.location_name) {
            (Some(name), _) => name == segment,
            (None, Some(name)) => is_capitalised(name, segment),
            (None, None) => member.name == segment || is_capitalised(member.name, segment),
        };
    }
    if wire_name(member) == segment {
        return true;
    }
    let kind = &service.shape(member.shape).kind;
    match kind {
        Kind::List { member: item, .. } => item.location_name == Some(segment) && is_flattened(kind, Some(member)),
        _ => false,
    }
}

/// Whether `segment` is `name` with a capital first letter.
fn is_capitalised(name: &str, segment: &str) -> bool {
    let (mut name, mut segment) = (name.bytes(), segment.bytes());
    name.next().map(|byte| byte.to_ascii_uppercase()) == segment.next() && name.eq(segment)
}

/// Segment between a list's name and the numbers; `None` if there is none.
pub(crate) fn list_segment(protocol: Protocol, kind: &Kind, member: Option<&Member>) -> Option<&'static str> {
    match kind {
        Kind::List { member: item, .. } if protocol != Protocol::Ec2 && !is_flattened(kind, member) => {
            Some(item.location_name.unwrap_or("member"))
        }
        _ => None,
    }
}

fn capitalised(name: &'static str) -> Cow<'static, str> {
    match name.as_bytes().first() {
        Some(first) if first.is_ascii_lowercase() => {
            Cow::Owned(format!("{}{}", char::from(first.to_ascii_uppercase()), name.get(1..).unwrap_or_default()))
        }
        _ => Cow::Borrowed(name),
    }
}
