//! A table of files as plans see it: which partitions and files a query has to look at.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::stats::Precision;
use datafusion::common::{DFSchema, Statistics};
use datafusion::error::Result as DfResult;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_optimizer::pruning::{PruningPredicate, PruningPredicateBuilder};
use datafusion::physical_plan::ExecutionPlan;
use futures_util::{StreamExt, TryStreamExt};

use super::hudi::Timeline;
use super::parquet::{self, Part};
use super::projection::Projection;
use super::prune::{Asked, Known, predicates};
use super::scan::{ReadFiles, Scan, Split};
use super::{Files, Format, Object, Partition, Partitions, Predicate, Scanned, Serde};
use crate::catalog::TableName;
use crate::error::{Code, Result, SqlError, from_datafusion};
use crate::function::cast::convert;
use crate::statistics;
use crate::table::schema;
use crate::types::Type;
use crate::value::Value;

/// How many folders are listed at the same time.
const LISTINGS: usize = 8;

/// How many files are opened at most before a query runs, to plan it by what they say about themselves.
const OPENED: usize = 64;

/// How Hive writes a partition whose value is NULL.
const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// A table of files.
pub(crate) struct FileTable {
    name: TableName,
    files: Arc<Files>,
    schema: SchemaRef,
    /// What the clock of the query shows.
    now: i64,
    scanned: Scanned,
}

/// A folder with files of a table.
#[derive(Clone)]
pub(super) struct Folder {
    pub(super) values: Vec<Value>,
    pub(super) location: String,
    pub(super) serde: Option<Serde>,
}

impl fmt::Debug for FileTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileTable({})", self.name)
    }
}

impl FileTable {
    pub(crate) fn new(name: TableName, files: Arc<Files>, now: i64, scanned: Scanned) -> Self {
        let schema = schema(&files.all_columns());
        Self { name, files, schema, now, scanned }
    }

    /// What filters ask of single columns that tell partitions.
    pub(crate) fn predicates(&self, filters: &[Expr]) -> Vec<Predicate> {
        predicates(filters, self.asked())
    }

    fn asked(&self) -> Asked<'_> {
        Asked { first: self.files.columns.len(), columns: &self.files.partitioned_by }
    }

    /// The folders that a query with these filters has to look at.
    async fn folders(&self, session: &dyn Session, filters: &[Expr]) -> Result<Vec<Folder>> {
        let files = &self.files;
        if files.partitioned_by.is_empty() {
            return Ok(vec![Folder { values: Vec::new(), location: files.location.clone(), serde: None }]);
        }
        let wanted = predicates(filters, self.asked());
        let folders = match &files.partitions {
            Partitions::Fixed(all) => self.registered(all)?,
            Partitions::Source(source) => {
                // Glue takes no expression at all for a table with a key of such a type; the filters choose then.
                let unknown = |ty: &Type| matches!(ty, Type::Boolean | Type::Real | Type::Double | Type::Varbinary);
                let none = files.partitioned_by.iter().any(|column| unknown(&column.ty));
                self.registered(&source.partitions(if none { &[] } else { &wanted }).await?)?
            }
            Partitions::Projected(properties) => {
                let projection = Projection::of(&self.name, files, properties, self.now)?;
                projection.folders(&wanted, |column, values| {
                    let first = files.columns.len() + column;
                    let rows: Vec<&[Value]> = values.iter().map(std::slice::from_ref).collect();
                    Known::new(files, first..first + 1, &rows)?.kept(session, filters)
                })?
            }
        };
        let first = files.columns.len();
        let rows: Vec<&[Value]> = folders.iter().map(|folder| folder.values.as_slice()).collect();
        let kept = Known::new(files, first..first + files.partitioned_by.len(), &rows)?.kept(session, filters)?;
        Ok(folders.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(folder, _)| folder).collect())
    }

    fn registered(&self, partitions: &[Partition]) -> Result<Vec<Folder>> {
        let folder = |partition: &Partition| {
            let mut values = Vec::new();
            for (n, column) in self.files.partitioned_by.iter().enumerate() {
                let text = partition.values.get(n).ok_or_else(|| {
                    let message =
                        format!("Expected {} partition key values, but got {n}", self.files.partitioned_by.len());
                    SqlError::new(Code::HiveInvalidMetadata, message)
                })?;
                values.push(partition_value(text, &column.ty, &column.name)?);
            }
            Ok(Folder { values, location: partition.location.clone(), serde: partition.serde.clone() })
        };
        partitions.iter().map(folder).collect()
    }

    /// The files in folders, without those that are hidden.
    async fn splits(&self, folders: Vec<Folder>) -> Result<Vec<Split>> {
        let serde = |folder: &Folder| folder.serde.as_ref().unwrap_or(&self.files.serde).is_hudi();
        let timeline = match folders.iter().any(serde) {
            true => Some(Timeline::read(&*self.files.storage, &self.files.location, &self.scanned).await?),
            false => None,
        };
        let timeline = timeline.as_ref();
        let list = |folder: Folder| async move {
            let location = format!("{}/", folder.location.trim_end_matches('/'));
            let objects = self.files.storage.list(&location).await?;
            let serde = Arc::new(folder.serde.unwrap_or_else(|| self.files.serde.clone()));
            let objects = match timeline.filter(|_| serde.is_hudi()) {
                Some(timeline) => timeline.latest(objects)?,
                None => objects,
            };
            let there = objects.into_iter().filter(|object| is_file(object, &location));
            let values: Arc<[Value]> = folder.values.into();
            Ok::<_, SqlError>(there.map(|object| Split::new(object, &values, &serde)).collect::<Vec<_>>())
        };
        let lists = futures_util::stream::iter(folders.into_iter().map(list)).buffered(LISTINGS);
        let lists: Vec<Vec<Split>> = lists.try_collect().await?;
        Ok(lists.into_iter().flatten().collect())
    }

    /// What the filters say about columns that are in files.
    fn pruning(&self, session: &dyn Session, filters: &[Expr]) -> Option<PruningPredicate> {
        let data = |expr: &&Expr| {
            let within = |name: &str| self.schema.index_of(name).is_ok_and(|n| n < self.files.columns.len());
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
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
    ) -> Result<ReadFiles> {
        let folders = self.folders(session, filters).await?;
        let mut splits = self.splits(folders).await?;
        let files = &self.files;
        let constants: Vec<Vec<Value>> = splits.iter().map(Split::constants).collect();
        let rows: Vec<&[Value]> = constants.iter().map(Vec::as_slice).collect();
        let known = files.columns.len()..self.schema.fields().len();
        let mut kept = Known::new(files, known, &rows)?.kept(session, filters)?.into_iter();
        splits.retain(|_| kept.next().unwrap_or(true));
        let projection = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let schema = Arc::new(self.schema.project(&projection).map_err(|why| from_datafusion(why.into()))?);
        let scan = Scan {
            name: self.name.clone(),
            files: Arc::clone(files),
            schema,
            projection,
            pruning: self.pruning(session, filters),
            scanned: self.scanned.clone(),
        };
        let config = session.config();
        let opens = config.options().execution.collect_statistics && splits.len() <= OPENED;
        let (splits, statistics) = if opens { opened(&scan, splits).await } else { closed(&scan, splits) };
        let parts = grouped(splits, config.target_partitions());
        Ok(ReadFiles::of_tasks(Arc::new(scan), vec![parts], Arc::new(statistics)))
    }
}

