//! CreateBucket.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Error, Operation, Region, Result};

use super::object_lock::ObjectLock;
use super::ownership::Ownership;
use super::versioning::Versioning;
use super::{Bucket, OwnedBucket, accelerate, arn_of, name};
use crate::acl::headers::Headers;
use crate::acl::{Acl, Given, User};
use crate::encryption::DefaultEncryption;
use crate::errors::{
    BucketAlreadyExists, BucketAlreadyOwnedByYou, IllegalLocationConstraintException,
    InvalidBucketAclWithBlockPublicAccessError, InvalidBucketAclWithObjectOwnership, InvalidBucketName,
    InvalidLocationConstraint, invalid_argument, not_implemented,
};
use crate::manner;
use crate::tags::{self, Tag};

/// Makes a bucket in the Region of the request.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateBucket {
    bucket: String,
    create_bucket_configuration: Option<Configuration>,
    #[serde(rename = "ACL")]
    acl: Option<String>,
    grant_full_control: Option<String>,
    grant_read: Option<String>,
    #[serde(rename = "GrantReadACP")]
    grant_read_acp: Option<String>,
    grant_write: Option<String>,
    #[serde(rename = "GrantWriteACP")]
    grant_write_acp: Option<String>,
    object_lock_enabled_for_bucket: Option<bool>,
    object_ownership: Option<String>,
    bucket_namespace: Option<String>,
}

/// Where and how.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    location_constraint: Option<String>,
    location: Option<Location>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// The location of a directory bucket.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Location {
    #[serde(rename = "Type")]
    kind: Option<String>,
}

/// Answer of [`CreateBucket`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateBucketOutput {
    location: String,
    bucket_arn: String,
}

