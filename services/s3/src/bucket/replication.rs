//! Replication: what is written to a bucket is copied to others.
//!
//! | what | where |
//! | --- | --- |
//! | the configuration, and its operations | here; [`rule`], [`check`] |
//! | how far an object is on its way to each destination | [`progress`], in the object's row |
//! | what a write, a deletion and a change of settings set going | [`begin`] |
//! | what a batch job sets going | [`existing`] |
//! | the job that brings one version to one destination | [`replicate`] |
//! | what it does there, with the rights of the replication role | [`replica`], [`setting`], [`marker`] |
//! | why it cannot | [`failure`] |
//! | replication that takes longer than its time | [`threshold`] |
//!
//! A job brings a version, or its settings, to the state that they have when it runs. Running it again changes
//! nothing, and the order of jobs does not matter for what they end in: a version keeps its id at the destination, and
//! takes the place among the others that the id says.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html>

pub(crate) mod begin;
mod check;
pub(crate) mod existing;
mod failure;
mod marker;
pub(crate) mod progress;
mod replica;
pub(crate) mod replicate;
mod role;
mod rule;
mod setting;
pub(crate) mod threshold;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Empty, Error, IntoKey, Key, Operation, Place, Resource, Result, Scope};

use super::Bucket;
use super::versioning::Versioning;
use crate::errors::{InvalidRequest, ReplicationConfigurationNotFoundError};
use rule::Rule;

/// The configuration of a bucket, in a row of its own: [`Bucket::replicates`] tells whether there is one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Replication {
    bucket: String,
    role: String,
    rules: Vec<Rule>,
}

impl Resource for Replication {
    const KIND: &'static str = "s3/replication";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.bucket,).into_key()
    }
}

impl Replication {
    /// The configuration of a bucket, if it has one.
    async fn of(cx: &mut Cx, bucket: &Bucket) -> Result<Option<Self>> {
        if !bucket.replicates {
            return Ok(None);
        }
        cx.get(bucket.place(), (&bucket.name,)).await
    }
}

/// The configuration as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    role: String,
    #[serde(default)]
    rules: Vec<Rule>,
}

/// Has what is written to a bucket copied to others.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketReplication {
    bucket: String,
    replication_configuration: Configuration,
}

impl Operation for PutBucketReplication {
    const NAME: &str = "PutBucketReplication";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let role = role::arn(&self.replication_configuration.role)?;
        Ok(bucket.access(cx, "s3:PutReplicationConfiguration").and(passing(&role, &bucket)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        let Configuration { role, mut rules } = self.replication_configuration.clone();
        role::check_owner(cx, &role)?;
        check::check(&rules)?;
        if bucket.versioning != Some(Versioning::Enabled) {
            return Err(InvalidRequest::because(
                "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
            ));
        }
        for rule in &mut rules {
            check_destination(cx, &bucket, rule).await?;
            rule.id.get_or_insert_with(|| cx.chance().uuid());
        }
        cx.put(bucket.place(), &Replication { bucket: bucket.name.clone(), role, rules }).await?;
        bucket.replicates = true;
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}

/// Who sets a configuration hands its role to S3.
fn passing(role: &Arn, bucket: &Bucket) -> Access {
    Access::to("iam:PassRole")
        .on(role)
        .key("iam:PassedToService", crate::PRINCIPAL)
        .key("iam:AssociatedResourceArn", bucket.arn())
}

/// The destination must keep versions as well.
async fn check_destination(cx: &mut Cx, bucket: &Bucket, rule: &Rule) -> Result<()> {
    let name = rule.destination.bucket_name()?;
    if name == bucket.name {
        // UNVERIFIED: the wording.
        return Err(InvalidRequest::because("Destination bucket cannot be the same as the source bucket."));
    }
    match cx.get::<Bucket>(bucket.place(), (name,)).await? {
        None => Err(InvalidRequest::because("Destination bucket must exist.")),
        Some(to) if to.versioning != Some(Versioning::Enabled) => {
            Err(InvalidRequest::because("Destination bucket must have versioning enabled."))
        }
        Some(_) => Ok(()),
    }
}

/// Tells where what is written to a bucket is copied to.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketReplication.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketReplication {
    bucket: String,
}

/// Answer of [`GetBucketReplication`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketReplicationOutput {
    replication_configuration: Configuration,
}

impl Operation for GetBucketReplication {
    const NAME: &str = "GetBucketReplication";
    type Output = GetBucketReplicationOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetReplicationConfiguration"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketReplicationOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        match Replication::of(cx, &bucket).await? {
            Some(Replication { role, rules, .. }) => {
                Ok(GetBucketReplicationOutput { replication_configuration: Configuration { role, rules } })
            }
            None => Err(Error::from(ReplicationConfigurationNotFoundError).with("BucketName", bucket.name)),
        }
    }
}

/// Ends replication from a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketReplication.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteBucketReplication {
    bucket: String,
}

impl Operation for DeleteBucketReplication {
    const NAME: &str = "DeleteBucketReplication";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutReplicationConfiguration"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        forget(cx, bucket.place(), &bucket.name)?;
        bucket.replicates = false;
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}

/// Forgets the configuration of a bucket that is deleted.
pub(crate) fn forget(cx: &mut Cx, place: Place, bucket: &str) -> Result<()> {
    cx.discard::<Replication>(place, (bucket,))
}
