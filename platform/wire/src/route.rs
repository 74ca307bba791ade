//! What a request is for.

use welkin_model::{Kind, Location, Member, Operation, Protocol, Service, Shape, ShapeId, Structure};

/// Service, operation, protocol and path of a request, as the router found them.
#[derive(Clone, Debug)]
pub struct Route {
    /// The service.
    pub service: &'static Service,
    /// The operation.
    pub operation: &'static Operation,
    /// The protocol that the client speaks.
    pub protocol: Protocol,
    /// Path that labels are read from: raw (still percent-encoded), without the query string, and in
    /// path style for S3 (`/bucket/key`), whatever the request's host was.
    pub path: String,
}

impl Route {
    /// The service with the names that its members have in this protocol.
    pub(crate) fn model(&self) -> &'static Service {
        match self.protocol {
            Protocol::Query => self.service.in_protocol(Protocol::Query),
            _ => self.service,
        }
    }

    /// Members of the input.
    pub(crate) fn input(&self) -> Option<(&'static Shape, &'static Structure)> {
        structure(self.model(), self.operation.input?)
    }

    /// Members of the output.
    pub(crate) fn output(&self) -> Option<(&'static Shape, &'static Structure)> {
        structure(self.model(), self.operation.output?)
    }

    /// Whether the HTTP bindings of the model hold.
    pub(crate) fn is_rest(&self) -> bool {
        is_rest(self.protocol)
    }
}

pub(crate) fn is_rest(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::RestJson | Protocol::RestXml)
}

pub(crate) fn structure(service: &'static Service, id: ShapeId) -> Option<(&'static Shape, &'static Structure)> {
    let shape = service.shape(id);
    match &shape.kind {
        Kind::Structure(structure) => Some((shape, structure)),
        _ => None,
    }
}

/// The payload member of a structure.
pub(crate) fn payload(structure: &'static Structure) -> Option<&'static Member> {
    structure.payload.and_then(|name| structure.members.iter().find(|m| m.name == name))
}

/// The member that is a stream of events.
pub(crate) fn event_stream(service: &'static Service, structure: &'static Structure) -> Option<&'static Member> {
    structure.members.iter().find(|m| match &service.shape(m.shape).kind {
        Kind::Structure(s) => s.event_stream,
        _ => false,
    })
}

/// The member of `structure` whose bytes or events are a body that streams.
pub(crate) fn stream_member(route: &Route, structure: &'static Structure) -> Option<&'static Member> {
    if let Some(member) = event_stream(route.model(), structure) {
        return Some(member);
    }
    let member = payload(structure).filter(|_| route.is_rest())?;
    match route.model().shape(member.shape).kind {
        Kind::Blob { streaming, .. } if streaming || member.streaming => Some(member),
        _ => None,
    }
}

/// Whether the input has a member that takes the body unread (bytes that stream, or events). Such a
/// body must not be collected before [`crate::parse_request`].
pub fn streams(route: &Route) -> bool {
    route.input().is_some_and(|(_, input)| stream_member(route, input).is_some())
}

/// Name of a member on the wire.
pub(crate) fn wire_name(member: &Member) -> &'static str {
    member.location_name.unwrap_or(member.name)
}

/// Whether a member of the top structure stands in the body.
pub(crate) fn in_body(member: &Member) -> bool {
    matches!(member.location, Location::Body | Location::EventHeader)
}

/// Whether a member of the top structure stands in the body of an answer, which has no path and no query.
pub(crate) fn in_answer_body(member: &Member) -> bool {
    !matches!(member.location, Location::Header | Location::Headers | Location::StatusCode)
}

/// Finds members by wire name; clients mostly send them in the model's order, so the search starts
/// after the last hit.
pub(crate) struct Finder {
    members: &'static [Member],
    next: usize,
}

impl Finder {
    pub(crate) fn new(structure: &'static Structure) -> Self {
        Self { members: &structure.members, next: 0 }
    }

    pub(crate) fn find(&mut self, matches: impl Fn(&Member) -> bool) -> Option<&'static Member> {
        let (before, after) = self.members.split_at(self.next.min(self.members.len()));
        let at = match after.iter().position(&matches) {
            Some(at) => before.len() + at,
            None => before.iter().position(&matches)?,
        };
        self.next = at + 1;
        self.members.get(at)
    }
}
