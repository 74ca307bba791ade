//! `GetTrail`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::Trail;
use super::describe::Shown;

/// Shows one trail. <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrail.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTrail {
    name: String,
}

/// The trail.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTrailResponse {
    trail: Shown,
}

impl Operation for GetTrail {
    const NAME: &'static str = "GetTrail";
    type Output = GetTrailResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Trail::access(cx, "cloudtrail:GetTrail", &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetTrailResponse> {
        let trail = Trail::find(cx, &self.name).await?;
        Ok(GetTrailResponse { trail: Shown::of(trail) })
    }
}
