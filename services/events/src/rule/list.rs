//! Finding rules.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Rule, State};
use crate::bus::BusName;
use crate::page::Wanted;

/// Lists the rules of a bus, by name.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRules {
    #[serde(default)]
    name_prefix: String,
    #[serde(default)]
    event_bus_name: BusName,
    next_token: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRulesResponse {
    rules: Vec<ListedRule>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedRule {
    name: String,
    arn: String,
    event_pattern: Option<String>,
    state: State,
    description: Option<String>,
    schedule_expression: Option<String>,
    role_arn: Option<String>,
    managed_by: Option<String>,
    event_bus_name: String,
}

impl Operation for ListRules {
    const NAME: &'static str = "ListRules";
    type Output = ListRulesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.event_bus_name.own(cx)?;
        Ok(Access::to("events:ListRules"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListRulesResponse> {
        let bus = self.event_bus_name.own(cx)?;
        bus.bus(cx).await?;
        let mut rules = Rule::of_bus(cx, &bus).await?;
        rules.retain(|rule| rule.name.starts_with(&self.name_prefix));
        let wanted = Wanted::new(self.next_token.as_deref(), self.limit)?;
        let (page, next_token) = wanted.cut(rules, |rule| &rule.name);
        let rules = page.into_iter().map(|rule| ListedRule {
            arn: rule.address(&bus).arn().into(),
            name: rule.name,
            event_pattern: rule.pattern,
            state: rule.state,
            description: rule.description,
            schedule_expression: rule.schedule,
            role_arn: rule.role,
            managed_by: rule.managed_by,
            event_bus_name: rule.bus,
        });
        Ok(ListRulesResponse { rules: rules.collect(), next_token })
    }
}

/// Lists the rules of a bus that have a target.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRuleNamesByTarget {
    target_arn: String,
    #[serde(default)]
    event_bus_name: BusName,
    next_token: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRuleNamesByTargetResponse {
    rule_names: Vec<String>,
    next_token: Option<String>,
}

impl Operation for ListRuleNamesByTarget {
    const NAME: &'static str = "ListRuleNamesByTarget";
    type Output = ListRuleNamesByTargetResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.event_bus_name.own(cx)?;
        Ok(Access::to("events:ListRuleNamesByTarget"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListRuleNamesByTargetResponse> {
        let bus = self.event_bus_name.own(cx)?;
        bus.bus(cx).await?;
        let rules = Rule::of_bus(cx, &bus).await?;
        let having = rules.into_iter().filter(|rule| rule.targets.iter().any(|target| target.arn == self.target_arn));
        let names = having.map(|rule| rule.name).collect();
        let wanted = Wanted::new(self.next_token.as_deref(), self.limit)?;
        let (rule_names, next_token) = wanted.cut(names, String::as_str);
        Ok(ListRuleNamesByTargetResponse { rule_names, next_token })
    }
}
