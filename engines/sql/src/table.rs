//! Tables as plans see them.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;

use crate::arrow::{column, data_type};
use crate::catalog::{Column, Content, Resolved, Table, TableName};
use crate::error::{Code, Result, from_datafusion};
use crate::files::Scanned;
use crate::files::provider::FileTable;
use crate::iceberg;
use crate::iceberg::provider::IcebergTable;
use crate::session::Session;
use crate::stream::RowTable;
use crate::syntax::ast::Query;
use crate::syntax::parse;
use crate::types::Type;
use crate::value::Value;

/// What is known of a name.
pub(crate) enum Known {
    Table {
        provider: Arc<dyn TableProvider>,
        columns: Arc<[Column]>,
        /// Whether its rows are in files.
        files: bool,
    },
    /// A view, with the catalog and schema of names that tell none.
    View {
        query: Box<Query>,
        text: String,
        home: (String, String),
    },
    Missing(Code, String),
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Known::Table { .. } => "Table",
            Known::View { .. } => "View",
            Known::Missing(..) => "Missing",
        })
    }
}

/// Makes what the catalog said something to plan with. What is read of files counts as scanned.
pub(crate) fn known(name: &TableName, resolved: Resolved, session: &Session, scanned: &Scanned) -> Result<Known> {
    Ok(match resolved {
        // The wording is Trino's.
        Resolved::View { .. }
        | Resolved::Table(Table { content: Content::Rows(_) | Content::Files(_) | Content::Elsewhere(_), .. })
            if name.version.is_some() =>
        {
            Known::Missing(Code::NotSupported, "This connector does not support versioned tables".into())
        }
        Resolved::Table(Table { columns, content: Content::Rows(rows) }) => {
            Known::Table { provider: in_memory(&columns, &rows)?, columns: columns.into(), files: false }
        }
        Resolved::Table(Table { content: Content::Files(files), .. }) => {
            let columns = files.all_columns().into();
            let provider = FileTable::new(name.clone(), files, session.now, scanned.clone());
            Known::Table { provider: Arc::new(provider), columns, files: true }
        }
        Resolved::Table(Table { columns, content: Content::Elsewhere(rows) }) => {
            let columns: Arc<[Column]> = columns.into();
            let provider = RowTable::new(Arc::clone(&columns), rows);
            Known::Table { provider: Arc::new(provider), columns, files: false }
        }
        Resolved::Table(Table { content: Content::Iceberg(table), .. }) => {
            let table = match &name.version {
                Some(version) => Arc::new(iceberg::Table::clone(&table).at(version)?),
                None => table,
            };
            let columns = table.all_columns().into();
            Known::Table { provider: Arc::new(IcebergTable::new(table, scanned.clone())), columns, files: true }
        }
        Resolved::View { sql, home } => match parse(&sql) {
            Ok(query) => {
                let home = home.unwrap_or_else(|| (name.catalog.clone(), name.schema.clone()));
                Known::View { query: Box::new(query), text: sql, home }
            }
            Err(error) => Known::Missing(Code::InvalidView, format!("Failed parsing stored view '{name}': {error}")),
        },
        Resolved::NoTable => Known::Missing(Code::TableNotFound, format!("Table '{name}' does not exist")),
        Resolved::NoSchema => Known::Missing(Code::SchemaNotFound, format!("Schema '{}' does not exist", name.schema)),
        Resolved::NoCatalog => {
            Known::Missing(Code::CatalogNotFound, format!("Catalog '{}' does not exist", name.catalog))
        }
    })
}

fn in_memory(of: &[Column], rows: &[Vec<Value>]) -> Result<Arc<dyn TableProvider>> {
    let schema = schema(of);
    let types: Vec<&Type> = of.iter().map(|column| &column.ty).collect();
    let batch = batch(&schema, &types, rows)?;
    Ok(Arc::new(MemTable::try_new(schema, vec![vec![batch]]).map_err(from_datafusion)?))
}

/// Rows with a value for each of the schema's columns, whose types these are.
pub(crate) fn batch(schema: &SchemaRef, types: &[&Type], rows: &[Vec<Value>]) -> Result<RecordBatch> {
    let mut columns = Vec::new();
    for (n, ty) in types.iter().enumerate() {
        let values: Vec<Value> = rows.iter().map(|row| row.get(n).cloned().unwrap_or(Value::Null)).collect();
        columns.push(column(ty, &values)?);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(|why| from_datafusion(why.into()))
}

/// Columns by place: names of tables need not be distinct when cases are not told apart.
pub(crate) fn schema(columns: &[Column]) -> Arc<Schema> {
    let fields = columns.iter().enumerate().map(|(n, column)| Field::new(format!("x{n}"), data_type(&column.ty), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}
