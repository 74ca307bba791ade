//! GetMultiRegionAccessPoint and ListMultiRegionAccessPoints.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, IntoKey, Operation, Page, Result, Timestamp};

use super::{Mrap, Status, access, home};
use crate::bucket::public_access_block::PublicAccessBlock;
use crate::control::{of_account, token};

/// Multi-Region Access Points in an answer, at most.
const MOST: usize = 1000;

/// Tells of a Multi-Region Access Point.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetMultiRegionAccessPoint.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMultiRegionAccessPoint {
    account_id: AccountId,
    name: String,
}

/// Answer of [`GetMultiRegionAccessPoint`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMultiRegionAccessPointOutput {
    access_point: Report,
}

/// A Multi-Region Access Point as it is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Report {
    name: String,
    alias: String,
    created_at: Timestamp,
    public_access_block: PublicAccessBlock,
    status: Status,
    regions: Vec<RegionReport>,
}

/// A bucket as it is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RegionReport {
    bucket: String,
    region: String,
    bucket_account_id: String,
}

impl Report {
    fn of(mrap: Mrap) -> Self {
        let regions = mrap.routes.into_iter().map(|route| RegionReport {
            bucket: route.bucket,
            region: route.region.to_string(),
            bucket_account_id: route.owner.to_string(),
        });
        Self {
            name: mrap.name,
            alias: mrap.alias,
            created_at: mrap.created,
            public_access_block: mrap.block,
            status: mrap.status,
            regions: regions.collect(),
        }
    }
}

impl Operation for GetMultiRegionAccessPoint {
    const NAME: &str = "GetMultiRegionAccessPoint";
    type Output = GetMultiRegionAccessPointOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "s3:GetMultiRegionAccessPoint", self.account_id, &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let mrap = Mrap::open(cx, self.account_id, &self.name).await?;
        Ok(GetMultiRegionAccessPointOutput { access_point: Report::of(mrap) })
    }
}

/// Lists the Multi-Region Access Points of an account.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListMultiRegionAccessPoints.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListMultiRegionAccessPoints {
    account_id: AccountId,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// Answer of [`ListMultiRegionAccessPoints`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListMultiRegionAccessPointsOutput {
    access_points: Vec<Report>,
    next_token: Option<String>,
}

impl Operation for ListMultiRegionAccessPoints {
    const NAME: &str = "ListMultiRegionAccessPoints";
    type Output = ListMultiRegionAccessPointsOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(of_account("s3:ListMultiRegionAccessPoints", self.account_id))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let most = self.max_results.unwrap_or(MOST).clamp(1, MOST);
        let after = self.next_token.as_deref().map(token::read).transpose()?;
        let after = after.map(|name| (name.as_bytes(),).into_key());
        let mut found = cx.list::<Mrap>(home(self.account_id), (), Page::of(most + 1, after.as_ref())).await?;
        let more = found.len() > most;
        found.truncate(most);
        let next_token = found.last().filter(|_| more).map(|last| token::of(&last.name));
        let access_points = found.into_iter().map(Report::of).collect();
        Ok(ListMultiRegionAccessPointsOutput { access_points, next_token })
    }
}
