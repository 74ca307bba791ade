//! Objects that are there already: batch jobs have them replicated.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html>

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Event, Operation, Result};

use super::Replication;
use super::begin::start;
use super::replicate::What;
use super::rule::{Rule, foremost};
use crate::bucket::Bucket;
use crate::errors::InvalidRequest;
use crate::object::Object;
use crate::object::access::{self, Existing};
use crate::object::version;

/// Which objects of a bucket can be replicated.
pub(crate) struct Eligible(Vec<Rule>);

impl Eligible {
    /// Those of the bucket's rules.
    pub(crate) async fn of(cx: &mut Cx, bucket: &Bucket) -> Result<Self> {
        Ok(Self(Replication::of(cx, bucket).await?.map(|replication| replication.rules).unwrap_or_default()))
    }

    /// Whether a rule replicates the object.
    pub(crate) fn takes(&self, object: &Object) -> bool {
        self.0.iter().any(|rule| rule.takes(object))
    }
}

/// Has a version replicated that is there, wherever the rules of its bucket lead.
// UNVERIFIED: how CloudTrail tells of it; the permission is documented.
#[derive(Debug, Deserialize)]
pub(crate) struct InitiateReplication {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
}

impl Operation for InitiateReplication {
    const NAME: &str = "PutObject";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to_existing(cx, "s3:InitiateReplication", &self.bucket, &self.key, self.version.as_deref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let existing = access::existing(cx, &self.bucket, &self.key, self.version.as_deref(), "PUT").await?;
        let Existing { bucket, mut object, current } = existing;
        let replication = Replication::of(cx, &bucket).await?;
        let rules = replication.iter().flat_map(|replication| &replication.rules);
        let rules = foremost(rules.filter(|rule| rule.takes(&object)));
        if rules.is_empty() {
            // UNVERIFIED: the code and the wording.
            return Err(InvalidRequest::because("No replication rule of the bucket applies to the object"));
        }
        start(cx, &bucket, &mut object, &rules, What::Object).await?;
        version::update(cx, &bucket, object, current).await?;
        Ok(Empty {})
    }
}
