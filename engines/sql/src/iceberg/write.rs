//! Writing data files: rows by their partitions, as Parquet with the ids of columns, and what is known of them.
//!
//! <https://iceberg.apache.org/spec/#manifests> (the fields of a data file)

use std::collections::BTreeMap;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::RowGroupMetaData;
use ::parquet::file::properties::WriterProperties;
use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{Schema as ArrowSchema, SchemaRef};

use super::Warehouse;
use super::column;
use super::datum;
use super::manifest::DataFile;
use super::metadata::Metadata;
use super::partition::PartitionSpec;
use super::path;
use super::rewrite::target_size;
use super::types::{Field, Kind, Primitive, Schema};
use crate::error::{Code, Result, SqlError};
use crate::function::cast::convert;
use crate::types::Type;
use crate::value::{Ordered, Value};

pub use super::delete::PositionDeletes;

/// Rows that are held before they are made a batch.
const ROWS: usize = 8192;

/// Partitions that a statement may write.
///
/// Source: <https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html>
const PARTITIONS: usize = 100;

/// The level of Zstandard, unless a table says so.
///
/// Source: <https://docs.aws.amazon.com/athena/latest/ug/compression-support-zstd-levels.html>
const LEVEL: i32 = 3;

/// How much of a text or of bytes is in bounds.
const BOUND: usize = 16;

/// Writes rows into files of a table.
pub struct DataWriter {
    schema: Schema,
    spec: PartitionSpec,
    folder: String,
    compression: Compression,
    /// What names of files begin with.
    id: String,
    /// The files of each partition, of which rows go to the last.
    parts: BTreeMap<Vec<Ordered>, Vec<Part>>,
    /// Bytes after which a file is full.
    target: u64,
    rows: u64,
}

/// A file that is being written.
struct Part {
    fields: Vec<Field>,
    arrow: SchemaRef,
    writer: ArrowWriter<Vec<u8>>,
    waiting: Vec<Vec<Value>>,
    metrics: BTreeMap<i32, Metric>,
    rows: i64,
}

/// What is known of a column.
#[derive(Clone, Debug, Default)]
struct Metric {
    values: i64,
    nulls: i64,
    nans: Option<i64>,
    bounds: Option<(Primitive, Value, Value)>,
}

fn broken(why: &ParquetError) -> SqlError {
    SqlError::internal(why.to_string())
}

/// How files of a table are compressed.
fn compression(metadata: &Metadata) -> Result<Compression> {
    let name = metadata.properties.get("write.parquet.compression-codec").map_or("zstd", String::as_str);
    let level = metadata.properties.get("write.parquet.compression-level").and_then(|level| level.parse().ok());
    Ok(match name.to_lowercase().as_str() {
        "zstd" => Compression::ZSTD(ZstdLevel::try_new(level.unwrap_or(LEVEL)).map_err(|why| broken(&why))?),
        "gzip" => Compression::GZIP(Default::default()),
        "snappy" => Compression::SNAPPY,
        "none" | "uncompressed" => Compression::UNCOMPRESSED,
        other => {
            let message = format!("writing of files with the compression {other} is not supported");
            return Err(SqlError::new(Code::NotSupported, message));
        }
    })
}

impl Part {
    fn new(fields: &[Field], compression: Compression) -> Result<Self> {
        let arrow: SchemaRef = Arc::new(ArrowSchema::new(fields.iter().map(column::arrow_field).collect::<Vec<_>>()));
        let properties = WriterProperties::builder().set_compression(compression).build();
        let writer =
            ArrowWriter::try_new(Vec::new(), Arc::clone(&arrow), Some(properties)).map_err(|why| broken(&why))?;
        let (waiting, metrics) = (Vec::new(), BTreeMap::new());
        Ok(Self { fields: fields.to_vec(), arrow, writer, waiting, metrics, rows: 0 })
    }

