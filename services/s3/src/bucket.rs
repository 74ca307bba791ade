//! Buckets.

pub(crate) mod abac;
pub(crate) mod accelerate;
pub(crate) mod acl;
pub(crate) mod analytics;
pub(crate) mod configured;
pub(crate) mod cors;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod encryption;
pub(crate) mod intelligent_tiering;
pub(crate) mod inventory;
pub(crate) mod lifecycle;
pub(crate) mod list;
pub(crate) mod location;
pub(crate) mod logging;
pub(crate) mod metrics;
pub(crate) mod name;
pub(crate) mod notification;
pub(crate) mod object_lock;
pub(crate) mod ownership;
pub(crate) mod policy;
pub(crate) mod public;
pub(crate) mod public_access_block;
pub(crate) mod replication;
pub(crate) mod report;
pub(crate) mod request_payment;
pub(crate) mod selection;
pub(crate) mod tagging;
pub(crate) mod versioning;
pub(crate) mod website;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Arn, Cx, Error, IntoKey, Key, Place, Principal, Region, Resource, Result, Scope, Timestamp,
};

use crate::acl::policy::On;
use crate::acl::{Acl, Grantee, User};
use crate::control::account_block;
use crate::control::reach::{self, Via};
use crate::encryption::DefaultEncryption;
use crate::errors::{
    AccessDenied, AuthorizationHeaderMalformed, AuthorizationQueryParametersError, MethodNotAllowed, NoSuchBucket,
    PermanentRedirect,
};
use crate::manner;
use crate::tags::Tags;
use accelerate::Acceleration;
use logging::Logging;
use object_lock::ObjectLock;
use ownership::Ownership;
use policy::BucketPolicy;
use public_access_block::PublicAccessBlock;
use versioning::Versioning;

/// A bucket: its owner, its Region and its configuration, in one row that every access reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) owner: AccountId,
    pub(crate) region: Region,
    pub(crate) created: Timestamp,
    pub(crate) encryption: DefaultEncryption,
    /// What it blocks by itself; `None` if that was deleted: nothing is blocked then. What counts is
    /// [`blocked`](Self::blocked).
    #[serde(rename = "public_access_block")]
    pub(crate) own_block: Option<PublicAccessBlock>,
    /// What is blocked of it: by itself, by its account or by the organization. Known once it is opened.
    #[serde(skip)]
    pub(crate) blocked: PublicAccessBlock,
    /// The access point through which the request reaches it.
    #[serde(skip)]
    pub(crate) via: Option<Via>,
    /// Whether there are ownership controls.
    pub(crate) ownership_controls: bool,
    /// What they say.
    #[serde(default, skip_serializing_if = "Ownership::is_default")]
    pub(crate) ownership: Ownership,
    /// The access control list; `None` grants nothing to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) acl: Option<Acl>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<BucketPolicy>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    /// `None` if the bucket never kept versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) versioning: Option<Versioning>,
    /// Whether versions go only with a second factor; `None` if that was never said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mfa_delete: Option<bool>,
    /// Whether requesters of other accounts pay.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) requester_pays: bool,
    /// Whether it answers at the accelerated end point; `None` if it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) acceleration: Option<Acceleration>,
    /// Whether its tags decide who may do what.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) abac: bool,
    /// Whether there are lifecycle rules.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) lifecycle: bool,
    /// Whether somebody is told what happens to objects.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) notifies: bool,
    /// Whether what is written is copied to other buckets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) replicates: bool,
    /// Where its access log goes, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) logging: Option<Logging>,
    /// `None` if the bucket locks nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) object_lock: Option<ObjectLock>,
}

/// A bucket as its owner's list has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OwnedBucket {
    pub(crate) name: String,
    pub(crate) region: Region,
    pub(crate) created: Timestamp,
}

impl Resource for Bucket {
    const KIND: &'static str = "s3/bucket";
    const SCOPE: Scope = Scope::Global;

    fn key(&self) -> Key {
        (&self.name,).into_key()
    }
}

impl Resource for OwnedBucket {
    const KIND: &'static str = "s3/owned-bucket";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (self.name.as_bytes(),).into_key()
    }
}

