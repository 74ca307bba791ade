//! `DeleteTrail`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Resource, Result};

use super::{Trail, refresh};
use crate::digest;

/// Deletes a trail. Files that it has delivered stay; if it validates, a last digest tells of them.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteTrail {
    name: String,
}

impl Operation for DeleteTrail {
    const NAME: &'static str = "DeleteTrail";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Trail::access(cx, "cloudtrail:DeleteTrail", &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let trail = Trail::find_at_home(cx, &self.name).await?;
        let here = cx.here();
        cx.delete::<Trail>(here, Resource::key(&trail)).await?;
        refresh(cx).await?;
        digest::finish(cx, &trail).await?;
        Ok(Empty {})
    }
}
