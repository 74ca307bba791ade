//! Shapes: what values look like and what is permitted.

use serde::{Deserialize, Serialize};

use crate::{Member, TimestampFormat, XmlNamespace};

/// Index of a shape in [`Service::shapes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShapeId(pub u32);

/// A shape: its kind, its constraints and its traits.
#[derive(Debug)]
pub struct Shape {
    /// Name in the model.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Least length or value.
    pub min: Option<f64>,
    /// Greatest length or value.
    pub max: Option<f64>,
    /// Regular expression of a string, as the model writes it (Java's dialect).
    pub pattern: Option<&'static str>,
    /// Whether the value must not be logged.
    pub sensitive: bool,
    /// Whether values may be null (`box`).
    pub boxed: bool,
    /// What makes a structure an error.
    pub error: Option<ErrorTrait>,
}

/// Kinds of shapes.
#[derive(Debug)]
pub enum Kind {
    /// Ordered, named members.
    Structure(Structure),
    /// A list.
    List {
        /// Items; name, namespace and location name are in the reference.
        member: Member,
        /// Whether items are written without a wrapper.
        flattened: bool,
        /// Whether items may be null.
        sparse: bool,
    },
    /// A map with string keys.
    Map {
        /// Keys.
        key: Member,
        /// Values.
        value: Member,
        /// Whether entries are written without a wrapper.
        flattened: bool,
        /// Whether values may be null.
        sparse: bool,
    },
    /// A string, with its permitted values if it is an enumeration.
    String {
        /// Permitted values; empty if any.
        values: Vec<&'static str>,
    },
    /// 32-bit integer.
    Integer,
    /// 64-bit integer.
    Long,
    /// 32-bit float.
    Float,
    /// 64-bit float.
    Double,
    /// Boolean.
    Boolean,
    /// Bytes.
    Blob {
        /// Whether the body streams.
        streaming: bool,
        /// Whether its length must be known.
        requires_length: bool,
    },
    /// A point in time.
    Timestamp {
        /// Format on the wire where the shape overrides the protocol's.
        format: Option<TimestampFormat>,
    },
}

/// Members and traits of a structure.
#[derive(Debug, Default)]
pub struct Structure {
    /// Members in the model's order (`xmlOrder` where given).
    pub members: Vec<Member>,
    /// Whether exactly one member is set.
    pub union: bool,
    /// Whether the structure is a free document (any JSON value).
    pub document: bool,
    /// Name of the member that is the HTTP body.
    pub payload: Option<&'static str>,
    /// Whether it is a union of events that stream.
    pub event_stream: bool,
    /// Whether it is an event of a stream.
    pub event: bool,
    /// `wrapper` of query answers.
    pub wrapper: bool,
    /// Element name where the shape has a `locationName` of its own.
    pub location_name: Option<&'static str>,
    /// Namespace of the element.
    pub xml_namespace: Option<XmlNamespace>,
    /// Places in `members`, sorted by name; empty for a structure that is small enough to look through.
    pub by_name: Vec<u16>,
}

/// Structures with more members than this are searched through [`Structure::by_name`].
pub(crate) const SMALL: usize = 8;

impl Structure {
    /// The member of that name (its name in the model, not on the wire).
    pub fn member(&self, name: &str) -> Option<&Member> {
        if self.by_name.is_empty() {
            return self.members.iter().find(|member| member.name == name);
        }
        let named = |place: &u16| self.members.get(usize::from(*place)).map_or("", |member| member.name);
        let at = self.by_name.binary_search_by(|place| named(place).cmp(name)).ok()?;
        self.members.get(usize::from(*self.by_name.get(at)?))
    }
}

impl Shape {
    /// The structure's members and traits, if it is one.
    pub fn structure(&self) -> Option<&Structure> {
        match &self.kind {
            Kind::Structure(structure) => Some(structure),
            _ => None,
        }
    }

    /// What it refers to: members, items, keys and values.
    pub(crate) fn members_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        let (members, item, value) = match &mut self.kind {
            Kind::Structure(structure) => (&mut structure.members[..], None, None),
            Kind::List { member, .. } => (&mut [][..], Some(member), None),
            Kind::Map { key, value, .. } => (&mut [][..], Some(key), Some(value)),
            _ => (&mut [][..], None, None),
        };
        members.iter_mut().chain(item).chain(value)
    }

    /// The error's code on the wire: the model's, else the shape's name.
    pub fn error_code(&self) -> &'static str {
        self.error.as_ref().and_then(|error| error.code).unwrap_or(self.name)
    }

    /// The error's HTTP status: the model's, else 500 where the service is at fault and 400 where
    /// the caller is or the model does not say.
    pub fn error_status(&self) -> u16 {
        match &self.error {
            Some(ErrorTrait { status: Some(status), .. }) => *status,
            Some(error) if error.fault || error.sender_fault == Some(false) => 500,
            _ => 400,
        }
    }
}

/// What the model says of an error.
#[derive(Clone, Debug, Default)]
pub struct ErrorTrait {
    /// Code on the wire; the shape's name where the model gives none. In a service that is
    /// `query_compatible` (SQS, CloudWatch) it is the query protocol's code: JSON and CBOR say the
    /// shape's name and carry this code in `x-amzn-query-error`.
    pub code: Option<&'static str>,
    /// HTTP status; 400 or 500 by `sender_fault` where the model gives none.
    pub status: Option<u16>,
    /// Whether the caller is at fault, where the model says.
    pub sender_fault: Option<bool>,
    /// Whether the service is at fault (`fault: true`).
    pub fault: bool,
    /// Whether a retry may help.
    pub retryable: bool,
}
