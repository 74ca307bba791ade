//! Statements as Athena takes them: Hive's DDL, Trino's around queries, and which of them a text is.
//!
//! A statement is parsed whole here; the query within one (of a view, CTAS, INSERT, UNLOAD) stays text, at its place:
//! what stands before it becomes blanks, so that errors of the query tell places in the whole statement.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/dml-queries-functions-operators.html>

mod alter;
mod ast;
mod change;
mod create;
mod cursor;
mod error;
mod format;
mod hive_type;
mod lexer;
mod parameter;
mod partition;
mod show;
mod statement;
#[cfg(test)]
mod tests;

pub use ast::{
    Alteration, Bucketing, ColumnDefinition, CreateTable, Detail, Property, RowFormat, Show, Statement, StatementKind,
    StoredAs, TableReference,
};
pub use change::{Assignments, Merge, MergeAction, MergeCase};
pub use error::DdlError;
pub use format::Formats;
pub use parameter::substitute;
pub use partition::{Condition, PartitionFilter, PartitionSpec};
pub use statement::parse;
