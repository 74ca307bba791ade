//! CAST and TRY_CAST.
//!
//! <https://trino.io/docs/current/functions/conversion.html>

mod json;
mod number;
mod text;
mod time;

use std::sync::Arc;

use datafusion::logical_expr::{Cast as DfCast, Expr, lit};

use super::udf::{Kernel, RowUdf};
use super::{Run, Types};
use crate::arrow::data_type;
use crate::error::{Result, SqlError};
use crate::types::Type;
use crate::value::Value;

pub(crate) use json::text as json_text;
pub(crate) use text::show;

/// What a cast needs to know beside the types.
pub(crate) const ZONE: &str = "UTC";

/// Whether there is a cast at all.
pub(crate) fn exists(from: &Type, to: &Type) -> bool {
    use crate::types::Sketch::{HyperLogLog, P4HyperLogLog};
    use Type::*;
    match (from, to) {
        (Unknown, _) => true,
        (a, b) if a == b => true,
        (Function(..), _) | (_, Function(..)) => false,
        (Json, to) => json::reads(to),
        (from, Json) => json::writes(from),
        (Array(a), Array(b)) => exists(a, b),
        (Map(k1, v1), Map(k2, v2)) => exists(k1, k2) && exists(v1, v2),
        (Row(a), Row(b)) => a.len() == b.len() && a.iter().zip(b).all(|((_, a), (_, b))| exists(a, b)),
        (Varchar(_) | Char(_), Varchar(_) | Char(_)) => true,
        (Varchar(_) | Char(_), Varbinary) => false,
        (Varchar(_) | Char(_), to) => {
            to.is_numeric()
                || matches!(
                    to,
                    Boolean
                        | Date
                        | Time(_)
                        | Timestamp(_)
                        | TimestampTz(_)
                        | Uuid
                        | Ipaddress
                        | IntervalYearToMonth
                        | IntervalDayToSecond
                )
        }
        (from, Varchar(_)) => {
            from.is_numeric() || !matches!(from, Varbinary | Array(_) | Map(..) | Row(_) | Sketch(_) | Spatial(_))
        }
        (Boolean, to) => to.is_numeric(),
        (from, Boolean) => from.is_numeric(),
        (a, b) if a.is_numeric() && b.is_numeric() => true,
        (Date | Timestamp(_) | TimestampTz(_), Date | Timestamp(_) | TimestampTz(_)) => true,
        (Time(_) | Timestamp(_) | TimestampTz(_), Time(_)) => true,
        (Varbinary, Sketch(_)) | (Sketch(_), Varbinary) => true,
        (Sketch(HyperLogLog), Sketch(P4HyperLogLog)) => true,
        (Varbinary, Uuid | Ipaddress) | (Uuid | Ipaddress, Varbinary) => true,
        _ => false,
    }
}

/// The expression of a cast.
pub(crate) fn cast(expr: Expr, from: &Type, to: &Type) -> Expr {
    if from == to || (data_type(from) == data_type(to) && keeps(from, to)) {
        return expr;
    }
    if *from == Type::Unknown {
        return null(to);
    }
    let widens = match (from, to) {
        (a, b) if a.is_integer() && b.is_integer() => rank(a) < rank(b),
        (a, Type::Double) => a.is_integer() || *a == Type::Real,
        (Type::Tinyint | Type::Smallint | Type::Integer, Type::Real) => true,
        (Type::Decimal(p1, s1), Type::Decimal(p2, s2)) => s2 >= s1 && p2 - s2 >= p1 - s1,
        (Type::Date, Type::Timestamp(_)) => false,
        _ => false,
    };
    if widens {
        return Expr::Cast(DfCast::new(Box::new(expr), data_type(to)));
    }
    let types = Types { args: vec![from.clone()], result: to.clone() };
    let kernel = match (from, to) {
        (Type::Decimal(..), Type::Decimal(..)) => Kernel::Column(number::decimals),
        _ => Kernel::Row(Run::Typed(run)),
    };
    RowUdf::call("cast", kernel, types, false, true, vec![expr])
}

/// NULL of a type.
pub(crate) fn null(of: &Type) -> Expr {
    match datafusion::common::ScalarValue::try_from(data_type(of)) {
        Ok(null) => lit(null),
        Err(_) => lit(datafusion::common::ScalarValue::Null),
    }
}

