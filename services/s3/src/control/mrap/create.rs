//! CreateMultiRegionAccessPoint.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Operation, Page, Region, Result};

use super::request::{Asked, Request};
use super::{Alias, Mrap, Route, Status, draw_alias, home, managing};
use crate::bucket::Bucket;
use crate::bucket::public_access_block::{ALL, PublicAccessBlock};
use crate::control::errors::{
    AccessDenied, InvalidRegion, InvalidRequest, MultiRegionAccessPointAlreadyOwnedByYou, NoSuchBucket,
    TooManyMultiRegionAccessPointregionsError, TooManyMultiRegionAccessPoints,
};

/// Multi-Region Access Points of an account, and Regions of one.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRestrictions.html>
const MOST: usize = 100;
const MOST_REGIONS: usize = 20;

/// Makes a Multi-Region Access Point.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateMultiRegionAccessPoint.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateMultiRegionAccessPoint {
    account_id: AccountId,
    client_token: String,
    details: CreateDetails,
}

/// What it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateDetails {
    pub(super) name: String,
    public_access_block: Option<PublicAccessBlock>,
    regions: Vec<Given>,
}

/// A bucket of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    bucket: String,
    bucket_account_id: Option<AccountId>,
}

/// Answer of an asynchronous request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Accepted {
    #[serde(rename = "RequestTokenARN")]
    pub(super) request_token_arn: String,
}

impl Operation for CreateMultiRegionAccessPoint {
    const NAME: &str = "CreateMultiRegionAccessPoint";
    type Output = Accepted;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        managing(cx, "s3:CreateMultiRegionAccessPoint", self.account_id, &self.details.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Accepted> {
        let asked = Asked::Create(self.details.clone());
        if let Some(arn) = Request::earlier(cx, self.account_id, &self.client_token, &asked).await? {
            return Ok(Accepted { request_token_arn: arn });
        }
        if Mrap::find(cx, self.account_id, &self.details.name).await?.is_some() {
            return Err(MultiRegionAccessPointAlreadyOwnedByYou.into());
        }
        if cx.list::<Mrap>(home(self.account_id), (), Page::of(MOST, None)).await?.len() >= MOST {
            return Err(TooManyMultiRegionAccessPoints.into());
        }
        let mrap = Mrap {
            name: self.details.name.clone(),
            account: self.account_id,
            alias: draw_alias(cx.chance()),
            created: cx.now().whole_secs(),
            status: Status::Creating,
            block: self.details.public_access_block.unwrap_or(ALL),
            routes: self.routes(cx).await?,
            established: None,
            proposed: None,
        };
        let here = cx.here();
        let (alias, name) = (mrap.alias.clone(), mrap.name.clone());
        cx.put(here, &Alias { alias, account: self.account_id, name }).await?;
        mrap.save(cx).await?;
        let request_token_arn = Request::accept(cx, self.account_id, &self.client_token, asked).await?;
        Ok(Accepted { request_token_arn })
    }
}

impl CreateMultiRegionAccessPoint {
    /// Its buckets, all of them active at first.
    // UNVERIFIED: which of these are answered at once, and the codes; AWS may tell them of the request later.
    async fn routes(&self, cx: &mut Cx) -> Result<Vec<Route>> {
        let given = &self.details.regions;
        if given.is_empty() {
            return Err(InvalidRequest::because("At least one Region must be specified."));
        }
        if given.len() > MOST_REGIONS {
            return Err(TooManyMultiRegionAccessPointregionsError.into());
        }
        let mut routes: Vec<Route> = Vec::with_capacity(given.len());
        for Given { bucket: name, bucket_account_id } in given {
            let here = cx.here();
            let Some(bucket) = cx.get::<Bucket>(here, (name,)).await? else { return Err(NoSuchBucket.into()) };
            if bucket.owner != bucket_account_id.unwrap_or(self.account_id) {
                return Err(AccessDenied.into());
            }
            if !takes_part(bucket.region) {
                return Err(InvalidRegion.into());
            }
            if routes.iter().any(|route| route.region == bucket.region) {
                return Err(InvalidRequest::because("Each bucket must be in a different Region."));
            }
            routes.push(Route { bucket: bucket.name, owner: bucket.owner, region: bucket.region, active: true });
        }
        Ok(routes)
    }
}

/// Whether Multi-Region Access Points have buckets in a Region: in those that every account has, of the partition `aws`.
// UNVERIFIED: which opt-in Regions take part by now.
fn takes_part(region: Region) -> bool {
    !region.is_opt_in() && region.partition().name() == "aws"
}
