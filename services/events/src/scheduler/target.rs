//! What a schedule calls: a queue, a topic, a bus; or any operation of a service that Welkin has.
//!
//! References: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html>,
//! <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html>

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use welkin_kernel::wire::value_from_json;
use welkin_kernel::{Access, Arn, Call, Place, Result, Value, model};

use super::PRINCIPAL;
use super::errors::{invalid, not_implemented};
use crate::rule::put::is_role;
use crate::target::{DeadLetterConfig, RetryPolicy, SqsParameters};

/// What a schedule calls, as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Target {
    pub(super) arn: String,
    pub(super) role_arn: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) dead_letter_config: Option<DeadLetterConfig>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retry_policy: Option<RetryPolicy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) input: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) event_bridge_parameters: Option<EventBridgeParameters>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sqs_parameters: Option<SqsParameters>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EventBridgeParameters {
    detail_type: String,
    source: String,
}

/// A target as it is given, with what only targets have that Welkin does not know.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GivenTarget {
    arn: String,
    role_arn: String,
    dead_letter_config: Option<DeadLetterConfig>,
    retry_policy: Option<RetryPolicy>,
    input: Option<String>,
    event_bridge_parameters: Option<EventBridgeParameters>,
    sqs_parameters: Option<SqsParameters>,
    ecs_parameters: Option<Other>,
    kinesis_parameters: Option<Other>,
    sage_maker_pipeline_parameters: Option<Other>,
}

/// Parameters of targets that do not exist yet.
#[derive(Clone, Debug, Deserialize)]
struct Other {}

impl GivenTarget {
    pub(super) fn role(&self) -> &str {
        &self.role_arn
    }

    /// # Errors
    /// `NotImplemented` for parameters of targets that Welkin does not know.
    pub(super) fn target(&self) -> Result<Target> {
        for (name, given) in [
            ("EcsParameters", &self.ecs_parameters),
            ("KinesisParameters", &self.kinesis_parameters),
            ("SageMakerPipelineParameters", &self.sage_maker_pipeline_parameters),
        ] {
            if given.is_some() {
                return Err(not_implemented(format_args!("{name} of targets")));
            }
        }
        Ok(Target {
            arn: self.arn.clone(),
            role_arn: self.role_arn.clone(),
            dead_letter_config: self.dead_letter_config.clone(),
            retry_policy: self.retry_policy.clone(),
            input: self.input.clone(),
            event_bridge_parameters: self.event_bridge_parameters.clone(),
            sqs_parameters: self.sqs_parameters.clone(),
        })
    }
}

/// Handing a role to Scheduler.
pub(super) fn pass_role(role: &str) -> Access {
    Access::to("iam:PassRole").on(role).key("iam:PassedToService", PRINCIPAL)
}

/// How a universal target's ARN begins.
const UNIVERSAL: &str = "arn:aws:scheduler:::aws-sdk:";

/// How operations begin that only read, which a schedule cannot call.
///
/// Source: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html#unsupported-api-actions>
const READS: [&str; 19] = [
    "get",
    "describe",
    "list",
    "poll",
    "receive",
    "search",
    "scan",
    "query",
    "select",
    "read",
    "lookup",
    "discover",
    "validate",
    "batchGet",
    "batchDescribe",
    "batchRead",
    "transactGet",
    "adminGet",
    "adminList",
];

/// An operation to call, where, with which input.
pub(super) struct Invocation {
    service: &'static str,
    operation: &'static str,
    input: Value,
    place: Place,
}

impl Invocation {
    pub(super) fn call(&self) -> Call {
        Call::to(self.service, self.operation).input(&self.input).at(self.place)
    }
}

impl Target {
    /// Holds it against the rules.
    ///
    /// # Errors
    /// `ValidationException`, and `NotImplemented` for targets that Welkin does not know yet.
    pub(super) fn check(&self, place: Place) -> Result<()> {
        if !is_role(&self.role_arn) {
            return Err(invalid(format_args!("Provided Arn {} is not the ARN of a role.", self.role_arn)));
        }
        // Words that the invocation's own values take the place of are within strings.
        self.invocation(place, self.input.as_deref())?;
        DeadLetterConfig::check(self.dead_letter_config.as_ref(), place)
    }

