//! A scan of a table as bytes, so that a part of it is read elsewhere.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::common::Statistics;
use serde::{Deserialize, Serialize};

use super::Warehouse;
use super::delete::Deletes;
use super::manifest::Entry;
use super::metadata::Metadata;
use super::provider::{ReadTable, Scan, grouped};
use super::scan::Task;
use super::table::Table;
use crate::catalog::Column;
use crate::error::{Result, SqlError};
use crate::files::{Scanned, Storage};
use crate::table::schema;

/// The scan.
#[derive(Serialize, Deserialize)]
pub(crate) struct Wire {
    metadata: Bytes,
    schema: i32,
    all: Vec<Column>,
    projection: Vec<usize>,
    deletes: Vec<Entry>,
    /// Of each task, of each of its parts: its files.
    tasks: Vec<Vec<Vec<WireFile>>>,
}

/// A file of rows.
#[derive(Serialize, Deserialize)]
struct WireFile {
    entry: Entry,
    /// The places of its deletes.
    deletes: Vec<usize>,
}

impl ReadTable {
    /// How many parts there are that can be read apart.
    pub(crate) fn splits(&self) -> usize {
        self.tasks.iter().flatten().map(Vec::len).sum()
    }

    /// The same scan, shared out to so many tasks.
    pub(crate) fn spread(&self, tasks: usize) -> Self {
        let all: Vec<Task> = self.tasks.iter().flatten().flatten().cloned().collect();
        let parts = self.tasks.first().map_or(1, Vec::len).min(all.len().div_ceil(tasks.max(1))).max(1);
        let share = |of: Vec<Task>| {
            let mut groups = grouped(of, parts);
            groups.resize(parts, Vec::new());
            groups
        };
        let mut shares = grouped(all, tasks);
        shares.resize(tasks, Vec::new());
        Self::of_tasks(Arc::clone(&self.scan), shares.into_iter().map(share).collect(), Arc::clone(&self.statistics))
    }

    /// Where the files are.
    pub(crate) fn storage(&self) -> (Arc<dyn Storage>, Scanned) {
        (Arc::<dyn Warehouse>::clone(&self.scan.table.warehouse), self.scan.scanned.clone())
    }

    /// The files that are read.
    pub(crate) fn locations(&self) -> HashSet<String> {
        let data = self.tasks.iter().flatten().flatten().map(|task| &task.entry);
        data.chain(self.scan.deletes.entries()).map(|entry| entry.file.path.clone()).collect()
    }

    /// The scan as bytes.
    pub(crate) fn wire(&self) -> Result<Wire> {
        let scan = &self.scan;
        let task = |task: &Task| WireFile { entry: task.entry.as_ref().clone(), deletes: task.deletes.clone() };
        let part = |part: &Vec<Task>| part.iter().map(task).collect();
        Ok(Wire {
            metadata: scan.table.metadata.file()?.into(),
            schema: scan.table.schema.schema_id,
            all: scan.all.clone(),
            projection: scan.projection.clone(),
            deletes: scan.deletes.entries().map(|entry| entry.as_ref().clone()).collect(),
            tasks: self.tasks.iter().map(|parts| parts.iter().map(part).collect()).collect(),
        })
    }
}

impl Wire {
    /// One task's part of the scan.
    pub(crate) fn arrive(mut self, warehouse: Arc<dyn Warehouse>, task: usize) -> Result<ReadTable> {
        let failed = |why: &str| SqlError::internal(format!("a scan cannot be sent: {why}"));
        let metadata = Metadata::parse(&self.metadata)?;
        let table = Table::with_schema(warehouse, metadata, self.schema)?;
        let wanted = schema(&self.all).project(&self.projection).map_err(|why| failed(&why.to_string()))?;
        if task >= self.tasks.len() {
            return Err(failed("a task is missing"));
        }
        let own = self.tasks.swap_remove(task);
        let file = |file: WireFile| Task { entry: Arc::new(file.entry), deletes: file.deletes };
        let part = |part: Vec<WireFile>| part.into_iter().map(file).collect::<Vec<Task>>();
        let parts = own.into_iter().map(part).collect();
        let schema = Arc::new(wanted);
        let statistics = Arc::new(Statistics::new_unknown(&schema));
        let scan = Scan {
            table: Arc::new(table),
            all: self.all,
            schema,
            projection: self.projection,
            deletes: Deletes::new(self.deletes.into_iter().map(Arc::new).collect()),
            scanned: Scanned::default(),
        };
        Ok(ReadTable::of_tasks(Arc::new(scan), vec![parts], statistics))
    }
}
