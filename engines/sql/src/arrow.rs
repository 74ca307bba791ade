//! How types and values lie in columns.
//!
//! What Arrow has no type for is kept in one whose order and equality are right: JSON, UUID and `char` as text,
//! addresses as their 16 bytes, maps as lists of entries, instants with zones as a pair.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DurationMillisecondArray,
    Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, IntervalYearMonthArray, ListArray,
    NullArray, StringArray, StructArray, Time64MicrosecondArray, TimestampMicrosecondArray,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::datatypes::{DataType, Field, Fields, IntervalUnit, TimeUnit};
use datafusion::arrow::datatypes::{
    Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalYearMonthType, Time64MicrosecondType, TimestampMicrosecondType,
};
use datafusion::common::ScalarValue;

use crate::error::{Result, SqlError};
use crate::types::{Spatial, Type};
use crate::value::Value;

/// The column type that holds values of a type.
pub(crate) fn data_type(of: &Type) -> DataType {
    match of {
        Type::Unknown | Type::Function(..) => DataType::Null,
        Type::Boolean => DataType::Boolean,
        Type::Tinyint => DataType::Int8,
        Type::Smallint => DataType::Int16,
        Type::Integer => DataType::Int32,
        Type::Bigint | Type::Spatial(Spatial::BingTile) => DataType::Int64,
        Type::Real => DataType::Float32,
        Type::Double => DataType::Float64,
        // INVARIANT: a scale is at most 38.
        Type::Decimal(p, s) => DataType::Decimal128(*p, i8::try_from(*s).unwrap_or(38)),
        Type::Varchar(_) | Type::Char(_) | Type::Json | Type::Uuid => DataType::Utf8,
        Type::Varbinary | Type::Ipaddress | Type::Sketch(_) | Type::Spatial(_) => DataType::Binary,
        Type::Date => DataType::Date32,
        Type::Time(_) => DataType::Time64(TimeUnit::Microsecond),
        Type::Timestamp(_) => DataType::Timestamp(TimeUnit::Microsecond, None),
        Type::TimestampTz(_) => DataType::Struct(zoned_fields()),
        Type::IntervalYearToMonth => DataType::Interval(IntervalUnit::YearMonth),
        Type::IntervalDayToSecond => DataType::Duration(TimeUnit::Millisecond),
        Type::Array(element) => DataType::List(item(data_type(element))),
        Type::Map(key, value) => DataType::List(item(DataType::Struct(entry_fields(key, value)))),
        Type::Row(fields) => DataType::Struct(row_fields(fields)),
    }
}

fn item(of: DataType) -> Arc<Field> {
    Arc::new(Field::new("item", of, true))
}

fn zoned_fields() -> Fields {
    let instant = DataType::Timestamp(TimeUnit::Microsecond, None);
    vec![Field::new("instant", instant, true), Field::new("zone", DataType::Utf8, true)].into()
}

fn entry_fields(key: &Type, value: &Type) -> Fields {
    vec![Field::new("key", data_type(key), true), Field::new("value", data_type(value), true)].into()
}

fn row_fields(fields: &[(Option<String>, Type)]) -> Fields {
    // Names are told by the type; in the column a field is its place, because names may be twice.
    fields.iter().enumerate().map(|(n, (_, field))| Field::new(format!("f{n}"), data_type(field), true)).collect()
}

