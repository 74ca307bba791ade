//! Reading files while a query runs.

use std::collections::HashSet;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::Statistics;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result as DfResult;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_optimizer::pruning::PruningPredicate;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, ReplaceChildrenOptions};
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricBuilder, MetricsSet};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::{RecordBatchReceiverStreamBuilder, RecordBatchStreamAdapter};
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties};
use futures_util::{FutureExt, TryStreamExt};
use tokio::sync::mpsc::Sender;

use super::{Files, Format, Object, Scanned, Serde, avro, orc, parquet, text};
use crate::arrow::scalar;
use crate::catalog::{Column, TableName};
use crate::error::{Result, SqlError, from_datafusion};
use crate::types::Type;
use crate::value::Value;

/// How many batches of a part of a scan wait for whoever takes them.
const WAITING: usize = 2;

/// What all parts of a scan share.
pub(super) struct Scan {
    pub(super) name: TableName,
    pub(super) files: Arc<Files>,
    /// Of the columns that are wanted.
    pub(super) schema: SchemaRef,
    /// Which of all columns of the table these are.
    pub(super) projection: Vec<usize>,
    pub(super) pruning: Option<PruningPredicate>,
    pub(super) scanned: Scanned,
}

/// A file, or a part of one, and what is known of its rows beforehand.
#[derive(Clone)]
pub(super) struct Split {
    pub(super) object: Object,
    pub(super) values: Arc<[Value]>,
    pub(super) serde: Arc<Serde>,
    /// Which part of a file of Parquet; `None` for all of it, before it is opened.
    pub(super) part: Option<parquet::Part>,
}

/// Where batches go. It is closed when nobody wants more.
pub(super) type Out = Sender<DfResult<RecordBatch>>;

impl Split {
    pub(super) fn new(object: Object, values: &Arc<[Value]>, serde: &Arc<Serde>) -> Split {
        Split { object, values: Arc::clone(values), serde: Arc::clone(serde), part: None }
    }

    /// The file's parts that have to be read, each a row group.
    pub(super) fn parted(self, whole: &parquet::Part) -> Vec<Split> {
        let part = |n: &usize| parquet::Part { metadata: whole.metadata.clone(), groups: vec![*n] };
        whole.groups.iter().map(|n| Split { part: Some(part(n)), ..self.clone() }).collect()
    }

    /// About how many bytes are read.
    pub(super) fn size(&self) -> u64 {
        let Some(part) = &self.part else { return self.object.size };
        let groups = part.metadata.metadata().row_groups();
        let sizes = part.groups.iter().filter_map(|n| groups.get(*n)).map(|group| group.compressed_size());
        sizes.filter_map(|size| u64::try_from(size).ok()).sum()
    }

    /// The values of the partition columns and of the hidden ones.
    pub(super) fn constants(&self) -> Vec<Value> {
        let size = i64::try_from(self.object.size).unwrap_or(i64::MAX);
        let modified = self.object.modified.div_euclid(1000) * 1000;
        let hidden =
            [Value::text(&self.object.location), Value::Integer(size), Value::TimestampTz(modified, Arc::from("UTC"))];
        self.values.iter().cloned().chain(hidden).collect()
    }
}

impl Scan {
    /// The columns of files that are wanted: place and type, in the order of the result.
    pub(super) fn wanted(&self) -> Vec<(usize, &Type)> {
        let columns = &self.files.columns;
        self.projection.iter().filter_map(|n| columns.get(*n).map(|column| (*n, &column.ty))).collect()
    }

