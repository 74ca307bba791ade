//! Plans that are run elsewhere: what a worker has to know of a query, and scans as bytes.
//!
//! Functions are not sent: a worker analyses the text of the query again, over the same tables, and has the same
//! functions then, under the same names. Scans are sent with the files that they read; the bytes of these are asked for.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::datasource::empty::EmptyTable;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::expr::WindowFunctionDefinition;
use datafusion::logical_expr::{AggregateUDF, Expr, LogicalPlan, ScalarUDF};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::analyze::{Analyzer, Stop};
use crate::catalog::{Column, TableName};
use crate::engine::on_stack;
use crate::error::{Result, SqlError, from_datafusion};
use crate::files::{Object, ReadFiles, Scanned, Storage, wire};
use crate::function::udf::RowUdf;
use crate::iceberg;
use crate::iceberg::Warehouse;
use crate::iceberg::provider::ReadTable;
use crate::session::Session;
use crate::syntax::parse;
use crate::table::{Known, schema};

/// Where plans are run beside this process.
pub trait Cluster: Send + Sync {
    /// Lets a plan be made for workers: adds to the state by which it is made what it takes. What comes back beside it is
    /// kept until the query has ended. `None` if there is no worker at the moment: the query is run here then.
    fn join<'a>(
        &'a self,
        query: Query,
        state: SessionStateBuilder,
    ) -> BoxFuture<'a, Option<(SessionStateBuilder, Held)>>;

    /// Whether every part of a plan that was made for workers can be sent to them; why not, if not.
    ///
    /// # Errors
    /// What cannot be sent.
    fn fits(
        &self,
        plan: &Arc<dyn ExecutionPlan>,
        state: &datafusion::execution::SessionState,
    ) -> std::result::Result<(), String>;
}

/// What is kept until a query has ended.
pub type Held = Box<dyn Any + Send + Sync>;

/// A query, as far as a worker has to know it to make its functions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Query {
    sql: String,
    session: Session,
    text_as_time: bool,
    tables: Vec<(TableName, Told)>,
}

/// A name that a query uses.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Told {
    Table(Vec<Column>),
    View { sql: String, home: (String, String) },
}

/// What the plans of a query call.
#[derive(Clone, Default)]
pub struct Functions {
    /// Functions of rows.
    pub scalars: Vec<Arc<ScalarUDF>>,
    /// Aggregates.
    pub aggregates: Vec<Arc<AggregateUDF>>,
}

impl Query {
    /// The query, if its plan can be run elsewhere: all its tables are of files, and nothing in it is by chance.
    pub(crate) fn of(
        sql: &str,
        session: &Session,
        text_as_time: bool,
        tables: &HashMap<TableName, Known>,
        plan: &LogicalPlan,
    ) -> Option<Self> {
        let mut told = Vec::new();
        for (name, known) in tables {
            told.push((
                name.clone(),
                match known {
                    Known::Table { columns, files: true, .. } => Told::Table(columns.to_vec()),
                    Known::View { text, home, .. } => Told::View { sql: text.clone(), home: home.clone() },
                    Known::Table { .. } | Known::Missing(..) => return None,
                },
            ));
        }
        let query = Self { sql: sql.to_owned(), session: session.clone(), text_as_time, tables: told };
        let mut fits = true;
        let walked = plan.apply_with_subqueries(|node| {
            fits &= !matches!(node, LogicalPlan::RecursiveQuery(_));
            node.apply_expressions(|expr| {
                expr.apply(|expr| {
                    if let Expr::ScalarFunction(call) = expr
                        && call.func.inner().downcast_ref::<RowUdf>().is_some_and(RowUdf::is_by_chance)
                    {
                        fits = false;
                    }
                    Ok(TreeNodeRecursion::Continue)
                })
            })
        });
        (walked.is_ok() && fits).then_some(query)
    }

    /// The functions that the query's plans call.
    ///
    /// # Errors
    /// A query that another version of this engine understood otherwise.
    pub async fn functions(self) -> Result<Functions> {
        on_stack(move || {
            let mut tables = HashMap::new();
            for (name, told) in self.tables {
                let known = match told {
                    Told::Table(columns) => Known::Table {
                        provider: Arc::new(EmptyTable::new(schema(&columns))),
                        columns: columns.into(),
                        files: true,
                    },
                    Told::View { sql, home } => Known::View { query: Box::new(parse(&sql)?), text: sql, home },
                };
                tables.insert(name, known);
            }
            let analyzer = Analyzer::new(&self.session, &tables).reading_text_as_time(self.text_as_time);
            let planned = match analyzer.statement(&parse(&self.sql)?) {
                Ok(planned) => planned,
                Err(Stop::Error(error)) => return Err(error),
                Err(Stop::Table(name)) => return Err(SqlError::internal(format!("nothing was told of {name}"))),
            };
            called(&planned.plan)
        })
        .await?
    }
}

