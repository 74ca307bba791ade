//! Jobs in the store: enqueued, due, in lanes.
//!
//! Keys, below the family of jobs: `row/ID` the job; `due/TIME/ID` those that may run at their time;
//! `lane/LANE/TIME/NUMBER` the order of a lane, whose head alone is in `due`.

use bytes::Bytes;
use welkin_store::{KeyBuilder, KeyRange, KeyReader, RangeOptions, Transaction};

use crate::job::JobRow;
use crate::resource::family;
use crate::{Cx, Error, Job, Place, Result, Schedule, Timestamp};

fn jobs() -> KeyBuilder {
    KeyBuilder::new().u64(family::JOBS)
}

pub(crate) fn row_key(id: &str) -> Bytes {
    jobs().string("row").string(id).build()
}

/// All jobs.
pub(crate) fn row_prefix() -> Bytes {
    jobs().string("row").build()
}

fn due_key(due: Timestamp, id: &str) -> Bytes {
    jobs().string("due").timestamp(due.micros()).string(id).build()
}

/// All keys that tell when jobs are due.
pub(crate) fn due_prefix() -> Bytes {
    jobs().string("due").build()
}

fn lane_prefix(lane: &str) -> Bytes {
    jobs().string("lane").string(lane).build()
}

pub(crate) fn encode(row: &JobRow) -> Result<Vec<u8>> {
    rmp_serde::to_vec_named(row).map_err(Error::internal)
}

pub(crate) fn decode(stored: &[u8]) -> Result<JobRow> {
    rmp_serde::from_slice(stored).map_err(|e| Error::internal(format_args!("stored job: {e}")))
}

/// Id of the job in a `due` key, and when it is due.
pub(crate) fn read_due(key: &[u8]) -> Option<(Timestamp, String)> {
    let mut reader = KeyReader::new(key);
    reader.u64().ok()?;
    reader.string().ok()?;
    let due = reader.timestamp().ok()?;
    Some((Timestamp::from_micros(due), reader.string().ok()?.to_string()))
}

/// The first jobs in the order of their times.
pub(crate) async fn first_due(transaction: &mut Transaction, limit: usize) -> Result<Vec<(Timestamp, String)>> {
    let rows = transaction.range_snapshot(KeyRange::prefix(due_prefix()), RangeOptions::limit(limit)).await?;
    Ok(rows.iter().filter_map(|(key, _)| read_due(key)).collect())
}

async fn head_of_lane(transaction: &mut Transaction, lane: &str) -> Result<Option<String>> {
    let options = RangeOptions::limit(1);
    let first = transaction.range(KeyRange::prefix(lane_prefix(lane)), options).await?;
    Ok(first.first().map(|(_, id)| String::from_utf8_lossy(id).into_owned()))
}

fn lane_key(row: &JobRow, lane: &str) -> Bytes {
    let (time, nonce) = row.order;
    jobs().string("lane").string(lane).timestamp(time.micros()).u64(nonce).build()
}

async fn insert(transaction: &mut Transaction, row: &JobRow) -> Result<()> {
    remove(transaction, &row.id).await?;
    transaction.put(row_key(&row.id), encode(row)?);
    if let Some(lane) = &row.lane {
        let first = head_of_lane(transaction, lane).await?.is_none();
        transaction.put(lane_key(row, lane), row.id.clone());
        if !first {
            return Ok(());
        }
    }
    transaction.put(due_key(row.due, &row.id), Bytes::new());
    Ok(())
}

/// Writes a job without lane, whether it is there or not.
fn put(transaction: &mut Transaction, row: &JobRow) -> Result<()> {
    transaction.put(row_key(&row.id), encode(row)?);
    transaction.put(due_key(row.due, &row.id), Bytes::new());
    Ok(())
}

/// Forgets that a job is due at a time that is not its own any more; `false` if that is so already.
pub(crate) async fn forget(transaction: &mut Transaction, due: Timestamp, id: &str) -> Result<bool> {
    let key = due_key(due, id);
    let there = transaction.get(&key).await?.is_some();
    transaction.delete(key);
    Ok(there)
}

/// Removes a job; the next one of its lane becomes due. `false` if there is none.
pub(crate) async fn remove(transaction: &mut Transaction, id: &str) -> Result<bool> {
    let Some(stored) = transaction.get(&row_key(id)).await? else { return Ok(false) };
    let row = decode(&stored)?;
    transaction.delete(row_key(id));
    transaction.delete(due_key(row.due, id));
    if let Some(lane) = &row.lane {
        leave_lane(transaction, lane, &row).await?;
    }
    Ok(true)
}

/// Takes a job out of its lane; if it was the head, the next one becomes due.
async fn leave_lane(transaction: &mut Transaction, lane: &str, row: &JobRow) -> Result<()> {
    let was_head = head_of_lane(transaction, lane).await?.is_some_and(|head| head == row.id);
    transaction.delete(lane_key(row, lane));
    if was_head
        && let Some(next) = head_of_lane(transaction, lane).await?
        && let Some(stored) = transaction.get(&row_key(&next)).await?
    {
        transaction.put(due_key(decode(&stored)?.due, &next), Bytes::new());
    }
    Ok(())
}

/// Puts a job off to `due`.
pub(crate) async fn postpone(transaction: &mut Transaction, mut row: JobRow, due: Timestamp) -> Result<()> {
    transaction.delete(due_key(row.due, &row.id));
    row.due = due;
    transaction.put(row_key(&row.id), encode(&row)?);
    transaction.put(due_key(due, &row.id), Bytes::new());
    Ok(())
}

impl Cx {
    /// Enqueues a job here, in the call's transaction; returns its id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn enqueue<J: Job>(&mut self, job: &J, schedule: Schedule) -> Result<String> {
        self.enqueue_at(self.here(), job, schedule).await
    }

    /// Enqueues a job that is to run in another account or Region.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn enqueue_at<J: Job>(&mut self, place: Place, job: &J, schedule: Schedule) -> Result<String> {
        let payload = rmp_serde::to_vec_named(job).map_err(Error::internal)?;
        self.enqueue_raw(place, J::NAME, payload, schedule).await
    }

    pub(crate) async fn enqueue_raw(
        &mut self,
        place: Place,
        name: &str,
        payload: Vec<u8>,
        schedule: Schedule,
    ) -> Result<String> {
        debug_assert!(self.kernel.registry().job(name).is_some(), "job {name} is not registered");
        let now = self.now();
        let row = JobRow {
            id: schedule.id.unwrap_or_else(|| self.chance().uuid()),
            name: name.to_owned(),
            place,
            due: schedule.at.map_or(now, |at| at.max(now)),
            lane: schedule.lane,
            order: (now, self.kernel.runner.order()),
            attempts: 0,
            error: None,
            lease: None,
            payload,
        };
        if schedule.unread {
            put(self.transaction()?, &row)?;
        } else {
            insert(self.transaction()?, &row).await?;
        }
        Ok(row.id)
    }

    /// Removes a job that has not run yet; `false` if there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cancel(&mut self, id: &str) -> Result<bool> {
        remove(self.transaction()?, id).await
    }
}
