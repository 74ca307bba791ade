//! What the embedder tells about tables.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::files::{Files, Predicate};
use crate::iceberg;
use crate::types::Type;
use crate::value::Value;

/// The name of a table, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TableName {
    /// Such as `awsdatacatalog`.
    pub catalog: String,
    /// The schema, which Athena calls a database.
    pub schema: String,
    /// The table.
    pub table: String,
    /// Which state of it, if not the present one.
    pub version: Option<iceberg::Version>,
}

impl TableName {
    pub(crate) fn parts(&self) -> Vec<String> {
        vec![self.catalog.clone(), self.schema.clone(), self.table.clone()]
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.catalog, self.schema, self.table)
    }
}

/// Finds tables by name.
pub trait Catalog: Send + Sync {
    /// What the name stands for.
    ///
    /// # Errors
    /// Whatever keeps it from looking: it becomes the query's error.
    fn resolve<'a>(&'a self, name: &'a TableName) -> BoxFuture<'a, Result<Resolved>>;
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Resolved {
    /// A table.
    Table(Table),
    /// A view.
    View {
        /// The text of its query.
        sql: String,
        /// Catalog and schema of names in it that tell none; `None` for those that the view is in.
        home: Option<(String, String)>,
    },
    /// There is no such table.
    NoTable,
    /// There is no such schema.
    NoSchema,
    /// There is no such catalog.
    NoCatalog,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its columns. One whose name begins with `$` is hidden from `*`.
    pub columns: Vec<Column>,
    /// Where its rows are.
    pub content: Content,
}

/// A column of a table or of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// Where the rows of a table are.
#[derive(Clone, Debug)]
pub enum Content {
    /// Here. Each has a value for each column.
    Rows(Arc<[Vec<Value>]>),
    /// In files. [`Files::table`] makes a table of them.
    Files(Arc<Files>),
    /// In an Iceberg table. [`iceberg::Table::table`] makes a table of it.
    Iceberg(Arc<iceberg::Table>),
    /// Somewhere else, from where they come as they are asked for.
    Elsewhere(Arc<dyn Rows>),
}

/// Rows that come as they are asked for.
pub trait Rows: fmt::Debug + Send + Sync {
    /// The rows of which all predicates are true, in batches. It may answer more: the engine looks at each again. A row
    /// has a value for each of the columns `wanted`, by their places in the table, in that order.
    ///
    /// An error in the stream becomes the query's.
    fn read(&self, wanted: &[usize], predicates: &[Predicate]) -> BoxStream<'static, Result<Vec<Vec<Value>>>>;
}
