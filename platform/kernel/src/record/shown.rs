//! Inputs and outputs as the record shows them: `requestParameters` and `responseElements`.

use serde_json::Value as Json;
use welkin_model::{Kind, Operation, Service, ShapeId};
use welkin_wire::Value;

use super::http;

/// Longest `requestParameters` and `responseElements`, in bytes of JSON.
///
/// Source: CloudTrail truncates at 100 KB: record contents reference, `requestParameters`.
const LONGEST: usize = 100 * 1024;

/// What an input was, without bytes and secrets; `None` if it is empty. `host` is the request's `Host` header.
pub(crate) fn parameters(
    service: &'static Service,
    operation: &'static Operation,
    host: Option<&str>,
    input: &Value,
) -> Option<String> {
    let Value::Map(map) = input else { return None };
    let shown = match service.id {
        "s3" => http::parameters(service, operation, host, map),
        _ => json(service, operation.input?, input)?,
    };
    text(shown)
}

/// What an output is, without bytes and secrets; `None` if it is empty.
pub(crate) fn elements(service: &'static Service, operation: &'static Operation, output: &Value) -> Option<String> {
    let Value::Map(map) = output else { return None };
    let shown = match service.id {
        "s3" => http::elements(service, operation, map),
        _ => json(service, operation.output?, output)?,
    };
    text(shown)
}

fn text(json: Json) -> Option<String> {
    if json.as_object().is_some_and(serde_json::Map::is_empty) {
        return None;
    }
    let text = json.to_string();
    if text.len() > LONGEST {
        let omitted = serde_json::json!({ "omitted": true, "originalSize": text.len(), "reason": "input too large" });
        return Some(omitted.to_string());
    }
    Some(text)
}

/// What stands for a member that the model marks sensitive; `None` leaves it out.
///
/// Sources: the entries of <https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html>, where
/// secret keys, passwords and tokens of identity providers are absent; those of
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_security_incident-response.html>, where names and
/// addresses are asterisks.
// UNVERIFIED: that it is this text for every other service; entries of Amazon Cognito and of the console's sign-in show it.
fn in_place_of_a_secret(service: &Service) -> Option<&'static str> {
    match service.id {
        "iam" | "sts" => None,
        "organizations" => Some("****"),
        _ => Some(HIDDEN),
    }
}

/// What stands for what is hidden.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// Members that are hidden although the model does not mark them.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-logging-using-cloudtrail.html>
fn is_hidden(service: &Service, member: &str) -> bool {
    service.id == "sqs" && matches!(member, "MessageBody" | "MessageAttributes" | "MessageSystemAttributes")
}

/// A value of a shape; `None` for what is not shown.
pub(super) fn json(service: &'static Service, id: ShapeId, value: &Value) -> Option<Json> {
    let shape = service.shape(id);
    if matches!(value, Value::Null | Value::Blob(_) | Value::Stream(_)) {
        return None;
    }
    if shape.sensitive {
        return in_place_of_a_secret(service).map(Json::from);
    }
    Some(match (value, &shape.kind) {
        (Value::Map(map), Kind::Structure(structure)) => map
            .iter()
            .filter_map(|(name, value)| {
                let member = structure.member(name)?;
                let shown = if is_hidden(service, name) { HIDDEN.into() } else { json(service, member.shape, value)? };
                Some((lower_camel(name), shown))
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        (Value::Map(map), Kind::Map { value: item, .. }) => map
            .iter()
            .filter_map(|(name, value)| Some((name.to_owned(), json(service, item.shape, value)?)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        (Value::List(list), Kind::List { member, .. }) => {
            list.iter().filter_map(|value| json(service, member.shape, value)).collect()
        }
        (Value::Timestamp(time), _) => {
            let at = jiff::Timestamp::from_microsecond(time.micros()).ok()?;
            at.strftime("%b %-d, %Y, %-I:%M:%S %p").to_string().into()
        }
        (other, _) => plain(other)?,
    })
}

/// A value without a shape: a document or a scalar.
fn plain(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Null | Value::Blob(_) | Value::Stream(_) => return None,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Decimal(value) => value.as_ref().into(),
        Value::String(value) => value.as_str().into(),
        Value::Timestamp(value) => value.micros().into(),
        Value::List(list) => list.iter().filter_map(plain).collect(),
        Value::Map(map) => {
            map.iter().filter_map(|(n, v)| Some((n.to_owned(), plain(v)?))).collect::<serde_json::Map<_, _>>().into()
        }
        Value::Document(value) => plain(value)?,
    })
}

/// `KeyId` → `keyId`, `SSEAlgorithm` → `sSEAlgorithm`, as CloudTrail writes them.
pub(super) fn lower_camel(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
