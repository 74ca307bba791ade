//! `UpdateWorkGroup`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::configuration::ConfigurationUpdates;
use super::{WorkGroup, access};

/// Changes a workgroup. Queries that run go on as they began.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_UpdateWorkGroup.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateWorkGroup {
    work_group: String,
    description: Option<String>,
    configuration_updates: Option<ConfigurationUpdates>,
    state: Option<String>,
}

impl Operation for UpdateWorkGroup {
    const NAME: &'static str = "UpdateWorkGroup";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:UpdateWorkGroup", Some(&self.work_group)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut group = WorkGroup::find(cx, &self.work_group).await?;
        if let Some(updates) = &self.configuration_updates {
            group.configuration = updates.apply(&group.configuration)?;
        }
        if self.description.is_some() {
            group.description.clone_from(&self.description);
        }
        if let Some(state) = &self.state {
            group.disabled = state == "DISABLED";
        }
        let place = cx.here();
        cx.put(place, &group).await?;
        Ok(Empty {})
    }
}
