//! `ListTrails`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Region, Result};

use super::Trail;

/// Lists the trails of the account, of all Regions: there are too few for a second page.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTrails {}

/// The trails.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTrailsResponse {
    trails: Vec<TrailInfo>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TrailInfo {
    #[serde(rename = "TrailARN")]
    arn: String,
    name: String,
    home_region: Region,
}

impl Operation for ListTrails {
    const NAME: &'static str = "ListTrails";
    type Output = ListTrailsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudtrail:ListTrails"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTrailsResponse> {
        let info = |trail: Trail| TrailInfo { arn: trail.arn().into(), name: trail.name, home_region: trail.home };
        Ok(ListTrailsResponse { trails: Trail::all(cx).await?.into_iter().map(info).collect() })
    }
}
