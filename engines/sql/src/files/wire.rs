//! A scan of files as bytes, so that a part of it is read elsewhere.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::ArrowReaderMetadata;
use ::parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter};
use bytes::Bytes;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::Statistics;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use serde::{Deserialize, Serialize};

use super::scan::{Scan, Split};
use super::{Files, Object, Partitions, ReadFiles, Scanned, Serde, Storage, parquet};
use crate::catalog::{Column, TableName};
use crate::error::{Result, SqlError};
use crate::table::schema;
use crate::value::Value;

/// The scan.
#[derive(Serialize, Deserialize)]
pub(crate) struct Wire {
    name: TableName,
    columns: Vec<Column>,
    partitioned_by: Vec<Column>,
    location: String,
    serde: Serde,
    projection: Vec<usize>,
    files: Vec<WireFile>,
    /// Of each task, of each of its parts: files, and their row groups.
    tasks: Vec<Vec<Vec<WireSplit>>>,
}

/// A file.
#[derive(Serialize, Deserialize)]
struct WireFile {
    object: Object,
    values: Vec<Value>,
    serde: Serde,
    /// What it says about itself, if it was opened.
    footer: Option<Bytes>,
}

#[derive(Serialize, Deserialize)]
struct WireSplit {
    file: usize,
    groups: Vec<usize>,
}

fn failed(why: impl std::fmt::Display) -> SqlError {
    SqlError::internal(format!("a scan cannot be sent: {why}"))
}

impl ReadFiles {
    /// How many parts there are that can be read apart.
    pub(crate) fn splits(&self) -> usize {
        self.tasks.iter().flatten().map(Vec::len).sum()
    }

    /// The same scan, shared out to so many tasks.
    pub(crate) fn spread(&self, tasks: usize) -> Self {
        let all: Vec<Split> = self.tasks.iter().flatten().flatten().cloned().collect();
        let parts = self.tasks.first().map_or(1, Vec::len).min(all.len().div_ceil(tasks.max(1))).max(1);
        let share = |splits: Vec<Split>| {
            let mut groups = super::provider::grouped(splits, parts);
            groups.resize(parts, Vec::new());
            groups
        };
        let mut shares = super::provider::grouped(all, tasks);
        shares.resize(tasks, Vec::new());
        Self::of_tasks(Arc::clone(&self.scan), shares.into_iter().map(share).collect(), Arc::clone(&self.statistics))
    }

    /// Where the files are.
    pub(crate) fn storage(&self) -> (Arc<dyn Storage>, Scanned) {
        (Arc::clone(&self.scan.files.storage), self.scan.scanned.clone())
    }

    /// The files that are read.
    pub(crate) fn locations(&self) -> HashSet<String> {
        self.tasks.iter().flatten().flatten().map(|split| split.object.location.clone()).collect()
    }

    /// The scan as bytes.
    pub(crate) fn wire(&self) -> Result<Wire> {
        let of = &self.scan.files;
        let mut files: Vec<WireFile> = Vec::new();
        let mut known: HashMap<(String, Option<usize>), usize> = HashMap::new();
        let mut tasks = Vec::new();
        for task in &self.tasks {
            let mut parts = Vec::new();
            for part in task {
                let mut splits = Vec::new();
                for split in part {
                    let metadata = split.part.as_ref().map(|part| part.metadata.metadata());
                    let key = (split.object.location.clone(), metadata.map(|it| Arc::as_ptr(it) as usize));
                    let file = match known.get(&key) {
                        Some(file) => *file,
                        None => {
                            files.push(WireFile::of(split)?);
                            known.insert(key, files.len() - 1);
                            files.len() - 1
                        }
                    };
                    let groups = split.part.as_ref().map(|part| part.groups.clone()).unwrap_or_default();
                    splits.push(WireSplit { file, groups });
                }
                parts.push(splits);
            }
            tasks.push(parts);
        }
        Ok(Wire {
            name: self.scan.name.clone(),
            columns: of.columns.clone(),
            partitioned_by: of.partitioned_by.clone(),
            location: of.location.clone(),
            serde: of.serde.clone(),
            projection: self.scan.projection.clone(),
            files,
            tasks,
        })
    }

