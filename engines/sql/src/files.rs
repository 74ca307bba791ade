//! Tables of files, as Athena's engine 3 reads them: what the embedder tells about them, and how they are read.
//!
//! The embedder makes a [`HiveTable`] of what Glue keeps of a table, and [`HiveTable::files`] a table of it, with its
//! [`Storage`] for listing and reading objects, and its [`PartitionSource`] for partitions that are registered.

mod avro;
mod cloudtrail;
mod csv;
mod delimited;
mod describe;
mod field;
mod grok;
mod hive_type;
mod hudi;
mod input;
mod json;
mod lines;
mod orc;
pub(crate) mod parquet;
mod projection;
pub(crate) mod provider;
pub(crate) mod prune;
mod regex;
mod scan;
mod serde;
mod text;
pub(crate) mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::catalog::{Column, Content, Table};
use crate::error::Result;
use crate::types::Type;
use crate::value::Value;

pub use describe::{Description, Undescribed, describe};
pub use grok::{GrokField, GrokPattern};
pub use hive_type::{hive_name, hive_type};
pub use input::decompress;
pub(crate) use scan::ReadFiles;
pub use serde::{Format, Serde};

/// The hidden columns of every table of files.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/querying-finding-source.html>
const HIDDEN: [(&str, Type); 3] =
    [("$path", Type::VARCHAR), ("$file_size", Type::Bigint), ("$file_modified_time", Type::TimestampTz(3))];

/// An object that may be a file of a table.
#[derive(Clone, Debug, PartialEq, Eq, ::serde::Serialize, ::serde::Deserialize)]
pub struct Object {
    /// Such as `s3://bucket/folder/file.csv`: the key as it is, without any escaping.
    pub location: String,
    /// Its bytes.
    pub size: u64,
    /// When it was written, in microseconds since 1970-01-01 00:00 UTC.
    pub modified: i64,
    /// What tells this version of it from others, if there is anything. It is for the storage alone.
    pub etag: Option<String>,
}

/// Where files are.
pub trait Storage: Send + Sync {
    /// Every object in a folder and in the folders in it. The location is written with one slash at its end; what it is
    /// followed by in the location of an object is the object's path in the folder. The order does not matter.
    ///
    /// # Errors
    /// Whatever keeps it from listing: it becomes the query's error.
    fn list<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, Result<Vec<Object>>>;

    /// Some bytes of an object that [`Storage::list`] told. The range is within its size and not empty.
    ///
    /// # Errors
    /// Whatever keeps it from reading: it becomes the query's error.
    fn read<'a>(&'a self, object: &'a Object, range: Range<u64>) -> BoxFuture<'a, Result<Bytes>>;
}

/// A partition, as the catalog keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    /// Its values, as text, one for each partition column. `__HIVE_DEFAULT_PARTITION__` is NULL.
    pub values: Vec<String>,
    /// Where its files are: a folder, with a slash at its end or without.
    pub location: String,
    /// How its files are written, if not as the table says.
    pub serde: Option<Serde>,
}

/// Finds the partitions of a table.
pub trait PartitionSource: Send + Sync {
    /// The partitions of which all predicates are true. It may answer more: the engine looks at each again.
    ///
    /// # Errors
    /// Whatever keeps it from looking: it becomes the query's error.
    fn partitions<'a>(&'a self, predicates: &'a [Predicate]) -> BoxFuture<'a, Result<Vec<Partition>>>;
}

/// What a query wants of a partition column: a comparison with constants. Written with `to_string`, it is an expression
/// of Glue's GetPartitions; several are joined by AND.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html>
#[derive(Clone, Debug)]
pub struct Predicate {
    /// The column, in lower case.
    pub column: String,
    /// Its type.
    pub ty: Type,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what: several values only for [`Comparison::In`].
    pub values: Vec<Value>,
}

/// How a partition column is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is one of the values.
    In,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let constant = |value: &Value| match self.ty {
            Type::Varchar(_) | Type::Char(_) | Type::Date | Type::Timestamp(_) => {
                format!("'{}'", crate::show(&self.ty, value).replace('\'', "''"))
            }
            _ => crate::show(&self.ty, value),
        };
        let values = self.values.iter().map(constant).collect::<Vec<_>>().join(", ");
        let column = &self.column;
        match self.comparison {
            Comparison::In if self.values.len() == 1 => write!(f, "{column} = {values}"),
            Comparison::In => write!(f, "{column} IN ({values})"),
            Comparison::Less => write!(f, "{column} < {values}"),
            Comparison::LessOrEqual => write!(f, "{column} <= {values}"),
            Comparison::Greater => write!(f, "{column} > {values}"),
            Comparison::GreaterOrEqual => write!(f, "{column} >= {values}"),
        }
    }
}

