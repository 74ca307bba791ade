//! GetAccessPoint and ListAccessPoints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, IntoKey, Operation, Page, Place, Region, Result, Timestamp};

use super::create::VpcConfiguration;
use super::{AccessPoint, Address, Attached};
use crate::bucket::public_access_block::PublicAccessBlock;
use crate::control::of_account;
use crate::control::token;

/// Access points in an answer, at most.
const MOST: usize = 1000;

/// Tells of an access point.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPoint.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessPoint {
    account_id: AccountId,
    name: String,
}

/// Answer of [`GetAccessPoint`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessPointOutput {
    name: String,
    bucket: String,
    network_origin: String,
    vpc_configuration: Option<VpcConfiguration>,
    public_access_block_configuration: PublicAccessBlock,
    creation_date: Timestamp,
    alias: String,
    access_point_arn: String,
    endpoints: BTreeMap<String, String>,
    bucket_account_id: String,
}

impl Operation for GetAccessPoint {
    const NAME: &str = "GetAccessPoint";
    type Output = GetAccessPointOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(of_account("s3:GetAccessPoint", self.account_id))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetAccessPointOutput> {
        let point = Address::here(cx, self.account_id, &self.name).open(cx).await?;
        Ok(GetAccessPointOutput {
            network_origin: point.network_origin().to_owned(),
            access_point_arn: point.arn(),
            endpoints: endpoints(point.region),
            vpc_configuration: point.vpc.map(|vpc_id| VpcConfiguration { vpc_id }),
            name: point.name,
            bucket: point.bucket,
            public_access_block_configuration: point.block,
            creation_date: point.created,
            alias: point.alias,
            bucket_account_id: point.bucket_owner.to_string(),
        })
    }
}

/// The end points at which AWS answers for access points.
fn endpoints(region: Region) -> BTreeMap<String, String> {
    let names = [
        ("ipv4", "s3-accesspoint"),
        ("dualstack", "s3-accesspoint.dualstack"),
        ("fips", "s3-accesspoint-fips"),
        ("fips_dualstack", "s3-accesspoint-fips.dualstack"),
    ];
    names.iter().map(|(kind, name)| ((*kind).to_owned(), format!("{name}.{region}.amazonaws.com"))).collect()
}

/// Lists the access points of an account in a Region, all or those of a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessPoints.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccessPoints {
    account_id: AccountId,
    bucket: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
    data_source_id: Option<String>,
    data_source_type: Option<String>,
}

/// Answer of [`ListAccessPoints`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccessPointsOutput {
    access_point_list: Vec<Listed>,
    next_token: Option<String>,
}

/// An access point in a list.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    name: String,
    network_origin: String,
    vpc_configuration: Option<VpcConfiguration>,
    bucket: String,
    access_point_arn: String,
    alias: String,
    bucket_account_id: String,
}

impl Operation for ListAccessPoints {
    const NAME: &str = "ListAccessPoints";
    type Output = ListAccessPointsOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(of_account("s3:ListAccessPoints", self.account_id))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListAccessPointsOutput> {
        let most = self.max_results.unwrap_or(MOST).clamp(1, MOST);
        let after = self.next_token.as_deref().map(token::read).transpose()?;
        if self.data_source_id.is_some() || self.data_source_type.is_some() {
            // Data sources other than buckets, file systems of Amazon FSx, do not exist here.
            return Ok(ListAccessPointsOutput { access_point_list: Vec::new(), next_token: None });
        }
        let place = Place::new(self.account_id, cx.region());
        let mut points = match &self.bucket {
            None => {
                let after = after.map(|name| (name.as_bytes(),).into_key());
                cx.list::<AccessPoint>(place, (), Page::of(most + 1, after.as_ref())).await?
            }
            Some(bucket) => of_bucket(cx, place, bucket, after, most + 1).await?,
        };
        let more = points.len() > most;
        points.truncate(most);
        let next_token = points.last().filter(|_| more).map(|last| token::of(&last.name));
        Ok(ListAccessPointsOutput { access_point_list: points.into_iter().map(Listed::of).collect(), next_token })
    }
}

/// The access points of a bucket that an account has in a Region.
async fn of_bucket(
    cx: &mut Cx,
    place: Place,
    bucket: &str,
    after: Option<String>,
    most: usize,
) -> Result<Vec<AccessPoint>> {
    let after = after.map(|name| (bucket, place.account, place.region, name.as_bytes()).into_key());
    let prefix = (bucket, place.account, place.region);
    let attached = cx.list::<Attached>(place, prefix, Page::of(most, after.as_ref())).await?;
    let mut points = Vec::with_capacity(attached.len());
    for attached in attached {
        points.extend(attached.of.find(cx).await?);
    }
    Ok(points)
}

impl Listed {
    fn of(point: AccessPoint) -> Self {
        Self {
            network_origin: point.network_origin().to_owned(),
            access_point_arn: point.arn(),
            vpc_configuration: point.vpc.map(|vpc_id| VpcConfiguration { vpc_id }),
            name: point.name,
            bucket: point.bucket,
            alias: point.alias,
            bucket_account_id: point.bucket_owner.to_string(),
        }
    }
}