impl Operation for CreateBucket {
    const NAME: &str = "CreateBucket";
    type Output = CreateBucketOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        accelerate::check_operation(cx, &self.bucket)?;
        if !name::is_valid(&self.bucket) {
            let error = Error::from(InvalidBucketName);
            return Err(error.with("BucketName", self.bucket.as_str()));
        }
        let arn = arn_of(cx.region(), &self.bucket);
        let owned = |action| manner::keys(cx, Access::to(action).on(&arn).owned_by(cx.account()));
        let mut access = owned("s3:CreateBucket").recorded_as("AWS::S3::Bucket");
        if let Some(constraint) = self.constraint() {
            access = access.key("s3:locationconstraint", constraint);
        }
        access = self.given().keys(access);
        if self.given().canned != Some("private") && !self.given().is_empty() {
            access = access.and(self.given().keys(owned("s3:PutBucketAcl")));
        }
        if let Some(ownership) = &self.object_ownership {
            let key = |access: Access| access.key("s3:x-amz-object-ownership", ownership);
            access = key(access).and(key(owned("s3:PutBucketOwnershipControls")));
        }
        if self.locks() {
            access = access.and(owned("s3:PutBucketObjectLockConfiguration")).and(owned("s3:PutBucketVersioning"));
        }
        let tags = self.tags()?;
        if tags.is_empty() {
            return Ok(access);
        }
        Ok(access.request_tags(&tags).and(owned("s3:TagResource").request_tags(&tags)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateBucketOutput> {
        self.check()?;
        let region = self.region(cx.region())?;
        let (here, owner) = (cx.here(), cx.account());
        if let Some(existing) = cx.get::<Bucket>(here, (&self.bucket,)).await? {
            if existing.owner != owner {
                return Err(Error::from(BucketAlreadyExists).with("BucketName", self.bucket.as_str()));
            }
            // In us-east-1 the owner may make the bucket again, as in the beginning of S3.
            if existing.region != Region::US_EAST_1 || region != Region::US_EAST_1 {
                let error = Error::from(BucketAlreadyOwnedByYou);
                return Err(error.with("BucketName", self.bucket.as_str()));
            }
            return Ok(self.output(region));
        }
        let locks = self.locks();
        let (ownership, acl) = self.lists(owner)?;
        let bucket = Bucket {
            name: self.bucket.clone(),
            owner,
            region,
            created: cx.now().whole_secs(),
            encryption: DefaultEncryption::default(),
            own_block: Some(super::public_access_block::ALL),
            blocked: super::public_access_block::ALL,
            via: None,
            ownership_controls: true,
            ownership,
            acl,
            policy: None,
            tags: self.tags()?,
            versioning: locks.then_some(Versioning::Enabled),
            logging: None,
            object_lock: locks.then(ObjectLock::default),
            mfa_delete: None,
            requester_pays: false,
            acceleration: None,
            abac: false,
            lifecycle: false,
            notifies: false,
            replicates: false,
        };
        let owned = OwnedBucket { name: bucket.name.clone(), region, created: bucket.created };
        cx.put(here, &owned).await?;
        bucket.save(cx).await?;
        Ok(self.output(region))
    }
}

impl CreateBucket {
    fn locks(&self) -> bool {
        self.object_lock_enabled_for_bucket == Some(true)
    }

    fn constraint(&self) -> Option<&str> {
        self.create_bucket_configuration.as_ref()?.location_constraint.as_deref().filter(|text| !text.is_empty())
    }

    fn tags(&self) -> Result<BTreeMap<String, String>> {
        let tags = self.create_bucket_configuration.as_ref().map_or(&[][..], |configuration| &configuration.tags);
        tags::from_list(tags, tags::MOST_OF_BUCKET)
    }

    fn given(&self) -> Given<'_> {
        Given {
            canned: self.acl.as_deref(),
            headers: Headers {
                full_control: self.grant_full_control.as_deref(),
                read: self.grant_read.as_deref(),
                read_acp: self.grant_read_acp.as_deref(),
                write: self.grant_write.as_deref(),
                write_acp: self.grant_write_acp.as_deref(),
            },
            body: None,
        }
    }

    /// Who owns the objects, and the list.
    fn lists(&self, owner: AccountId) -> Result<(Ownership, Option<Acl>)> {
        let ownership = match self.object_ownership.as_deref() {
            None => Ownership::default(),
            Some(name) => Ownership::by_name(name).ok_or_else(|| {
                invalid_argument("Invalid x-amz-object-ownership header", "x-amz-object-ownership", name)
            })?,
        };
        let owner = User::Account(owner);
        let acl = self.given().of_bucket(owner)?.filter(|acl| *acl != Acl::private(owner));
        match &acl {
            Some(_) if ownership == Ownership::BucketOwnerEnforced => {
                Err(Error::from(InvalidBucketAclWithObjectOwnership).with("BucketName", self.bucket.as_str()))
            }
            // New buckets block them.
            Some(acl) if acl.is_public() => {
                Err(Error::from(InvalidBucketAclWithBlockPublicAccessError).with("BucketName", self.bucket.as_str()))
            }
            _ => Ok((ownership, acl)),
        }
    }

    fn check(&self) -> Result<()> {
        if self.bucket_namespace.as_deref().is_some_and(|namespace| namespace != "global") {
            return Err(not_implemented("account-regional bucket namespaces"));
        }
        let configuration = self.create_bucket_configuration.as_ref();
        if configuration.and_then(|configuration| configuration.location.as_ref()).is_some_and(|l| l.kind.is_some()) {
            return Err(not_implemented("directory buckets"));
        }
        Ok(())
    }

    /// The Region of the bucket: the one the request was sent to, which a location constraint must name
    /// unless it is us-east-1, for which there is none.
    fn region(&self, here: Region) -> Result<Region> {
        let illegal = |name: &str| {
            IllegalLocationConstraintException::because(format!(
                "The {name} location constraint is incompatible for the region specific endpoint this request was sent to."
            ))
        };
        let Some(constraint) = self.constraint() else {
            return if here == Region::US_EAST_1 { Ok(here) } else { Err(illegal("unspecified")) };
        };
        let named = if constraint == "EU" { "eu-west-1" } else { constraint };
        match named.parse::<Region>() {
            // us-east-1 is what it is without a constraint, and no constraint can say so.
            Err(_) | Ok(Region::US_EAST_1) => {
                let error = Error::from(InvalidLocationConstraint);
                Err(error.with("LocationConstraint", constraint))
            }
            // The end point of us-east-1 makes buckets in every Region of its partition.
            Ok(region) if here == Region::US_EAST_1 && region.partition() == here.partition() => Ok(region),
            Ok(region) if region == here => Ok(region),
            Ok(_) => Err(illegal(constraint)),
        }
    }

    fn output(&self, region: Region) -> CreateBucketOutput {
        CreateBucketOutput { location: format!("/{}", self.bucket), bucket_arn: arn_of(region, &self.bucket) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn region(here: &str, constraint: Option<&str>) -> Result<Region> {
        let json = serde_json::json!({
            "Bucket": "b", "CreateBucketConfiguration": { "LocationConstraint": constraint },
        });
        serde_json::from_value::<CreateBucket>(json).unwrap().region(here.parse().unwrap())
    }

    #[test]
    fn a_location_constraint_names_the_region_of_the_request() {
        assert_eq!(region("us-east-1", None).unwrap().name(), "us-east-1");
        assert_eq!(region("us-east-1", Some("eu-west-1")).unwrap().name(), "eu-west-1");
        assert_eq!(region("us-east-1", Some("EU")).unwrap().name(), "eu-west-1");
        assert_eq!(region("eu-west-1", Some("eu-west-1")).unwrap().name(), "eu-west-1");
        assert_eq!(
            region("us-west-2", Some("")).unwrap_err().answer().unwrap().code,
            "IllegalLocationConstraintException"
        );
        assert!(region("eu-west-1", None).unwrap_err().is("IllegalLocationConstraintException"));
        assert!(region("eu-west-1", Some("us-west-2")).unwrap_err().is("IllegalLocationConstraintException"));
        assert!(region("us-east-1", Some("us-east-1")).unwrap_err().is("InvalidLocationConstraint"));
        assert!(region("us-east-1", Some("nowhere")).unwrap_err().is("InvalidLocationConstraint"));
    }
}
