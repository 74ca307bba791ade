//! What has had its time: messages past their retention, ids past their five minutes.
//!
//! A queue that holds something has one job, due when the first of it expires. A send merely looks whether the job
//! is there; the job enqueues itself again for what expires next.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Job, Key, Page, Place, Resource, Result, Schedule, Scope, Timestamp};

use crate::encryption::DataKey;
use crate::fifo;
use crate::fifo::attempt::{self, Attempt};
use crate::fifo::dedup::{self, INTERVAL, Seen};
use crate::message::{INSTANT, Message};
use crate::queue::{Address, Queue};

/// That a queue's job is enqueued, and for when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Enqueued {
    queue: u64,
    at: Timestamp,
}

impl Resource for Enqueued {
    const KIND: &'static str = "sqs/expiry";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.queue.into_key()
    }
}

/// Sees to it that the queue's job runs at `at`, or before.
pub(crate) async fn look_after(cx: &mut Cx, place: Place, queue: &Queue, at: Timestamp) -> Result<()> {
    let id = queue.contents.queue;
    match cx.get::<Enqueued>(place, id).await? {
        Some(enqueued) if enqueued.at <= at => Ok(()),
        _ => enqueue(cx, place, &Expire { queue: queue.name.clone(), id }, at).await,
    }
}

/// The job is needed no more: the queue is deleted.
pub(crate) async fn forget(cx: &mut Cx, place: Place, queue: &Queue) -> Result<()> {
    cx.discard::<Enqueued>(place, queue.contents.queue)?;
    cx.cancel(&job_id(queue.contents.queue)).await.map(|_| ())
}

async fn enqueue(cx: &mut Cx, place: Place, job: &Expire, at: Timestamp) -> Result<()> {
    cx.put(place, &Enqueued { queue: job.id, at }).await?;
    cx.enqueue_at(place, job, Schedule::at(at).id(job_id(job.id))).await.map(|_| ())
}

fn job_id(queue: u64) -> String {
    format!("sqs/expire/{queue:016x}")
}

/// Removes what has expired.
#[derive(Serialize, Deserialize)]
pub(crate) struct Expire {
    queue: String,
    id: u64,
}

/// Rows of a kind that one run removes at most.
const BATCH: usize = 200;

/// Shortest time between two runs.
const PAUSE: Duration = Duration::from_secs(1);

impl Job for Expire {
    const NAME: &'static str = "sqs/expire";
    const PRINCIPAL: &'static str = "sqs.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let address = Address { place, name: self.queue.clone() };
        let Some(queue) = address.find(cx).await?.filter(|queue| queue.contents.queue == self.id) else {
            return cx.discard::<Enqueued>(place, self.id);
        };
        let next = [
            messages(cx, place, &queue).await?,
            seen(cx, place, self.id).await?,
            attempts(cx, place, self.id).await?,
            data_keys(cx, place, &queue).await?,
        ];
        match next.into_iter().flatten().min() {
            Some(next) => enqueue(cx, place, self, next.max(cx.after(PAUSE))).await,
            None => cx.discard::<Enqueued>(place, self.id),
        }
    }
}

/// Removes messages past their retention; returns when the next one will be.
async fn messages(cx: &mut Cx, place: Place, queue: &Queue) -> Result<Option<Timestamp>> {
    let (contents, retention) = (queue.contents, queue.attributes.retention());
    let horizon = cx.now().minus(retention).plus(INSTANT);
    let old = cx.between::<Message>(place, contents.key(), (contents.key(), horizon), BATCH, false).await?;
    for message in &old {
        message.remove(cx, place)?;
        fifo::leave(cx, place, message)?;
    }
    for message in &old {
        fifo::settle(cx, place, message).await?;
    }
    let first = cx.list::<Message>(place, contents.key(), Page::of(1, None)).await?;
    Ok(first.first().map(|message| message.id.sent.plus(retention)))
}

/// Removes deduplication ids; returns when the next one expires.
async fn seen(cx: &mut Cx, place: Place, queue: u64) -> Result<Option<Timestamp>> {
    for seen in cx.find::<Seen>(place, dedup::BY_TIME, queue, BATCH).await? {
        let expires = seen.at.plus(INTERVAL);
        if expires > cx.now() {
            return Ok(Some(expires));
        }
        cx.delete::<Seen>(place, seen.key()).await?;
    }
    let first = cx.find::<Seen>(place, dedup::BY_TIME, queue, 1).await?;
    Ok(first.first().map(|seen| seen.at.plus(INTERVAL)))
}

/// Removes receive attempts; returns when the next one expires.
async fn attempts(cx: &mut Cx, place: Place, queue: u64) -> Result<Option<Timestamp>> {
    for attempt in cx.find::<Attempt>(place, attempt::BY_TIME, queue, BATCH).await? {
        let expires = attempt.at.plus(INTERVAL);
        if expires > cx.now() {
            return Ok(Some(expires));
        }
        cx.delete::<Attempt>(place, attempt.key()).await?;
    }
    let first = cx.find::<Attempt>(place, attempt::BY_TIME, queue, 1).await?;
    Ok(first.first().map(|attempt| attempt.at.plus(INTERVAL)))
}

/// Removes data keys past their reuse; those in use wait for the next run.
async fn data_keys(cx: &mut Cx, place: Place, queue: &Queue) -> Result<Option<Timestamp>> {
    let keys = cx.list::<DataKey>(place, queue.contents.queue, Page::of(BATCH, None)).await?;
    let mut next = None;
    for key in keys {
        let expires = key.expires(queue);
        if expires <= cx.now() {
            cx.discard::<DataKey>(place, key.key())?;
        } else {
            next = Some(next.map_or(expires, |next: Timestamp| next.min(expires)));
        }
    }
    Ok(next)
}
