//! Making and changing a rule.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use welkin_kernel::{Access, Arn, Cx, Operation, Result};

use super::{Rule, RuleAddress, State, schedule};
use crate::bus::{BusName, DEFAULT};
use crate::errors::{LimitExceededException, invalid, invalid_parameter};
use crate::tags::{self, Tag};
use crate::{PRINCIPAL, listening, pattern};

/// Rules of a bus.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>: 300, which can be raised. Welkin has the
/// bound up to which matching is measured.
const MOST: usize = 2_000;

/// Makes a rule, or changes it: what is not given is then as in a new one, but for its tags.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRule {
    name: String,
    schedule_expression: Option<String>,
    event_pattern: Option<String>,
    #[serde(default)]
    state: State,
    description: Option<String>,
    role_arn: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    event_bus_name: BusName,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRuleResponse {
    rule_arn: String,
}

impl PutRule {
    fn address(&self, cx: &Cx) -> Result<RuleAddress> {
        Ok(RuleAddress { bus: self.event_bus_name.own(cx)?, name: self.name.clone() })
    }

    /// The condition keys that the pattern fills: the texts that it demands.
    ///
    /// Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html>
    fn pattern_keys(&self, mut access: Access) -> Access {
        let pattern: Value =
            self.event_pattern.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        for (key, pointer) in [
            ("events:source", "/source"),
            ("events:detail-type", "/detail-type"),
            ("events:detail.userIdentity.principalId", "/detail/userIdentity/principalId"),
            ("events:detail.service", "/detail/service"),
            ("events:detail.eventTypeCode", "/detail/eventTypeCode"),
        ] {
            let texts = pattern.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
            let texts: Vec<String> = texts.filter_map(Value::as_str).map(str::to_owned).collect();
            if !texts.is_empty() {
                access = access.keys(key, texts);
            }
        }
        access
    }
}

impl Operation for PutRule {
    const NAME: &'static str = "PutRule";
    type Output = PutRuleResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.address(cx)?;
        let tags = tags::map(&self.tags)?;
        let creator = cx.account().to_string();
        let access = match address.find(cx).await? {
            Some(_) => address.access(cx, "events:PutRule").await?,
            None => Access::to("events:PutRule")
                .on(address.arn())
                .recorded_as("AWS::Events::Rule")
                .key("events:creatorAccount", creator),
        };
        let mut access = self.pattern_keys(access).request_tags(&tags);
        if !tags.is_empty() {
            access = access.and(Access::to("events:TagResource").on(address.arn()).request_tags(&tags));
        }
        match &self.role_arn {
            Some(role) => Ok(access.and(pass_role(role))),
            None => Ok(access),
        }
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutRuleResponse> {
        let address = self.address(cx)?;
        address.bus.bus(cx).await?;
        self.check(&address)?;
        let existing = address.find(cx).await?;
        let now = cx.now();
        let rule = match existing {
            Some(existing) => {
                existing.must_not_be_managed(false)?;
                let runs_on = existing.schedule == self.schedule_expression && existing.state != State::Disabled;
                Rule { since: if runs_on { existing.since } else { now }, ..existing }
            }
            None => {
                if Rule::of_bus(cx, &address.bus).await?.len() >= MOST {
                    let message = "The requested resource exceeds the maximum number allowed.";
                    return Err(LimitExceededException::because(message));
                }
                let tags = tags::map(&self.tags)?;
                tags::check(&tags)?;
                Rule {
                    bus: address.bus.name.clone(),
                    name: self.name.clone(),
                    id: u64::from_le_bytes(cx.chance().bytes()),
                    pattern: None,
                    schedule: None,
                    state: State::Enabled,
                    description: None,
                    role: None,
                    managed_by: None,
                    created_by: cx.account(),
                    tags,
                    targets: Vec::new(),
                    since: now,
                }
            }
        };
        // Source: "When you initially create a rule, you can optionally assign tags … If you are updating an existing rule, any
        // tags you specify in the PutRule operation are ignored".
        let rule = Rule {
            pattern: self.event_pattern.clone(),
            schedule: self.schedule_expression.clone(),
            state: self.state,
            description: self.description.clone(),
            role: self.role_arn.clone(),
            ..rule
        };
        cx.put(address.bus.place, &rule).await?;
        listening::refresh(cx, &address.bus).await?;
        schedule::set(cx, &address, &rule).await?;
        Ok(PutRuleResponse { rule_arn: address.arn().into() })
    }
}

impl PutRule {
    fn check(&self, address: &RuleAddress) -> Result<()> {
        let (pattern, schedule) = (self.event_pattern.as_deref(), self.schedule_expression.as_deref());
        if pattern.is_none_or(str::is_empty) && schedule.is_none_or(str::is_empty) {
            return Err(invalid("Parameter(s) EventPattern or ScheduleExpression must be specified."));
        }
        if let Some(pattern) = pattern {
            pattern::parse(pattern)?;
        }
        if let Some(schedule) = schedule {
            if address.bus.name != DEFAULT {
                return Err(invalid("ScheduleExpression is supported only on the default event bus."));
            }
            schedule::parse(schedule)?;
        }
        if self.role_arn.as_deref().is_some_and(|role| !is_role(role)) {
            return Err(invalid_parameter("RoleArn", "Provided Arn is not in correct format."));
        }
        Ok(())
    }
}

/// Whether an ARN is a role's.
pub(crate) fn is_role(text: &str) -> bool {
    text.parse::<Arn>().is_ok_and(|arn| arn.service() == "iam" && arn.resource().starts_with("role/"))
}

/// Handing a role to EventBridge.
pub(crate) fn pass_role(role: &str) -> Access {
    Access::to("iam:PassRole").on(role).key("iam:PassedToService", PRINCIPAL)
}
