//! References to shapes: members of structures, items of lists, keys and values of maps.

use serde::{Deserialize, Serialize};

use crate::ShapeId;

/// A reference to a shape from a structure, list or map.
#[derive(Clone, Debug)]
pub struct Member {
    /// Name of a structure's member; empty in lists and maps.
    pub name: &'static str,
    /// The shape.
    pub shape: ShapeId,
    /// Whether a structure must have it.
    pub required: bool,
    /// Where it stands in an HTTP message.
    pub location: Location,
    /// Name on the wire where it differs from `name`.
    pub location_name: Option<&'static str>,
    /// Name in the ec2 protocol (`queryName`), or in the query protocol of a service that moved to JSON
    /// (SQS; see [`Service::in_protocol`](crate::Service::in_protocol)), where it differs from both
    /// `location_name` and `name`.
    pub query_name: Option<&'static str>,
    /// Whether a list or map is flattened at this reference.
    pub flattened: bool,
    /// Whether it is an XML attribute.
    pub xml_attribute: bool,
    /// Namespace of its element.
    pub xml_namespace: Option<XmlNamespace>,
    /// Whether a client fills it with a fresh token.
    pub idempotency_token: bool,
    /// Whether it fills the host prefix.
    pub host_label: bool,
    /// Whether a string holds JSON that clients encode for the caller (in a header: base64).
    pub json_value: bool,
    /// Whether it is the payload of an event.
    pub event_payload: bool,
    /// Whether it streams (at this reference).
    pub streaming: bool,
    /// Timestamp format at this reference.
    pub timestamp_format: Option<TimestampFormat>,
}

/// Where a member stands in an HTTP message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Location {
    /// In the body, with the others.
    #[default]
    Body,
    /// In the path (`uri`).
    Uri,
    /// In the query string.
    QueryString,
    /// In a header.
    Header,
    /// A map over headers that share a prefix (`headers`).
    Headers,
    /// The answer's status (`statusCode`).
    StatusCode,
    /// A header of an event (`eventheader`).
    EventHeader,
}

/// Formats of timestamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimestampFormat {
    /// RFC 3339 in UTC.
    Iso8601,
    /// RFC 7231 date.
    Rfc822,
    /// Seconds since 1970.
    UnixTimestamp,
}

/// `xmlNamespace`: URI and, rarely, prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlNamespace {
    /// URI.
    pub uri: &'static str,
    /// Prefix, e.g. `"xsi"`.
    pub prefix: Option<&'static str>,
}

/// Name of an XML element or attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlName {
    /// Local name.
    pub name: &'static str,
    /// Namespace URI.
    pub namespace: Option<&'static str>,
}