/// The value of a row of a column.
pub(crate) fn value(of: &Type, column: &dyn Array, row: usize) -> Value {
    if column.is_null(row) || matches!(column.data_type(), DataType::Null) {
        return Value::Null;
    }
    match of {
        Type::Unknown | Type::Function(..) => Value::Null,
        Type::Boolean => Value::Boolean(column.as_boolean().value(row)),
        Type::Tinyint => Value::Integer(column.as_primitive::<Int8Type>().value(row).into()),
        Type::Smallint => Value::Integer(column.as_primitive::<Int16Type>().value(row).into()),
        Type::Integer => Value::Integer(column.as_primitive::<Int32Type>().value(row).into()),
        Type::Bigint | Type::Spatial(Spatial::BingTile) => {
            Value::Integer(column.as_primitive::<Int64Type>().value(row))
        }
        Type::Real => Value::Real(column.as_primitive::<Float32Type>().value(row)),
        Type::Double => Value::Double(column.as_primitive::<Float64Type>().value(row)),
        Type::Decimal(_, scale) => Value::Decimal(column.as_primitive::<Decimal128Type>().value(row), *scale),
        Type::Varchar(_) | Type::Char(_) | Type::Json | Type::Uuid => Value::text(column.as_string::<i32>().value(row)),
        Type::Varbinary | Type::Ipaddress | Type::Sketch(_) | Type::Spatial(_) => {
            Value::bytes(column.as_binary::<i32>().value(row))
        }
        Type::Date => Value::Date(column.as_primitive::<Date32Type>().value(row)),
        Type::Time(_) => Value::Time(column.as_primitive::<Time64MicrosecondType>().value(row)),
        Type::Timestamp(_) => Value::Timestamp(column.as_primitive::<TimestampMicrosecondType>().value(row)),
        Type::TimestampTz(_) => {
            let pair = column.as_struct();
            let instant = pair.column(0).as_primitive::<TimestampMicrosecondType>().value(row);
            Value::TimestampTz(instant, Arc::from(pair.column(1).as_string::<i32>().value(row)))
        }
        Type::IntervalYearToMonth => Value::Months(column.as_primitive::<IntervalYearMonthType>().value(row)),
        Type::IntervalDayToSecond => Value::Millis(column.as_primitive::<DurationMillisecondType>().value(row)),
        Type::Array(element) => {
            let list = column.as_list::<i32>().value(row);
            Value::Array((0..list.len()).map(|n| value(element, &list, n)).collect())
        }
        Type::Map(key, of) => {
            let list = column.as_list::<i32>().value(row);
            let entries = list.as_struct();
            let (keys, values) = (entries.column(0), entries.column(1));
            Value::Map((0..entries.len()).map(|n| (value(key, keys, n), value(of, values, n))).collect())
        }
        Type::Row(fields) => {
            let columns = column.as_struct();
            Value::Row(fields.iter().enumerate().map(|(n, (_, field))| value(field, columns.column(n), row)).collect())
        }
    }
}