impl Bucket {
    /// The bucket that a request addresses, if the request may be served here: it exists, lies in the Region
    /// that the request was signed for, and has the owner that the request expects.
    ///
    /// # Errors
    /// `NoSuchBucket`, `AuthorizationHeaderMalformed` and its like, `AccessDenied`
    pub(crate) async fn open(cx: &mut Cx, name: &str) -> Result<Self> {
        let bucket = Self::find(cx, name).await?;
        bucket.log(cx);
        bucket.check_acceleration(cx)?;
        bucket.check_region(cx)?;
        bucket.check_owner(cx, "x-amz-expected-bucket-owner")?;
        Ok(bucket)
    }

    /// The bucket that a request asks the Region of: its signature may be for any.
    pub(crate) async fn open_anywhere(cx: &mut Cx, name: &str) -> Result<Self> {
        let bucket = Self::find(cx, name).await?;
        bucket.log(cx);
        bucket.check_owner(cx, "x-amz-expected-bucket-owner")?;
        Ok(bucket)
    }

    /// The bucket of a job, which has nothing to do any more if it is gone.
    pub(crate) async fn open_for_job(cx: &mut Cx, name: &str) -> Result<Option<Self>> {
        match Self::open_anywhere(cx, name).await {
            Ok(bucket) => Ok(Some(bucket)),
            Err(error) if error.is("NoSuchBucket") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The bucket of a job that works where the bucket lies; one that was made anew may lie elsewhere.
    pub(crate) async fn open_here_for_job(cx: &mut Cx, name: &str) -> Result<Option<Self>> {
        let here = cx.here();
        Ok(Self::open_for_job(cx, name).await?.filter(|bucket| bucket.place() == here))
    }

    /// The bucket from which a request copies; it may lie in another Region.
    pub(crate) async fn open_source(cx: &mut Cx, name: &str) -> Result<Self> {
        let bucket = Self::find(cx, name).await?;
        bucket.log_source(cx);
        bucket.check_owner(cx, "x-amz-source-expected-bucket-owner")?;
        Ok(bucket)
    }

    async fn find(cx: &mut Cx, name: &str) -> Result<Self> {
        let here = cx.here();
        let mut bucket = match reach::bucket(cx, name).await? {
            Some(bucket) => bucket,
            None => match cx.get::<Self>(here, (name,)).await? {
                Some(bucket) => bucket,
                // S3 Control's model, whose requests come here too, does not know the error.
                None => return Err(Error::from(NoSuchBucket).status(404).with("BucketName", name)),
            },
        };
        let of_account = account_block::blocked(cx, bucket.owner).await?;
        bucket.blocked = bucket.own_block.unwrap_or_default().and(of_account);
        Ok(bucket)
    }

    /// Refuses requests that a client signed for another Region, in the way that has SDKs try the right one.
    ///
    /// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>
    fn check_region(&self, cx: &Cx) -> Result<()> {
        let caller = cx.caller();
        let anywhere = self.via.as_ref().is_some_and(Via::is_multi_region);
        if anywhere || cx.region() == self.region || caller.access_key_id.is_none() || !caller.via.is_empty() {
            return Ok(());
        }
        let (here, there) = (cx.region(), self.region);
        let headers = &cx.facts().headers;
        let host = headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let error = if host.contains(&format!("s3.{here}.amazonaws.com")) {
            Error::from(PermanentRedirect)
                .with("Bucket", self.name.as_str())
                .with("Endpoint", format!("{}.s3.{there}.amazonaws.com", self.name))
        } else if headers.contains_key(http::header::AUTHORIZATION) {
            AuthorizationHeaderMalformed::because(format!(
                "The authorization header is malformed; the region '{here}' is wrong; expecting '{there}'"
            ))
            .with("Region", there.name())
        } else {
            AuthorizationQueryParametersError::because(format!(
                "Error parsing the X-Amz-Credential parameter; the region '{here}' is wrong; expecting '{there}'"
            ))
            .with("Region", there.name())
        };
        Err(error.header(BUCKET_REGION, there.name()))
    }

    fn check_owner(&self, cx: &Cx, header: &str) -> Result<()> {
        match cx.facts().headers.get(header) {
            Some(expected) if expected.as_bytes() != self.owner.to_string().as_bytes() => Err(AccessDenied.into()),
            _ => Ok(()),
        }
    }

    /// Its ARN.
    pub(crate) fn arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.region.partition(), self.name)
    }

    /// The ARN of an object in it.
    pub(crate) fn object_arn(&self, key: &str) -> String {
        format!("{}/{key}", self.arn())
    }

