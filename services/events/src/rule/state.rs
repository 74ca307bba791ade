//! Enabling and disabling a rule.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{RuleAddress, State, schedule};
use crate::bus::BusName;
use crate::listening;

/// Has a rule looked at again.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html>
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct EnableRule(Named);

/// Has a rule not looked at.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html>
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct DisableRule(Named);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: String,
    #[serde(default)]
    event_bus_name: BusName,
}

impl Named {
    fn address(&self, cx: &Cx) -> Result<RuleAddress> {
        Ok(RuleAddress { bus: self.event_bus_name.own(cx)?, name: self.name.clone() })
    }

    async fn turn(&self, cx: &mut Cx, state: State) -> Result<Empty> {
        let address = self.address(cx)?;
        let mut rule = address.rule(cx).await?;
        rule.must_not_be_managed(false)?;
        let was_on = rule.state != State::Disabled;
        if was_on == (state != State::Disabled) {
            return Ok(Empty {});
        }
        rule.state = state;
        rule.since = cx.now();
        cx.put(address.bus.place, &rule).await?;
        listening::refresh(cx, &address.bus).await?;
        schedule::set(cx, &address, &rule).await?;
        Ok(Empty {})
    }
}

impl Operation for EnableRule {
    const NAME: &'static str = "EnableRule";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.0.address(cx)?.access(cx, "events:EnableRule").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        self.0.turn(cx, State::Enabled).await
    }
}

impl Operation for DisableRule {
    const NAME: &'static str = "DisableRule";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.0.address(cx)?.access(cx, "events:DisableRule").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        self.0.turn(cx, State::Disabled).await
    }
}
