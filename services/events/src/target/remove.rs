//! Removing targets.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Operation, Result};

use super::put::{FailedTarget, PutTargetsResponse};
use crate::bus::BusName;
use crate::listening;
use crate::rule::RuleAddress;

/// Removes targets from a rule.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemoveTargets.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveTargets {
    rule: String,
    #[serde(default)]
    event_bus_name: BusName,
    ids: Vec<String>,
    #[serde(default)]
    force: bool,
}

impl RemoveTargets {
    fn address(&self, cx: &Cx) -> Result<RuleAddress> {
        Ok(RuleAddress { bus: self.event_bus_name.own(cx)?, name: self.rule.clone() })
    }
}

impl Operation for RemoveTargets {
    const NAME: &'static str = "RemoveTargets";
    type Output = PutTargetsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.address(cx)?.access(cx, "events:RemoveTargets").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutTargetsResponse> {
        let address = self.address(cx)?;
        let mut rule = address.rule(cx).await?;
        rule.must_not_be_managed(self.force)?;
        let missing = self.ids.iter().filter(|id| !rule.targets.iter().any(|target| target.id == **id));
        let failed_entries: Vec<FailedTarget> = missing.map(|id| FailedTarget::missing(id)).collect();
        rule.targets.retain(|target| !self.ids.contains(&target.id));
        cx.put(address.bus.place, &rule).await?;
        listening::refresh(cx, &address.bus).await?;
        let failed_entry_count = u32::try_from(failed_entries.len()).unwrap_or(u32::MAX);
        Ok(PutTargetsResponse { failed_entry_count, failed_entries })
    }
}
