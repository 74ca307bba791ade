//! Access points: names of their own for a bucket, each with a policy, a block of public access and tags.
//!
//! | row | key | what |
//! | --- | --- | --- |
//! | `s3/access-point` | name, in the owner's account and the Region | the access point |
//! | `s3/access-point-alias` | alias, for all | whose alias it is |
//! | `s3/attached-access-point` | bucket, account, Region, name, for all | which access points a bucket has |
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points.html>

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod name;
pub(crate) mod policy;
pub(crate) mod reach;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Cx, Error, IntoKey, Key, Page, Place, Region, Resource, Result, Scope, Timestamp,
};

use super::errors::NoSuchAccessPoint;
use crate::bucket::public_access_block::PublicAccessBlock;
use crate::tags::Tags;
use policy::PointPolicy;

/// An access point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccessPoint {
    pub(crate) name: String,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) bucket: String,
    /// Who owned the bucket when the access point was made: it serves no other owner's bucket of that name.
    pub(crate) bucket_owner: AccountId,
    /// The only VPC from which it takes requests; `None` if it takes them from anywhere.
    pub(crate) vpc: Option<String>,
    pub(crate) block: PublicAccessBlock,
    pub(crate) policy: Option<PointPolicy>,
    pub(crate) tags: Tags,
    pub(crate) alias: String,
    pub(crate) created: Timestamp,
}

impl Resource for AccessPoint {
    const KIND: &'static str = "s3/access-point";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.name.as_bytes(),).into_key()
    }
}

/// An alias, and whose it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alias {
    alias: String,
    pub(crate) of: Address,
}

impl Resource for Alias {
    const KIND: &'static str = "s3/access-point-alias";
    const SCOPE: Scope = Scope::Global;

    fn key(&self) -> Key {
        (&self.alias,).into_key()
    }
}

/// An access point of a bucket.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Attached {
    bucket: String,
    of: Address,
}

impl Resource for Attached {
    const KIND: &'static str = "s3/attached-access-point";
    const SCOPE: Scope = Scope::Global;

    fn key(&self) -> Key {
        (&self.bucket, self.of.account, self.of.region, self.of.name.as_bytes()).into_key()
    }
}

/// Where an access point is, and its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

impl Address {
    /// The access point of an account in the Region of the call.
    pub(crate) fn here(cx: &Cx, account: AccountId, name: &str) -> Self {
        Self { account, region: cx.region(), name: name.to_owned() }
    }

    pub(crate) fn place(&self) -> Place {
        Place::new(self.account, self.region)
    }

    /// Its ARN.
    pub(crate) fn arn(&self) -> String {
        let Self { account, region, name } = self;
        format!("arn:{}:s3:{region}:{account}:accesspoint/{name}", region.partition())
    }

    /// The access point that is there, if there is one.
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<AccessPoint>> {
        cx.get::<AccessPoint>(self.place(), (self.name.as_bytes(),)).await
    }

    /// The access point that is there.
    ///
    /// # Errors
    /// `NoSuchAccessPoint`
    pub(crate) async fn open(&self, cx: &mut Cx) -> Result<AccessPoint> {
        match self.find(cx).await? {
            Some(point) => Ok(point),
            None => Err(Error::from(NoSuchAccessPoint).with("AccessPointName", self.name.as_str())),
        }
    }

    /// What it takes to do `action` to the access point, which need not be there.
    // UNVERIFIED: that the access point's own policy, which speaks of data, has no part in this.
    pub(crate) async fn access(&self, cx: &mut Cx, action: &'static str) -> Result<Access> {
        let access = Access::to(action).on(self.arn()).owned_by(self.account).recorded_as("AWS::S3::AccessPoint");
        Ok(match self.find(cx).await? {
            Some(point) => point.keys(access).resource_tags(&point.tags),
            None => access,
        })
    }
}

impl AccessPoint {
    pub(crate) fn address(&self) -> Address {
        Address { account: self.account, region: self.region, name: self.name.clone() }
    }

    /// Its ARN.
    pub(crate) fn arn(&self) -> String {
        self.address().arn()
    }

    /// `Internet` or `VPC`.
    pub(crate) fn network_origin(&self) -> &'static str {
        if self.vpc.is_some() { "VPC" } else { "Internet" }
    }

    /// The condition keys of requests that concern it.
    pub(crate) fn keys(&self, access: Access) -> Access {
        let access = access
            .key("s3:DataAccessPointArn", self.arn())
            .key("s3:DataAccessPointAccount", self.account.to_string())
            .key("s3:AccessPointNetworkOrigin", self.network_origin());
        self.tags.iter().fold(access, |access, (key, value)| access.key(format!("s3:AccessPointTag/{key}"), value))
    }

    /// Stores it.
    pub(crate) async fn save(&self, cx: &mut Cx) -> Result<()> {
        cx.put(self.address().place(), self).await
    }
}

/// Whether a bucket has access points in its owner's account.
// UNVERIFIED: that those of other accounts do not keep the bucket; they lead nowhere then.
pub(crate) async fn keeps_bucket(cx: &mut Cx, bucket: &str, owner: AccountId) -> Result<bool> {
    let here = cx.here();
    Ok(!cx.list::<Attached>(here, (bucket, owner), Page::of(1, None)).await?.is_empty())
}