    /// What to call with an input.
    ///
    /// # Errors
    /// `ValidationException`, and `NotImplemented` for targets that Welkin does not know yet.
    pub(super) fn invocation(&self, here: Place, input: Option<&str>) -> Result<Invocation> {
        if let Some(named) = self.arn.strip_prefix(UNIVERSAL) {
            return universal(named, here, input);
        }
        let arn: Arn = self.arn.parse().map_err(|_| invalid("Provided Arn is not in correct format."))?;
        let place = arn.account().zip(arn.region()).map(|(account, region)| Place::new(account, region));
        let place = place.ok_or_else(|| invalid("Provided Arn is not in correct format."))?;
        let text = input.unwrap_or("{}");
        let (service, operation, input) = match (arn.service(), arn.resource()) {
            ("sqs", queue) => {
                let group = self.sqs_parameters.as_ref().and_then(|parameters| parameters.message_group_id.as_deref());
                if queue.ends_with(".fifo") && group.is_none() {
                    return Err(invalid("SqsParameters with a MessageGroupId are required for FIFO queues."));
                }
                let url = format!("https://sqs.{}.amazonaws.com/{}/{queue}", place.region, place.account);
                ("sqs", "SendMessage", json!({ "QueueUrl": url, "MessageBody": text, "MessageGroupId": group }))
            }
            ("sns", _) => ("sns", "Publish", json!({ "TopicArn": self.arn, "Message": text })),
            ("events", bus) if bus.starts_with("event-bus/") => {
                let parameters = self.event_bridge_parameters.as_ref();
                let given = parameters.ok_or_else(|| invalid("EventBridgeParameters are required for event buses."))?;
                let entry = json!({
                    "Source": given.source, "DetailType": given.detail_type, "Detail": text, "EventBusName": self.arn,
                });
                ("events", "PutEvents", json!({ "Entries": [entry] }))
            }
            _ => return Err(not_implemented(format_args!("targets like {}", self.arn))),
        };
        prepare(service, operation, &input, place)
    }
}

/// `sqs:sendMessage` with the input of the operation.
fn universal(named: &str, here: Place, input: Option<&str>) -> Result<Invocation> {
    let (service, action) = named.split_once(':').ok_or_else(|| invalid("Provided Arn is not in correct format."))?;
    if READS.iter().any(|read| action.starts_with(read)) {
        return Err(invalid(format_args!("{named} is not supported for universal targets.")));
    }
    let plain = |id: &str| id.to_ascii_lowercase().replace(' ', "");
    let entry = model::services().iter().find(|entry| plain(entry.service_id) == service);
    let entry = entry.ok_or_else(|| invalid(format_args!("{service} is not a service.")))?;
    let mut letters = action.chars();
    let name: String = letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
    let operation = entry.service().operation(&name);
    let operation = operation.ok_or_else(|| invalid(format_args!("{service} has no action {action}.")))?;
    let json: Json = serde_json::from_str(input.unwrap_or("{}")).map_err(|_| invalid("Input is not valid JSON."))?;
    prepare(entry.id, operation.name, &json, here)
}

/// An operation of the model with its input, which the model has accepted.
fn prepare(service: &str, operation: &str, input: &Json, place: Place) -> Result<Invocation> {
    let unknown = || invalid(format_args!("{service} {operation} cannot be called."));
    let service = model::service(service).ok_or_else(unknown)?;
    let operation = service.operation(operation).ok_or_else(unknown)?;
    let wrong = |why: String| invalid(format_args!("Input is not that of {}: {why}", operation.name));
    let input = match operation.input {
        Some(shape) => value_from_json(service, shape, input).map_err(|error| wrong(error.to_string()))?,
        None => Value::Map(welkin_kernel::Map::new()),
    };
    if let Some(shape) = operation.input
        && let Err(violations) = welkin_kernel::wire::validate(service, shape, &input)
    {
        return Err(wrong(format!("{violations:?}")));
    }
    Ok(Invocation { service: service.id, operation: operation.name, input, place })
}
