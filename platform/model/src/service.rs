//! The decoded model of one service, and how its operations and shapes are found.

use serde::{Deserialize, Serialize};

use crate::{Operation, Shape, ShapeId};

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
    /// Shapes, sorted by name and referred to by [`ShapeId`].
    pub shapes: Vec<Shape>,
    /// The shapes that are errors, sorted by [`Shape::error_code`].
    pub errors: Vec<ShapeId>,
}

impl Service {
    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        let at = self.operations.binary_search_by(|operation| operation.name.cmp(name)).ok()?;
        self.operations.get(at)
    }

    /// The shape that an operation, a member or another shape of this service refers to.
    ///
    /// # Panics
    ///
    /// If the id was taken from another service and is out of range here.
    pub fn shape(&self, id: ShapeId) -> &Shape {
        // INVARIANT: ids come from this service's own references, which decoding has checked.
        &self.shapes[id.0 as usize]
    }

    /// The shape of that name.
    pub fn shape_named(&self, name: &str) -> Option<&Shape> {
        let at = self.shapes.binary_search_by(|shape| shape.name.cmp(name)).ok()?;
        self.shapes.get(at)
    }

    /// The error with that code on the wire or, if none has it, with that name of its shape.
    pub fn error(&self, code_or_name: &str) -> Option<&Shape> {
        let named = self.shape_named(code_or_name).filter(|shape| shape.error.is_some());
        // Several shapes may share a code: the one that bears it as its name comes first.
        if named.is_some_and(|shape| shape.error_code() == code_or_name) {
            return named;
        }
        let by_code = self.errors.binary_search_by(|id| self.shape(*id).error_code().cmp(code_or_name));
        by_code.ok().and_then(|at| self.errors.get(at)).map(|id| self.shape(*id)).or(named)
    }

    /// Every member's name on the wire replaced by its name in the query protocol, where it has one.
    pub(crate) fn with_query_names(mut self) -> Service {
        for member in self.shapes.iter_mut().flat_map(Shape::members_mut) {
            member.location_name = member.query_name.or(member.location_name);
        }
        self
    }

    /// Whether the service accepts that protocol.
    pub fn speaks(&self, protocol: Protocol) -> bool {
        self.protocols.contains(&protocol)
    }
}
