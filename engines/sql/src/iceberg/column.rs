//! Columns of Parquet files and columns of the engine: by ids one way, with ids the other way.
//!
//! <https://iceberg.apache.org/spec/#column-projection>, <https://iceberg.apache.org/spec/#parquet>

use std::collections::HashMap;
use std::sync::Arc;

use ::parquet::arrow::PARQUET_FIELD_ID_META_KEY;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeBinaryArray, ListArray, MapArray, StringArray, StructArray,
    TimestampMicrosecondArray, new_null_array,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field as ArrowField, Fields, TimeUnit, TimestampMicrosecondType};

use super::datum;
use super::types::{Field, Kind, Primitive};
use crate::arrow::{column, data_type};
use crate::error::{Code, Result, SqlError};
use crate::files::parquet::adapt;
use crate::types::Type;
use crate::value::Value;

fn bad(why: impl std::fmt::Display) -> SqlError {
    SqlError::new(Code::IcebergBadData, why.to_string())
}

/// The id of a column of a file.
pub(super) fn id(field: &ArrowField) -> Option<i32> {
    field.metadata().get(PARQUET_FIELD_ID_META_KEY)?.parse().ok()
}

/// Where a column is among those of a file: by its id, or by its name in files that have no ids.
pub(super) fn place(fields: &Fields, wanted: &Field) -> Option<usize> {
    if fields.iter().any(|field| id(field).is_some()) {
        return fields.iter().position(|field| id(field) == Some(wanted.id));
    }
    fields.iter().position(|field| field.name().eq_ignore_ascii_case(&wanted.name))
}

/// Makes a column of a file one of the engine's.
pub(super) fn read(array: &ArrayRef, kind: &Kind) -> Result<ArrayRef> {
    let unfit = || bad(format!("a column of the type {} is no {}", array.data_type(), kind.ty()));
    let arrow = |why: datafusion::arrow::error::ArrowError| bad(why);
    match (kind, array.data_type()) {
        (_, DataType::Null) => Ok(new_null_array(&data_type(&kind.ty()), array.len())),
        (Kind::Primitive(primitive), _) => read_primitive(array, *primitive),
        (Kind::Struct(fields), DataType::Struct(there)) => {
            let structure = array.as_struct();
            let of = |field: &Field| match place(there, field) {
                Some(at) => read(structure.column(at), &field.kind),
                None => Ok(new_null_array(&data_type(&field.kind.ty()), array.len())),
            };
            let columns = fields.iter().map(of).collect::<Result<Vec<_>>>()?;
            let DataType::Struct(own) = data_type(&kind.ty()) else { return Err(unfit()) };
            let nulls = structure.nulls().cloned();
            if columns.is_empty() {
                return Ok(Arc::new(StructArray::new_empty_fields(array.len(), nulls)));
            }
            Ok(Arc::new(StructArray::try_new(own, columns, nulls).map_err(arrow)?))
        }
        (Kind::List(element), DataType::List(_)) => {
            let list = array.as_list::<i32>();
            let values = read(list.values(), &element.kind)?;
            let DataType::List(item) = data_type(&kind.ty()) else { return Err(unfit()) };
            let made = ListArray::try_new(item, list.offsets().clone(), values, list.nulls().cloned());
            Ok(Arc::new(made.map_err(arrow)?))
        }
        (Kind::Map(key, value), DataType::Map(..)) => {
            let map = array.as_map();
            let columns = vec![read(map.keys(), &key.kind)?, read(map.values(), &value.kind)?];
            let DataType::List(item) = data_type(&kind.ty()) else { return Err(unfit()) };
            let DataType::Struct(fields) = item.data_type().clone() else { return Err(unfit()) };
            let entries = StructArray::try_new(fields, columns, None).map_err(arrow)?;
            let made = ListArray::try_new(item, map.offsets().clone(), Arc::new(entries), map.nulls().cloned());
            Ok(Arc::new(made.map_err(arrow)?))
        }
        _ => Err(unfit()),
    }
}

fn read_primitive(array: &ArrayRef, primitive: Primitive) -> Result<ArrayRef> {
    let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
    match (primitive, array.data_type()) {
        (Primitive::Timestamptz, DataType::Timestamp(..)) => {
            let zoned = adapt(array, &Type::Timestamp(6)).map_err(|why| bad(format!("{why:?}")))?;
            let instants = zoned.as_primitive::<TimestampMicrosecondType>();
            let values: Vec<Value> = instants
                .iter()
                .map(|at| at.map_or(Value::Null, |at| Value::TimestampTz(at, Arc::from("UTC"))))
                .collect();
            column(&primitive.ty(), &values)
        }
        (Primitive::Time, DataType::Time32(_) | DataType::Time64(_)) => {
            cast(array, &data_type(&primitive.ty())).map_err(bad)
        }
        (Primitive::Uuid, DataType::FixedSizeBinary(16)) => {
            let texts = array.as_fixed_size_binary().iter().map(|bytes| bytes.and_then(datum::uuid_text));
            Ok(Arc::new(texts.collect::<StringArray>()))
        }
        (Primitive::Timestamp, of) if *of == micros => Ok(Arc::clone(array)),
        _ => adapt(array, &primitive.ty()).map_err(|why| bad(format!("{why:?}"))),
    }
}

