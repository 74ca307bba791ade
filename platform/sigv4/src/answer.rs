//! How each service answers a request that is not authentic.

mod general;
mod s3;
mod table;

use crate::ErrorKind;

/// How a request came in. Named as in AWS's models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// `query`.
    Query,
    /// `ec2`.
    Ec2,
    /// `json` 1.0 and 1.1.
    Json,
    /// `rest-json`.
    RestJson,
    /// `rest-xml`.
    RestXml,
    /// `smithy-rpc-v2-cbor`.
    RpcV2Cbor,
}

/// Services that answer alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// S3 and S3 Control.
    S3,
    /// EC2.
    Ec2,
    /// STS, IAM, Route 53, CloudFront and other services of the query and REST-XML protocols; SQS and CloudWatch
    /// whatever protocol they are called by, since their codes are those of their query protocol.
    Query,
    /// DynamoDB, KMS and other services of the JSON protocols, and of RPC v2 CBOR.
    Json,
    /// Lambda and other services of the REST-JSON protocol.
    RestJson,
}

impl Family {
    /// The family of a service, by botocore's name of it and the protocol of the request.
    pub fn of(service_id: &str, protocol: Protocol) -> Self {
        match (service_id, protocol) {
            ("s3" | "s3control", _) => Self::S3,
            ("sqs" | "cloudwatch", _) | (_, Protocol::Query | Protocol::RestXml) => Self::Query,
            (_, Protocol::Ec2) => Self::Ec2,
            (_, Protocol::Json | Protocol::RpcV2Cbor) => Self::Json,
            (_, Protocol::RestJson) => Self::RestJson,
        }
    }
}

/// An error as a service answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Error code, e.g. `"SignatureDoesNotMatch"`.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Message.
    pub message: String,
    /// Further members of the error, in order; S3 only.
    pub members: Vec<(&'static str, String)>,
}

/// The answer of a service, by botocore's name of it, to a request that is not authentic.
pub fn answer(kind: &ErrorKind, service_id: &str, protocol: Protocol) -> Answer {
    let family = Family::of(service_id, protocol);
    let (code, status) = table::code(kind, family);
    let (message, members) = match family {
        Family::S3 => s3::message(kind),
        Family::Ec2 | Family::Query | Family::Json | Family::RestJson => (general::message(kind, family), Vec::new()),
    };
    Answer { code, status, message, members }
}

#[cfg(test)]
mod tests;