/// A column of values.
pub(crate) fn column(of: &Type, values: &[Value]) -> Result<ArrayRef> {
    macro_rules! primitive {
        ($array:ty, $pattern:pat => $it:expr) => {
            Arc::new(
                values
                    .iter()
                    .map(|value| match value {
                        Value::Null => Ok(None),
                        $pattern => Ok(Some($it)),
                        other => Err(mismatch(of, other)),
                    })
                    .collect::<Result<$array>>()?,
            )
        };
    }
    macro_rules! integer {
        ($array:ty, $int:ty) => {
            primitive!($array, Value::Integer(it) => <$int>::try_from(*it).map_err(|_| SqlError::range(format!("Out of range for {of}: {it}")))?)
        };
    }
    Ok(match of {
        Type::Unknown | Type::Function(..) => Arc::new(NullArray::new(values.len())),
        Type::Boolean => primitive!(BooleanArray, Value::Boolean(it) => *it),
        Type::Tinyint => integer!(Int8Array, i8),
        Type::Smallint => integer!(Int16Array, i16),
        Type::Integer => integer!(Int32Array, i32),
        Type::Bigint | Type::Spatial(Spatial::BingTile) => primitive!(Int64Array, Value::Integer(it) => *it),
        Type::Real => primitive!(Float32Array, Value::Real(it) => *it),
        Type::Double => primitive!(Float64Array, Value::Double(it) => *it),
        Type::Decimal(precision, scale) => {
            let digits: Vec<Option<i128>> = values
                .iter()
                .map(|value| match value {
                    Value::Null => Ok(None),
                    Value::Decimal(digits, of) if of == scale => Ok(Some(*digits)),
                    other => Err(mismatch(of, other)),
                })
                .collect::<Result<_>>()?;
            let array =
                Decimal128Array::from(digits).with_precision_and_scale(*precision, i8::try_from(*scale).unwrap_or(38));
            Arc::new(array.map_err(|why| SqlError::internal(why.to_string()))?)
        }
        Type::Varchar(_) | Type::Char(_) | Type::Json | Type::Uuid => {
            primitive!(StringArray, Value::Text(it) => it.as_ref())
        }
        Type::Varbinary | Type::Ipaddress | Type::Sketch(_) | Type::Spatial(_) => {
            primitive!(BinaryArray, Value::Bytes(it) => it.as_ref())
        }
        Type::Date => primitive!(Date32Array, Value::Date(it) => *it),
        Type::Time(_) => primitive!(Time64MicrosecondArray, Value::Time(it) => *it),
        Type::Timestamp(_) => primitive!(TimestampMicrosecondArray, Value::Timestamp(it) => *it),
        Type::TimestampTz(_) => {
            let instants = primitive!(TimestampMicrosecondArray, Value::TimestampTz(it, _) => *it);
            let zones = primitive!(StringArray, Value::TimestampTz(_, zone) => zone.as_ref());
            structure(zoned_fields(), vec![instants, zones], values)?
        }
        Type::IntervalYearToMonth => primitive!(IntervalYearMonthArray, Value::Months(it) => *it),
        Type::IntervalDayToSecond => primitive!(DurationMillisecondArray, Value::Millis(it) => *it),
        Type::Array(element) => {
            let lists: Vec<Option<&[Value]>> = values
                .iter()
                .map(|value| match value {
                    Value::Null => Ok(None),
                    other => other.as_array().map(Some),
                })
                .collect::<Result<_>>()?;
            let flat: Vec<Value> = lists.iter().flatten().flat_map(|list| list.iter().cloned()).collect();
            list(item(data_type(element)), lists.iter().map(|list| list.map(<[_]>::len)), column(element, &flat)?)?
        }
        Type::Map(key, of) => {
            let maps: Vec<Option<&[(Value, Value)]>> = values
                .iter()
                .map(|value| match value {
                    Value::Null => Ok(None),
                    other => other.as_map().map(Some),
                })
                .collect::<Result<_>>()?;
            let (keys, items): (Vec<Value>, Vec<Value>) =
                maps.iter().flatten().flat_map(|map| map.iter().cloned()).unzip();
            let fields = entry_fields(key, of);
            let entries = structure(fields.clone(), vec![column(key, &keys)?, column(of, &items)?], &keys)?;
            list(item(DataType::Struct(fields)), maps.iter().map(|map| map.map(<[_]>::len)), entries)?
        }
        Type::Row(fields) => {
            let columns = (0..fields.len()).map(|n| {
                let one: Vec<Value> = values
                    .iter()
                    .map(|value| match value {
                        Value::Row(fields) => fields.get(n).cloned().unwrap_or(Value::Null),
                        _ => Value::Null,
                    })
                    .collect();
                column(&fields[n].1, &one)
            });
            structure(row_fields(fields), columns.collect::<Result<_>>()?, values)?
        }
    })
}

fn mismatch(of: &Type, value: &Value) -> SqlError {
    SqlError::internal(format!("{value:?} is no {of}"))
}

fn structure(fields: Fields, columns: Vec<ArrayRef>, values: &[Value]) -> Result<ArrayRef> {
    let nulls = NullBuffer::from_iter(values.iter().map(|value| !value.is_null()));
    if fields.is_empty() {
        return Ok(Arc::new(StructArray::new_empty_fields(values.len(), Some(nulls))));
    }
    let array = StructArray::try_new(fields, columns, Some(nulls));
    Ok(Arc::new(array.map_err(|why| SqlError::internal(why.to_string()))?))
}

fn list(item: Arc<Field>, lengths: impl Iterator<Item = Option<usize>> + Clone, flat: ArrayRef) -> Result<ArrayRef> {
    let nulls = NullBuffer::from_iter(lengths.clone().map(|length| length.is_some()));
    let offsets = OffsetBuffer::from_lengths(lengths.map(|length| length.unwrap_or(0)));
    let array = ListArray::try_new(item, offsets, flat, Some(nulls));
    Ok(Arc::new(array.map_err(|why| SqlError::internal(why.to_string()))?))
}

/// A value as a literal of a plan.
pub(crate) fn scalar(of: &Type, value: &Value) -> Result<ScalarValue> {
    let column = column(of, std::slice::from_ref(value))?;
    ScalarValue::try_from_array(&column, 0).map_err(|why| SqlError::internal(why.to_string()))
}
