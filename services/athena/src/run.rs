//! The job that carries a query on, and the calls that it makes as the query's caller.
//!
//! A first run turns the query from `QUEUED` to `RUNNING`, a second one does what it says and ends it. Definitions
//! are changed by nested calls within the job's transaction, so that each happens once, whenever the process dies.
//! A query reads and writes its result outside of the transaction ([`query`]): it begins again after a crash, and
//! writes the same file.

mod bridge;
mod caller;
mod ddl;
mod explain;
mod failure;
mod glue;
mod iceberg;
mod information;
mod insert;
mod lake;
mod metadata;
mod query;
mod select;
mod write;

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, Job, Result, Schedule};
use welkin_sql::ddl::Statement;
use welkin_sql::remote::Cluster;
use welkin_sql::{Engine, Limits};

use query::Stopped;

use crate::execution::{Execution, Failure, Outcome, State, Stop};

static MEMORY: OnceLock<usize> = OnceLock::new();

/// Says how many bytes of memory all queries may take together. What sorts, joins and groups need beyond is put on disk;
/// what cannot be fails. It holds if it is said before the first query.
pub fn set_memory(bytes: usize) {
    // Said twice, the first one holds.
    let _ = MEMORY.set(bytes);
}

/// What runs plans beside this process, if anything does.
static CLUSTER: OnceLock<Arc<dyn Cluster>> = OnceLock::new();

/// Lets queries be run by workers. It is said once, before the first query.
pub fn run_queries_by(cluster: Arc<dyn Cluster>) {
    // A process has one Welkin.
    let _ = CLUSTER.set(cluster);
}

/// The engine of this process: it keeps nothing between queries but its limits.
pub(crate) fn engine() -> Result<&'static Engine> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    if let Some(engine) = ENGINE.get() {
        return Ok(engine);
    }
    let mut limits = Limits::default();
    limits.memory = MEMORY.get().copied().unwrap_or(limits.memory);
    let mut engine = Engine::new(limits).map_err(Error::internal)?;
    if let Some(cluster) = CLUSTER.get() {
        engine = engine.with_cluster(Arc::clone(cluster));
    }
    Ok(ENGINE.get_or_init(|| engine))
}

/// Carries a query on.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) id: String,
}

impl Job for Run {
    const NAME: &'static str = "athena/run";
    const PRINCIPAL: &'static str = caller::SERVICE;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        // Made before the query is read, so that no stop is missed.
        let mut stop = cx.watch::<Stop>(place, &self.id);
        let stopped: Stopped = Box::pin(async move { stop.changed().await });
        let Some(mut execution) = cx.get::<Execution>(place, &self.id).await? else { return Ok(()) };
        match execution.state {
            State::Queued => {
                execution.turn_to(cx, State::Running).await?;
                if let Some((results, outcome)) = execution.reusable(cx, place).await? {
                    execution.results = results;
                    return execution.end(cx, Ok(outcome)).await;
                }
                cx.enqueue(self, Schedule::now()).await.map(drop)
            }
            State::Running => {
                let ended = perform(cx, &execution, stopped).await?;
                execution.end(cx, ended).await
            }
            State::Succeeded | State::Failed | State::Cancelled => Ok(()),
        }
    }
}

/// Does what the statement says; tells what came of it.
///
/// # Errors
/// What is no fault of the query's: it is tried again.
async fn perform(
    cx: &mut Cx,
    execution: &Execution,
    stopped: Stopped,
) -> Result<std::result::Result<Outcome, Failure>> {
    let statement = match welkin_sql::ddl::parse(&execution.effective) {
        Ok(statement) => statement,
        Err(error) => return Ok(Err(Failure::user(failure::DDL_FAILED, error.to_string()))),
    };
    match statement {
        Statement::Explain { analyze, of, format, statement } => {
            let explain = explain::Explain { analyze, of, format, statement };
            explain::run(cx, execution, &explain, stopped).await
        }
        Statement::Query => select::run(cx, execution, stopped).await,
        Statement::CreateView { name, or_replace, query } => {
            ddl::view::create(cx, execution, &name, or_replace, &query, stopped).await
        }
        statement @ (Statement::Insert { .. } | Statement::CreateTableAs { .. } | Statement::Unload { .. }) => {
            insert::run(cx, execution, statement, stopped).await
        }
        statement @ (Statement::Delete { .. } | Statement::Update { .. } | Statement::Merge(_)) => {
            iceberg::change(cx, execution, &statement, stopped).await
        }
        Statement::Optimize { name, condition } => {
            iceberg::optimize(cx, execution, (&name, condition.as_deref()), stopped).await
        }
        Statement::Vacuum(name) => iceberg::vacuum(cx, execution, &name).await,
        other => ddl::run(cx, execution, other).await,
    }
}