/// Looks into files of Parquet: which of their row groups are read, and what they say about their columns.
async fn opened(scan: &Scan, splits: Vec<Split>) -> (Vec<Split>, Statistics) {
    let open = |split: Split| async move {
        let part = match split.serde.format() {
            // What cannot be opened fails the query when it is read.
            Format::Parquet => parquet::open(scan, &split).await.ok(),
            _ => None,
        };
        (split, part)
    };
    let opened: Vec<(Split, Option<Part>)> =
        futures_util::stream::iter(splits.into_iter().map(open)).buffered(LISTINGS).collect().await;
    let parts: Option<Vec<&Part>> = opened.iter().map(|(_, part)| part.as_ref()).collect();
    let Some(parts) = parts else {
        return closed(scan, opened.into_iter().map(|(split, _)| split).collect());
    };
    let rows = |part: &&Part| {
        let groups = part.metadata.metadata().row_groups();
        let rows = part.groups.iter().filter_map(|n| groups.get(*n)).map(|group| group.num_rows());
        rows.filter_map(|rows| usize::try_from(rows).ok()).sum::<usize>()
    };
    let told: Vec<parquet::Statistics<'_>> =
        parts.iter().map(|part| parquet::Statistics::of(scan, &part.metadata)).collect();
    let told: Vec<&dyn PruningStatistics> = told.iter().map(|one| one as &dyn PruningStatistics).collect();
    let statistics = statistics::of(&scan.schema, parts.iter().map(rows).sum(), &told);
    let splits = opened.iter().flat_map(|(split, part)| part.iter().flat_map(|part| split.clone().parted(part)));
    (splits.collect(), statistics)
}

/// Takes files as they are, of which no more is known than their sizes.
fn closed(scan: &Scan, splits: Vec<Split>) -> (Vec<Split>, Statistics) {
    let bytes: u64 = splits.iter().map(Split::size).sum();
    let mut statistics = Statistics::new_unknown(&scan.schema);
    statistics.total_byte_size = Precision::Inexact(usize::try_from(bytes).unwrap_or(usize::MAX));
    (splits, statistics)
}

/// Whether an object in a folder is a file of its table: names that begin with `_` or `.` are hidden, and so is what is
/// in such a folder.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/create-table.html>
fn is_file(object: &Object, folder: &str) -> bool {
    let Some(path) = object.location.strip_prefix(folder) else { return false };
    object.size > 0 && !path.ends_with('/') && !path.split('/').any(|part| part.starts_with(['_', '.']))
}

/// Shares files out, so that each part has about as much to read.
pub(super) fn grouped(mut splits: Vec<Split>, parts: usize) -> Vec<Vec<Split>> {
    splits.sort_by(|a, b| b.size().cmp(&a.size()).then_with(|| a.object.location.cmp(&b.object.location)));
    let mut groups: Vec<(u64, Vec<Split>)> = vec![(0, Vec::new()); parts.clamp(1, splits.len().max(1))];
    for split in splits {
        if let Some((size, group)) = groups.iter_mut().min_by_key(|(size, _)| *size) {
            *size = size.saturating_add(split.size().max(1));
            group.push(split);
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The value of a partition from its text.
pub(super) fn partition_value(text: &str, ty: &Type, column: &str) -> Result<Value> {
    if text == NULL_PARTITION {
        return Ok(Value::Null);
    }
    convert(&Type::VARCHAR, ty, &Value::text(text)).map_err(|_| {
        let message = format!("Invalid partition value '{text}' for {ty} partition key: {column}");
        SqlError::new(Code::HiveInvalidPartitionValue, message)
    })
}

#[async_trait]
impl TableProvider for FileTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Filters choose partitions, files and row groups; each row is looked at again above.
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
        Ok(Arc::new(self.plan(session, projection, filters).await?))
    }
}
