//! An Iceberg table as plans see it, and the part of a plan that reads it.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, RecordBatchOptions};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DFSchema, Statistics};
use datafusion::error::Result as DfResult;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_optimizer::pruning::{PruningPredicate, PruningPredicateBuilder};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, ReplaceChildrenOptions};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties};
use futures_util::FutureExt;
use tokio::sync::mpsc::Sender;

use super::delete::{Deleted, Deletes, key};
use super::manifest::DataFile;
use super::parquet::{self, Batch};
use super::prune::OfFiles;
use super::scan::Task;
use super::table::{HIDDEN, Table};
use super::transform::Transform;
use super::types::Field;
use crate::arrow::{scalar, value};
use crate::catalog::Column;
use crate::error::{Code, Result, SqlError, from_datafusion};
use crate::files::Scanned;
use crate::statistics;
use crate::table::schema;
use crate::value::Value;

/// How many batches of a part of a scan wait for whoever takes them.
const WAITING: usize = 2;

/// An Iceberg table.
pub(crate) struct IcebergTable {
    table: Arc<Table>,
    schema: SchemaRef,
    scanned: Scanned,
}

impl fmt::Debug for IcebergTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IcebergTable({})", self.table.metadata.location)
    }
}

impl IcebergTable {
    pub(crate) fn new(table: Arc<Table>, scanned: Scanned) -> Self {
        let schema = schema(&table.all_columns());
        Self { table, schema, scanned }
    }

    /// What the filters say about columns that are in files.
    fn pruning(&self, session: &dyn Session, filters: &[Expr]) -> Option<PruningPredicate> {
        let count = self.table.schema.fields.len();
        let data = |expr: &&Expr| {
            let within = |name: &str| self.schema.index_of(name).is_ok_and(|n| n < count);
            expr.column_refs().iter().all(|column| within(&column.name))
        };
        let all = conjunction(filters.iter().filter(data).cloned())?;
        // What cannot be planned or does not prune is looked at above the scan anyway.
        let schema = DFSchema::try_from(Arc::clone(&self.schema)).ok()?;
        let physical = session.create_physical_expr(all, &schema).ok()?;
        PruningPredicateBuilder::new().with_file_schema(Arc::clone(&self.schema)).try_build(physical).ok()
    }

    async fn plan(
        &self,
        pruning: Option<PruningPredicate>,
        parts: usize,
        projection: Option<&Vec<usize>>,
    ) -> Result<ReadTable> {
        let files = self.table.files(pruning.as_ref()).await?;
        let projection = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let schema = Arc::new(self.schema.project(&projection).map_err(|why| from_datafusion(why.into()))?);
        let told =
            OfFiles { table: &self.table, entries: files.tasks.iter().map(|task| task.entry.as_ref()).collect() };
        let rows = told.entries.iter().filter_map(|entry| usize::try_from(entry.file.records).ok()).sum();
        let statistics = statistics::of(&schema, rows, &[&told]);
        let scan = Scan {
            all: self.table.all_columns(),
            table: Arc::clone(&self.table),
            schema,
            projection,
            deletes: Deletes::new(files.deletes),
            scanned: self.scanned.clone(),
        };
        Ok(ReadTable::of_tasks(Arc::new(scan), vec![grouped(files.tasks, parts)], Arc::new(statistics)))
    }
}

/// Shares files out, so that each part has about as much to read.
pub(super) fn grouped(mut tasks: Vec<Task>, parts: usize) -> Vec<Vec<Task>> {
    tasks.sort_by(|a, b| {
        let (a, b) = (&a.entry.file, &b.entry.file);
        b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path))
    });
    let mut groups: Vec<(i64, Vec<Task>)> = vec![(0, Vec::new()); parts.clamp(1, tasks.len().max(1))];
    for task in tasks {
        if let Some((size, group)) = groups.iter_mut().min_by_key(|(size, _)| *size) {
            *size = size.saturating_add(task.entry.file.size.max(1));
            group.push(task);
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

#[async_trait]
impl TableProvider for IcebergTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Filters choose manifests and files; each row is looked at again above.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> DfResult<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let (pruning, parts) = (self.pruning(session, filters), session.config().target_partitions());
        Ok(Arc::new(self.plan(pruning, parts, projection).await?))
    }
}

