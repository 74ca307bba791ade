//! Running queries.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures_util::StreamExt;

use crate::analyze::{Analyzer, Stop};
use crate::arrow::value;
use crate::catalog::{Catalog, Column, TableName};
use crate::error::{Code, Result, SqlError, from_datafusion};
use crate::explain::{ExplainType, Explained, PlanFormat};
use crate::files::Scanned;
use crate::remote::{Cluster, Held, Query};
use crate::session::Session;
use crate::syntax::parse;
use crate::table::{Known, known};
use crate::types::Type;
use crate::value::Value;

/// Planning recurses over what is nested; it gets room for the deepest statement that the parser lets through.
const STACK: usize = 256 << 20;

/// What queries may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of memory of all queries together; what sorts, joins and groups need beyond is spilled to disk if it can be.
    pub memory: usize,
    /// How many parts of a query run at the same time.
    pub parallelism: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 1 << 30, parallelism: std::thread::available_parallelism().map_or(1, usize::from) }
    }
}

impl Limits {
    /// What the plans of queries are run in.
    ///
    /// # Errors
    /// When the directory for what is spilled cannot be made.
    pub fn runtime(self) -> Result<Arc<RuntimeEnv>> {
        let pool = Arc::new(FairSpillPool::new(self.memory));
        RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc().map_err(from_datafusion)
    }
}

/// Runs queries. One is enough for a process; queries share its memory.
#[derive(Clone)]
pub struct Engine {
    runtime: Arc<RuntimeEnv>,
    limits: Limits,
    text_as_time: bool,
    cluster: Option<Arc<dyn Cluster>>,
}

/// The rows of a query, as they come.
pub struct Output {
    columns: Vec<Column>,
    unnamed: Option<usize>,
    stream: SendableRecordBatchStream,
    scanned: Scanned,
    _held: Option<Held>,
}

/// Rows of a query as they lie in columns.
pub struct Batch {
    types: Vec<Type>,
    columns: Vec<ArrayRef>,
    rows: usize,
}

impl Batch {
    /// How many there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// A value; NULL where there is none.
    pub fn value(&self, column: usize, row: usize) -> Value {
        match self.column(column) {
            Some((ty, array)) if row < self.rows => value(ty, array, row),
            _ => Value::Null,
        }
    }

    /// A column and its type.
    pub(crate) fn column(&self, n: usize) -> Option<(&Type, &ArrayRef)> {
        self.types.get(n).zip(self.columns.get(n))
    }
}

impl Engine {
    /// An engine with these limits.
    ///
    /// # Errors
    /// When the directory for what is spilled cannot be made.
    pub fn new(limits: Limits) -> Result<Self> {
        let runtime = limits.runtime()?;
        Ok(Self { runtime, limits, text_as_time: false, cluster: None })
    }

    /// The same engine, but plans are run by workers as far as they can be.
    #[must_use]
    pub fn with_cluster(self, cluster: Arc<dyn Cluster>) -> Self {
        Self { cluster: Some(cluster), ..self }
    }

    /// The same engine, but text that is compared with a date or a time is read as one, which Trino refuses and
    /// CloudTrail Lake does.
    #[must_use]
    pub fn reading_text_as_time(self) -> Self {
        Self { text_as_time: true, ..self }
    }

    /// Whether a text is a query by its grammar.
    ///
    /// # Errors
    /// `SYNTAX_ERROR`, with its place.
    pub async fn check(&self, sql: &str) -> Result<()> {
        let text = sql.to_owned();
        on_stack(move || parse(&text).map(drop)).await?
    }

    /// Starts a query. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// Whatever Trino would say of its text: see [`Code`].
    pub async fn query(&self, sql: &str, session: &Session, catalog: &dyn Catalog) -> Result<Output> {
        let prepared = self.prepare(sql, session, catalog).await?;
        let Ready { plan, context, held } = self.ready(&prepared, Look::Into).await?;
        let stream = execute_stream(plan, context.task_ctx()).map_err(from_datafusion)?;
        let Prepared { columns, unnamed, scanned, .. } = prepared;
        Ok(Output { columns, unnamed, stream, scanned, _held: held })
    }

