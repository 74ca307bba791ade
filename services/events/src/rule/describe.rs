//! What a rule is.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{RuleAddress, State};
use crate::bus::BusName;

/// Tells what a rule is; its targets are told by `ListTargetsByRule`.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeRule {
    name: String,
    #[serde(default)]
    event_bus_name: BusName,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeRuleResponse {
    name: String,
    arn: String,
    event_pattern: Option<String>,
    schedule_expression: Option<String>,
    state: State,
    description: Option<String>,
    role_arn: Option<String>,
    managed_by: Option<String>,
    event_bus_name: String,
    created_by: String,
}

impl DescribeRule {
    fn address(&self, cx: &Cx) -> Result<RuleAddress> {
        Ok(RuleAddress { bus: self.event_bus_name.own(cx)?, name: self.name.clone() })
    }
}

impl Operation for DescribeRule {
    const NAME: &'static str = "DescribeRule";
    type Output = DescribeRuleResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.address(cx)?.access(cx, "events:DescribeRule").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeRuleResponse> {
        let address = self.address(cx)?;
        let rule = address.rule(cx).await?;
        Ok(DescribeRuleResponse {
            arn: address.arn().into(),
            name: rule.name,
            event_pattern: rule.pattern,
            schedule_expression: rule.schedule,
            state: rule.state,
            description: rule.description,
            role_arn: rule.role,
            managed_by: rule.managed_by,
            event_bus_name: rule.bus,
            created_by: rule.created_by.to_string(),
        })
    }
}
