//! SELECT as Athena's engine 3 answers it: Trino's grammar, types, functions and errors over DataFusion.
//!
//! The engine knows tables only through a [`Catalog`], their files only through a [`Storage`], and time and chance only
//! through a [`Session`]; it does no I/O of its own. [`Engine::query`] parses, analyses, plans and starts a query; its rows come from [`Output`].
//!
//! The way of a statement: `syntax` (text → tree), `analyze` (tree → plan whose types fit by Trino's rules), `function`
//! (what the plan calls), `engine` (plan → rows). `docs/decisions` tells why it is so.

mod analyze;
mod arrow;
mod catalog;
mod civil;
pub mod ddl;
mod engine;
mod error;
mod explain;
mod files;
mod function;
mod geometry;
pub mod iceberg;
mod number;
pub mod remote;
mod session;
mod statistics;
mod stream;
mod syntax;
mod table;
mod types;
mod value;
mod writer;

pub use catalog::{Catalog, Column, Content, Resolved, Rows, Table, TableName};
pub use engine::{Batch, Engine, Limits, Output};
pub use error::{Code, Position, Result, SqlError};
pub use explain::{ExplainType, PlanFormat};
pub use files::{
    Comparison, Description, Files, Format, GrokField, GrokPattern, HiveTable, Object, Partition, PartitionSource,
    Partitions, Predicate, Scanned, Serde, Storage, Undescribed, decompress, describe, hive_name, hive_type,
};
pub use session::Session;
pub use types::{Sketch, Spatial, Type};
pub use value::Value;
pub use writer::{Buckets, Codec, Encoding, FileFormat, Lines, RowFile, storable};

/// A value as text, as Athena writes it in results. NULL is `null` here; a result file leaves it out.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/querying.html>
pub fn show(of: &Type, value: &Value) -> String {
    function::cast::show(of, value)
}

/// Parses the name of a type, such as `array(row(a integer))`.
///
/// # Errors
/// `SYNTAX_ERROR`, `TYPE_NOT_FOUND`, `NOT_SUPPORTED`.
pub fn parse_type(text: &str) -> Result<Type> {
    syntax::parse_type(text)
}