/// TRY_CAST: NULL where CAST fails.
pub(crate) fn try_cast(expr: Expr, from: &Type, to: &Type) -> Expr {
    let types = Types { args: vec![from.clone()], result: to.clone() };
    match exists(from, to) && from != to && *from != Type::Unknown {
        true => RowUdf::call("try_cast", Kernel::Row(Run::Typed(try_run)), types, false, true, vec![expr]),
        false => cast(expr, from, to),
    }
}

/// Whether a value of the one is one of the other as it lies.
fn keeps(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Varchar(a), Type::Varchar(b)) => b.is_none_or(|b| a.is_some_and(|a| a <= b)),
        (Type::Timestamp(a), Type::Timestamp(b))
        | (Type::TimestampTz(a), Type::TimestampTz(b))
        | (Type::Time(a), Type::Time(b)) => a <= b,
        (Type::Array(a), Type::Array(b)) => a == b || keeps(a, b),
        (Type::Map(k1, v1), Type::Map(k2, v2)) => (k1 == k2 || keeps(k1, k2)) && (v1 == v2 || keeps(v1, v2)),
        (Type::Row(a), Type::Row(b)) => a.iter().zip(b).all(|((_, a), (_, b))| a == b || keeps(a, b)),
        _ => false,
    }
}

fn rank(of: &Type) -> u8 {
    match of {
        Type::Tinyint => 0,
        Type::Smallint => 1,
        Type::Integer => 2,
        _ => 3,
    }
}

fn run(types: &Types, args: &[Value]) -> Result<Value> {
    convert(&types.args[0], &types.result, &args[0])
}

fn try_run(types: &Types, args: &[Value]) -> Result<Value> {
    match convert(&types.args[0], &types.result, &args[0]) {
        Err(error) if error.is_tried() => Ok(Value::Null),
        other => other,
    }
}

/// Casts a value.
///
/// # Errors
/// `INVALID_CAST_ARGUMENT`, or `NUMERIC_VALUE_OUT_OF_RANGE`.
pub(crate) fn convert(from: &Type, to: &Type, value: &Value) -> Result<Value> {
    use Type::*;
    if value.is_null() {
        return Ok(Value::Null);
    }
    match (from, to) {
        (a, b) if a == b => Ok(value.clone()),
        (Json, to) => json::to_value(value, to),
        (from, Json) => json::from_typed(from, value),
        (Array(a), Array(b)) => {
            Ok(Value::Array(value.as_array()?.iter().map(|one| convert(a, b, one)).collect::<Result<_>>()?))
        }
        (Map(k1, v1), Map(k2, v2)) => {
            let entries = value.as_map()?.iter().map(|(k, v)| Ok((convert(k1, k2, k)?, convert(v1, v2, v)?)));
            Ok(Value::Map(entries.collect::<Result<Arc<[_]>>>()?))
        }
        (Row(a), Row(b)) => {
            let fields = value.as_array()?.iter().zip(a.iter().zip(b));
            Ok(Value::Row(fields.map(|(one, ((_, a), (_, b)))| convert(a, b, one)).collect::<Result<_>>()?))
        }
        (Varchar(_) | Char(_), to) => text::read(value.as_str()?, to),
        (from, Varchar(bound)) => {
            let shown = text::show(from, value);
            match bound {
                Some(bound) if shown.chars().count() > *bound as usize => {
                    Err(SqlError::cast(format!("Value {shown} cannot be represented as varchar({bound})")))
                }
                _ => Ok(Value::text(shown)),
            }
        }
        (from, to) if from.is_numeric() || to.is_numeric() => number::convert(from, to, value),
        (Varbinary, Sketch(of)) => {
            super::sketch::check(of, value.as_bytes()?)?;
            Ok(value.clone())
        }
        (Sketch(_), _) => Ok(value.clone()),
        (Varbinary, Uuid) => text::uuid_of_bytes(value.as_bytes()?),
        (Uuid, Varbinary) => Ok(Value::bytes(hex::decode(value.as_str()?.replace('-', "")).unwrap_or_default())),
        (Varbinary, Ipaddress) => text::address_of_bytes(value.as_bytes()?),
        (Ipaddress, Varbinary) => text::bytes_of_address(value.as_bytes()?),
        _ => time::convert(to, value),
    }
}
