//! CreateAccessPoint.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Operation, Result};

use super::name::{draw_alias, is_valid};
use super::{AccessPoint, Address, Alias, Attached};
use crate::bucket::Bucket;
use crate::bucket::public_access_block::{ALL, PublicAccessBlock};
use crate::control::errors::{
    AccessDenied, AccessPointAlreadyOwnedByYou, InvalidRequest, NoSuchBucket, TooManyAccessPoints,
};
use crate::tags::{self, Tag, Tags};

/// Access points of an account in a Region.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html>
const MOST: u64 = 10_000;

/// Makes an access point of a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessPoint.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateAccessPoint {
    account_id: AccountId,
    name: String,
    bucket: String,
    bucket_account_id: Option<AccountId>,
    vpc_configuration: Option<VpcConfiguration>,
    public_access_block_configuration: Option<PublicAccessBlock>,
    scope: Option<Scope>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// The VPC from which an access point takes requests.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VpcConfiguration {
    pub(super) vpc_id: String,
}

/// What an access point of a directory bucket is limited to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Scope {}

/// Answer of [`CreateAccessPoint`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateAccessPointOutput {
    access_point_arn: String,
    alias: String,
}

impl Operation for CreateAccessPoint {
    const NAME: &str = "CreateAccessPoint";
    type Output = CreateAccessPointOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let point = self.point(cx, self.tags()?);
        let arn = point.arn();
        let create = Access::to("s3:CreateAccessPoint").on(&arn).owned_by(self.account_id);
        let mut access = point.keys(create).request_tags(&point.tags).recorded_as("AWS::S3::AccessPoint");
        if self.public_access_block_configuration.is_some() {
            access = access.and(Access::to("s3:PutAccessPointPublicAccessBlock").owned_by(self.account_id));
        }
        if !point.tags.is_empty() {
            let tag = Access::to("s3:TagResource").on(&arn).owned_by(self.account_id);
            access = access.and(tag.request_tags(&point.tags));
        }
        Ok(access)
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateAccessPointOutput> {
        self.check()?;
        let address = Address::here(cx, self.account_id, &self.name);
        if address.find(cx).await?.is_some() {
            return Err(AccessPointAlreadyOwnedByYou.into());
        }
        if cx.count::<AccessPoint>(address.place(), (&[0_u8][..],), (&[255_u8][..],)).await? >= MOST {
            return Err(TooManyAccessPoints.into());
        }
        self.check_bucket(cx).await?;
        let mut point = self.point(cx, self.tags()?);
        point.alias = draw_alias(cx.chance(), &self.name);
        let here = cx.here();
        cx.put(here, &Alias { alias: point.alias.clone(), of: address.clone() }).await?;
        cx.put(here, &Attached { bucket: self.bucket.clone(), of: address }).await?;
        point.save(cx).await?;
        Ok(CreateAccessPointOutput { access_point_arn: point.arn(), alias: point.alias })
    }
}

impl CreateAccessPoint {
    fn tags(&self) -> Result<Tags> {
        tags::from_list(&self.tags, tags::MOST_OF_BUCKET)
    }

    fn point(&self, cx: &Cx, tags: Tags) -> AccessPoint {
        AccessPoint {
            name: self.name.clone(),
            account: self.account_id,
            region: cx.region(),
            bucket: self.bucket.clone(),
            bucket_owner: self.bucket_account_id.unwrap_or(self.account_id),
            vpc: self.vpc_configuration.as_ref().map(|vpc| vpc.vpc_id.clone()),
            block: self.public_access_block_configuration.unwrap_or(ALL),
            policy: None,
            tags,
            alias: String::new(),
            created: cx.now().whole_secs(),
        }
    }

    // UNVERIFIED: the codes and messages of this and of `check_bucket`, which the documentation does not show.
    fn check(&self) -> Result<()> {
        if !is_valid(&self.name) {
            return Err(InvalidRequest::because("Your Amazon S3 AccessPoint name is invalid"));
        }
        if self.scope.is_some() {
            return Err(InvalidRequest::because("Scope is supported for access points of directory buckets only."));
        }
        Ok(())
    }

    /// The bucket must be there, in the same Region, and be whose the request says.
    async fn check_bucket(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let Some(bucket) = cx.get::<Bucket>(here, (&self.bucket,)).await? else {
            return Err(NoSuchBucket.into());
        };
        if bucket.owner != self.bucket_account_id.unwrap_or(self.account_id) {
            return Err(AccessDenied.into());
        }
        if bucket.region != cx.region() {
            return Err(InvalidRequest::because("The bucket and the access point must be in the same Region."));
        }
        Ok(())
    }
}