/// What a plan calls.
fn called(plan: &LogicalPlan) -> Result<Functions> {
    let mut functions = Functions::default();
    let mut look = |expr: &Expr| {
        match expr {
            Expr::ScalarFunction(call) => functions.scalars.push(Arc::clone(&call.func)),
            Expr::AggregateFunction(call) => functions.aggregates.push(Arc::clone(&call.func)),
            Expr::WindowFunction(call) => {
                if let WindowFunctionDefinition::AggregateUDF(of) = &call.fun {
                    functions.aggregates.push(Arc::clone(of));
                }
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    };
    let walked = plan.apply_with_subqueries(|node| node.apply_expressions(|expr| expr.apply(&mut look)));
    walked.map_err(from_datafusion)?;
    Ok(functions)
}

/// Where the files of a scan are, for who reads them elsewhere.
#[derive(Clone)]
pub struct Source {
    storage: Arc<dyn Storage>,
    scanned: Scanned,
    locations: Arc<HashSet<String>>,
}

impl Source {
    /// The source of a scan; `None` for what is no scan.
    pub fn of(node: &dyn ExecutionPlan) -> Option<Self> {
        let ((storage, scanned), locations) = if let Some(files) = node.downcast_ref::<ReadFiles>() {
            (files.storage(), files.locations())
        } else {
            let table = node.downcast_ref::<ReadTable>()?;
            (table.storage(), table.locations())
        };
        Some(Self { storage, scanned, locations: Arc::new(locations) })
    }

    /// Some bytes of a file of the scan.
    ///
    /// # Errors
    /// It is none of its files, the range is none, or whatever keeps it from reading.
    pub async fn read(&self, object: &Object, range: Range<u64>) -> Result<Bytes> {
        if !self.locations.contains(&object.location) || range.start >= range.end || range.end > object.size {
            return Err(SqlError::internal(format!("{} is not what the query reads", object.location)));
        }
        let bytes = self.storage.read(object, range).await?;
        self.scanned.add(bytes.len());
        Ok(bytes)
    }

    /// The objects at the place of a file of the scan.
    ///
    /// # Errors
    /// It is none of its files, or whatever keeps it from listing.
    pub async fn list(&self, location: &str) -> Result<Vec<Object>> {
        if !self.locations.contains(location) {
            return Err(SqlError::internal(format!("{location} is not what the query reads")));
        }
        self.storage.list(location).await
    }
}

/// How many parts a scan has that can be read apart; `None` for what is no scan.
pub fn splits(node: &dyn ExecutionPlan) -> Option<usize> {
    let files = node.downcast_ref::<ReadFiles>().map(ReadFiles::splits);
    files.or_else(|| node.downcast_ref::<ReadTable>().map(ReadTable::splits))
}

/// A scan, shared out to so many tasks; `None` for what is no scan.
pub fn spread(node: &dyn ExecutionPlan, tasks: usize) -> Option<Arc<dyn ExecutionPlan>> {
    if let Some(files) = node.downcast_ref::<ReadFiles>() {
        return Some(Arc::new(files.spread(tasks)));
    }
    Some(Arc::new(node.downcast_ref::<ReadTable>()?.spread(tasks)))
}

/// A scan as bytes.
#[derive(Serialize, Deserialize)]
enum Wire {
    Files(wire::Wire),
    Iceberg(iceberg::wire::Wire),
}

/// A scan as bytes, and what parts of files are passed over by, with the columns that it is about.
pub struct Sent {
    /// The scan.
    pub bytes: Bytes,
    /// The predicate.
    pub pruning: Option<(Arc<dyn PhysicalExpr>, SchemaRef)>,
}

/// A scan that has arrived at a worker.
pub struct Arrived(Wire);

fn unreadable(why: impl std::fmt::Display) -> SqlError {
    SqlError::internal(format!("a scan cannot be sent: {why}"))
}

/// Makes a scan bytes; `None` for what is no scan.
///
/// # Errors
/// A defect of this engine.
pub fn send(node: &dyn ExecutionPlan) -> Option<Result<Sent>> {
    let (wire, pruning) = if let Some(files) = node.downcast_ref::<ReadFiles>() {
        (files.wire().map(Wire::Files), files.pruning())
    } else {
        (node.downcast_ref::<ReadTable>()?.wire().map(Wire::Iceberg), None)
    };
    let bytes = wire.and_then(|wire| rmp_serde::to_vec(&wire).map(Bytes::from).map_err(unreadable));
    Some(bytes.map(|bytes| Sent { bytes, pruning }))
}

impl Arrived {
    /// Reads what was sent.
    ///
    /// # Errors
    /// The bytes are no scan.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        rmp_serde::from_slice(bytes).map(Self).map_err(unreadable)
    }

    /// The columns that a predicate is about.
    pub fn schema(&self) -> Option<SchemaRef> {
        match &self.0 {
            Wire::Files(wire) => Some(wire.schema()),
            Wire::Iceberg(_) => None,
        }
    }

    /// One task's part of the scan, whose files are read through this.
    ///
    /// # Errors
    /// There is no such task.
    pub fn plan(
        self,
        warehouse: Arc<dyn Warehouse>,
        pruning: Option<Arc<dyn PhysicalExpr>>,
        task: usize,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(match self.0 {
            Wire::Files(wire) => Arc::new(wire.arrive(warehouse, pruning, task)?),
            Wire::Iceberg(wire) => Arc::new(wire.arrive(warehouse, task)?),
        })
    }
}
