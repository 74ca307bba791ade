//! Columns as they are in files made columns of the table's types.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, ListArray, StringArray, StructArray, TimestampMicrosecondArray, new_null_array,
};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};

use crate::arrow::data_type;
use crate::function::cast::convert;
use crate::types::Type;
use crate::value::Value;

/// Why a column is none of the table's type.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// Its type in the file is another one.
    Type(String),
    /// A value is.
    Value(String),
}

/// Makes a column one of a type.
pub(crate) fn adapt(array: &ArrayRef, ty: &Type) -> Result<ArrayRef, Unfit> {
    use DataType as D;
    let unfit = || Unfit::Type(physical(array.data_type()).to_owned());
    Ok(match (ty, array.data_type()) {
        (_, D::Null) => new_null_array(&data_type(ty), array.len()),
        (Type::Boolean, D::Boolean) | (Type::Date, D::Date32) => Arc::clone(array),
        (Type::Tinyint | Type::Smallint | Type::Integer, D::Int8 | D::Int16 | D::Int32 | D::UInt8 | D::UInt16)
        | (Type::Bigint, D::Int8 | D::Int16 | D::Int32 | D::Int64 | D::UInt8 | D::UInt16 | D::UInt32)
        | (Type::Real, D::Float32)
        | (Type::Double, D::Float32 | D::Float64)
        | (Type::Varbinary, D::Binary | D::Utf8 | D::FixedSizeBinary(_))
        | (
            Type::Decimal(..),
            D::Decimal32(..) | D::Decimal64(..) | D::Decimal128(..) | D::Decimal256(..) | D::Int32 | D::Int64,
        ) => cast(array, &data_type(ty))?,
        (Type::Varchar(_) | Type::Char(_), D::Utf8 | D::Binary) => texts(&cast(array, &D::Utf8)?, ty)?,
        (Type::Timestamp(precision), D::Timestamp(..)) => times(array, *precision)?,
        (Type::Array(_), D::List(_)) => list(array, ty)?,
        (Type::Map(..), D::Map(..)) => map(array, ty)?,
        (Type::Row(fields), D::Struct(_)) => row(array, fields, &data_type(ty))?,
        _ => return Err(unfit()),
    })
}

fn cast(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, Unfit> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(array, to, &options).map_err(|why| Unfit::Value(why.to_string()))
}

/// Texts that are cut or padded as their type has it.
fn texts(array: &ArrayRef, ty: &Type) -> Result<ArrayRef, Unfit> {
    if *ty == Type::VARCHAR {
        return Ok(Arc::clone(array));
    }
    let one = |text: Option<&str>| match text.map(|text| convert(&Type::VARCHAR, ty, &Value::text(text))) {
        None => Ok(None),
        Some(Ok(Value::Text(text))) => Ok(Some(text.to_string())),
        Some(_) => Err(Unfit::Value(format!("no {ty}"))),
    };
    let texts: Result<StringArray, Unfit> = array.as_string::<i32>().iter().map(one).collect();
    Ok(Arc::new(texts?))
}

/// Times in microseconds, rounded to so many digits of a second.
fn times(array: &ArrayRef, precision: u8) -> Result<ArrayRef, Unfit> {
    let of = DataType::Timestamp(TimeUnit::Microsecond, None);
    let micros = cast(&zoneless(array)?, &of)?;
    let unit = 10_i64.pow(6 - u32::from(precision.min(6)));
    let rounded = |at: i64| at.saturating_add(unit / 2).div_euclid(unit) * unit;
    let times: TimestampMicrosecondArray = micros.as_primitive::<TimestampMicrosecondType>().unary(rounded);
    Ok(Arc::new(times))
}

/// The same instants, of which UTC's clocks show the time.
fn zoneless(array: &ArrayRef) -> Result<ArrayRef, Unfit> {
    match array.data_type() {
        DataType::Timestamp(unit, Some(_)) => {
            let data = array.to_data().into_builder().data_type(DataType::Timestamp(*unit, None)).build();
            Ok(datafusion::arrow::array::make_array(data.map_err(|why| Unfit::Value(why.to_string()))?))
        }
        _ => Ok(Arc::clone(array)),
    }
}

fn list(array: &ArrayRef, ty: &Type) -> Result<ArrayRef, Unfit> {
    let (Type::Array(element), DataType::List(item)) = (ty, data_type(ty)) else {
        return Err(Unfit::Type(physical(array.data_type()).to_owned()));
    };
    let list = array.as_list::<i32>();
    let values = adapt(list.values(), element)?;
    let list = ListArray::try_new(item, list.offsets().clone(), values, list.nulls().cloned());
    Ok(Arc::new(list.map_err(|why| Unfit::Value(why.to_string()))?))
}

fn map(array: &ArrayRef, ty: &Type) -> Result<ArrayRef, Unfit> {
    let (Type::Map(key, value), DataType::List(item)) = (ty, data_type(ty)) else {
        return Err(Unfit::Type(physical(array.data_type()).to_owned()));
    };
    let DataType::Struct(fields) = item.data_type().clone() else {
        return Err(Unfit::Type(physical(array.data_type()).to_owned()));
    };
    let map = array.as_map();
    let columns = vec![adapt(map.keys(), key)?, adapt(map.values(), value)?];
    let made = StructArray::try_new(fields, columns, None)
        .and_then(|entries| ListArray::try_new(item, map.offsets().clone(), Arc::new(entries), map.nulls().cloned()));
    Ok(Arc::new(made.map_err(|why| Unfit::Value(why.to_string()))?))
}

/// Fields by their names; one that is not in the file is NULL.
fn row(array: &ArrayRef, fields: &[(Option<String>, Type)], to: &DataType) -> Result<ArrayRef, Unfit> {
    let DataType::Struct(own) = to else { return Err(Unfit::Type(physical(array.data_type()).to_owned())) };
    let there = array.as_struct();
    let column = |(name, ty): &(Option<String>, Type)| {
        let name = name.as_deref().unwrap_or_default();
        let at = there.fields().iter().position(|field| field.name().to_lowercase() == name);
        match at {
            Some(at) => adapt(there.column(at), ty),
            None => Ok(new_null_array(&data_type(ty), array.len())),
        }
    };
    let columns = fields.iter().map(column).collect::<Result<Vec<_>, Unfit>>()?;
    if columns.is_empty() {
        return Ok(Arc::new(StructArray::new_empty_fields(array.len(), there.nulls().cloned())));
    }
    let made = StructArray::try_new(own.clone(), columns, there.nulls().cloned());
    Ok(Arc::new(made.map_err(|why| Unfit::Value(why.to_string()))?))
}

/// What Parquet calls a type.
fn physical(of: &DataType) -> &'static str {
    match of {
        DataType::Boolean => "BOOLEAN",
        DataType::Int64 | DataType::UInt64 | DataType::Time64(_) | DataType::Decimal64(..) => "INT64",
        DataType::Timestamp(TimeUnit::Nanosecond, None) => "INT96",
        DataType::Timestamp(..) => "INT64",
        DataType::Float32 => "FLOAT",
        DataType::Float64 => "DOUBLE",
        DataType::Utf8 | DataType::Binary => "BINARY",
        DataType::FixedSizeBinary(_) | DataType::Decimal128(..) | DataType::Decimal256(..) => "FIXED_LEN_BYTE_ARRAY",
        DataType::List(_) => "LIST",
        DataType::Map(..) => "MAP",
        DataType::Struct(_) => "STRUCT",
        _ => "INT32",
    }
}
