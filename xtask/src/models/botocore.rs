//! botocore's model files, typed. A key that is not named here fails the run: no fact of a newer
//! release is lost unnoticed. Keys that are known and not carried are of type [`Ignored`].

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

/// A key that is read over.
type Ignored = Option<IgnoredAny>;

/// An object whose keys keep their order.
pub(crate) struct Ordered<T>(pub(crate) Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Ordered(Vec::new())
    }
}

impl<T> Ordered<T> {
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.0.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Ordered<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Model {
    pub(crate) metadata: Metadata,
    pub(crate) operations: Ordered<Operation>,
    pub(crate) shapes: Ordered<Shape>,
    #[serde(rename = "documentation")]
    _documentation: Ignored,
    #[serde(rename = "version")]
    _version: Ignored,
    #[serde(rename = "clientContextParams")]
    _client_context_params: Ignored,
    #[serde(rename = "deprecated")]
    _deprecated: Ignored,
    #[serde(rename = "deprecatedMessage")]
    _deprecated_message: Ignored,
    #[serde(rename = "examples")]
    _examples: Ignored,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) api_version: String,
    pub(crate) endpoint_prefix: String,
    pub(crate) protocol: String,
    pub(crate) service_id: String,
    pub(crate) signature_version: String,
    pub(crate) protocols: Option<Vec<String>>,
    pub(crate) signing_name: Option<String>,
    pub(crate) json_version: Option<String>,
    pub(crate) target_prefix: Option<String>,
    pub(crate) xml_namespace: Option<String>,
    pub(crate) global_endpoint: Option<String>,
    pub(crate) aws_query_compatible: Option<IgnoredAny>,
    #[serde(rename = "auth")]
    _auth: Ignored,
    #[serde(rename = "serviceFullName")]
    _service_full_name: Ignored,
    #[serde(rename = "serviceAbbreviation")]
    _service_abbreviation: Ignored,
    #[serde(rename = "uid")]
    _uid: Ignored,
    #[serde(rename = "protocolSettings")]
    _protocol_settings: Ignored,
    #[serde(rename = "checksumFormat")]
    _checksum_format: Ignored,
    #[serde(rename = "ripServiceName")]
    _rip_service_name: Ignored,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Operation {
    pub(crate) http: Http,
    pub(crate) input: Option<Input>,
    pub(crate) output: Option<Output>,
    #[serde(default)]
    pub(crate) errors: Vec<ErrorReference>,
    #[serde(default)]
    pub(crate) idempotent: bool,
    #[serde(default)]
    pub(crate) readonly: bool,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) authtype: Option<String>,
    #[serde(default)]
    pub(crate) auth: Vec<String>,
    #[serde(default)]
    pub(crate) http_checksum_required: bool,
    pub(crate) http_checksum: Option<HttpChecksum>,
    #[serde(default)]
    pub(crate) unsigned_payload: bool,
    pub(crate) requestcompression: Option<RequestCompression>,
    #[serde(rename = "name")]
    _name: Ignored,
    #[serde(rename = "documentation")]
    _documentation: Ignored,
    #[serde(rename = "staticContextParams")]
    _static_context_params: Ignored,
    #[serde(rename = "operationContextParams")]
    _operation_context_params: Ignored,
    #[serde(rename = "deprecated")]
    _deprecated: Ignored,
    #[serde(rename = "deprecatedMessage")]
    _deprecated_message: Ignored,
    #[serde(rename = "deprecatedSince")]
    _deprecated_since: Ignored,
    #[serde(rename = "endpointdiscovery")]
    _endpoint_discovery: Ignored,
    #[serde(rename = "endpointoperation")]
    _endpoint_operation: Ignored,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    pub(crate) response_code: Option<u16>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Input {
    pub(crate) shape: String,
    pub(crate) location_name: Option<String>,
    pub(crate) xml_namespace: Option<Namespace>,
    #[serde(rename = "documentation")]
    _documentation: Ignored,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Output {
    pub(crate) shape: String,
    pub(crate) result_wrapper: Option<String>,
    #[serde(rename = "documentation")]
    _documentation: Ignored,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ErrorReference {
    pub(crate) shape: String,
    pub(crate) error: Option<Error>,
    #[serde(rename = "exception")]
    _exception: Ignored,
    #[serde(rename = "documentation")]
    _documentation: Ignored,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Endpoint {
    pub(crate) host_prefix: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct RequestCompression {
    pub(crate) encodings: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct HttpChecksum {
    pub(crate) request_algorithm_member: Option<String>,
    #[serde(default)]
    pub(crate) request_checksum_required: bool,
    pub(crate) request_validation_mode_member: Option<String>,
    #[serde(default)]
    pub(crate) response_algorithms: Vec<String>,
}

/// `{"uri": …, "prefix": …}`, or the URI alone.
#[derive(Clone, serde::Deserialize)]
#[serde(untagged)]
pub(crate) enum Namespace {
    Uri(String),
    #[serde(rename_all = "camelCase")]
    Full {
        uri: String,
        prefix: Option<String>,
    },
}

impl Namespace {
    pub(crate) fn uri(&self) -> &str {
        match self {
            Namespace::Uri(uri) | Namespace::Full { uri, .. } => uri,
        }
    }

    pub(crate) fn prefix(&self) -> Option<&str> {
        match self {
            Namespace::Uri(_) => None,
            Namespace::Full { prefix, .. } => prefix.as_deref(),
        }
    }
}

#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Error {
    pub(crate) code: Option<String>,
    pub(crate) http_status_code: Option<u16>,
    pub(crate) sender_fault: Option<bool>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) members: Ordered<Member>,
    pub(crate) member: Option<Member>,
    pub(crate) key: Option<Member>,
    pub(crate) value: Option<Member>,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    #[serde(default)]
    pub(crate) exception: bool,
    pub(crate) error: Option<Error>,
    #[serde(default)]
    pub(crate) fault: bool,
    pub(crate) retryable: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) union: bool,
    pub(crate) payload: Option<String>,
    #[serde(default)]
    pub(crate) sensitive: bool,
    #[serde(default)]
    pub(crate) wrapper: bool,
    #[serde(default)]
    pub(crate) event: bool,
    #[serde(default)]
    pub(crate) eventstream: bool,
    #[serde(default)]
    pub(crate) document: bool,
    pub(crate) location_name: Option<String>,
    #[serde(default)]
    pub(crate) xml_order: Vec<String>,
    #[serde(rename = "box", default)]
    pub(crate) boxed: bool,
    pub(crate) xml_namespace: Option<Namespace>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) pattern: Option<String>,
    #[serde(rename = "enum", default)]
    pub(crate) values: Vec<String>,
    #[serde(default)]
    pub(crate) flattened: bool,
    #[serde(default)]
    pub(crate) sparse: bool,
    pub(crate) timestamp_format: Option<String>,
    #[serde(default)]
    pub(crate) streaming: bool,
    #[serde(default)]
    pub(crate) requires_length: bool,
    #[serde(rename = "synthetic")]
    _synthetic: Ignored,
    #[serde(rename = "documentation")]
    _documentation: Ignored,
    #[serde(rename = "deprecated")]
    _deprecated: Ignored,
    #[serde(rename = "deprecatedMessage")]
    _deprecated_message: Ignored,
    #[serde(rename = "deprecatedSince")]
    _deprecated_since: Ignored,
}

impl Shape {
    /// The reference of that name: `member`, `key` and `value` in lists and maps.
    pub(crate) fn reference_mut(&mut self, name: &str) -> Option<&mut Member> {
        match self.kind.as_str() {
            "structure" => self.members.get_mut(name),
            "list" => self.member.as_mut().filter(|_| name == "member"),
            "map" if name == "key" => self.key.as_mut(),
            "map" if name == "value" => self.value.as_mut(),
            _ => None,
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Member {
    pub(crate) shape: String,
    pub(crate) location: Option<String>,
    pub(crate) location_name: Option<String>,
    pub(crate) query_name: Option<String>,
    #[serde(default)]
    pub(crate) flattened: bool,
    #[serde(default)]
    pub(crate) xml_attribute: bool,
    pub(crate) xml_namespace: Option<Namespace>,
    #[serde(default)]
    pub(crate) idempotency_token: bool,
    #[serde(default)]
    pub(crate) host_label: bool,
    #[serde(default)]
    pub(crate) jsonvalue: bool,
    #[serde(default)]
    pub(crate) eventpayload: bool,
    #[serde(default)]
    pub(crate) streaming: bool,
    pub(crate) timestamp_format: Option<String>,
    /// Permitted values at this reference (two members of API Gateway v2): the shape of the reference
    /// is any string, and the service says itself what it takes.
    #[serde(rename = "enum")]
    _values: Ignored,
    #[serde(rename = "box")]
    _boxed: Ignored,
    #[serde(rename = "contextParam")]
    _context_param: Ignored,
    #[serde(rename = "documentation")]
    _documentation: Ignored,
    #[serde(rename = "deprecated")]
    _deprecated: Ignored,
    #[serde(rename = "deprecatedMessage")]
    _deprecated_message: Ignored,
    #[serde(rename = "deprecatedSince")]
    _deprecated_since: Ignored,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paginators {
    pub(crate) pagination: std::collections::BTreeMap<String, Paginator>,
    #[serde(rename = "version")]
    _version: Ignored,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paginator {
    #[serde(default)]
    pub(crate) input_token: Expressions,
    #[serde(default)]
    pub(crate) output_token: Expressions,
    pub(crate) limit_key: Option<String>,
    #[serde(default)]
    pub(crate) result_key: Expressions,
    pub(crate) more_results: Option<String>,
    #[serde(rename = "non_aggregate_keys")]
    _non_aggregate_keys: Ignored,
}

/// One JMESPath expression or several.
#[derive(serde::Deserialize)]
#[serde(untagged)]
pub(crate) enum Expressions {
    One(String),
    Many(Vec<String>),
}

impl Default for Expressions {
    fn default() -> Self {
        Expressions::Many(Vec::new())
    }
}

impl Expressions {
    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Expressions::One(one) => std::slice::from_ref(one),
            Expressions::Many(many) => many,
        }
    }
}
