//! Multi-Region Access Points: one name for buckets in several Regions.
//!
//! | row | key | what |
//! | --- | --- | --- |
//! | `s3/mrap` | name, in the owner's account | the access point, its buckets and routes |
//! | `s3/mrap-alias` | alias, for all | whose alias it is |
//! | `s3/mrap-request` | token, in the owner's account | an asynchronous request, and what became of it |
//!
//! Making, deleting and changing the policy take a while: [`request::LASTS`] on the clock, by a job.
//!
//! A request is routed to the active bucket in the Region that the request came to: that of the service that makes it,
//! or `us-east-1`, for the end point of Multi-Region Access Points is global. Where that Region has no active bucket, it
//! is the first active one in the order in which the buckets were given. AWS takes the nearest by its network.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPoints.html>

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod policy;
pub(crate) mod reach;
pub(crate) mod request;
pub(crate) mod route;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Chance, Cx, Error, IntoKey, Key, Place, Region, Resource, Result, Scope, Timestamp,
};

use super::access_point::policy::PointPolicy;
use super::errors::NoSuchMultiRegionAccessPoint;
use crate::bucket::public_access_block::PublicAccessBlock;

/// What an alias ends with.
pub(crate) const ENDING: &str = ".mrap";

/// A Multi-Region Access Point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Mrap {
    pub(crate) name: String,
    pub(crate) account: AccountId,
    pub(crate) alias: String,
    pub(crate) created: Timestamp,
    pub(crate) status: Status,
    pub(crate) block: PublicAccessBlock,
    /// Its buckets, in the order in which they were given.
    pub(crate) routes: Vec<Route>,
    /// The policy that counts.
    pub(crate) established: Option<PointPolicy>,
    /// The policy that was put last.
    pub(crate) proposed: Option<PointPolicy>,
}

/// What becomes of a Multi-Region Access Point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    /// It is being made.
    Creating,
    /// It serves.
    Ready,
    /// It is being deleted.
    Deleting,
}

/// A bucket, and whether requests are routed to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Route {
    pub(crate) bucket: String,
    pub(crate) owner: AccountId,
    pub(crate) region: Region,
    pub(crate) active: bool,
}

impl Resource for Mrap {
    const KIND: &'static str = "s3/mrap";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (self.name.as_bytes(),).into_key()
    }
}

/// An alias, and whose it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Alias {
    alias: String,
    account: AccountId,
    name: String,
}

impl Resource for Alias {
    const KIND: &'static str = "s3/mrap-alias";
    const SCOPE: Scope = Scope::Global;

    fn key(&self) -> Key {
        (&self.alias,).into_key()
    }
}

/// Where the rows of an account are.
fn home(account: AccountId) -> Place {
    Place::new(account, Region::US_EAST_1)
}

impl Mrap {
    /// The one of this name.
    pub(crate) async fn find(cx: &mut Cx, account: AccountId, name: &str) -> Result<Option<Self>> {
        cx.get::<Self>(home(account), (name.as_bytes(),)).await
    }

    /// The one of this name.
    ///
    /// # Errors
    /// `NoSuchMultiRegionAccessPoint`
    async fn open(cx: &mut Cx, account: AccountId, name: &str) -> Result<Self> {
        Self::find(cx, account, name).await?.ok_or_else(|| unknown(name))
    }

    /// The one with this alias.
    pub(crate) async fn by_alias(cx: &mut Cx, alias: &str) -> Result<Option<Self>> {
        let here = cx.here();
        match cx.get::<Alias>(here, (alias,)).await? {
            Some(alias) => Self::find(cx, alias.account, &alias.name).await,
            None => Ok(None),
        }
    }

    /// Its ARN.
    pub(crate) fn arn(&self) -> String {
        arn_of(self.account, &self.alias)
    }

    /// The active bucket to which a request in this Region is routed.
    pub(crate) fn route(&self, region: Region) -> Option<&Route> {
        let active = || self.routes.iter().filter(|route| route.active);
        active().find(|route| route.region == region).or_else(|| active().next())
    }

    async fn save(&self, cx: &mut Cx) -> Result<()> {
        cx.put(home(self.account), self).await
    }
}

fn unknown(name: &str) -> Error {
    Error::from(NoSuchMultiRegionAccessPoint).with("MultiRegionAccessPointName", name)
}

// UNVERIFIED: Multi-Region Access Points are of the partition `aws` alone, as their Regions are.
fn arn_of(account: AccountId, alias: &str) -> String {
    format!("arn:aws:s3::{account}:accesspoint/{alias}")
}

/// What it takes to do `action` to a Multi-Region Access Point, which need not be there.
// UNVERIFIED: the resource of one that is not there, or is to be made: its alias is not known.
async fn access(cx: &mut Cx, action: &'static str, account: AccountId, name: &str) -> Result<Access> {
    let alias = Mrap::find(cx, account, name).await?.map(|mrap| mrap.alias);
    let arn = arn_of(account, alias.as_deref().unwrap_or("*"));
    let access = Access::to(action).on(&arn).owned_by(account).recorded_as("AWS::S3::MultiRegionAccessPoint");
    Ok(keys(access, &arn, account))
}

/// What it takes to change a Multi-Region Access Point: its manager must be allowed to list buckets as well.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManagingMultiRegionAccessPoints.html>
async fn managing(cx: &mut Cx, action: &'static str, account: AccountId, name: &str) -> Result<Access> {
    let list = Access::to("s3:ListAllMyBuckets").owned_by(account);
    Ok(access(cx, action, account, name).await?.and(list))
}

/// Adds the condition keys of requests that concern the Multi-Region Access Point with this ARN.
pub(crate) fn keys(access: Access, arn: &str, account: AccountId) -> Access {
    access
        .key("s3:DataAccessPointArn", arn)
        .key("s3:DataAccessPointAccount", account.to_string())
        .key("s3:AccessPointNetworkOrigin", "Internet")
}

/// A fresh alias.
fn draw_alias(chance: &Chance) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let drawn: [u8; 12] = chance.bytes();
    let drawn: String = drawn.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    format!("m{drawn}{ENDING}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn requests_are_routed_to_the_active_bucket_of_their_region_or_to_the_first() {
        let account: AccountId = "111122223333".parse().unwrap();
        let route = |bucket: &str, region: &str, active| Route {
            bucket: bucket.to_owned(),
            owner: account,
            region: region.parse().unwrap(),
            active,
        };
        let mrap = |routes| Mrap {
            name: "m".to_owned(),
            account,
            alias: draw_alias(&Chance::from_seed(1)),
            created: Timestamp::from_micros(0),
            status: Status::Ready,
            block: PublicAccessBlock::default(),
            routes,
            established: None,
            proposed: None,
        };
        let at = |mrap: &Mrap, region: &str| mrap.route(region.parse().unwrap()).map(|route| route.bucket.clone());
        let both = mrap(vec![route("west", "us-west-2", true), route("east", "us-east-1", true)]);
        assert_eq!(at(&both, "us-east-1").as_deref(), Some("east"));
        assert_eq!(at(&both, "eu-west-1").as_deref(), Some("west"));
        let failed_over = mrap(vec![route("west", "us-west-2", true), route("east", "us-east-1", false)]);
        assert_eq!(at(&failed_over, "us-east-1").as_deref(), Some("west"));
        assert_eq!(at(&mrap(vec![route("west", "us-west-2", false)]), "us-west-2"), None);
    }
}
