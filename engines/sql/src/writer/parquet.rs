//! Rows as Parquet.
//!
//! <https://parquet.apache.org/docs/file-format/types/logicaltypes/>

use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_writer::ArrowWriterOptions;
use ::parquet::basic::{Compression, GzipLevel, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, ListArray, MapArray, RecordBatch, RecordBatchOptions, StringArray, StructArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit};

use super::file::Codec;
use crate::arrow::data_type;
use crate::catalog::Column;
use crate::error::{Code, Result, SqlError};
use crate::types::Type;

/// A row group ends when it takes this much, as it is encoded.
const GROUP: usize = 32 << 20;

/// A file that is being written.
pub(super) struct ParquetFile {
    types: Vec<Type>,
    schema: Arc<Schema>,
    writer: ArrowWriter<Vec<u8>>,
}

fn failed(why: impl std::fmt::Display) -> SqlError {
    SqlError::internal(why.to_string())
}

impl ParquetFile {
    pub(super) fn new(columns: &[Column], codec: Codec) -> Result<Self> {
        let fields: Vec<Field> = columns.iter().map(|column| field(&column.name, &column.ty, true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let compression = match codec {
            Codec::None => Compression::UNCOMPRESSED,
            Codec::Gzip => Compression::GZIP(GzipLevel::default()),
            Codec::Snappy => Compression::SNAPPY,
            Codec::Zstd(level) => Compression::ZSTD(ZstdLevel::try_new(level).map_err(failed)?),
            Codec::Bzip2 | Codec::Deflate => {
                return Err(SqlError::new(Code::NotSupported, format!("Parquet with the compression {codec:?}")));
            }
        };
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .set_max_row_group_bytes(Some(GROUP))
            .set_created_by(format!("welkin version {}", env!("CARGO_PKG_VERSION")))
            .build();
        // The schema of Arrow is left out: what reads the file goes by that of Parquet, as with files of Athena's.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(&schema), options).map_err(failed)?;
        Ok(Self { types: columns.iter().map(|column| column.ty.clone()).collect(), schema, writer })
    }

    /// Adds rows: columns as the engine keeps them.
    pub(super) fn append(&mut self, columns: &[ArrayRef], rows: usize) -> Result<()> {
        let own = self.types.iter().zip(columns).zip(self.schema.fields());
        let own = own.map(|((ty, array), field)| stored(array, ty, field.data_type()));
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), own.collect::<Result<_>>()?, &options);
        self.writer.write(&batch.map_err(failed)?).map_err(failed)
    }

    pub(super) fn held(&self) -> usize {
        self.writer.memory_size() + self.ready()
    }

    pub(super) fn ready(&self) -> usize {
        self.writer.inner().len()
    }

    pub(super) fn flush(&mut self) -> Result<()> {
        self.writer.flush().map_err(failed)
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.writer.inner_mut())
    }

    pub(super) fn finish(self) -> Result<Vec<u8>> {
        self.writer.into_inner().map_err(failed)
    }
}

/// The field of a column in the file.
fn field(name: &str, ty: &Type, nullable: bool) -> Field {
    Field::new(name, file_type(ty), nullable)
}

/// The type of a column in the file. Timestamps are whole milliseconds of no zone.
// UNVERIFIED: Athena writes INT96, which the crate cannot; whatever reads INT96 reads INT64 with TIMESTAMP, too.
fn file_type(ty: &Type) -> DataType {
    match ty {
        Type::Timestamp(0..=3) => DataType::Timestamp(TimeUnit::Millisecond, None),
        Type::Array(of) => DataType::List(Arc::new(field("element", of, true))),
        Type::Map(key, of) => {
            let entries: Fields = vec![field("key", key, false), field("value", of, true)].into();
            DataType::Map(Arc::new(Field::new("key_value", DataType::Struct(entries), false)), false)
        }
        Type::Row(fields) => {
            let named = |(n, (name, ty)): (usize, &(Option<String>, Type))| {
                field(&name.clone().unwrap_or_else(|| format!("field{n}")), ty, true)
            };
            DataType::Struct(fields.iter().enumerate().map(named).collect())
        }
        other => data_type(other),
    }
}

/// A column as the file has it.
fn stored(array: &ArrayRef, ty: &Type, to: &DataType) -> Result<ArrayRef> {
    Ok(match (ty, to) {
        (Type::Timestamp(_), to) => cast(array, to).map_err(failed)?,
        (Type::Char(_), _) => {
            // Hive stores `char` without what pads it.
            let trimmed = array.as_string::<i32>().iter().map(|text| text.map(|text| text.trim_end_matches(' ')));
            Arc::new(trimmed.collect::<StringArray>())
        }
        (Type::Array(of), DataType::List(item)) => {
            let list = array.as_list::<i32>();
            let values = stored(list.values(), of, item.data_type())?;
            let made = ListArray::try_new(Arc::clone(item), list.offsets().clone(), values, list.nulls().cloned());
            Arc::new(made.map_err(failed)?)
        }
        (Type::Map(key, of), DataType::Map(entry, _)) => {
            let DataType::Struct(fields) = entry.data_type() else { return Err(failed("a map without entries")) };
            let list = array.as_list::<i32>();
            let entries = list.values().as_struct();
            let columns = [key, of].into_iter().zip(entries.columns()).zip(fields);
            let columns = columns.map(|((ty, column), field)| stored(column, ty, field.data_type()));
            let made =
                StructArray::try_new(fields.clone(), columns.collect::<Result<_>>()?, None).and_then(|entries| {
                    MapArray::try_new(Arc::clone(entry), list.offsets().clone(), entries, list.nulls().cloned(), false)
                });
            Arc::new(made.map_err(failed)?)
        }
        (Type::Row(types), DataType::Struct(fields)) => {
            let own = array.as_struct();
            let columns = types.iter().zip(own.columns()).zip(fields);
            let columns = columns.map(|(((_, ty), column), field)| stored(column, ty, field.data_type()));
            let made = StructArray::try_new(fields.clone(), columns.collect::<Result<_>>()?, own.nulls().cloned());
            Arc::new(made.map_err(failed)?)
        }
        _ => Arc::clone(array),
    })
}
