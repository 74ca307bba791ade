//! Deleting a rule.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Rule, RuleAddress, schedule};
use crate::bus::BusName;
use crate::errors::invalid;
use crate::listening;

/// Deletes a rule, which must have no targets. One that does not exist is as good as deleted.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteRule {
    name: String,
    #[serde(default)]
    event_bus_name: BusName,
    #[serde(default)]
    force: bool,
}

impl DeleteRule {
    fn address(&self, cx: &Cx) -> Result<RuleAddress> {
        Ok(RuleAddress { bus: self.event_bus_name.own(cx)?, name: self.name.clone() })
    }
}

impl Operation for DeleteRule {
    const NAME: &'static str = "DeleteRule";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.address(cx)?.access(cx, "events:DeleteRule").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.address(cx)?;
        address.bus.bus(cx).await?;
        let Some(rule) = address.find(cx).await? else { return Ok(Empty {}) };
        rule.must_not_be_managed(self.force)?;
        if !rule.targets.is_empty() {
            return Err(invalid("Rule can't be deleted since it has targets."));
        }
        cx.delete::<Rule>(address.bus.place, (&address.bus.name, &address.name)).await?;
        schedule::cancel(cx, &address).await?;
        listening::refresh(cx, &address.bus).await?;
        Ok(Empty {})
    }
}
