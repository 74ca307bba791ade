//! Routes: which buckets take requests, which stand by.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MrapFailover.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Empty, Operation, Result};

use super::{Mrap, Status, arn_of, keys, unknown};
use crate::control::errors::InvalidRequest;

/// The Regions whose end points take requests about routes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MrapOperations.html>
const TAKEN_IN: [&str; 5] = ["ap-southeast-2", "ap-northeast-1", "us-east-1", "us-west-2", "eu-west-1"];

/// Tells where requests are routed.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetMultiRegionAccessPointRoutes.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMultiRegionAccessPointRoutes {
    account_id: AccountId,
    mrap: String,
}

/// Answer of [`GetMultiRegionAccessPointRoutes`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMultiRegionAccessPointRoutesOutput {
    mrap: String,
    routes: Vec<Dial>,
}

/// How much of the traffic a bucket takes: all or nothing.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Dial {
    bucket: Option<String>,
    region: Option<String>,
    traffic_dial_percentage: u8,
}

/// The alias in an ARN, or an alias alone.
fn alias(mrap: &str) -> &str {
    mrap.rsplit_once("accesspoint/").map_or(mrap, |(_, alias)| alias)
}

async fn open(cx: &mut Cx, account: AccountId, mrap: &str) -> Result<Mrap> {
    let found = Mrap::by_alias(cx, alias(mrap)).await?;
    found.filter(|found| found.account == account).ok_or_else(|| unknown(mrap))
}

fn access(action: &'static str, account: AccountId, mrap: &str) -> Access {
    let arn = arn_of(account, alias(mrap));
    let access = Access::to(action).on(&arn).owned_by(account).recorded_as("AWS::S3::MultiRegionAccessPoint");
    keys(access, &arn, account)
}

fn check_region(cx: &Cx) -> Result<()> {
    if TAKEN_IN.contains(&cx.region().name()) {
        return Ok(());
    }
    // UNVERIFIED: the code and the message.
    let regions = TAKEN_IN.join(", ");
    Err(InvalidRequest::because(format!("Routes are told and changed in these Regions only: {regions}")))
}

impl Operation for GetMultiRegionAccessPointRoutes {
    const NAME: &str = "GetMultiRegionAccessPointRoutes";
    type Output = GetMultiRegionAccessPointRoutesOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(access("s3:GetMultiRegionAccessPointRoutes", self.account_id, &self.mrap))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        check_region(cx)?;
        let mrap = open(cx, self.account_id, &self.mrap).await?;
        let arn = mrap.arn();
        let routes = mrap.routes.into_iter().map(|route| Dial {
            bucket: Some(route.bucket),
            region: Some(route.region.to_string()),
            traffic_dial_percentage: if route.active { 100 } else { 0 },
        });
        Ok(GetMultiRegionAccessPointRoutesOutput { mrap: arn, routes: routes.collect() })
    }
}

/// Changes where requests are routed: at once, where AWS takes about two minutes.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_SubmitMultiRegionAccessPointRoutes.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SubmitMultiRegionAccessPointRoutes {
    account_id: AccountId,
    mrap: String,
    route_updates: Vec<Dial>,
}

impl Operation for SubmitMultiRegionAccessPointRoutes {
    const NAME: &str = "SubmitMultiRegionAccessPointRoutes";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(access("s3:SubmitMultiRegionAccessPointRoutes", self.account_id, &self.mrap))
    }

    // UNVERIFIED: the codes and messages of the refusals.
    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        check_region(cx)?;
        let mut mrap = open(cx, self.account_id, &self.mrap).await?;
        if mrap.status != Status::Ready {
            return Err(InvalidRequest::because("The Multi-Region Access Point is not ready."));
        }
        for update in &self.route_updates {
            update.apply(&mut mrap)?;
        }
        if !mrap.routes.iter().any(|route| route.active) {
            return Err(InvalidRequest::because("At least one bucket must be active."));
        }
        mrap.save(cx).await?;
        Ok(Empty {})
    }
}

impl Dial {
    fn apply(&self, mrap: &mut Mrap) -> Result<()> {
        let active = match self.traffic_dial_percentage {
            0 => false,
            100 => true,
            _ => return Err(InvalidRequest::because("TrafficDialPercentage must be 0 or 100.")),
        };
        if self.bucket.is_none() && self.region.is_none() {
            return Err(InvalidRequest::because("A route update must name a bucket or a Region."));
        }
        let named = mrap.routes.iter_mut().find(|route| {
            self.bucket.as_ref().is_none_or(|bucket| *bucket == route.bucket)
                && self.region.as_ref().is_none_or(|region| *region == route.region.name())
        });
        match named {
            Some(route) => {
                route.active = active;
                Ok(())
            }
            None => Err(InvalidRequest::because("The Multi-Region Access Point has no such bucket or Region.")),
        }
    }
}
