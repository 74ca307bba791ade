//! UpdateJobPriority and UpdateJobStatus.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Operation, Place, Result};

use super::job::{self, BatchJob, Status};
use super::turn;
use crate::control::errors::{InvalidRequest, JobStatusException};

/// Gives a job another priority.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UpdateJobPriority.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateJobPriority {
    account_id: AccountId,
    job_id: String,
    priority: u32,
}

/// Answer of [`UpdateJobPriority`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateJobPriorityOutput {
    job_id: String,
    priority: u32,
}

impl Operation for UpdateJobPriority {
    const NAME: &str = "UpdateJobPriority";
    type Output = UpdateJobPriorityOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = job::access(cx, "s3:UpdateJobPriority", self.account_id, &self.job_id).await?;
        Ok(access.key("s3:RequestJobPriority", self.priority.to_string()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<UpdateJobPriorityOutput> {
        let place = Place::new(self.account_id, cx.region());
        let mut job = BatchJob::open(cx, place, &self.job_id).await?;
        if job.status.is_final() {
            // UNVERIFIED: the code and the wording.
            return Err(InvalidRequest::because("The priority of a job that has ended cannot be changed"));
        }
        job.priority = self.priority;
        job.save(cx).await?;
        turn::wake(cx, place).await?;
        Ok(UpdateJobPriorityOutput { job_id: job.id, priority: job.priority })
    }
}

/// Confirms a job, or cancels it.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UpdateJobStatus.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateJobStatus {
    account_id: AccountId,
    job_id: String,
    requested_job_status: Requested,
    status_update_reason: Option<String>,
}

/// What a job is asked to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Requested {
    Cancelled,
    Ready,
}

/// Answer of [`UpdateJobStatus`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateJobStatusOutput {
    job_id: String,
    status: Status,
    status_update_reason: Option<String>,
}

impl Operation for UpdateJobStatus {
    const NAME: &str = "UpdateJobStatus";
    type Output = UpdateJobStatusOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        job::access(cx, "s3:UpdateJobStatus", self.account_id, &self.job_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UpdateJobStatusOutput> {
        let place = Place::new(self.account_id, cx.region());
        let mut job = BatchJob::open(cx, place, &self.job_id).await?;
        let status = match self.requested_job_status {
            Requested::Ready if job.status == Status::Suspended => Status::Ready,
            Requested::Cancelled if job.status.can_be_cancelled() => Status::Cancelling,
            requested => {
                // UNVERIFIED: the wording.
                return Err(JobStatusException::because(format!(
                    "A job in the status {:?} cannot be moved to the status {requested:?}.",
                    job.status
                )));
            }
        };
        job.turn_to(status, cx.now());
        job.status_reason = self.status_update_reason.clone();
        job.save(cx).await?;
        turn::wake(cx, place).await?;
        Ok(UpdateJobStatusOutput { job_id: job.id, status: job.status, status_update_reason: job.status_reason })
    }
}