    /// A batch of the columns that were read and of those that are the same for a whole file.
    pub(super) fn batch(&self, split: &Split, read: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
        let (all, first) = (self.files.all_columns(), self.files.columns.len());
        let constants = split.constants();
        let mut read = read.into_iter();
        let mut columns = Vec::with_capacity(self.projection.len());
        for n in &self.projection {
            let constant = n.checked_sub(first).and_then(|at| constants.get(at));
            columns.push(match constant {
                Some(value) => scalar(&all[*n].ty, value)?.to_array_of_size(rows).map_err(from_datafusion)?,
                None => read.next().ok_or_else(|| SqlError::internal("a column was not read"))?,
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options);
        batch.map_err(|why| from_datafusion(why.into()))
    }

    /// Reads files one after the other.
    async fn run(self: Arc<Self>, splits: Vec<Split>, out: Out) -> Result<()> {
        for split in splits {
            if out.is_closed() {
                return Ok(());
            }
            if split.serde.format() == Format::Parquet {
                let read = parquet::read(&self, &split, &out);
                // INVARIANT: nothing of what is shared is used again after a panic.
                let caught = AssertUnwindSafe(read).catch_unwind().await;
                caught.unwrap_or_else(|_| Err(parquet::malformed(&split)))?;
            } else {
                let (scan, out, runtime) = (Arc::clone(&self), out.clone(), tokio::runtime::Handle::current());
                let read = tokio::task::spawn_blocking(move || match split.serde.format() {
                    Format::Orc => orc::read(&scan, &split, &out, runtime),
                    Format::Avro => avro::read(&scan, &split, &out, runtime),
                    _ => text::read(&scan, &split, &out, runtime),
                });
                read.await.map_err(|why| SqlError::internal(why.to_string()))??;
            }
        }
        Ok(())
    }
}

/// The part of a plan that reads files.
pub(crate) struct ReadFiles {
    pub(super) scan: Arc<Scan>,
    /// Of each task, what each of its parts reads. What is run has one task.
    pub(super) tasks: Vec<Vec<Vec<Split>>>,
    pub(super) statistics: Arc<Statistics>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl ReadFiles {
    /// A scan by tasks that have as many parts each.
    pub(super) fn of_tasks(scan: Arc<Scan>, tasks: Vec<Vec<Vec<Split>>>, statistics: Arc<Statistics>) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&scan.schema)),
            Partitioning::UnknownPartitioning(tasks.first().map_or(1, Vec::len)),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        let metrics = ExecutionPlanMetricsSet::new();
        Self { scan, tasks, statistics, properties: Arc::new(properties), metrics }
    }

    /// The table that is read.
    pub(crate) fn table(&self) -> &TableName {
        &self.scan.name
    }

    /// How many files are read.
    pub(crate) fn file_count(&self) -> usize {
        let all: HashSet<&str> =
            self.tasks.iter().flatten().flatten().map(|split| split.object.location.as_str()).collect();
        all.len()
    }

    /// What parts of files are passed over by, if anything.
    pub(crate) fn pruned_by(&self) -> Option<String> {
        self.scan.pruning.as_ref().map(|pruning| pruning.orig_expr().to_string())
    }

    /// The columns that are read, and whether each tells partitions.
    pub(crate) fn columns(&self) -> Vec<(Column, bool)> {
        let files = &self.scan.files;
        let (all, first) = (files.all_columns(), files.columns.len());
        let keys = first..first + files.partitioned_by.len();
        self.scan.projection.iter().filter_map(|n| Some((all.get(*n)?.clone(), keys.contains(n)))).collect()
    }
}

impl fmt::Debug for ReadFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_as(DisplayFormatType::Default, f)
    }
}

impl DisplayAs for ReadFiles {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReadFiles: {} in {} files", self.scan.files.location, self.file_count())
    }
}

impl ExecutionPlan for ReadFiles {
    fn name(&self) -> &'static str {
        "ReadFiles"
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

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
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
        let splits = parts.get(partition).cloned().unwrap_or_default();
        let (scan, out) = (Arc::clone(&self.scan), stream.tx());
        stream.spawn(async move { Ok(scan.run(splits, out).await?) });
        let rows = MetricBuilder::new(&self.metrics).output_rows(partition);
        let counted = stream.build().inspect_ok(move |batch| rows.add(batch.num_rows()));
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.scan.schema), counted)))
    }
}