    fn push(&mut self, row: Vec<Value>) -> Result<()> {
        self.waiting.push(row);
        if self.waiting.len() >= ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.waiting);
        let mut arrays = Vec::with_capacity(self.fields.len());
        for (n, field) in self.fields.iter().enumerate() {
            let values: Vec<Value> = rows.iter().map(|row| row.get(n).cloned().unwrap_or(Value::Null)).collect();
            if field.required && values.iter().any(Value::is_null) {
                let message = format!("NULL value not allowed for NOT NULL column: {}", field.name);
                return Err(SqlError::new(Code::ConstraintViolation, message));
            }
            measure(&mut self.metrics, field, &values);
            arrays.push(column::write(&field.kind, &values)?);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.arrow), arrays, &options);
        let batch = batch.map_err(|why| SqlError::internal(why.to_string()))?;
        self.writer.write(&batch).map_err(|why| broken(&why))?;
        self.rows += rows.len() as i64;
        Ok(())
    }

    /// Bytes so far, about.
    fn size(&self) -> u64 {
        (self.writer.bytes_written() + self.writer.in_progress_size()) as u64
    }

    async fn finish(mut self, place: &str, warehouse: &dyn Warehouse) -> Result<DataFile> {
        self.flush()?;
        self.writer.flush().map_err(|why| broken(&why))?;
        let groups = self.writer.flushed_row_groups().to_vec();
        let bytes = self.writer.into_inner().map_err(|why| broken(&why))?;
        let mut file = DataFile {
            path: place.to_owned(),
            format: "PARQUET".into(),
            records: self.rows,
            size: bytes.len() as i64,
            ..DataFile::default()
        };
        sizes(&mut file, &groups);
        for (id, metric) in self.metrics {
            file.value_counts.insert(id, metric.values);
            file.null_counts.insert(id, metric.nulls);
            file.nan_counts.extend(metric.nans.map(|nans| (id, nans)));
            if let Some((kind, low, high)) = metric.bounds {
                file.lower.extend(lower(kind, &low).map(|bytes| (id, bytes)));
                file.upper.extend(upper(kind, &high).map(|bytes| (id, bytes)));
            }
        }
        warehouse.put(place, bytes.into()).await?;
        Ok(file)
    }
}

/// What the file's own description says.
fn sizes(file: &mut DataFile, groups: &[RowGroupMetaData]) {
    for group in groups {
        file.split_offsets
            .extend(group.file_offset().or_else(|| group.columns().first().map(|it| it.byte_range().0 as i64)));
        for chunk in group.columns() {
            let info = chunk.column_descr().self_type().get_basic_info();
            if info.has_id() {
                *file.column_sizes.entry(info.id()).or_default() += chunk.compressed_size();
            }
        }
    }
}

/// Counts values and finds their bounds: of columns and of fields in structures, not of what is in lists and maps.
fn measure(metrics: &mut BTreeMap<i32, Metric>, field: &Field, values: &[Value]) {
    match &field.kind {
        Kind::Primitive(kind) => {
            let metric = metrics.entry(field.id).or_default();
            values.iter().for_each(|value| metric.add(*kind, value));
        }
        Kind::Struct(fields) => {
            for (n, inner) in fields.iter().enumerate() {
                let one = |row: &Value| if let Value::Row(row) = row { row.get(n).cloned() } else { None };
                let inside: Vec<Value> = values.iter().map(|row| one(row).unwrap_or(Value::Null)).collect();
                measure(metrics, inner, &inside);
            }
        }
        Kind::List(_) | Kind::Map(..) => {}
    }
}

impl Metric {
    fn add(&mut self, kind: Primitive, value: &Value) {
        self.values += 1;
        let nan = match value {
            Value::Null => {
                self.nulls += 1;
                None
            }
            Value::Real(it) => Some(it.is_nan()),
            Value::Double(it) => Some(it.is_nan()),
            _ => None,
        };
        if matches!(kind, Primitive::Float | Primitive::Double) {
            *self.nans.get_or_insert(0) += i64::from(nan == Some(true));
        }
        if value.is_null() || nan == Some(true) {
            return;
        }
        match &mut self.bounds {
            None => self.bounds = Some((kind, value.clone(), value.clone())),
            Some((_, low, high)) => {
                if value.order(low).is_lt() {
                    *low = value.clone();
                }
                if value.order(high).is_gt() {
                    *high = value.clone();
                }
            }
        }
    }
}

/// The file's path in delete files is not cut: readers find the files that are meant by it.
fn lower(kind: Primitive, value: &Value) -> Option<Vec<u8>> {
    match (kind, value) {
        (Primitive::String, Value::Text(text)) if !text.contains("://") => {
            Some(text.chars().take(BOUND).collect::<String>().into_bytes())
        }
        (Primitive::Binary, Value::Bytes(bytes)) => Some(bytes.get(..BOUND).unwrap_or(bytes).to_vec()),
        _ => datum::to_bytes(kind, value),
    }
}

