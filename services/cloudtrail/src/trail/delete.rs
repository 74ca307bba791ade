//! `DeleteTrail`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Resource, Result};

use super::Trail;
use crate::{digest, recorder};

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
        let trail = Trail::find_to_change(cx, &self.name).await?;
        cx.delete::<Trail>(trail.place(), Resource::key(&trail)).await?;
        recorder::refresh(cx, trail.owner).await?;
        digest::finish(cx, &trail).await?;
        Ok(Empty {})
    }
}
