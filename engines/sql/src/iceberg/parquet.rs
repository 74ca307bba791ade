//! Reading data files and delete files: columns by their ids, with the place of each row.

use std::sync::Arc;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::ArrowReaderOptions;
use ::parquet::arrow::async_reader::{ParquetRecordBatchStream, ParquetRecordBatchStreamBuilder};
use ::parquet::errors::ParquetError;
use datafusion::arrow::array::{ArrayRef, new_null_array};
use futures_util::StreamExt;

use super::Warehouse;
use super::column;
use super::manifest::DataFile;
use super::types::Field;
use crate::arrow::{data_type, value};
use crate::error::{Code, Result, SqlError};
use crate::files::parquet::Reader;
use crate::files::{Object, Scanned, Storage};
use crate::value::Value;

/// How many rows a batch has at most.
const ROWS: usize = 8192;

/// A file that is being read.
pub(super) struct Opened<'a> {
    stream: ParquetRecordBatchStream<Reader>,
    path: &'a str,
    fields: &'a [Field],
    /// Of each field its place in batches.
    places: Vec<Option<usize>>,
    /// How many rows have been read.
    rows: i64,
}

/// Rows of a file.
pub(super) struct Batch {
    /// The place of the first one.
    pub(super) first: i64,
    pub(super) rows: usize,
    /// A column for each field; `None` for one that the file does not have.
    pub(super) columns: Vec<Option<ArrayRef>>,
}

fn failed(path: &str, why: &ParquetError) -> SqlError {
    if let ParquetError::External(inner) = why
        && let Some(own) = inner.downcast_ref::<SqlError>()
    {
        return own.clone();
    }
    SqlError::new(Code::IcebergBadData, format!("Malformed Parquet file: {path}: {why}"))
}

/// Opens a file for some of its columns.
///
/// # Errors
/// It cannot be read, or is no Parquet.
pub(super) async fn open<'a>(
    warehouse: &Arc<dyn Warehouse>,
    file: &'a DataFile,
    fields: &'a [Field],
    scanned: &Scanned,
) -> Result<Opened<'a>> {
    if file.format != "PARQUET" {
        let message = format!("Iceberg files in the format {} are not supported", file.format);
        return Err(SqlError::new(Code::NotSupported, message));
    }
    let path = file.path.as_str();
    let fail = |why: ParquetError| failed(path, &why);
    let size = u64::try_from(file.size).unwrap_or_default();
    let object = Object { location: file.path.clone(), size, modified: 0, etag: None };
    let storage: Arc<dyn Storage> = Arc::<dyn Warehouse>::clone(warehouse);
    let reader = Reader { storage, object, scanned: scanned.clone() };
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchStreamBuilder::new_with_options(reader, options).await.map_err(fail)?;
    let there = builder.schema().fields().clone();
    let roots: Vec<Option<usize>> = fields.iter().map(|field| column::place(&there, field)).collect();
    let mut read: Vec<usize> = roots.iter().flatten().copied().collect();
    read.sort_unstable();
    read.dedup();
    let mask = ProjectionMask::roots(builder.parquet_schema(), read.iter().copied());
    let stream = builder.with_projection(mask).with_batch_size(ROWS).build().map_err(fail)?;
    let places = roots.into_iter().map(|root| root.and_then(|root| read.binary_search(&root).ok())).collect();
    Ok(Opened { stream, path, fields, places, rows: 0 })
}

impl Opened<'_> {
    /// The next rows.
    ///
    /// # Errors
    /// They cannot be read, or are not of the table's types.
    pub(super) async fn next(&mut self) -> Result<Option<Batch>> {
        let Some(batch) = self.stream.next().await else { return Ok(None) };
        let batch = batch.map_err(|why| failed(self.path, &why))?;
        let mut columns = Vec::with_capacity(self.fields.len());
        for (field, place) in self.fields.iter().zip(&self.places) {
            let array = place.and_then(|place| batch.columns().get(place));
            let told = |error: SqlError| SqlError::new(error.code, format!("{} in {}: {error}", field.name, self.path));
            columns.push(array.map(|array| column::read(array, &field.kind).map_err(told)).transpose()?);
        }
        let first = self.rows;
        self.rows += batch.num_rows() as i64;
        Ok(Some(Batch { first, rows: batch.num_rows(), columns }))
    }
}

impl Batch {
    /// A column, of NULL if the file does not have it.
    pub(super) fn column(&self, n: usize, field: &Field) -> ArrayRef {
        let array = self.columns.get(n).and_then(Option::as_ref).map(Arc::clone);
        array.unwrap_or_else(|| new_null_array(&data_type(&field.kind.ty()), self.rows))
    }

    /// The rows as values of these fields, which must be those that the file was opened for.
    pub(super) fn values(&self, fields: &[Field]) -> Vec<Vec<Value>> {
        let columns: Vec<ArrayRef> = fields.iter().enumerate().map(|(n, field)| self.column(n, field)).collect();
        let row =
            |n: usize| fields.iter().zip(&columns).map(|(field, column)| value(&field.kind.ty(), column, n)).collect();
        (0..self.rows).map(row).collect()
    }
}
