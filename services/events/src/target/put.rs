//! Adding and changing targets.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::Target;
use crate::bus::BusName;
use crate::errors::{LimitExceededException, invalid, not_implemented};
use crate::listening;
use crate::rule::RuleAddress;
use crate::rule::put::pass_role;

/// Targets of a rule.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const MOST: usize = 5;

/// Adds targets to a rule, or changes those of the same ids.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutTargets {
    rule: String,
    #[serde(default)]
    event_bus_name: BusName,
    targets: Vec<Given>,
}

/// A target as it is given, with what only targets have that Welkin does not know.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    id: String,
    arn: String,
    role_arn: Option<String>,
    input: Option<String>,
    input_path: Option<String>,
    input_transformer: Option<crate::transform::InputTransformer>,
    sqs_parameters: Option<super::SqsParameters>,
    http_parameters: Option<super::HttpParameters>,
    dead_letter_config: Option<super::DeadLetterConfig>,
    retry_policy: Option<super::RetryPolicy>,
    kinesis_parameters: Option<super::KinesisParameters>,
    run_command_parameters: Option<Other>,
    ecs_parameters: Option<Other>,
    batch_parameters: Option<Other>,
    redshift_data_parameters: Option<Other>,
    sage_maker_pipeline_parameters: Option<Other>,
    app_sync_parameters: Option<Other>,
}

/// Parameters of targets that do not exist yet.
#[derive(Deserialize)]
struct Other {}

/// A target that could not be added or removed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FailedTarget {
    target_id: String,
    error_code: String,
    error_message: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutTargetsResponse {
    pub(super) failed_entry_count: u32,
    pub(super) failed_entries: Vec<FailedTarget>,
}

impl Given {
    fn target(&self) -> Target {
        Target {
            id: self.id.clone(),
            arn: self.arn.clone(),
            role_arn: self.role_arn.clone(),
            input: self.input.clone(),
            input_path: self.input_path.clone(),
            input_transformer: self.input_transformer.clone(),
            sqs_parameters: self.sqs_parameters.clone(),
            kinesis_parameters: self.kinesis_parameters.clone(),
            http_parameters: self.http_parameters.clone(),
            dead_letter_config: self.dead_letter_config.clone(),
            retry_policy: self.retry_policy.clone(),
        }
    }

    /// # Errors
    /// `NotImplemented` for parameters of targets that Welkin does not know.
    fn refuse_others(&self) -> Result<()> {
        for (name, given) in [
            ("RunCommandParameters", &self.run_command_parameters),
            ("EcsParameters", &self.ecs_parameters),
            ("BatchParameters", &self.batch_parameters),
            ("RedshiftDataParameters", &self.redshift_data_parameters),
            ("SageMakerPipelineParameters", &self.sage_maker_pipeline_parameters),
            ("AppSyncParameters", &self.app_sync_parameters),
        ] {
            if given.is_some() {
                return Err(not_implemented(format_args!("{name} of targets")));
            }
        }
        Ok(())
    }
}

impl PutTargets {
    fn address(&self, cx: &Cx) -> Result<RuleAddress> {
        Ok(RuleAddress { bus: self.event_bus_name.own(cx)?, name: self.rule.clone() })
    }
}

impl Operation for PutTargets {
    const NAME: &'static str = "PutTargets";
    type Output = PutTargetsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let targets = self.targets.iter().map(|target| target.arn.clone());
        let access = self.address(cx)?.access(cx, "events:PutTargets").await?.keys("events:TargetArn", targets);
        let mut roles: Vec<&str> = self.targets.iter().filter_map(|target| target.role_arn.as_deref()).collect();
        roles.sort_unstable();
        roles.dedup();
        Ok(roles.into_iter().fold(access, |access, role| access.and(pass_role(role))))
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutTargetsResponse> {
        let address = self.address(cx)?;
        let mut rule = address.rule(cx).await?;
        rule.must_not_be_managed(false)?;
        for given in &self.targets {
            // What Welkin does not know is refused by its ARN before its parameters are.
            let target = given.target();
            target.check(cx.here())?;
            given.refuse_others()?;
            match rule.targets.iter_mut().find(|other| other.id == target.id) {
                Some(other) => *other = target,
                None => rule.targets.push(target),
            }
        }
        let mut ids: Vec<&str> = self.targets.iter().map(|target| target.id.as_str()).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(invalid("Two or more targets in the request have the same Id."));
        }
        if rule.targets.len() > MOST {
            return Err(LimitExceededException::because("The requested resource exceeds the maximum number allowed."));
        }
        rule.targets.sort_by(|a, b| a.id.cmp(&b.id));
        cx.put(address.bus.place, &rule).await?;
        listening::refresh(cx, &address.bus).await?;
        Ok(PutTargetsResponse { failed_entry_count: 0, failed_entries: Vec::new() })
    }
}

impl FailedTarget {
    /// There is no target of this id.
    // UNVERIFIED: the wording.
    pub(super) fn missing(id: &str) -> Self {
        Self {
            target_id: id.to_owned(),
            error_code: "ResourceNotFoundException".to_owned(),
            error_message: format!("Target {id} does not exist."),
        }
    }
}
