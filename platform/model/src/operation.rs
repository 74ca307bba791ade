//! Operations: bindings to HTTP, inputs, outputs, errors, pagination.

use crate::{ShapeId, XmlName};

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
    /// Whether clients may compress the request with gzip (`requestCompression`).
    pub gzip: bool,
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
