//! Jobs that nobody confirmed for long, and jobs that ended long ago.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-managing-jobs.html>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Result, Schedule, Timestamp};

use super::PRINCIPAL;
use super::job::{BatchJob, Failure, Status};
use super::turn;

const DAY: u64 = 24 * 60 * 60;

/// How long a job waits to be confirmed.
const CONFIRMED: Duration = Duration::from_secs(30 * DAY);

/// How long a job is remembered that has ended.
const REMEMBERED: Duration = Duration::from_secs(90 * DAY);

/// Looks whether a job has waited too long, or was remembered for long enough.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Expire {
    job: String,
}

/// To be called when a job is suspended.
pub(super) async fn of_suspended(cx: &mut Cx, job: &BatchJob) -> Result<()> {
    plan(cx, job, cx.after(CONFIRMED)).await
}

/// To be called when a job has ended.
pub(super) async fn of_ended(cx: &mut Cx, job: &BatchJob) -> Result<()> {
    plan(cx, job, cx.after(REMEMBERED)).await
}

/// A job has one of these; the later takes the place of the earlier.
async fn plan(cx: &mut Cx, job: &BatchJob, at: Timestamp) -> Result<()> {
    let id = format!("s3/batch-expiry/{}/{}/{}", job.account, job.region, job.id);
    cx.enqueue_at(job.place(), &Expire { job: job.id.clone() }, Schedule::at(at).id(id)).await.map(drop)
}

impl Job for Expire {
    const NAME: &'static str = "s3/batch-expiry";
    const PRINCIPAL: &'static str = PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let Some(mut job) = BatchJob::find(cx, place, &self.job).await? else { return Ok(()) };
        if job.status == Status::Suspended {
            // UNVERIFIED: the code and the wording; that the job fails is documented.
            let failure = Failure::new("ConfirmationExpired", "The job was not confirmed within 30 days");
            job.fail(failure, cx.now());
            job.save(cx).await?;
            return turn::wake(cx, place).await;
        }
        if job.status.is_final() {
            cx.delete::<BatchJob>(place, super::job::row(job.created, &job.id)).await?;
        }
        Ok(())
    }
}