    /// The plan of a query, which is not run: no file is opened, so joins may be planned otherwise than when it is.
    /// Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// Whatever Trino would say of its text: see [`Code`].
    pub async fn explain(
        &self,
        sql: &str,
        session: &Session,
        catalog: &dyn Catalog,
        of: ExplainType,
        format: PlanFormat,
    ) -> Result<String> {
        let prepared = self.prepare(sql, session, catalog).await?;
        match of {
            ExplainType::Validate => Ok("true".to_owned()),
            ExplainType::Logical => {
                let optimized = optimized(self.state(Look::Away), prepared.plan.clone()).await?;
                Ok(prepared.explained().logical(&optimized, format))
            }
            ExplainType::Io => {
                let optimized = optimized(self.state(Look::Away), prepared.plan.clone()).await?;
                prepared.explained().io(&optimized)
            }
            ExplainType::Distributed => {
                let ready = self.ready(&prepared, Look::Away).await?;
                prepared.explained().distributed(ready.plan.as_ref(), format, None)
            }
        }
    }

    /// Runs a query to its end and tells its plan with what each part of it did. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// Whatever Trino would say of its text, and what goes wrong when it is run.
    pub async fn explain_analyze(
        &self,
        sql: &str,
        session: &Session,
        catalog: &dyn Catalog,
        format: PlanFormat,
    ) -> Result<String> {
        let prepared = self.prepare(sql, session, catalog).await?;
        let Ready { plan, context, held } = self.ready(&prepared, Look::Into).await?;
        let mut stream = execute_stream(Arc::clone(&plan), context.task_ctx()).map_err(from_datafusion)?;
        while let Some(batch) = stream.next().await {
            batch.map_err(from_datafusion)?;
        }
        drop((stream, held));
        prepared.explained().distributed(plan.as_ref(), format, Some(prepared.scanned.bytes()))
    }

    /// Analyses a query, looking up the tables that it names.
    async fn prepare(&self, sql: &str, session: &Session, catalog: &dyn Catalog) -> Result<Prepared> {
        let mut tables: HashMap<TableName, Known> = HashMap::new();
        let scanned = Scanned::default();
        let planned = loop {
            let (text, own) = (sql.to_owned(), session.clone());
            let text_as_time = self.text_as_time;
            let (back, result) = on_stack(move || {
                let analyze = |query| Analyzer::new(&own, &tables).reading_text_as_time(text_as_time).statement(&query);
                let result = parse(&text).map_err(Stop::from).and_then(analyze);
                (tables, result)
            })
            .await?;
            tables = back;
            match result {
                Ok(planned) => break planned,
                Err(Stop::Error(error)) => return Err(error),
                Err(Stop::Table(name)) => {
                    let resolved = catalog.resolve(&name).await?;
                    let known = known(&name, resolved, session, &scanned)?;
                    tables.insert(name, known);
                }
            }
        };
        let columns = planned.fields.iter().enumerate().map(|(n, field)| Column {
            name: field.name.clone().unwrap_or_else(|| format!("_col{n}")),
            ty: field.ty.clone(),
        });
        let columns = columns.collect();
        let unnamed = planned.fields.iter().position(|field| field.name.is_none());
        let names: Vec<_> = planned.fields.iter().map(crate::analyze::output).collect();
        let plan = datafusion::logical_expr::LogicalPlanBuilder::from(planned.plan).project(names);
        let plan = plan.and_then(|it| it.build()).map_err(from_datafusion)?;
        let remote = self.cluster.as_ref().and_then(|_| Query::of(sql, session, self.text_as_time, &tables, &plan));
        Ok(Prepared { columns, unnamed, plan, scanned, tables, remote })
    }

    /// How a query is run: by workers if there are some and all of it can be sent to them, else here.
    async fn ready(&self, prepared: &Prepared, look: Look) -> Result<Ready> {
        if let (Some(cluster), Some(query)) = (&self.cluster, &prepared.remote)
            && let Some((state, held)) = cluster.join(query.clone(), self.building(look)).await
        {
            let state = state.build();
            let plan = physical(state.clone(), prepared.plan.clone()).await?;
            match cluster.fits(&plan, &state) {
                Ok(()) => {
                    return Ok(Ready { plan, context: SessionContext::new_with_state(state), held: Some(held) });
                }
                Err(why) => tracing::debug!("a query is run here, because its plan cannot be sent: {why}"),
            }
        }
        let state = self.state(look);
        let context = SessionContext::new_with_state(state.clone());
        Ok(Ready { plan: physical(state, prepared.plan.clone()).await?, context, held: None })
    }

    fn state(&self, look: Look) -> SessionState {
        self.building(look).build()
    }

