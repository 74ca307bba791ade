//! Parquet: columns by name, only those that are wanted, and only of row groups in which there can be rows that are.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/parquet-serde.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/handling-schema-updates-chapter.html>

pub(super) mod adapt;
mod describe;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use ::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use ::parquet::arrow::async_reader::{AsyncFileReader, ParquetRecordBatchStreamBuilder};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};
use ::parquet::schema::types::SchemaDescriptor;
use bytes::Bytes;
use datafusion::arrow::array::{ArrayRef, BooleanArray, UInt64Array, new_null_array};
use datafusion::arrow::datatypes::Schema;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, ScalarValue};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};

use super::scan::{Out, Scan, Split};
use super::{Object, Scanned, Storage};
use crate::arrow::data_type;
use crate::error::{Code, Result, SqlError};
use crate::types::Type;

pub(crate) use adapt::adapt;
pub(super) use describe::describe;

/// How many rows a batch has at most.
const ROWS: usize = 8192;

/// How much of the end of a file is read at first, where its description is.
const FOOTER: usize = 64 << 10;

/// Reads a file through its storage, and counts what it reads.
pub(crate) struct Reader {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) object: Object,
    pub(crate) scanned: Scanned,
}

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ::parquet::errors::Result<Bytes>> {
        async move {
            if range.start > range.end || range.end > self.object.size {
                return Err(ParquetError::EOF(format!("bytes {} to {} are not there", range.start, range.end)));
            }
            if range.is_empty() {
                return Ok(Bytes::new());
            }
            let length = range.end - range.start;
            let read = self.storage.read(&self.object, range).await;
            let bytes = read.map_err(|why| ParquetError::External(Box::new(why)))?;
            self.scanned.add(bytes.len());
            if bytes.len() as u64 == length { Ok(bytes) } else { Err(ParquetError::EOF("the file has changed".into())) }
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ::parquet::errors::Result<Arc<ParquetMetaData>>> {
        async move {
            let size = self.object.size;
            let reader = ParquetMetaDataReader::new().with_arrow_reader_options(options);
            let metadata = reader.with_prefetch_hint(Some(FOOTER)).load_and_finish(&mut *self, size).await?;
            Ok(Arc::new(metadata))
        }
        .boxed()
    }
}

/// What a file says about itself, and which of its row groups a part of a scan reads.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) metadata: ArrowReaderMetadata,
    pub(super) groups: Vec<usize>,
}

pub(super) fn options() -> ArrowReaderOptions {
    ArrowReaderOptions::new().with_skip_arrow_metadata(true)
}

fn reader(scan: &Scan, split: &Split) -> Reader {
    Reader { storage: Arc::clone(&scan.files.storage), object: split.object.clone(), scanned: scan.scanned.clone() }
}

/// Reads what a file says about itself, and finds the row groups that have to be read.
pub(super) async fn open(scan: &Scan, split: &Split) -> Result<Part> {
    let read = ArrowReaderMetadata::load_async(&mut reader(scan, split), options()).await;
    let metadata = read.map_err(|why| failed(split, why))?;
    let groups = groups(scan, &metadata);
    Ok(Part { metadata, groups })
}

/// Reads a file, or a part of one.
pub(super) async fn read(scan: &Scan, split: &Split, out: &Out) -> Result<()> {
    let fail = |why: ParquetError| failed(split, why);
    let Part { metadata, groups } = match &split.part {
        Some(part) => part.clone(),
        None => open(scan, split).await?,
    };
    let builder = ParquetRecordBatchStreamBuilder::new_with_metadata(reader(scan, split), metadata);
    let schema = Arc::clone(builder.schema());
    let wanted = scan.wanted();
    let places: Vec<Option<usize>> =
        wanted.iter().map(|(n, _)| root(&schema, scan.files.columns.get(*n).map_or("", |it| &it.name))).collect();
    let mut roots: Vec<usize> = places.iter().flatten().copied().collect();
    roots.sort_unstable();
    roots.dedup();
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots.iter().copied());
    let builder = builder.with_projection(mask).with_row_groups(groups).with_batch_size(ROWS);
    let mut stream = builder.build().map_err(fail)?;
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(fail)?;
        let mut arrays = Vec::with_capacity(wanted.len());
        for ((n, ty), place) in wanted.iter().zip(&places) {
            let at = place.and_then(|place| roots.binary_search(&place).ok());
            arrays.push(match at.and_then(|at| batch.columns().get(at)) {
                None => new_null_array(&data_type(ty), batch.num_rows()),
                Some(array) => adapt(array, ty).map_err(|why| unfit(scan, split, *n, why))?,
            });
        }
        if out.send(Ok(scan.batch(split, arrays, batch.num_rows())?)).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// The column of a name, in whatever case.
