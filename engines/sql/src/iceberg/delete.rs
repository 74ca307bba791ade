//! Deleted rows: what delete files say, and files that say it.
//!
//! <https://iceberg.apache.org/spec/#delete-formats>

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::OnceCell;

use super::manifest::{Content, DataFile, Entry};
use super::parquet;
use super::table::Table;
use super::types::{Field, Kind, Primitive};
use crate::error::Result;
use crate::files::Scanned;
use crate::value::{Ordered, Value};

/// The columns of files of deleted places: <https://iceberg.apache.org/spec/#reserved-field-ids>.
pub(super) fn position_fields() -> [Field; 2] {
    let field = |id: i32, name: &str, kind: Primitive| Field {
        id,
        name: name.to_owned(),
        required: true,
        kind: Kind::Primitive(kind),
        doc: None,
    };
    [field(2_147_483_546, "file_path", Primitive::String), field(2_147_483_545, "pos", Primitive::Long)]
}

/// What a delete file says.
pub(super) enum Deleted {
    /// Places of rows, by files.
    Positions(HashMap<String, HashSet<i64>>),
    /// Values of these columns.
    Values(Vec<Field>, BTreeSet<Vec<Ordered>>),
}

/// The delete files of a scan, each of which is read once.
pub(super) struct Deletes {
    files: Vec<(Arc<Entry>, OnceCell<Deleted>)>,
}

impl Deletes {
    pub(super) fn new(files: Vec<Arc<Entry>>) -> Self {
        Self { files: files.into_iter().map(|file| (file, OnceCell::new())).collect() }
    }

    /// The files.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.files.iter().map(|(entry, _)| entry)
    }

    /// What the file at this place says.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) async fn of(&self, n: usize, table: &Table, scanned: &Scanned) -> Result<Option<&Deleted>> {
        let Some((entry, cell)) = self.files.get(n) else { return Ok(None) };
        cell.get_or_try_init(|| read(&entry.file, table, scanned)).await.map(Some)
    }
}

async fn read(file: &DataFile, table: &Table, scanned: &Scanned) -> Result<Deleted> {
    if file.content == Content::PositionDeletes {
        let fields = position_fields();
        let mut opened = parquet::open(&table.warehouse, file, &fields, scanned).await?;
        let mut all: HashMap<String, HashSet<i64>> = HashMap::new();
        while let Some(batch) = opened.next().await? {
            for row in batch.values(&fields) {
                if let [Value::Text(path), Value::Integer(position)] = row.as_slice() {
                    all.entry(path.to_string()).or_default().insert(*position);
                }
            }
        }
        return Ok(Deleted::Positions(all));
    }
    let fields: Vec<Field> = file.equality_ids.iter().filter_map(|id| column(table, *id)).collect();
    let mut opened = parquet::open(&table.warehouse, file, &fields, scanned).await?;
    let mut all = BTreeSet::new();
    while let Some(batch) = opened.next().await? {
        all.extend(batch.values(&fields).into_iter().map(key));
    }
    let fields = fields.clone();
    Ok(Deleted::Values(fields, all))
}

/// A column by its id, also one that was dropped since.
fn column(table: &Table, id: i32) -> Option<Field> {
    let schemas = std::iter::once(&table.schema).chain(table.metadata.schemas.iter().rev());
    schemas.into_iter().find_map(|schema| schema.fields.iter().find(|field| field.id == id)).cloned()
}

/// A row as a member of a set.
pub(super) fn key(row: Vec<Value>) -> Vec<Ordered> {
    row.into_iter().map(Ordered).collect()
}

/// Rows that a statement deletes, by their files.
#[derive(Debug, Default)]
pub struct PositionDeletes {
    files: BTreeMap<String, BTreeSet<i64>>,
}

impl PositionDeletes {
    /// Deletes a row. Tells whether it was there until now.
    pub fn delete(&mut self, path: &str, position: i64) -> bool {
        self.files.entry(path.to_owned()).or_default().insert(position)
    }

    /// How many rows are deleted.
    pub fn rows(&self) -> u64 {
        self.files.values().map(|positions| positions.len() as u64).sum()
    }

    /// Writes delete files, one for each file whose rows are deleted, beside the table's data files.
    ///
    /// # Errors
    /// They cannot be written, or a file is none of the table's.
    pub async fn write(self, table: &Table, id: &str) -> Result<Vec<DataFile>> {
        if self.files.is_empty() {
            return Ok(Vec::new());
        }
        let live = table.files(None).await?;
        let known: HashMap<&str, &Arc<Entry>> =
            live.tasks.iter().map(|task| (task.entry.file.path.as_str(), &task.entry)).collect();
        let fields = position_fields();
        let mut written = Vec::new();
        for (n, (path, positions)) in self.files.iter().enumerate() {
            let of = known.get(path.as_str()).ok_or_else(|| super::invalid(format!("there is no file {path}")))?;
            let rows: Vec<Vec<Value>> =
                positions.iter().map(|at| vec![Value::text(path), Value::Integer(*at)]).collect();
            let spec = table.metadata.spec(of.file.spec_id)?;
            let folder = spec.path(&table.schema, &of.file.partition);
            let place = format!("{}/{folder}{id}-d{n}.parquet", super::path::data(&table.metadata));
            let mut file =
                super::write::file(&table.metadata, &fields, &rows, &place, table.warehouse.as_ref()).await?;
            file.content = Content::PositionDeletes;
            file.spec_id = of.file.spec_id;
            file.partition.clone_from(&of.file.partition);
            file.referenced = Some(path.clone());
            written.push(file);
        }
        Ok(written)
    }
}
