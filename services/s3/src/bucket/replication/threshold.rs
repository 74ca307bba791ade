//! Replication that takes longer than S3 Replication Time Control allows.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Result};

use super::replicate::Replicate;
use crate::bucket::Bucket;
use crate::object::version::Found;

/// Tells that a version is still not replicated; what is replicated in time cancels it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Missed {
    pub(super) of: Replicate,
}

impl Missed {
    /// The id of the job.
    pub(super) fn id(&self) -> String {
        format!("{}/{}", Self::NAME, self.of.name())
    }
}

impl Job for Missed {
    const NAME: &'static str = "s3/replication-threshold";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let Some(bucket) = Bucket::open_here_for_job(cx, self.of.bucket()).await? else { return Ok(()) };
        match self.of.found(cx, &bucket).await? {
            Found::Nothing => Ok(()),
            found => self.of.tell(cx, &bucket, &found, "Replication:OperationMissedThreshold", None).await,
        }
    }
}
