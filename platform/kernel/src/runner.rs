//! Runs jobs at their times, and moves the clock through them.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::FutureExt;
use http::HeaderMap;
use tokio::sync::Notify;
use welkin_store::{KeyRange, RangeOptions, Watched};

use crate::cx::{Facts, Reply, Run};
use crate::error::Failure;
use crate::job::{JobRow, Lease, PreparedJob};
use crate::{Caller, Clock, Cx, Error, Kernel, Place, Principal, Result, ServicePrincipal, Timestamp, queue};

/// What the runner keeps in memory: which jobs this process is running.
pub(crate) struct Runner {
    /// This process among those that share the store.
    instance: String,
    order: AtomicU64,
    limit: usize,
    running: Mutex<HashSet<String>>,
    finished: Notify,
    pub(crate) advancing: tokio::sync::Mutex<()>,
}

impl Runner {
    pub(crate) fn new(instance: String, limit: usize) -> Self {
        Self {
            instance,
            order: AtomicU64::new(0),
            limit: limit.max(1),
            running: Mutex::default(),
            finished: Notify::new(),
            advancing: tokio::sync::Mutex::default(),
        }
    }

    /// A number greater than those before it: the order of jobs enqueued at the same time.
    pub(crate) fn order(&self) -> u64 {
        self.order.fetch_add(1, Ordering::Relaxed)
    }

    fn running(&self) -> MutexGuard<'_, HashSet<String>> {
        self.running.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// How long a process that shares the store holds a job, by the machine's clock.
const LEASE: Duration = Duration::from_secs(60);

/// How long a job that cannot even be put off is left alone, by the machine's clock.
const PAUSE: Duration = Duration::from_secs(1);

/// Failures after which a job is put aside: it stays listed with its error and runs no more.
const ATTEMPTS: u32 = 20;

/// When a job runs that was put aside.
const NEVER: Timestamp = Timestamp::from_micros(i64::MAX);

impl Kernel {
    /// Runs jobs at their times, for ever.
    pub async fn run_jobs(self: Arc<Self>) {
        loop {
            let mut changed = self.store().watch(&[Watched::prefix(queue::due_prefix())]);
            let next = match self.dispatch().await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(%error, "jobs cannot be read");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
            };
            let sleep = async {
                match next {
                    Some(at) => self.clock().sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = changed.changed() => {}
                () = self.runner.finished.notified() => {}
                () = sleep => {}
            }
        }
    }

    /// Starts every job that is due, as far as the limit goes; returns when the next one is.
    async fn dispatch(self: &Arc<Self>) -> Result<Option<Timestamp>> {
        if !self.gate.is_open() {
            return Ok(None);
        }
        let mut transaction = self.store().begin().await?;
        let now = self.clock().now();
        for (due, id) in queue::first_due(&mut transaction, self.runner.limit * 4).await? {
            if due > now {
                return Ok((due < NEVER).then_some(due));
            }
            {
                let mut running = self.runner.running();
                if running.len() >= self.runner.limit {
                    return Ok(None);
                }
                if !running.insert(id.clone()) {
                    continue;
                }
            }
            let kernel = Arc::clone(self);
            tokio::spawn(async move {
                // A job that is not let in, or is broken off, is among what is being removed.
                let _ = kernel.gate.pass(kernel.run_job(&id, due)).await;
                kernel.runner.running().remove(&id);
                kernel.runner.finished.notify_waiters();
                kernel.runner.finished.notify_one();
            });
        }
        Ok(None)
    }

    async fn run_job(self: &Arc<Self>, id: &str, due: Timestamp) {
        let row = match self.claim(id, due).await {
            Ok(Some(row)) => row,
            Ok(None) => return,
            Err(error) => {
                if !error.is_again() {
                    tracing::error!(%error, id, "a job cannot be claimed");
                }
                return;
            }
        };
        let outcome = AssertUnwindSafe(self.attempt(&row)).catch_unwind().await;
        // What the disk does is no fault of the job's.
        let (error, counts) = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(error)) => (error.to_string(), !error.is_outage()),
            Err(_) => ("the job panicked".to_owned(), true),
        };
        tracing::warn!(job = row.name, id, attempts = row.attempts + 1, error, "a job failed");
        if let Err(error) = self.put_off(id, error, counts).await {
            tracing::error!(%error, id, "a failed job cannot be put off");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Takes the job for this process, unless another one holds it.
    async fn claim(&self, id: &str, due: Timestamp) -> Result<Option<JobRow>> {
        let mut transaction = self.store().begin().await?;
        let stored = transaction.get(&queue::row_key(id)).await?;
        let row = stored.as_deref().map(queue::decode).transpose()?;
        let Some(mut row) = row.filter(|row| row.due == due) else {
            // It was run or put off, and written once more by a late call: see `Schedule::same`.
            if queue::forget(&mut transaction, due, id).await? {
                transaction.commit().await?;
            }
            return Ok(None);
        };
        if row.due > self.clock().now() {
            return Ok(None);
        }
        if self.store().is_shared() {
            let machine = Clock::machine_now();
            if row.lease.as_ref().is_some_and(|l| l.holder != self.runner.instance && l.until > machine) {
                return Ok(None);
            }
            row.lease = Some(Lease { holder: self.runner.instance.clone(), until: machine.plus(LEASE) });
            transaction.put(queue::row_key(id), queue::encode(&row)?);
            transaction.commit().await?;
        }
        Ok(Some(row))
    }

    async fn attempt(self: &Arc<Self>, row: &JobRow) -> Result<()> {
        let Some(entry) = self.registry().job(&row.name) else {
            return Err(Error::internal(format_args!("no service knows the job {}", row.name)));
        };
        let job = (entry.prepare)(&row.payload)?;
        let mut cx = self.service_cx(row.place, entry.principal);
        loop {
            cx.now = self.clock().now();
            cx.run.rewind(self.store().begin().await?);
            match self.once(&mut cx, row, &*job).await.map_err(Error::into_failure) {
                Ok(()) => return Ok(()),
                Err(Failure::Again(again)) => crate::chain::before_next(&mut cx, again).await?,
                Err(other) => return Err(Error::of(other)),
            }
        }
    }

    /// One run in one transaction, which also removes the job.
    async fn once(&self, cx: &mut Cx, row: &JobRow, job: &dyn PreparedJob) -> Result<()> {
        if !queue::remove(cx.transaction()?, &row.id).await? {
            return Ok(());
        }
        job.run(cx).await?;
        crate::chain::commit(cx).await
    }

    /// A context that reads the state as it is now, for tools and tests; what is written through it is lost.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn observe(self: &Arc<Self>, place: Place) -> Result<Cx> {
        let mut cx = self.service_cx(place, "welkin.internal");
        cx.run.rewind(self.store().begin().await?);
        Ok(cx)
    }

