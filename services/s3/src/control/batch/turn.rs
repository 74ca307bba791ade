//! Turns: which job goes on, and by one step.
//!
//! A step is for the job as it was when the step was planned: what is staged for one task is then never taken for
//! another one's, since a job that changed in the meantime gets another step.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Place, Result, Schedule, Timestamp};

use super::job::{ACTIVE, BatchJob, Status, WAITING};
use super::task::Task;
use super::{PRINCIPAL, expiry, perform, prepare, report};

/// Gives the next job its turn.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Turn {}

impl Job for Turn {
    const NAME: &'static str = "s3/batch-turn";
    const PRINCIPAL: &'static str = PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        next(cx, place).await
    }
}

/// Has the jobs of an account go on, after one of them was made or changed.
pub(super) async fn wake(cx: &mut Cx, place: Place) -> Result<()> {
    let id = format!("s3/batch-turn/{}/{}", place.account, place.region);
    cx.enqueue_at(place, &Turn {}, Schedule::now().id(id)).await.map(drop)
}

/// Plans a step of the job whose turn it is. One that is active is paused first, if another one has its turn.
async fn next(cx: &mut Cx, place: Place) -> Result<()> {
    let Some(mut job) = cx.find::<BatchJob>(place, WAITING, (), 1).await?.pop() else { return Ok(()) };
    let active = cx.find::<BatchJob>(place, ACTIVE, (), 1).await?.pop();
    if let Some(mut active) = active.filter(|active| active.id != job.id) {
        active.turn_to(Status::Pausing, cx.now());
        active.save(cx).await?;
        job = active;
    }
    Step { job: job.id.clone(), steps: job.steps }.plan(cx, place, Schedule::now()).await
}

/// One step of a job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    job: String,
    /// Which one.
    steps: u64,
}

impl Step {
    async fn plan(&self, cx: &mut Cx, place: Place, schedule: Schedule) -> Result<()> {
        let id = format!("s3/batch-step/{}/{}", place.account, place.region);
        cx.enqueue_at(place, self, schedule.id(id)).await.map(drop)
    }
}

impl Job for Step {
    const NAME: &'static str = "s3/batch-step";
    const PRINCIPAL: &'static str = PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let job = BatchJob::find(cx, place, &self.job).await?;
        if let Some(mut job) = job.filter(|job| job.steps == self.steps) {
            let until = job.step(cx).await?;
            job.steps += 1;
            job.save(cx).await?;
            if job.status.is_final() {
                cx.delete_all::<Task>(place, (&job.id,))?;
                expiry::of_ended(cx, &job).await?;
            }
            if let Some(until) = until {
                let step = Self { job: job.id, steps: job.steps };
                return step.plan(cx, place, Schedule::at(until)).await;
            }
        }
        next(cx, place).await
    }
}

impl BatchJob {
    /// Goes on by a step; tells until when there is nothing to do.
    async fn step(&mut self, cx: &mut Cx) -> Result<Option<Timestamp>> {
        let now = cx.now();
        match self.status {
            Status::New => self.turn_to(Status::Preparing, now),
            Status::Preparing => self.prepare(cx).await?,
            Status::Ready | Status::Paused => self.turn_to(Status::Active, now),
            Status::Active => return perform::step(cx, self).await,
            Status::Pausing => self.turn_to(Status::Paused, now),
            Status::Completing => self.end(cx, Status::Complete).await?,
            Status::Cancelling => self.end(cx, Status::Cancelled).await?,
            Status::Failing => self.end(cx, Status::Failed).await?,
            Status::Suspended | Status::Complete | Status::Cancelled | Status::Failed => {}
        }
        Ok(None)
    }

    async fn prepare(&mut self, cx: &mut Cx) -> Result<()> {
        match prepare::step(cx, self).await? {
            Ok(false) => {}
            Ok(true) if self.confirmation => {
                self.turn_to(Status::Suspended, cx.now());
                expiry::of_suspended(cx, self).await?;
            }
            Ok(true) => self.turn_to(Status::Ready, cx.now()),
            Err(failure) => self.fail(failure, cx.now()),
        }
        Ok(())
    }

    /// Writes the report further, and ends with it. A job whose report cannot be written fails.
    async fn end(&mut self, cx: &mut Cx, status: Status) -> Result<()> {
        match report::step(cx, self).await? {
            Ok(false) => {}
            Ok(true) => self.turn_to(status, cx.now()),
            Err(failure) => {
                self.failures.push(failure);
                let status = if status == Status::Complete { Status::Failed } else { status };
                self.turn_to(status, cx.now());
            }
        }
        Ok(())
    }
}
