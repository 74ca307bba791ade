//! Work that outlives a call.

use std::future::Future;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Cx, Error, Place, Result, Timestamp};

/// Work that outlives a call: enqueued in the call's transaction, run at its time, retried until it succeeds.
///
/// A job runs in a transaction that also removes it, so its effects in the store happen exactly once.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name, `service/what`, e.g. `"cloudtrail/deliver"`.
    const NAME: &'static str;

    /// The service principal that it acts as, e.g. `"cloudtrail.amazonaws.com"`.
    const PRINCIPAL: &'static str;

    /// Does it. An error is retried later; what cannot succeed must be noted by the job and answered with `Ok`.
    ///
    /// # Errors
    /// When it is to be tried again.
    fn run(&self, cx: &mut Cx) -> impl Future<Output = Result<()>> + Send;
}

/// When and how a job is to run.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    pub(crate) at: Option<Timestamp>,
    pub(crate) lane: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) unread: bool,
}

impl Schedule {
    /// As soon as the transaction has committed.
    pub fn now() -> Self {
        Self::default()
    }

    /// Not before `at`, on the kernel's clock.
    pub fn at(at: Timestamp) -> Self {
        Self { at: Some(at), ..Self::default() }
    }

    /// In order with the other jobs of `lane`, one at a time.
    #[must_use]
    pub fn lane(mut self, lane: impl Into<String>) -> Self {
        self.lane = Some(lane.into());
        self
    }

    /// Under this id: a job with the same id that has not run yet is replaced.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Under this id, which always means the same job at the same time, in no lane: it is written without
    /// a look at what is there, so that calls which all enqueue it do not conflict.
    #[must_use]
    pub fn same(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self.unread = true;
        self
    }
}

/// A job as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobRow {
    /// Its id.
    pub id: String,
    /// [`Job::NAME`].
    pub name: String,
    /// Where it runs.
    pub place: Place,
    /// When it is due.
    pub due: Timestamp,
    /// Its lane.
    pub lane: Option<String>,
    /// Its place in its lane.
    pub(crate) order: (Timestamp, u64),
    /// How often it has failed.
    pub attempts: u32,
    /// Why it failed last.
    pub error: Option<String>,
    /// Who runs it, and until when that holds by the machine's clock.
    pub(crate) lease: Option<Lease>,
    #[serde(with = "serde_bytes_vec")]
    pub(crate) payload: Vec<u8>,
}

impl JobRow {
    /// Whether it failed so often that it runs no more.
    pub fn is_put_aside(&self) -> bool {
        self.due == Timestamp::from_micros(i64::MAX)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Lease {
    pub(crate) holder: String,
    pub(crate) until: Timestamp,
}

mod serde_bytes_vec {
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        Bytes::deserialize(deserializer).map(Vec::from)
    }
}

pub(crate) trait PreparedJob: Send + Sync {
    fn run<'a>(&'a self, cx: &'a mut Cx) -> BoxFuture<'a, Result<()>>;
}

impl<T: Job> PreparedJob for T {
    fn run<'a>(&'a self, cx: &'a mut Cx) -> BoxFuture<'a, Result<()>> {
        Box::pin(Job::run(self, cx))
    }
}

/// What the registry knows of a job.
pub(crate) struct JobEntry {
    pub(crate) name: &'static str,
    pub(crate) principal: &'static str,
    pub(crate) prepare: fn(&[u8]) -> Result<Arc<dyn PreparedJob>>,
}

impl JobEntry {
    pub(crate) fn of<T: Job>() -> Self {
        Self { name: T::NAME, principal: T::PRINCIPAL, prepare: prepare::<T> }
    }
}

fn prepare<T: Job>(payload: &[u8]) -> Result<Arc<dyn PreparedJob>> {
    match rmp_serde::from_slice::<T>(payload) {
        Ok(job) => Ok(Arc::new(job)),
        Err(error) => Err(Error::internal(format_args!("stored job {}: {error}", T::NAME))),
    }
}
