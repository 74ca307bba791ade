//! Why a request could not be read, as the service would say it.

use std::fmt;

use welkin_model::{Protocol, Service};

use crate::{ErrorAnswer, Fault, Map};

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParseErrorKind {
    /// The body is not well-formed JSON, XML, CBOR or form data.
    Malformed,
    /// A value has another type than the model says.
    Type,
    /// Text is no number, or the number is out of range.
    Number,
    /// Text is no timestamp of the expected format.
    Timestamp,
    /// Text is no base64.
    Blob,
    /// A union has no known member, or several.
    Union,
    /// Nested deeper than [`crate::MAX_DEPTH`].
    TooDeep,
    /// More parameters than [`crate::MAX_PARAMETERS`].
    TooLarge,
    /// The path does not fit the operation's.
    Path,
    /// The body streams but the operation reads it whole.
    Unread,
}

/// Why a request could not be read.
#[derive(Clone, Debug, PartialEq)]
pub struct ParseError {
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// Code for the client, e.g. `SerializationException`.
    pub code: &'static str,
    /// Message for the client.
    pub message: String,
    /// HTTP status.
    pub status: u16,
    /// Extra members of the answer (S3's `ArgumentName` and `ArgumentValue`).
    pub members: Map,
}

impl ParseError {
    /// The answer that tells the client.
    pub fn into_answer(self) -> ErrorAnswer {
        ErrorAnswer {
            code: self.code.into(),
            message: self.message,
            status: Some(self.status),
            members: self.members,
            fault: Fault::Sender,
            ..ErrorAnswer::default()
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for ParseError {}

/// What a reader found wrong, before it is known which service answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fail {
    pub(crate) kind: ParseErrorKind,
    pub(crate) message: String,
    /// Name and text of the parameter at fault, where there is one.
    pub(crate) parameter: Option<(String, String)>,
}

impl Fail {
    pub(crate) fn new(kind: ParseErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), parameter: None }
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(ParseErrorKind::Malformed, message)
    }

    pub(crate) fn too_deep() -> Self {
        Self::new(ParseErrorKind::TooDeep, format!("The body nests deeper than {} levels.", crate::MAX_DEPTH))
    }

    /// A fault of a named parameter.
    pub(crate) fn of(mut self, name: &str, text: &str) -> Self {
        const SHOWN: usize = 200;
        let text = text.chars().take(SHOWN).collect();
        self.parameter.get_or_insert((name.to_owned(), text));
        self
    }

    /// The error as `service` answers it over `protocol`.
    pub(crate) fn into_error(self, service: &Service, protocol: Protocol) -> ParseError {
        let (code, message) = wording(service, protocol, &self);
        let mut members = Map::new();
        if let (true, Some((name, text))) = (service.id == "s3" && code == "InvalidArgument", self.parameter) {
            members.push("ArgumentName", name);
            members.push("ArgumentValue", text);
        }
        ParseError { kind: self.kind, code, message, status: 400, members }
    }
}

/// Code and message per protocol and service family.
fn wording(service: &Service, protocol: Protocol, fail: &Fail) -> (&'static str, String) {
    use ParseErrorKind as K;
    let parameter = fail.parameter.as_ref();
    match (protocol, fail.kind) {
        (Protocol::RestXml, K::Malformed | K::TooDeep | K::Union) if service.id == "s3" => (
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema".to_owned(),
        ),
        (Protocol::RestXml, _) if service.id == "s3" && parameter.is_none() => (
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema".to_owned(),
        ),
        (Protocol::RestXml, _) if service.id == "s3" => ("InvalidArgument", fail.message.clone()),
        // CloudFront answers MalformedInput; UNVERIFIED: that Route 53 does for every kind of fault.
        (Protocol::RestXml, _) => ("MalformedInput", fail.message.clone()),
        (Protocol::Query | Protocol::Ec2, K::Malformed | K::TooLarge | K::TooDeep) => {
            ("MalformedQueryString", fail.message.clone())
        }
        (Protocol::Ec2, _) => ("InvalidParameterValue", invalid_value(parameter, &fail.message)),
        // ELB and CloudWatch answer MalformedInput; UNVERIFIED: which others name the parameter, as SQS and RDS do.
        (Protocol::Query, _) => match service.id {
            "sns" => ("InvalidParameter", fail.message.clone()),
            "sqs" | "rds" | "elasticache" | "redshift" | "elasticbeanstalk" => {
                ("InvalidParameterValue", invalid_value(parameter, &fail.message))
            }
            _ => ("MalformedInput", fail.message.clone()),
        },
        // https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
        (Protocol::RestJson, _) if service.id == "lambda" => {
            ("InvalidRequestContentException", format!("Could not parse request body into json: {}", fail.message))
        }
        (Protocol::RestJson, _) if matches!(service.id, "apigateway" | "apigatewayv2" | "greengrass" | "mq") => {
            ("BadRequestException", fail.message.clone())
        }
        _ => ("SerializationException", fail.message.clone()),
    }
}

fn invalid_value(parameter: Option<&(String, String)>, message: &str) -> String {
    match parameter {
        Some((name, text)) => format!("Value ({text}) for parameter {name} is invalid. {message}"),
        None => message.to_owned(),
    }
}