    /// The context of a service that acts by itself.
    fn service_cx(self: &Arc<Self>, place: Place, principal: &str) -> Cx {
        let caller = Caller::of(Principal::Service(ServicePrincipal {
            name: principal.to_owned(),
            account: place.account,
            source_arn: None,
        }));
        let request_id = self.chance().uuid();
        let facts = Facts {
            request_id: request_id.clone(),
            source_ip: principal.to_owned(),
            user_agent: principal.to_owned(),
            tls: Some(crate::cx::TLS_OF_SERVICES),
            signature: None,
            headers: HeaderMap::new(),
            form: false,
            following: None,
        };
        Cx {
            kernel: Arc::clone(self),
            facts: Arc::new(facts),
            caller: Arc::new(caller),
            here: place,
            now: self.clock().now(),
            service: None,
            operation: None,
            request_id,
            run: Run::default(),
            body: Default::default(),
            reply: Reply::default(),
        }
    }

    /// Puts a failed job off: a second, then twice as long each time up to an hour. A failure that does not count
    /// is not one of those after which the job is put aside.
    async fn put_off(&self, id: &str, error: String, counts: bool) -> Result<()> {
        loop {
            let mut transaction = self.store().begin().await?;
            let Some(stored) = transaction.get(&queue::row_key(id)).await? else { return Ok(()) };
            let mut row = queue::decode(&stored)?;
            row.attempts += u32::from(counts || row.attempts == 0);
            row.error = Some(error.clone());
            row.lease = None;
            let pause = Duration::from_secs(1 << row.attempts.min(12)).min(Duration::from_secs(3600)) / 2;
            let due = if row.attempts >= ATTEMPTS { NEVER } else { self.clock().now().plus(pause) };
            queue::postpone(&mut transaction, row, due).await?;
            match transaction.commit().await {
                Err(error) if error.is_conflict() => {}
                other => return other.map(|_| ()).map_err(Error::from),
            }
        }
    }

    /// Moves the clock to `to`, through every job that is due by then, each at its time and in order.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn advance(self: &Arc<Self>, to: Timestamp) -> Result<()> {
        let _alone = self.runner.advancing.lock().await;
        loop {
            self.drain().await?;
            match self.next_due().await? {
                Some(due) if due <= to => {
                    if due > self.clock().now() {
                        self.set_clock(due).await?;
                    }
                }
                _ => break,
            }
        }
        if to > self.clock().now() {
            self.set_clock(to).await?;
        }
        self.drain().await
    }

    /// Returns when every job that is due has run, those that they enqueued included.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drain(self: &Arc<Self>) -> Result<()> {
        loop {
            let finished = self.runner.finished.notified();
            tokio::pin!(finished);
            finished.as_mut().enable();
            match self.dispatch().await {
                Err(error) if error.is_again() => continue,
                dispatched => dispatched?,
            };
            if self.runner.running().is_empty() {
                let now = self.clock().now();
                if self.next_due().await?.is_none_or(|due| due > now) {
                    return Ok(());
                }
                // Due but held by another process: look again soon.
                let _ = tokio::time::timeout(Duration::from_millis(50), finished).await;
            } else {
                finished.await;
            }
        }
    }

    /// When the first job is due.
    async fn next_due(&self) -> Result<Option<Timestamp>> {
        loop {
            let mut transaction = self.store().begin().await?;
            match queue::first_due(&mut transaction, 1).await {
                // Where several processes share the store, even a read can come between others.
                Err(error) if error.is_again() => {}
                first => return Ok(first?.first().map(|(due, _)| *due)),
            }
        }
    }

    /// All jobs, those put aside included, in the order of their times.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn jobs(&self) -> Result<Vec<JobRow>> {
        let mut transaction = self.store().begin().await?;
        let rows = transaction.range_snapshot(KeyRange::prefix(queue::row_prefix()), RangeOptions::default()).await?;
        let mut jobs = rows.iter().map(|(_, stored)| queue::decode(stored)).collect::<Result<Vec<_>>>()?;
        jobs.sort_by(|a, b| (a.due, &a.id).cmp(&(b.due, &b.id)));
        Ok(jobs)
    }
}