fn root(schema: &Schema, name: &str) -> Option<usize> {
    let same = |own: &str| own == name || own.to_lowercase() == name;
    schema.fields().iter().position(|field| same(field.name()))
}

fn unfit(scan: &Scan, split: &Split, column: usize, why: adapt::Unfit) -> SqlError {
    let Some(column) = scan.files.columns.get(column) else { return SqlError::internal("no column") };
    let message = match why {
        adapt::Unfit::Type(physical) => format!(
            "Field {}'s type {physical} in parquet file {} is incompatible with type {} defined in table schema",
            column.name, split.object.location, column.ty
        ),
        adapt::Unfit::Value(why) => {
            format!("Field {} in parquet file {}: {why}", column.name, split.object.location)
        }
    };
    SqlError::new(Code::HiveBadData, message)
}

fn failed(split: &Split, why: ParquetError) -> SqlError {
    if let ParquetError::External(inner) = &why
        && let Some(own) = inner.downcast_ref::<SqlError>()
    {
        return own.clone();
    }
    SqlError::new(Code::HiveBadData, format!("Malformed Parquet file: {}: {why}", split.object.location))
}

/// The error of a file over which the reader of the format stumbled.
pub(super) fn malformed(split: &Split) -> SqlError {
    SqlError::new(Code::HiveBadData, format!("Malformed Parquet file: {}", split.object.location))
}

/// The row groups that have to be read.
fn groups(scan: &Scan, metadata: &ArrowReaderMetadata) -> Vec<usize> {
    let statistics = Statistics::of(scan, metadata);
    let kept = scan.pruning.as_ref().and_then(|pruning| pruning.prune(&statistics).ok());
    let kept = kept.unwrap_or_else(|| vec![true; statistics.groups.len()]);
    kept.into_iter().enumerate().filter(|(_, kept)| *kept).map(|(n, _)| n).collect()
}

/// What a file says about its row groups.
pub(super) struct Statistics<'a> {
    scan: &'a Scan,
    file: &'a Schema,
    parquet: &'a SchemaDescriptor,
    groups: &'a [RowGroupMetaData],
}

impl<'a> Statistics<'a> {
    pub(super) fn of(scan: &'a Scan, metadata: &'a ArrowReaderMetadata) -> Self {
        let parquet = metadata.metadata();
        let descriptor = parquet.file_metadata().schema_descr();
        Self { scan, file: metadata.schema(), parquet: descriptor, groups: parquet.row_groups() }
    }

    /// The statistics of a column of the table, and its type.
    fn converter(&self, column: &Column) -> Option<(StatisticsConverter<'a>, &'a Type)> {
        let n: usize = column.name.strip_prefix('x')?.parse().ok()?;
        let own = self.scan.files.columns.get(n)?;
        let name = self.file.field(root(self.file, &own.name)?).name();
        Some((StatisticsConverter::try_new(name, self.file, self.parquet).ok()?, &own.ty))
    }
}

impl PruningStatistics for Statistics<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        let (converter, ty) = self.converter(column)?;
        adapt(&converter.row_group_mins(self.groups).ok()?, ty).ok()
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        let (converter, ty) = self.converter(column)?;
        adapt(&converter.row_group_maxes(self.groups).ok()?, ty).ok()
    }

    fn num_containers(&self) -> usize {
        self.groups.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let (converter, _) = self.converter(column)?;
        // What is not told must not be taken for none.
        let converter = converter.with_missing_null_counts_as_zero(false);
        Some(Arc::new(converter.row_group_null_counts(self.groups).ok()?))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let counts = self.groups.iter().map(|group| u64::try_from(group.num_rows()).ok());
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