    /// What parts of files are passed over by, and the columns that it is about.
    pub(crate) fn pruning(&self) -> Option<(Arc<dyn PhysicalExpr>, SchemaRef)> {
        let pruning = self.scan.pruning.as_ref()?;
        Some((Arc::clone(pruning.orig_expr()), schema(&self.scan.files.all_columns())))
    }
}

impl WireFile {
    fn of(split: &Split) -> Result<Self> {
        let footer = |part: &parquet::Part| {
            let mut bytes = Vec::new();
            ParquetMetaDataWriter::new(&mut bytes, part.metadata.metadata()).finish().map_err(failed)?;
            Ok::<_, SqlError>(Bytes::from(bytes))
        };
        Ok(Self {
            object: split.object.clone(),
            values: split.values.to_vec(),
            serde: split.serde.as_ref().clone(),
            footer: split.part.as_ref().map(footer).transpose()?,
        })
    }
}

/// A file that has arrived.
struct Arrived {
    split: Split,
    metadata: Option<ArrowReaderMetadata>,
}

impl Wire {
    /// The columns that predicates are about.
    pub(crate) fn schema(&self) -> SchemaRef {
        schema(&super::all_columns(&self.columns, &self.partitioned_by))
    }

    /// One task's part of the scan.
    pub(crate) fn arrive(
        self,
        storage: Arc<dyn Storage>,
        pruning: Option<Arc<dyn PhysicalExpr>>,
        task: usize,
    ) -> Result<ReadFiles> {
        let full = self.schema();
        let mut files = Vec::with_capacity(self.files.len());
        for file in self.files {
            let (values, serde): (Arc<[Value]>, Arc<Serde>) = (file.values.into(), Arc::new(file.serde));
            let read = |bytes: Bytes| {
                let read = ParquetMetaDataReader::new().parse_and_finish(&bytes).map_err(failed)?;
                ArrowReaderMetadata::try_new(Arc::new(read), parquet::options()).map_err(failed)
            };
            let metadata = file.footer.map(read).transpose()?;
            files.push(Arrived { split: Split::new(file.object, &values, &serde), metadata });
        }
        let split = |of: &WireSplit| {
            let file = files.get(of.file).ok_or_else(|| failed("a file is missing"))?;
            let part = file.metadata.clone().map(|metadata| parquet::Part { metadata, groups: of.groups.clone() });
            Ok::<_, SqlError>(Split { part, ..file.split.clone() })
        };
        let own = self.tasks.get(task).ok_or_else(|| failed("a task is missing"))?;
        let part = |part: &Vec<WireSplit>| part.iter().map(split).collect::<Result<Vec<Split>>>();
        let parts = own.iter().map(part).collect::<Result<Vec<_>>>()?;
        let wanted = Arc::new(full.project(&self.projection).map_err(failed)?);
        // What does not prune is looked at above the scan anyway.
        let pruning =
            pruning.and_then(|expr| PruningPredicateBuilder::new().with_file_schema(full).try_build(expr).ok());
        let files = Files {
            columns: self.columns,
            partitioned_by: self.partitioned_by,
            partitions: Partitions::Fixed(Arc::from([])),
            location: self.location,
            serde: self.serde,
            storage,
        };
        let statistics = Arc::new(Statistics::new_unknown(&wanted));
        let scan = Scan {
            name: self.name,
            files: Arc::new(files),
            schema: wanted,
            projection: self.projection,
            pruning,
            scanned: Scanned::default(),
        };
        Ok(ReadFiles::of_tasks(Arc::new(scan), vec![parts], statistics))
    }
}