    fn building(&self, look: Look) -> SessionStateBuilder {
        let config = SessionConfig::new()
            .with_target_partitions(self.limits.parallelism)
            .with_collect_statistics(look == Look::Into);
        SessionStateBuilder::new().with_config(config).with_runtime_env(Arc::clone(&self.runtime))
    }
}

/// Whether files are opened for what they say about themselves when a query is planned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Into,
    Away,
}

/// A query that is analysed.
struct Prepared {
    columns: Vec<Column>,
    /// The first column that has no name.
    unnamed: Option<usize>,
    plan: LogicalPlan,
    scanned: Scanned,
    tables: HashMap<TableName, Known>,
    /// What workers have to know of it, if it can be run by them.
    remote: Option<Query>,
}

/// A plan that can be run.
struct Ready {
    plan: Arc<dyn ExecutionPlan>,
    context: SessionContext,
    held: Option<Held>,
}

impl Prepared {
    fn explained(&self) -> Explained<'_> {
        Explained { columns: &self.columns, tables: &self.tables }
    }
}

/// The plan with what is done for speed, before it is said how.
async fn optimized(state: SessionState, plan: LogicalPlan) -> Result<LogicalPlan> {
    on_stack(move || state.optimize(&plan)).await?.map_err(from_datafusion)
}

async fn physical(state: SessionState, plan: LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
    let handle = tokio::runtime::Handle::current();
    on_stack(move || handle.block_on(async { state.create_physical_plan(&plan).await })).await?.map_err(from_datafusion)
}

/// Does work on a thread of its own, whose stack is deep enough.
pub(crate) async fn on_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (send, receive) = tokio::sync::oneshot::channel();
    let spawned = std::thread::Builder::new().name("sql planning".into()).stack_size(STACK).spawn(move || {
        // Nobody waits any more when the query was given up.
        let _ = send.send(work());
    });
    spawned.map_err(|why| SqlError::new(Code::GenericInternalError, why.to_string()))?;
    receive.await.map_err(|_| SqlError::internal("planning ended without a result"))
}

impl Output {
    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whether the columns can be those of a table: each has a name, and no other one has the same.
    ///
    /// # Errors
    /// `MISSING_COLUMN_NAME`, `DUPLICATE_COLUMN_NAME`
    pub fn check_names(&self) -> Result<()> {
        if let Some(n) = self.unnamed {
            let message = format!("Column name not specified at position {}", n + 1);
            return Err(SqlError::new(Code::MissingColumnName, message));
        }
        let mut seen = HashSet::new();
        match self.columns.iter().map(|column| column.name.to_lowercase()).find(|name| !seen.insert(name.clone())) {
            Some(name) => {
                let message = format!("Column name '{name}' specified more than once");
                Err(SqlError::new(Code::DuplicateColumnName, message))
            }
            None => Ok(()),
        }
    }

    /// What has been read of files. It counts on as rows are asked for, and can be kept and looked at meanwhile.
    pub fn scanned(&self) -> Scanned {
        self.scanned.clone()
    }

    /// The next rows, or `None` at the end.
    ///
    /// # Errors
    /// What went wrong in computing them; there are no more then.
    pub async fn next(&mut self) -> Result<Option<Vec<Vec<Value>>>> {
        match self.stream.next().await {
            None => Ok(None),
            Some(Ok(batch)) => Ok(Some(self.rows(&batch))),
            Some(Err(error)) => Err(from_datafusion(error)),
        }
    }

    /// The next rows as they lie in columns, or `None` at the end.
    ///
    /// # Errors
    /// As for [`Output::next`].
    pub async fn batch(&mut self) -> Result<Option<Batch>> {
        match self.stream.next().await {
            None => Ok(None),
            Some(Ok(batch)) => {
                let types = self.columns.iter().map(|column| column.ty.clone()).collect();
                Ok(Some(Batch { types, columns: batch.columns().to_vec(), rows: batch.num_rows() }))
            }
            Some(Err(error)) => Err(from_datafusion(error)),
        }
    }

    /// All rows that are left.
    ///
    /// # Errors
    /// As for [`Output::next`].
    pub async fn all(&mut self) -> Result<Vec<Vec<Value>>> {
        let mut all = Vec::new();
        while let Some(rows) = self.next().await? {
            all.extend(rows);
        }
        Ok(all)
    }

    fn rows(&self, batch: &RecordBatch) -> Vec<Vec<Value>> {
        let row = |n: usize| {
            self.columns.iter().zip(batch.columns()).map(|(own, column)| value(&own.ty, column, n)).collect()
        };
        (0..batch.num_rows()).map(row).collect()
    }
}
