//! TPC-H's tables and queries, for the tests and benchmarks of the SQL engine.
//!
//! The schema, the rules for values and the questions are those of the published specification
//! (<https://www.tpc.org/tpch/>); the generator and the text of the queries, in Trino's dialect, are ours. The numbers
//! are drawn otherwise than dbgen draws them, so answers are held against another engine over the same files and not
//! against the published ones, and no result is a TPC result.

mod chance;
mod comment;
mod lake;
mod query;
mod row;
mod table;
mod words;
mod write;

pub use lake::{Lake, location};
pub use query::QUERIES;
pub use table::{Kind, Scale, Table};
pub use write::{Failure, file, write};