/// What all parts of a scan share.
pub(super) struct Scan {
    pub(super) table: Arc<Table>,
    /// Columns and hidden columns.
    pub(super) all: Vec<Column>,
    /// Of the columns that are wanted.
    pub(super) schema: SchemaRef,
    /// Which of all columns these are.
    pub(super) projection: Vec<usize>,
    pub(super) deletes: Deletes,
    pub(super) scanned: Scanned,
}

type Out = Sender<DfResult<RecordBatch>>;

impl Scan {
    /// Reads files one after the other.
    async fn run(self: Arc<Self>, tasks: Vec<Task>, out: Out) -> Result<()> {
        for task in tasks {
            if out.is_closed() {
                return Ok(());
            }
            // INVARIANT: nothing of what is shared is used again after a panic.
            let caught = AssertUnwindSafe(self.read(&task, &out)).catch_unwind().await;
            let malformed =
                || SqlError::new(Code::IcebergBadData, format!("Malformed Parquet file: {}", task.entry.file.path));
            caught.unwrap_or_else(|_| Err(malformed()))?;
        }
        Ok(())
    }

    /// Reads a file without the rows that are deleted.
    async fn read(&self, task: &Task, out: &Out) -> Result<()> {
        let file = &task.entry.file;
        let mut deletes = Vec::new();
        for n in &task.deletes {
            deletes.extend(self.deletes.of(*n, &self.table, &self.scanned).await?);
        }
        let own = &self.table.schema.fields;
        let mut fields: Vec<Field> = self.projection.iter().filter_map(|n| own.get(*n).cloned()).collect();
        for deleted in &deletes {
            if let Deleted::Values(columns, _) = deleted {
                let new: Vec<Field> =
                    columns.iter().filter(|it| fields.iter().all(|field| field.id != it.id)).cloned().collect();
                fields.extend(new);
            }
        }
        let modified = self.modified(file).await?;
        let mut opened = parquet::open(&self.table.warehouse, file, &fields, &self.scanned).await?;
        while let Some(batch) = opened.next().await? {
            let rows = self.batch(file, modified, &fields, &batch)?;
            let rows = match left(&deletes, file, &fields, &batch) {
                None => rows,
                Some(left) => filter_record_batch(&rows, &left).map_err(|why| from_datafusion(why.into()))?,
            };
            if out.send(Ok(rows)).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// When a file was written, in milliseconds, if that is asked for.
    async fn modified(&self, file: &DataFile) -> Result<Option<i64>> {
        let asked = self.projection.iter().any(|n| self.all.get(*n).is_some_and(|it| it.name == HIDDEN[1].0));
        if !asked {
            return Ok(None);
        }
        let objects = self.table.warehouse.list(&file.path).await?;
        Ok(objects.iter().find(|object| object.location == file.path).map(|object| object.modified))
    }

    /// The columns that are wanted.
    fn batch(&self, file: &DataFile, modified: Option<i64>, fields: &[Field], batch: &Batch) -> Result<RecordBatch> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.projection.len());
        let mut read = 0;
        for n in &self.projection {
            let Some(column) = self.all.get(*n) else { return Err(SqlError::internal("no such column")) };
            let constant =
                |value: Value| scalar(&column.ty, &value)?.to_array_of_size(batch.rows).map_err(from_datafusion);
            columns.push(match (self.table.schema.fields.get(*n), column.name.as_str()) {
                (Some(field), _) => {
                    let at = read;
                    read += 1;
                    match (batch.columns.get(at).is_some_and(Option::is_some), self.of_partition(file, field)) {
                        (false, Some(value)) => constant(value)?,
                        _ => batch.column(at, fields.get(at).unwrap_or(field)),
                    }
                }
                (None, "$path") => constant(Value::text(&file.path))?,
                (None, "$file_modified_time") => {
                    let at = modified.map(|at| at.div_euclid(1000) * 1000);
                    constant(at.map_or(Value::Null, |at| Value::TimestampTz(at, Arc::from("UTC"))))?
                }
                _ => Arc::new((batch.first..batch.first + batch.rows as i64).collect::<Int64Array>()),
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.rows));
        let made = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options);
        made.map_err(|why| from_datafusion(why.into()))
    }

