//! A table at one time, to be read.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Warehouse;
use super::metadata::{MAIN, Metadata, Snapshot};
use super::types::Schema;
use crate::catalog::{Column, Content, Table as Known};
use crate::error::{Code, Result, SqlError};
use crate::types::Type;

/// The hidden columns.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-table-data.html>
pub(super) const HIDDEN: [(&str, Type); 2] = [("$path", Type::VARCHAR), ("$file_modified_time", Type::TimestampTz(3))];

/// Where a row is in its file, for statements that change rows.
pub(super) const POSITION: (&str, Type) = ("$row_position", Type::Bigint);

/// A table at one time.
#[derive(Clone)]
pub struct Table {
    pub(super) metadata: Arc<Metadata>,
    pub(super) warehouse: Arc<dyn Warehouse>,
    pub(super) snapshot: Option<Snapshot>,
    pub(super) schema: Schema,
    positions: bool,
}

/// Which state of a table is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Version {
    /// The snapshot of this id.
    Snapshot(i64),
    /// The snapshot of a branch or tag.
    Reference(String),
    /// What was current at a time, in microseconds since 1970-01-01 00:00 UTC.
    Time(i64),
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("location", &self.metadata.location)
            .field("snapshot", &self.snapshot)
            .finish_non_exhaustive()
    }
}

impl Table {
    /// The table of a metadata file.
    ///
    /// # Errors
    /// The file cannot be read, or is none.
    pub async fn open(warehouse: Arc<dyn Warehouse>, metadata_location: &str) -> Result<Self> {
        Self::of(warehouse.clone(), Metadata::parse(&warehouse.get(metadata_location).await?)?)
    }

    /// The table of metadata.
    ///
    /// # Errors
    /// They contradict themselves.
    pub fn of(warehouse: Arc<dyn Warehouse>, metadata: Metadata) -> Result<Self> {
        let (snapshot, schema) = (metadata.current()?.cloned(), metadata.schema()?.clone());
        Ok(Self { metadata: Arc::new(metadata), warehouse, snapshot, schema, positions: false })
    }

    /// The table of metadata, as rows of this schema.
    pub(super) fn with_schema(warehouse: Arc<dyn Warehouse>, metadata: Metadata, schema: i32) -> Result<Self> {
        let schema = metadata.schema_of(schema)?.clone();
        Ok(Self { metadata: Arc::new(metadata), warehouse, snapshot: None, schema, positions: false })
    }

    /// The metadata.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The table with a hidden column that tells where rows are, beside the one that tells in which file.
    pub fn with_positions(self) -> Self {
        Self { positions: true, ..self }
    }

    /// The table as it was.
    ///
    /// # Errors
    /// It was not.
    pub fn at(self, version: &Version) -> Result<Self> {
        let none = |what: String| SqlError::new(Code::InvalidArguments, what);
        let id = match version {
            Version::Snapshot(id) => *id,
            Version::Reference(name) => {
                let reference = self.metadata.refs.get(name).map(|reference| reference.snapshot_id);
                let main = self.metadata.current_snapshot_id.filter(|_| name == MAIN);
                reference.or(main).ok_or_else(|| none(format!("Cannot find snapshot with reference name: {name}")))?
            }
            Version::Time(micros) => {
                let before = self.metadata.snapshot_log.iter().rev().find(|log| log.timestamp_ms * 1000 <= *micros);
                let shown = crate::show(&Type::TimestampTz(3), &crate::Value::TimestampTz(*micros, "UTC".into()));
                // The wording is Trino's.
                before
                    .map(|log| log.snapshot_id)
                    .ok_or_else(|| none(format!("No version history table at or before {shown}")))?
            }
        };
        let snapshot = self.metadata.snapshot(id).cloned();
        let snapshot = snapshot.ok_or_else(|| none(format!("Iceberg snapshot ID does not exists: {id}")))?;
        let schema = match snapshot.schema_id {
            Some(id) => self.metadata.schema_of(id)?.clone(),
            None => self.schema,
        };
        Ok(Self { snapshot: Some(snapshot), schema, ..self })
    }

    /// The columns that users see.
    pub fn columns(&self) -> Vec<Column> {
        let column = |field: &super::Field| Column { name: field.name.to_lowercase(), ty: field.kind.ty() };
        self.schema.fields.iter().map(column).collect()
    }

    /// Columns and hidden columns.
    pub(crate) fn all_columns(&self) -> Vec<Column> {
        let hidden = HIDDEN.into_iter().chain(self.positions.then_some(POSITION));
        let hidden = hidden.map(|(name, ty)| Column { name: name.to_owned(), ty });
        self.columns().into_iter().chain(hidden).collect()
    }

    /// The table for queries.
    pub fn table(self) -> Known {
        Known { columns: self.all_columns(), content: Content::Iceberg(Arc::new(self)) }
    }
}