    /// Where its objects are kept: the owner's account, the bucket's Region.
    pub(crate) fn place(&self) -> Place {
        Place::new(self.owner, self.region)
    }

    /// What it takes to do `action` to the bucket.
    pub(crate) fn access(&self, cx: &Cx, action: &'static str) -> Access {
        let access = self.demand(cx, action, None).recorded_as("AWS::S3::Bucket");
        access.acl(self.policy_of(self.acl.as_ref(), On::Bucket, User::Account(self.owner)))
    }

    /// The list as it is told.
    pub(crate) fn effective_acl(&self) -> Option<&Acl> {
        self.acl.as_ref().filter(|_| self.takes_lists())
    }

    /// Whether its list grants something to others than its owner, if it counts or not.
    pub(crate) fn grants_others(&self) -> bool {
        let owner = Grantee::User(User::Account(self.owner));
        self.acl.iter().flat_map(|acl| &acl.0).any(|grant| grant.grantee != owner)
    }

    /// What a list of the bucket, or of an object in it, grants to others than the owner, as a policy.
    pub(crate) fn policy_of(&self, acl: Option<&Acl>, on: On, owner: User) -> Option<String> {
        if !self.takes_lists() {
            return None;
        }
        let ignore_public = self.blocked.ignore_public_acls;
        match acl {
            Some(acl) => acl.policy(on, owner, ignore_public),
            None if owner.account().is_none() => Acl::private(owner).policy(on, owner, ignore_public),
            None => None,
        }
    }

    /// What it takes to do `action` to an object of the bucket.
    pub(crate) fn object_access(&self, cx: &Cx, action: &'static str, key: &str) -> Access {
        self.demand(cx, action, Some(key)).recorded_as("AWS::S3::Object")
    }

    fn demand(&self, cx: &Cx, action: &'static str, key: Option<&str>) -> Access {
        let arn = key.map_or_else(|| self.arn(), |key| self.object_arn(key));
        let access = Access::to(action).on(arn).owned_by(self.owner).policy(self.effective_policy(cx));
        let access = self.tag_keys(access.key("s3:ResourceAccount", self.owner.to_string()));
        let access = match &self.via {
            Some(via) => via.keys(access).through(Some(via.through(key))),
            None => access,
        };
        manner::keys(cx, access)
    }

    /// The policy as it bears on the caller: `RestrictPublicBuckets` leaves a public one to the owner's
    /// account and to AWS services.
    fn effective_policy(&self, cx: &Cx) -> Option<&str> {
        let policy = self.policy.as_ref()?;
        let restricted = policy.public && self.blocked.restrict_public_buckets;
        let exempt = match cx.principal() {
            Principal::Service(_) => true,
            principal => principal.account().is_some_and(|account| {
                account == self.owner || self.via.as_ref().is_some_and(|via| via.owner() == account)
            }),
        };
        (!restricted || exempt).then_some(policy.json.as_str())
    }

    /// The policy is the business of the owner's account alone, whatever it permits others.
    ///
    /// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>
    pub(crate) fn check_same_account(&self, cx: &Cx) -> Result<()> {
        match cx.principal() {
            Principal::Service(_) => Ok(()),
            principal if principal.account() == Some(self.owner) => Ok(()),
            _ => Err(MethodNotAllowed.into()),
        }
    }

    /// Stores the bucket.
    pub(crate) async fn save(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        cx.put(here, self).await
    }
}

/// The header that tells the Region of a bucket.
pub(crate) const BUCKET_REGION: &str = "x-amz-bucket-region";

/// The owner of a bucket or object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Owner {
    /// Canonical user id.
    #[serde(rename = "ID")]
    pub(crate) id: String,
}

impl Owner {
    pub(crate) fn of(account: AccountId) -> Self {
        Self::named(User::Account(account))
    }

    pub(crate) fn named(user: User) -> Self {
        Self { id: user.id() }
    }
}

/// The ARN of a bucket that is not there.
pub(crate) fn arn_of(region: Region, name: &str) -> String {
    format!("arn:{}:s3:::{name}", region.partition())
}

/// Whether `text` is an ARN of this bucket or of objects in it.
pub(crate) fn is_of(bucket: &str, text: &str) -> bool {
    let Ok(arn) = text.parse::<Arn>() else { return false };
    let resource = arn.resource();
    arn.service() == "s3"
        && (resource == bucket || resource.strip_prefix(bucket).is_some_and(|rest| rest.starts_with('/')))
}
