//! Queries of CloudTrail Lake: SQL over event data stores.
//!
//! Rows: `cloudtrail/query` by id, for seven days; `cloudtrail/query-of-store` by store and time, the newest first;
//! `cloudtrail/active-query` by id, of those that are queued or running; `cloudtrail/query-stop` by id, which a running
//! query watches.
//!
//! 1. [`start`] turns the [statement](statement) into one whose stores are tables, has it analysed, and enters the query.
//! 2. [`run`] reads the stores' [events as rows](table) of the [documented schema](schema), and keeps the
//!    [result](rows) as a blob.
//! 3. [`deliver`] writes the result to S3, signed, if it was asked for.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-lake-queries.html>

pub(crate) mod cancel;
pub(crate) mod deliver;
pub(crate) mod describe;
pub(crate) mod list;
pub(crate) mod results;
mod rows;
pub(crate) mod run;
mod schema;
pub(crate) mod start;
mod statement;
mod table;

use std::sync::OnceLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::blob::BlobRef;
use welkin_kernel::{
    Access, AccountId, Cx, Error, IntoKey, Job, Key, Page, Resource, Result, Schedule, Scope, Timestamp,
};
use welkin_sql::{Engine, Limits};

use super::store::EventDataStore;
use crate::errors::{InvalidParameterException, NotImplemented, QueryIdNotFoundException};
use deliver::Delivery;

/// How long a query and its result are kept: "Query results are available for seven days after you run the query" in
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-results.html>.
const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Bytes of memory that all running queries share.
const MEMORY: usize = 256 << 20;

/// The engine of this process: it keeps nothing between queries.
fn engine() -> Result<&'static Engine> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    if let Some(engine) = ENGINE.get() {
        return Ok(engine);
    }
    let limits = Limits { memory: MEMORY, ..Limits::default() };
    let engine = Engine::new(limits).map_err(Error::internal)?.reading_text_as_time();
    Ok(ENGINE.get_or_init(|| engine))
}

/// A query, from its start on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Query {
    pub(super) id: String,
    /// As it was sent.
    statement: String,
    /// As the engine takes it.
    text: String,
    /// The stores that it may read.
    sources: Vec<Source>,
    status: Status,
    error: Option<String>,
    created: Timestamp,
    started: Option<Timestamp>,
    ended: Option<Timestamp>,
    outcome: Outcome,
    delivery: Option<Delivery>,
}

/// A store under the name that the statement gives it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Source {
    name: String,
    account: AccountId,
    /// Id of the store.
    store: String,
    arn: String,
}

/// What has come of a query.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Outcome {
    columns: Vec<String>,
    rows: u64,
    /// The rows; `None` if there are none.
    result: Option<BlobRef>,
    scanned: Scanned,
}

/// What was read of stores.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Scanned {
    events: u64,
    bytes: u64,
}

/// How far a query is. None of Welkin's runs for the hour after which CloudTrail's are `TIMED_OUT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Queued,
    Running,
    Finished,
    Failed,
    Cancelled,
}

impl Status {
    fn is_final(self) -> bool {
        matches!(self, Self::Finished | Self::Failed | Self::Cancelled)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::Finished => "FINISHED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl Resource for Query {
    const KIND: &'static str = "cloudtrail/query";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.id.as_str().into_key()
    }
}

/// That a query read a store.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    /// ARN of the store.
    store: String,
    created: Timestamp,
    id: String,
}

impl Resource for Entry {
    const KIND: &'static str = "cloudtrail/query-of-store";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        entry_key(&self.store, self.created, &self.id)
    }
}

/// Key of an entry: later ones come first.
// UNVERIFIED: the order of ListQueries; and that the owner of a store does not see what other accounts ask of it.
fn entry_key(store: &str, created: Timestamp, id: &str) -> Key {
    (store, created.micros().saturating_neg(), id).into_key()
}

/// That a query is queued or running.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Active {
    id: String,
}

impl Resource for Active {
    const KIND: &'static str = "cloudtrail/active-query";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.id.as_str().into_key()
    }
}

/// Says to a running query that it is to stop.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stop {
    id: String,
}

