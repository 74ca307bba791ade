//! What the end of a Parquet file tells of it.

use ::parquet::arrow::parquet_to_arrow_schema;
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::ParquetMetaDataReader;
use datafusion::arrow::datatypes::DataType;

use crate::files::describe::{Description, Undescribed};
use crate::types::Type;

/// What the end of a file tells: its columns and how many rows it has.
pub(in crate::files) fn describe(end: &[u8]) -> std::result::Result<Description, Undescribed> {
    let bad = |why: ParquetError| Undescribed::Bad(why.to_string());
    let last = end.last_chunk::<8>().ok_or(Undescribed::More(8))?;
    let [a, b, c, d, magic @ ..] = *last;
    if magic != *b"PAR1" {
        return Err(Undescribed::Bad("Not a Parquet file".to_owned()));
    }
    let length = u32::from_le_bytes([a, b, c, d]);
    let footer = end.len().checked_sub(8 + usize::try_from(length).unwrap_or(usize::MAX).min(usize::MAX - 8));
    let footer = footer.and_then(|start| end.get(start..end.len() - 8));
    let footer = footer.ok_or(Undescribed::More(u64::from(length) + 8))?;
    let metadata = ParquetMetaDataReader::decode_metadata(footer).map_err(bad)?;
    let file = metadata.file_metadata();
    // As the reader has it: what Arrow has written about its own types is not looked at.
    let schema = parquet_to_arrow_schema(file.schema_descr(), None).map_err(bad)?;
    let columns = schema.fields().iter().map(|field| (field.name().clone(), ty(field.data_type()))).collect();
    Ok(Description { columns, rows: u64::try_from(file.num_rows()).unwrap_or(0), bytes: None, schema: None })
}

/// The type of a column that is read as one of Arrow's types.
fn ty(of: &DataType) -> Type {
    match of {
        DataType::Boolean => Type::Boolean,
        DataType::Int8 => Type::Tinyint,
        DataType::Int16 | DataType::UInt8 => Type::Smallint,
        DataType::Int32 | DataType::UInt16 | DataType::Time32(_) => Type::Integer,
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 | DataType::Time64(_) => Type::Bigint,
        DataType::Float16 | DataType::Float32 => Type::Real,
        DataType::Float64 => Type::Double,
        DataType::Date32 | DataType::Date64 => Type::Date,
        DataType::Timestamp(..) => Type::Timestamp(3),
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => {
            Type::Decimal((*precision).clamp(1, 38), u8::try_from(*scale).unwrap_or(0).min(38))
        }
        DataType::Binary | DataType::LargeBinary | DataType::FixedSizeBinary(_) => Type::Varbinary,
        DataType::List(of) | DataType::LargeList(of) | DataType::FixedSizeList(of, _) => {
            Type::array(ty(of.data_type()))
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => {
                let of = |n: usize| fields.get(n).map_or(Type::VARCHAR, |field| ty(field.data_type()));
                Type::map(of(0), of(1))
            }
            _ => Type::VARCHAR,
        },
        DataType::Struct(fields) => {
            Type::Row(fields.iter().map(|field| (Some(field.name().clone()), ty(field.data_type()))).collect())
        }
        _ => Type::VARCHAR,
    }
}
