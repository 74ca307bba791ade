//! Targets of rules.

pub(crate) mod kind;
pub(crate) mod list;
pub(crate) mod put;
pub(crate) mod remove;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Place, Result};

use crate::errors::{invalid, invalid_parameter};
use crate::rule::put::is_role;
use crate::transform::{self, InputTransformer};
use kind::Kind;

/// Where events of a rule go, and in which form: as the API has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Target {
    pub(crate) id: String,
    pub(crate) arn: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) role_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) input_path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) input_transformer: Option<InputTransformer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sqs_parameters: Option<SqsParameters>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kinesis_parameters: Option<KinesisParameters>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) http_parameters: Option<HttpParameters>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dead_letter_config: Option<DeadLetterConfig>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retry_policy: Option<RetryPolicy>,
}

/// What queues need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SqsParameters {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message_group_id: Option<String>,
}

/// What streams need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KinesisParameters {
    /// Where in an event its partition key is.
    pub(crate) partition_key_path: String,
}

/// What HTTP endpoints are told beside the body.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HttpParameters {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) path_parameter_values: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) header_parameters: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) query_string_parameters: BTreeMap<String, String>,
}

/// The queue for what could not be delivered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeadLetterConfig {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) arn: Option<String>,
}

/// How long, and how often, delivery is tried again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RetryPolicy {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maximum_retry_attempts: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maximum_event_age_in_seconds: Option<u32>,
}

impl DeadLetterConfig {
    /// Holds a dead-letter queue against the rules: a standard queue of the same Region.
    ///
    /// # Errors
    /// `ValidationException`
    pub(crate) fn check(config: Option<&Self>, here: Place) -> Result<()> {
        let Some(text) = config.and_then(|config| config.arn.as_deref()) else { return Ok(()) };
        let malformed = || invalid_parameter("DeadLetterConfig.Arn", "Provided Arn is not in correct format.");
        let arn: Arn = text.parse().map_err(|_| malformed())?;
        if arn.service() != "sqs" || arn.account().is_none() {
            return Err(malformed());
        }
        // UNVERIFIED: both wordings. Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>
        if arn.resource().ends_with(".fifo") {
            return Err(invalid_parameter(
                "DeadLetterConfig.Arn",
                "FIFO queues are not supported as dead-letter queues.",
            ));
        }
        match arn.region() == Some(here.region) {
            true => Ok(()),
            false => Err(invalid_parameter(
                "DeadLetterConfig.Arn",
                "The dead-letter queue must be in the Region of the rule.",
            )),
        }
    }
}

impl Target {
    /// Holds a target of a rule against the rules.
    ///
    /// # Errors
    /// `ValidationException`, and `NotImplemented` for targets that Welkin does not know yet.
    pub(crate) fn check(&self, here: Place) -> Result<()> {
        let kind = Kind::of(&self.arn)?;
        let inputs = [self.input.is_some(), self.input_path.is_some(), self.input_transformer.is_some()];
        if inputs.iter().filter(|given| **given).count() > 1 {
            return Err(invalid(format_args!(
                "Only one of Input, InputPath, or InputTransformer must be provided for target {}.",
                self.id
            )));
        }
        if let Some(role) = &self.role_arn
            && !is_role(role)
        {
            return Err(invalid_parameter("RoleArn", "Provided Arn is not in correct format."));
        }
        if self.role_arn.is_none() && kind.needs_role(&self.arn, here) {
            return Err(invalid(format_args!("RoleArn is required for target {}.", self.arn)));
        }
        if kind.is_fifo_queue(&self.arn) && self.message_group().is_none() {
            return Err(invalid(format_args!("Parameter(s) SqsParameters must be specified for target: {}.", self.id)));
        }
        if self.sqs_parameters.is_some() && kind != Kind::Queue {
            return Err(invalid(format_args!("Parameter(s) SqsParameters not valid for target: {}.", self.id)));
        }
        if let Some(parameters) = &self.kinesis_parameters {
            if kind != Kind::Stream {
                return Err(invalid(format_args!("Parameter(s) KinesisParameters not valid for target: {}.", self.id)));
            }
            if transform::Path::parse(&parameters.partition_key_path).is_none() {
                return Err(invalid_parameter("PartitionKeyPath", "Invalid JSONPath."));
            }
        }
        if self.http_parameters.is_some() && kind != Kind::ApiDestination {
            return Err(invalid(format_args!("Parameter(s) HttpParameters not valid for target: {}.", self.id)));
        }
        transform::check(self)?;
        DeadLetterConfig::check(self.dead_letter_config.as_ref(), here)
    }

    pub(crate) fn message_group(&self) -> Option<&str> {
        self.sqs_parameters.as_ref()?.message_group_id.as_deref()
    }

    /// The queue for what could not be delivered.
    pub(crate) fn dead_letter(&self) -> Option<&str> {
        self.dead_letter_config.as_ref()?.arn.as_deref()
    }
}