    /// The value of a column that is not in a file because it is that of its partition.
    fn of_partition(&self, file: &DataFile, field: &Field) -> Option<Value> {
        let spec = self.table.metadata.spec(file.spec_id).ok()?;
        let mut fields = spec.fields.iter().zip(&file.partition);
        let is_own =
            |by: &super::partition::PartitionField| by.source_id == field.id && by.transform == Transform::Identity;
        fields.find(|(by, _)| is_own(by)).map(|(_, value)| value.clone())
    }
}

/// Which rows are not deleted; `None` for all.
fn left(deletes: &[&Deleted], file: &DataFile, fields: &[Field], batch: &Batch) -> Option<BooleanArray> {
    let mut left: Option<Vec<bool>> = None;
    for deleted in deletes {
        match deleted {
            Deleted::Positions(files) => {
                let Some(positions) = files.get(&file.path) else { continue };
                let left = left.get_or_insert_with(|| vec![true; batch.rows]);
                for (at, left) in (batch.first..).zip(left.iter_mut()) {
                    *left &= !positions.contains(&at);
                }
            }
            Deleted::Values(columns, values) => {
                let arrays: Vec<(ArrayRef, &Field)> = columns
                    .iter()
                    .filter_map(|column| {
                        let at = fields.iter().position(|field| field.id == column.id)?;
                        Some((batch.column(at, column), column))
                    })
                    .collect();
                let left = left.get_or_insert_with(|| vec![true; batch.rows]);
                for (n, left) in left.iter_mut().enumerate() {
                    let row = arrays.iter().map(|(array, field)| value(&field.kind.ty(), array, n)).collect();
                    *left &= !values.contains(&key(row));
                }
            }
        }
    }
    left.map(BooleanArray::from)
}

/// The part of a plan that reads a table.
pub(crate) struct ReadTable {
    pub(super) scan: Arc<Scan>,
    /// Of each task, what each of its parts reads. What is run has one task.
    pub(super) tasks: Vec<Vec<Vec<Task>>>,
    pub(super) statistics: Arc<Statistics>,
    properties: Arc<PlanProperties>,
}

impl ReadTable {
    /// A scan by tasks that have as many parts each.
    pub(super) fn of_tasks(scan: Arc<Scan>, tasks: Vec<Vec<Vec<Task>>>, statistics: Arc<Statistics>) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&scan.schema)),
            Partitioning::UnknownPartitioning(tasks.first().map_or(1, Vec::len)),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { scan, tasks, statistics, properties: Arc::new(properties) }
    }
}

impl fmt::Debug for ReadTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_as(DisplayFormatType::Default, f)
    }
}

impl DisplayAs for ReadTable {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: usize = self.tasks.iter().flatten().map(Vec::len).sum();
        write!(f, "ReadTable: {} in {files} files", self.scan.table.metadata.location)
    }
}

impl ExecutionPlan for ReadTable {
    fn name(&self) -> &'static str {
        "ReadTable"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DfResult<TreeNodeRecursion>,
    ) -> DfResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], args: &StatisticsArgs) -> DfResult<Arc<Statistics>> {
        Ok(match args.partition() {
            None => Arc::clone(&self.statistics),
            Some(_) => Arc::new(Statistics::new_unknown(&self.scan.schema)),
        })
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> DfResult<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let mut stream = RecordBatchReceiverStreamBuilder::new(Arc::clone(&self.scan.schema), WAITING);
        let [parts] = self.tasks.as_slice() else {
            return Err(SqlError::internal("a scan by several tasks is run as one").into());
        };
        let tasks = parts.get(partition).cloned().unwrap_or_default();
        let (scan, out) = (Arc::clone(&self.scan), stream.tx());
        stream.spawn(async move { Ok(scan.run(tasks, out).await?) });
        Ok(stream.build())
    }
}