impl Resource for Stop {
    const KIND: &'static str = "cloudtrail/query-stop";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.id.as_str().into_key()
    }
}

impl Query {
    /// The query with this id.
    ///
    /// # Errors
    /// `QueryIdNotFoundException`.
    async fn find(cx: &mut Cx, id: &str) -> Result<Self> {
        let here = cx.here();
        let missing = || QueryIdNotFoundException::because(format!("The query ID {id} was not found."));
        cx.get::<Self>(here, id).await?.ok_or_else(missing)
    }

    /// The demand of an operation on a query: it is on each store that the query reads.
    async fn access(cx: &mut Cx, action: &'static str, id: &str) -> Result<Access> {
        let query = Self::find(cx, id).await?;
        let mut demands: Option<Access> = None;
        for source in &query.sources {
            let demand = match EventDataStore::access(cx, action, &source.arn).await {
                Ok(demand) => demand,
                // The store is gone; what was found in it is still that account's.
                Err(error) if error.is("EventDataStoreNotFoundException") => {
                    Access::to(action).on(&source.arn).owned_by(source.account)
                }
                Err(error) => return Err(error),
            };
            demands = Some(match demands {
                Some(demands) => demands.and(demand),
                None => demand,
            });
        }
        // INVARIANT: a query has a store.
        demands.ok_or_else(|| Error::internal("a query without a store"))
    }

    /// Ends it.
    async fn end(&mut self, cx: &mut Cx, status: Status) -> Result<()> {
        let here = cx.here();
        (self.status, self.ended) = (status, Some(cx.now()));
        cx.discard::<Active>(here, &self.id)?;
        cx.discard::<Stop>(here, &self.id)?;
        if let Some(delivery) = &mut self.delivery {
            match status {
                Status::Finished => deliver::begin(cx, &self.id).await?,
                Status::Cancelled => delivery.status = deliver::Status::Cancelled,
                // UNVERIFIED: that this is what is told when there is nothing to deliver.
                _ => delivery.status = deliver::Status::Failed,
            }
        }
        cx.put(here, self).await
    }
}

/// How many queries are queued or running, up to `most`.
async fn active(cx: &mut Cx, most: usize) -> Result<usize> {
    let here = cx.here();
    Ok(cx.list::<Active>(here, (), Page::of(most, None)).await?.len())
}

/// The query that a request names.
///
/// # Errors
/// `NotImplemented` for those of dashboards; `InvalidParameterException` if it names none.
fn named<'a>(id: Option<&'a str>, alias: Option<&str>) -> Result<&'a str> {
    match (id, alias) {
        (_, Some(_)) => {
            let message = "Welkin does not implement QueryAlias: there are no CloudTrail Lake dashboards yet.";
            Err(NotImplemented::because(message))
        }
        // UNVERIFIED: the wording.
        (None, None) => Err(InvalidParameterException::because("Either QueryId or QueryAlias must be specified.")),
        (Some(id), None) => Ok(id),
    }
}

/// Forgets a query, in its time.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Forget {
    id: String,
}

impl Job for Forget {
    const NAME: &'static str = "cloudtrail/forget-query";
    const PRINCIPAL: &'static str = "cloudtrail.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let Some(query) = cx.delete::<Query>(here, &self.id).await? else { return Ok(()) };
        for source in &query.sources {
            cx.discard::<Entry>(here, entry_key(&source.arn, query.created, &query.id))?;
        }
        cx.discard::<Active>(here, &self.id)?;
        cx.discard::<Stop>(here, &self.id)
    }
}

/// Enters a new query, has it run, and forgotten in its time.
async fn enter(cx: &mut Cx, query: &Query) -> Result<()> {
    let (here, id) = (cx.here(), query.id.clone());
    cx.insert(here, query)?;
    cx.insert(here, &Active { id: id.clone() })?;
    for source in &query.sources {
        cx.insert(here, &Entry { store: source.arn.clone(), created: query.created, id: id.clone() })?;
    }
    cx.enqueue(&run::Run { id: id.clone() }, Schedule::now()).await?;
    cx.enqueue(&Forget { id }, Schedule::at(query.created.plus(KEPT))).await.map(drop)
}