/// Where the partitions of a table come from.
#[derive(Clone)]
pub enum Partitions {
    /// There are these.
    Fixed(Arc<[Partition]>),
    /// They are asked for, for each query.
    Source(Arc<dyn PartitionSource>),
    /// They follow from the table's properties.
    ///
    /// <https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html>
    Projected(Arc<BTreeMap<String, String>>),
}

impl fmt::Debug for Partitions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Partitions::Fixed(all) => f.debug_tuple("Fixed").field(all).finish(),
            Partitions::Source(_) => f.write_str("Source"),
            Partitions::Projected(properties) => f.debug_tuple("Projected").field(properties).finish(),
        }
    }
}

/// A table of files.
#[derive(Clone)]
pub struct Files {
    /// The columns that are in the files.
    pub columns: Vec<Column>,
    /// The columns by which it is partitioned.
    pub partitioned_by: Vec<Column>,
    /// Its partitions. Without partition columns, this is not looked at.
    pub partitions: Partitions,
    /// Where its files are: a folder, with a slash at its end or without.
    pub location: String,
    /// How they are written.
    pub serde: Serde,
    /// What lists and reads them.
    pub storage: Arc<dyn Storage>,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files")
            .field("columns", &self.columns)
            .field("partitioned_by", &self.partitioned_by)
            .field("partitions", &self.partitions)
            .field("location", &self.location)
            .field("serde", &self.serde)
            .finish_non_exhaustive()
    }
}

impl Files {
    /// The table: its columns, partition columns, and the hidden ones.
    pub fn table(self) -> Table {
        Table { columns: self.all_columns(), content: Content::Files(Arc::new(self)) }
    }

    /// Columns, partition columns and hidden columns.
    pub(crate) fn all_columns(&self) -> Vec<Column> {
        all_columns(&self.columns, &self.partitioned_by)
    }
}

fn all_columns(columns: &[Column], partitioned_by: &[Column]) -> Vec<Column> {
    let hidden = HIDDEN.iter().map(|(name, ty)| Column { name: (*name).to_owned(), ty: ty.clone() });
    columns.iter().chain(partitioned_by).cloned().chain(hidden).collect()
}

/// A table as Glue keeps it: the parts of its description that tell how to read it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_StorageDescriptor.html>
#[derive(Clone, Debug, Default)]
pub struct HiveTable {
    /// `StorageDescriptor.Columns`: names and types.
    pub columns: Vec<(String, String)>,
    /// `PartitionKeys`: names and types.
    pub partition_keys: Vec<(String, String)>,
    /// `StorageDescriptor.Location`.
    pub location: String,
    /// `StorageDescriptor.InputFormat`.
    pub input_format: String,
    /// `StorageDescriptor.SerdeInfo.SerializationLibrary`.
    pub serialization_library: String,
    /// `StorageDescriptor.SerdeInfo.Parameters`.
    pub serde_parameters: BTreeMap<String, String>,
    /// `Parameters` of the table.
    pub parameters: BTreeMap<String, String>,
}

impl HiveTable {
    /// The table, to be read from this storage. Where its properties say that partitions are projected, the source is
    /// not asked.
    ///
    /// # Errors
    /// `HIVE_METASTORE_ERROR` for types that are none, `HIVE_SERDE_NOT_FOUND` and `HIVE_UNSUPPORTED_FORMAT` for what is
    /// not read.
    pub fn files(&self, storage: Arc<dyn Storage>, source: Arc<dyn PartitionSource>) -> Result<Table> {
        let columns = |all: &[(String, String)]| {
            let column = |(name, ty): &(String, String)| Ok(Column { name: name.to_lowercase(), ty: hive_type(ty)? });
            all.iter().map(column).collect::<Result<Vec<Column>>>()
        };
        let projected = self.parameters.get("projection.enabled").is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let partitions = match projected {
            true => Partitions::Projected(Arc::new(self.parameters.clone())),
            false => Partitions::Source(source),
        };
        let files = Files {
            columns: columns(&self.columns)?,
            partitioned_by: columns(&self.partition_keys)?,
            partitions,
            location: self.location.clone(),
            serde: Serde::new(
                &self.serialization_library,
                &self.input_format,
                &self.serde_parameters,
                &self.parameters,
            )?,
            storage,
        };
        Ok(files.table())
    }
}

/// How much of files a query has read.
#[derive(Clone, Debug, Default)]
pub struct Scanned(Arc<AtomicU64>);

impl Scanned {
    /// Bytes of files, as they are stored.
    ///
    /// <https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecutionStatistics.html>
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}