fn with_id(field: &Field, ty: DataType) -> ArrowField {
    let metadata = HashMap::from([(PARQUET_FIELD_ID_META_KEY.to_owned(), field.id.to_string())]);
    ArrowField::new(&field.name, ty, !field.required).with_metadata(metadata)
}

/// A column as files have it, with its id.
pub(super) fn arrow_field(field: &Field) -> ArrowField {
    with_id(field, arrow_type(&field.kind))
}

fn entries(key: &Field, value: &Field) -> Arc<ArrowField> {
    let fields: Fields = vec![arrow_field(key).with_nullable(false), arrow_field(value)].into();
    Arc::new(ArrowField::new("key_value", DataType::Struct(fields), false))
}

fn arrow_type(kind: &Kind) -> DataType {
    match kind {
        Kind::Primitive(Primitive::Timestamptz) => DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC"))),
        Kind::Primitive(Primitive::Uuid) => DataType::FixedSizeBinary(16),
        Kind::Primitive(Primitive::Fixed(size)) => DataType::FixedSizeBinary(i32::try_from(*size).unwrap_or(i32::MAX)),
        Kind::Primitive(primitive) => data_type(&primitive.ty()),
        Kind::Struct(fields) => DataType::Struct(fields.iter().map(arrow_field).collect()),
        Kind::List(element) => DataType::List(Arc::new(arrow_field(element))),
        Kind::Map(key, value) => DataType::Map(entries(key, value), false),
    }
}

/// A column of a file made of values.
pub(super) fn write(kind: &Kind, values: &[Value]) -> Result<ArrayRef> {
    let arrow = |why: datafusion::arrow::error::ArrowError| SqlError::internal(why.to_string());
    let nulls = || NullBuffer::from_iter(values.iter().map(|value| !value.is_null()));
    Ok(match kind {
        Kind::Primitive(primitive) => write_primitive(*primitive, values)?,
        Kind::Struct(fields) => {
            let of = |(n, field): (usize, &Field)| {
                let one = |row: &Value| if let Value::Row(row) = row { row.get(n).cloned() } else { None };
                let values: Vec<Value> = values.iter().map(|row| one(row).unwrap_or(Value::Null)).collect();
                write(&field.kind, &values)
            };
            let columns = fields.iter().enumerate().map(of).collect::<Result<Vec<_>>>()?;
            let own: Fields = fields.iter().map(arrow_field).collect();
            Arc::new(StructArray::try_new(own, columns, Some(nulls())).map_err(arrow)?)
        }
        Kind::List(element) => {
            let lists: Vec<&[Value]> = values
                .iter()
                .map(|value| if value.is_null() { Ok(&[][..]) } else { value.as_array() })
                .collect::<Result<_>>()?;
            let flat: Vec<Value> = lists.iter().flat_map(|list| list.iter().cloned()).collect();
            let offsets = OffsetBuffer::from_lengths(lists.iter().map(|list| list.len()));
            let item = Arc::new(arrow_field(element));
            Arc::new(ListArray::try_new(item, offsets, write(&element.kind, &flat)?, Some(nulls())).map_err(arrow)?)
        }
        Kind::Map(key, value) => {
            let maps: Vec<&[(Value, Value)]> = values
                .iter()
                .map(|value| if value.is_null() { Ok(&[][..]) } else { value.as_map() })
                .collect::<Result<_>>()?;
            let (keys, items): (Vec<Value>, Vec<Value>) = maps.iter().flat_map(|map| map.iter().cloned()).unzip();
            let offsets = OffsetBuffer::from_lengths(maps.iter().map(|map| map.len()));
            let entry = entries(key, value);
            let DataType::Struct(fields) = entry.data_type().clone() else {
                return Err(SqlError::internal("entries of a map are no structure"));
            };
            let columns = vec![write(&key.kind, &keys)?, write(&value.kind, &items)?];
            let all = StructArray::try_new(fields, columns, None).map_err(arrow)?;
            Arc::new(MapArray::try_new(entry, offsets, all, Some(nulls()), false).map_err(arrow)?)
        }
    })
}

fn write_primitive(primitive: Primitive, values: &[Value]) -> Result<ArrayRef> {
    let arrow = |why: datafusion::arrow::error::ArrowError| SqlError::internal(why.to_string());
    let fixed = |size: u32, bytes: Vec<Option<Vec<u8>>>| {
        let size = i32::try_from(size).unwrap_or(i32::MAX);
        FixedSizeBinaryArray::try_from_sparse_iter_with_size(bytes.into_iter(), size).map_err(arrow)
    };
    Ok(match primitive {
        Primitive::Timestamptz => {
            let instant = |value: &Value| if let Value::TimestampTz(at, _) = value { Some(*at) } else { None };
            Arc::new(values.iter().map(instant).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        Primitive::Uuid | Primitive::Fixed(_) => {
            let size = if let Primitive::Fixed(size) = primitive { size } else { 16 };
            Arc::new(fixed(size, values.iter().map(|value| datum::to_bytes(primitive, value)).collect())?)
        }
        primitive => column(&primitive.ty(), values)?,
    })
}
