//! The decoded model of one service.

use serde::{Deserialize, Serialize};

/// Index of a shape in [`Service::shapes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShapeId(pub u32);

/// How requests and answers are written on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Protocol {
    /// `query`: form-encoded requests, XML answers.
    Query,
    /// `ec2`: EC2's variant of query.
    Ec2,
    /// `json` 1.0 and 1.1, told apart by [`Service::json_version`].
    Json,
    /// `rest-json`.
    RestJson,
    /// `rest-xml`.
    RestXml,
    /// `smithy-rpc-v2-cbor`.
    RpcV2Cbor,
}

/// What the model says of one service. All strings live as long as the program.
#[derive(Debug)]
pub struct Service {
    /// botocore's name of the service, unique, e.g. `"stepfunctions"`; the name of Welkin's crates.
    pub id: &'static str,
    /// Service id, e.g. `"SFN"`.
    pub service_id: &'static str,
    /// Prefix of the end point's host name, e.g. `"states"`.
    pub endpoint_prefix: &'static str,
    /// Name in the credential scope of signatures, e.g. `"states"`.
    pub signing_name: &'static str,
    /// API version, e.g. `"2016-11-23"`.
    pub api_version: &'static str,
    /// `X-Amz-Target` prefix of the JSON protocols, and the service name in the path of rpc-v2-cbor.
    pub target_prefix: Option<&'static str>,
    /// `"1.0"` or `"1.1"` where the service speaks [`Protocol::Json`].
    pub json_version: Option<&'static str>,
    /// Protocols that the service accepts, preferred first.
    pub protocols: Vec<Protocol>,
    /// Namespace of XML answers.
    pub xml_namespace: Option<&'static str>,
    /// Whether errors carry the query protocol's codes in `x-amzn-query-error`.
    pub query_compatible: bool,
    /// Host of a service that has one end point for all Regions, e.g. `"iam.amazonaws.com"`.
    pub global_endpoint: Option<&'static str>,
    /// `signatureVersion` or first `auth`, e.g. `"v4"`, `"s3"`, `"bearer"`.
    pub signature_version: &'static str,
    /// Operations, sorted by name.
    pub operations: Vec<Operation>,
    /// Shapes, referred to by [`ShapeId`].
    pub shapes: Vec<Shape>,
}

/// One operation of a service.
#[derive(Debug)]
pub struct Operation {
    /// Name, e.g. `"SendMessage"`.
    pub name: &'static str,
    /// HTTP method, e.g. `"POST"`.
    pub method: &'static str,
    /// Request URI as the model writes it, e.g. `"/{Bucket}/{Key+}?list-type=2"`.
    pub uri: &'static str,
    /// HTTP status of success; 200 where the model says nothing.
    pub status: u16,
    /// Input structure.
    pub input: Option<ShapeId>,
    /// Root element of a rest-xml request body, with its namespace, where the model names one.
    pub input_element: Option<XmlName>,
    /// Output structure.
    pub output: Option<ShapeId>,
    /// `resultWrapper` of query answers.
    pub result_wrapper: Option<&'static str>,
    /// Error structures that the operation may answer with.
    pub errors: Vec<ShapeId>,
    /// Host prefix template, e.g. `"{AccountId}."`.
    pub host_prefix: Option<&'static str>,
    /// Whether requests need no signature (`authtype: none`, or `auth` is `smithy.api#noAuth`).
    pub unsigned: bool,
    /// Whether the payload is not signed (`authtype: v4-unsigned-body` or `unsignedPayload`).
    pub unsigned_payload: bool,
    /// Whether the model marks it read-only.
    pub readonly: bool,
    /// Whether the model marks it idempotent.
    pub idempotent: bool,
    /// Checksum rules.
    pub checksum: Option<HttpChecksum>,
    /// Pagination.
    pub pagination: Option<Pagination>,
}

/// `httpChecksum` and `httpChecksumRequired` of an operation.
#[derive(Clone, Debug, Default)]
pub struct HttpChecksum {
    /// Whether the request must carry a checksum.
    pub required: bool,
    /// Input member that names the algorithm.
    pub request_algorithm_member: Option<&'static str>,
    /// Input member that asks for response checksums (`ENABLED`).
    pub request_validation_mode_member: Option<&'static str>,
    /// Algorithms that a response may carry.
    pub response_algorithms: Vec<&'static str>,
}

/// Pagination of an operation. Members are JMESPath expressions as the model writes them.
#[derive(Clone, Debug, Default)]
pub struct Pagination {
    /// Input members that take the token.
    pub input_token: Vec<&'static str>,
    /// Output members that give the token.
    pub output_token: Vec<&'static str>,
    /// Input member that limits the page.
    pub limit_key: Option<&'static str>,
    /// Output lists that are paged.
    pub result_key: Vec<&'static str>,
    /// Output member that says whether there is more.
    pub more_results: Option<&'static str>,
}

/// Name of an XML element or attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlName {
    /// Local name.
    pub name: &'static str,
    /// Namespace URI.
    pub namespace: Option<&'static str>,
}

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
}

/// `xmlNamespace`: URI and, rarely, prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlNamespace {
    /// URI.
    pub uri: &'static str,
    /// Prefix, e.g. `"xsi"`.
    pub prefix: Option<&'static str>,
}

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
    /// `queryName` of the ec2 protocol.
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

/// What the model says of an error.
#[derive(Clone, Debug, Default)]
pub struct ErrorTrait {
    /// Code on the wire; the shape's name where the model gives none.
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
