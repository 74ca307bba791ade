//! The targets of a rule.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::Target;
use crate::bus::BusName;
use crate::page::Wanted;
use crate::rule::RuleAddress;

/// Lists the targets of a rule, by id.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTargetsByRule {
    rule: String,
    #[serde(default)]
    event_bus_name: BusName,
    next_token: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTargetsByRuleResponse {
    targets: Vec<Target>,
    next_token: Option<String>,
}

impl ListTargetsByRule {
    fn address(&self, cx: &Cx) -> Result<RuleAddress> {
        Ok(RuleAddress { bus: self.event_bus_name.own(cx)?, name: self.rule.clone() })
    }
}

impl Operation for ListTargetsByRule {
    const NAME: &'static str = "ListTargetsByRule";
    type Output = ListTargetsByRuleResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.address(cx)?.access(cx, "events:ListTargetsByRule").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTargetsByRuleResponse> {
        let rule = self.address(cx)?.rule(cx).await?;
        let wanted = Wanted::new(self.next_token.as_deref(), self.limit)?;
        let (targets, next_token) = wanted.cut(rule.targets, |target| &target.id);
        Ok(ListTargetsByRuleResponse { targets, next_token })
    }
}
