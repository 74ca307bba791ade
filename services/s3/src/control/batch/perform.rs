//! Tasks are done, in the order of the manifest, each by a call of S3 as the job's role.

use std::time::Duration;

use serde_json::json;
use welkin_kernel::{Call, Cx, Operation, Principal, Result, Timestamp};

use super::job::{BatchJob, Failure, Status};
use super::operation::Way;
use super::task::{Outcome, Task};
use crate::bucket::Bucket;
use crate::bucket::replication::existing::InitiateReplication;
use crate::bucket::replication::progress::Status as Replicated;
use crate::object::version::{self, Found};

/// Tasks that are done at once, where none of them brings bytes to rest.
const BATCH: u64 = 50;

/// Tasks after which a job fails of which more than half have failed.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html>
const TRIED: u64 = 1_000;

/// How long replication is left alone before it is looked at again.
const PAUSE: Duration = Duration::from_secs(5);

/// Does the next tasks; tells until when the job has nothing to do.
///
/// # Errors
/// What is no fault of the job's: it is tried again.
pub(super) async fn step(cx: &mut Cx, job: &mut BatchJob) -> Result<Option<Timestamp>> {
    if job.begun == job.total {
        return match job.operation.replicates() {
            true => settle(cx, job).await,
            false => {
                job.turn_to(Status::Completing, cx.now());
                Ok(None)
            }
        };
    }
    let principal = match job.session(cx).await? {
        Ok(principal) => principal,
        Err(failure) => {
            job.fail(failure, cx.now());
            return Ok(None);
        }
    };
    let to = job.begun.saturating_add(BATCH);
    let tasks = cx.between::<Task>(job.place(), (&job.id, job.begun), (&job.id, to), 0, false).await?;
    for mut task in tasks {
        let (outcome, is_alone) = perform(cx, job, &task, &principal).await?;
        job.begun = job.begun.saturating_add(1);
        if let Some(outcome) = outcome {
            count(job, &outcome);
            task.outcome = Some(outcome);
            cx.put(job.place(), &task).await?;
        }
        if is_alone {
            break;
        }
    }
    give_up(cx, job);
    Ok(None)
}

/// Does a task, and tells what became of it, unless that is still to come; and whether it must be the only one of
/// its transaction.
async fn perform(cx: &mut Cx, job: &BatchJob, task: &Task, principal: &Principal) -> Result<(Option<Outcome>, bool)> {
    let (call, is_alone, ends) = match job.operation.way(task)? {
        Way::Call(call) => (call, false, true),
        Way::Staging(call) => (call, true, true),
        Way::Replicate => (replicate(task), false, false),
        Way::Checksum(checksum) => {
            return Ok((Some(checksum.compute(cx, task, principal, job.place()).await?), true));
        }
    };
    let outcome = match cx.call(call.at(job.place()).as_principal(principal.clone())).await {
        Ok(_) => Some(Outcome::done("Successful")).filter(|_| ends),
        Err(error) => Some(Outcome::refused(error)?),
    };
    Ok((outcome, is_alone))
}

fn replicate(task: &Task) -> Call {
    let input = json!({ "Bucket": task.bucket, "Key": task.key });
    Call::to("s3", InitiateReplication::NAME).input(&input).with(InitiateReplication {
        bucket: task.bucket.clone(),
        key: task.key.clone(),
        version: task.version.clone(),
    })
}

fn count(job: &mut BatchJob, outcome: &Outcome) {
    let counter = if outcome.error.is_none() { &mut job.succeeded } else { &mut job.failed };
    *counter = counter.saturating_add(1);
}

/// Has a job fail of which too much has failed.
fn give_up(cx: &Cx, job: &mut BatchJob) {
    let tried = job.succeeded.saturating_add(job.failed);
    if tried >= TRIED && job.failed > tried / 2 {
        // UNVERIFIED: the code and the wording.
        let failure = Failure::new("FailureThresholdExceeded", "More than half of the job's tasks have failed");
        job.fail(failure, cx.now());
    }
}

/// Looks at what became of replication.
async fn settle(cx: &mut Cx, job: &mut BatchJob) -> Result<Option<Timestamp>> {
    if job.settled == job.total {
        job.turn_to(Status::Completing, cx.now());
        return Ok(None);
    }
    let to = job.settled.saturating_add(BATCH);
    let tasks = cx.between::<Task>(job.place(), (&job.id, job.settled), (&job.id, to), 0, false).await?;
    for mut task in tasks {
        if task.outcome.is_none() {
            let Some(outcome) = replicated(cx, &task).await? else { return Ok(Some(cx.after(PAUSE))) };
            count(job, &outcome);
            task.outcome = Some(outcome);
            cx.put(job.place(), &task).await?;
        }
        job.settled = job.settled.saturating_add(1);
    }
    give_up(cx, job);
    Ok(None)
}

/// What became of the replication of an object; `None` while it is under way.
// UNVERIFIED: the codes and the messages.
async fn replicated(cx: &mut Cx, task: &Task) -> Result<Option<Outcome>> {
    let bucket = match Bucket::open_anywhere(cx, &task.bucket).await {
        Ok(bucket) => bucket,
        Err(error) => return Outcome::refused(error).map(Some),
    };
    let found = match version::find(cx, &bucket, &task.key, task.version.as_deref()).await {
        Ok(found) => found,
        Err(error) => return Outcome::refused(error).map(Some),
    };
    let status = match &found {
        Found::Object { object, .. } => object.replication.as_ref().map(|progress| progress.status()),
        _ => None,
    };
    let failed = |message: &str| Outcome {
        status: 400,
        error: Some("ReplicationFailed".to_owned()),
        message: message.to_owned(),
    };
    Ok(match status {
        Some(Replicated::Pending) => None,
        Some(Replicated::Completed | Replicated::Replica) => Some(Outcome::done("Successful")),
        Some(Replicated::Failed) => Some(failed("The object was not replicated to all of its destinations")),
        None => Some(failed("The object is not there any more")),
    })
}