/// What is cut is raised, so that nothing is above it; `None` if it cannot be.
fn upper(kind: Primitive, value: &Value) -> Option<Vec<u8>> {
    match (kind, value) {
        (Primitive::String, Value::Text(text)) if !text.contains("://") && text.chars().count() > BOUND => {
            let mut cut: Vec<char> = text.chars().take(BOUND).collect();
            while let Some(last) = cut.pop() {
                // The characters between are no characters.
                let next = if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(u32::from(last) + 1) };
                if let Some(next) = next {
                    cut.push(next);
                    return Some(cut.into_iter().collect::<String>().into_bytes());
                }
            }
            None
        }
        (Primitive::Binary, Value::Bytes(bytes)) if bytes.len() > BOUND => {
            let mut cut = bytes.get(..BOUND)?.to_vec();
            while let Some(last) = cut.pop() {
                if last < u8::MAX {
                    cut.push(last + 1);
                    return Some(cut);
                }
            }
            None
        }
        _ => datum::to_bytes(kind, value),
    }
}

/// Writes one file of rows.
///
/// # Errors
/// It cannot be written.
pub(super) async fn file(
    metadata: &Metadata,
    fields: &[Field],
    rows: &[Vec<Value>],
    place: &str,
    warehouse: &dyn Warehouse,
) -> Result<DataFile> {
    let mut part = Part::new(fields, compression(metadata)?)?;
    for row in rows {
        part.push(row.clone())?;
    }
    part.finish(place, warehouse).await
}

impl DataWriter {
    /// Writes into a table, by its current schema and spec. Names of files begin with the id.
    ///
    /// # Errors
    /// What cannot be written, by its name.
    pub fn new(metadata: &Metadata, id: &str) -> Result<Self> {
        if metadata.format_version != 2 {
            let message = "writing of Iceberg tables of format version 1 is not supported";
            return Err(SqlError::new(Code::NotSupported, message));
        }
        let format = metadata.properties.get("write.format.default").map_or("parquet", String::as_str);
        if !format.eq_ignore_ascii_case("parquet") {
            let message = format!("writing of Iceberg files in the format {} is not supported", format.to_uppercase());
            return Err(SqlError::new(Code::NotSupported, message));
        }
        Ok(Self {
            schema: metadata.schema()?.clone(),
            spec: metadata.spec(metadata.default_spec_id)?.clone(),
            folder: path::data(metadata),
            compression: compression(metadata)?,
            id: id.to_owned(),
            parts: BTreeMap::new(),
            target: target_size(metadata),
            rows: 0,
        })
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds a row, which has a value for each column, of these types.
    ///
    /// # Errors
    /// A value is none of its column's type.
    pub fn push(&mut self, types: &[Type], row: &[Value]) -> Result<()> {
        let mut values = Vec::with_capacity(row.len());
        for ((field, from), value) in self.schema.fields.iter().zip(types).zip(row) {
            let to = field.kind.ty();
            values.push(if *from == to || value.is_null() { value.clone() } else { convert(from, &to, value)? });
        }
        let partition = self.spec.partition(&self.schema, &values);
        let key: Vec<Ordered> = partition.into_iter().map(Ordered).collect();
        if !self.parts.contains_key(&key) {
            if self.parts.len() >= PARTITIONS {
                let message = format!("Exceeded limit of {PARTITIONS} open writers for partitions");
                return Err(SqlError::new(Code::IcebergTooManyOpenPartitions, message));
            }
            self.parts.insert(key.clone(), Vec::new());
        }
        let parts = self.parts.entry(key).or_default();
        if parts.last().is_none_or(|part| part.size() >= self.target) {
            parts.push(Part::new(&self.schema.fields, self.compression)?);
        }
        if let Some(part) = parts.last_mut() {
            part.push(values)?;
        }
        self.rows += 1;
        Ok(())
    }

    /// Writes the files.
    ///
    /// # Errors
    /// They cannot be written.
    pub async fn finish(self, warehouse: &dyn Warehouse) -> Result<Vec<DataFile>> {
        let mut files = Vec::new();
        for (key, parts) in self.parts {
            let partition: Vec<Value> = key.into_iter().map(|Ordered(value)| value).collect();
            let folder = self.spec.path(&self.schema, &partition);
            for part in parts {
                let place = format!("{}/{folder}{}-{}.parquet", self.folder, self.id, files.len());
                let mut file = part.finish(&place, warehouse).await?;
                (file.spec_id, file.partition, file.sort_order_id) = (self.spec.spec_id, partition.clone(), Some(0));
                files.push(file);
            }
        }
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_cut_and_raised() {
        let long = Value::text("aaaaaaaaaaaaaaaz!");
        assert_eq!(lower(Primitive::String, &long).as_deref(), Some("aaaaaaaaaaaaaaaz".as_bytes()));
        assert_eq!(upper(Primitive::String, &long).as_deref(), Some("aaaaaaaaaaaaaaa{".as_bytes()));
        assert_eq!(upper(Primitive::Binary, &Value::bytes([255; 17])), None);
        assert_eq!(upper(Primitive::String, &Value::text("b")).as_deref(), Some("b".as_bytes()));
    }
}
