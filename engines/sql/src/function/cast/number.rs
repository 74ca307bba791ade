//! Numbers and booleans into each other.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Decimal128Array};
use datafusion::arrow::datatypes::Decimal128Type;

use crate::error::{Result, SqlError};
use crate::function::Types;
use crate::number::{fits, into_type, pow10, read, rescale, round_div, write, write_double};
use crate::types::Type;
use crate::value::Value;

pub(super) fn convert(from: &Type, to: &Type, value: &Value) -> Result<Value> {
    match to {
        Type::Boolean => Ok(Value::Boolean(match value {
            Value::Integer(it) => *it != 0,
            Value::Decimal(it, _) => *it != 0,
            other => other.as_f64()? != 0.0,
        })),
        Type::Real => Ok(Value::Real(match value {
            Value::Double(it) => *it as f32,
            Value::Decimal(it, scale) => write(*it, *scale).parse().unwrap_or(f32::NAN),
            Value::Integer(it) => *it as f32,
            Value::Boolean(it) => f32::from(u8::from(*it)),
            other => other.as_f64()? as f32,
        })),
        Type::Double => Ok(Value::Double(match value {
            Value::Decimal(it, scale) => decimal_to_f64(*it, *scale),
            Value::Boolean(it) => f64::from(u8::from(*it)),
            other => other.as_f64()?,
        })),
        Type::Decimal(precision, scale) => to_decimal(from, value, (*precision, *scale)),
        to => to_integer(from, to, value),
    }
}

/// Casts a column of decimals to decimals of another precision and scale.
pub(super) fn decimals(types: &Types, args: &[ArrayRef]) -> Result<ArrayRef> {
    let (Some(from @ Type::Decimal(_, old)), to @ Type::Decimal(precision, scale)) =
        (types.args.first(), &types.result)
    else {
        return Err(SqlError::internal("decimals expected"));
    };
    let given = args[0].as_primitive::<Decimal128Type>();
    let one = |digits: i128| match rescale(digits, *old, *scale) {
        Some(digits) if fits(digits, *precision) => Ok(digits),
        // The same again, for what it says.
        _ => match convert(from, to, &Value::Decimal(digits, *old))? {
            Value::Decimal(digits, _) => Ok(digits),
            _ => Err(SqlError::internal("a decimal expected")),
        },
    };
    let cast: Decimal128Array = given.try_unary(one)?;
    let cast = cast.with_precision_and_scale(*precision, i8::try_from(*scale).unwrap_or(38));
    Ok(Arc::new(cast.map_err(|why| SqlError::internal(why.to_string()))?))
}

/// The nearest double, as if the digits were read.
pub(crate) fn decimal_to_f64(unscaled: i128, scale: u8) -> f64 {
    if unscaled.unsigned_abs() < 1 << 53 && scale <= 22 {
        return unscaled as f64 / 10_f64.powi(i32::from(scale));
    }
    write(unscaled, scale).parse().unwrap_or(f64::NAN)
}

fn to_decimal(from: &Type, value: &Value, to: (u8, u8)) -> Result<Value> {
    let digits = match value {
        Value::Integer(it) => {
            let shown = || format!("{} '{it}'", from.to_string().to_uppercase());
            into_type(i128::from(*it), 0, to, shown)?
        }
        Value::Decimal(it, scale) => into_type(*it, *scale, to, || {
            format!("DECIMAL({}, {}) '{}'", digits_of(from).0, scale, write(*it, *scale))
        })?,
        Value::Boolean(it) => into_type(i128::from(*it), 0, to, || format!("BOOLEAN '{it}'"))?,
        Value::Real(it) => float(&format!("{it}"), f64::from(*it), "REAL", to)?,
        other => float(&format!("{:?}", other.as_f64()?), other.as_f64()?, "DOUBLE", to)?,
    };
    Ok(Value::Decimal(digits, to.1))
}

fn digits_of(of: &Type) -> (u8, u8) {
    match of {
        Type::Decimal(precision, scale) => (*precision, *scale),
        _ => (38, 0),
    }
}

fn float(text: &str, number: f64, name: &str, to: (u8, u8)) -> Result<i128> {
    let fail =
        || SqlError::cast(format!("Cannot cast {name} '{}' to DECIMAL({}, {})", write_double(number), to.0, to.1));
    let digits = match read(text) {
        Some((unscaled, scale)) => rescale(unscaled, scale, to.1),
        // More digits after the point than are kept: a number that is next to nothing.
        None if number.is_finite() && number.abs() < 1.0 => Some(0),
        None => None,
    };
    digits.filter(|digits| fits(*digits, to.0)).ok_or_else(fail)
}

fn to_integer(from: &Type, to: &Type, value: &Value) -> Result<Value> {
    let wide: i128 = match value {
        Value::Integer(it) => i128::from(*it),
        Value::Boolean(it) => i128::from(*it),
        Value::Decimal(it, scale) => round_div(*it, pow10(u32::from(*scale))),
        other => {
            let number = other.as_f64()?;
            if number.is_nan() {
                return Err(SqlError::cast(format!("Cannot cast {from} NaN to {to}")));
            }
            // Half away from zero for negatives too.
            let rounded = number.round();
            if rounded.abs() > 1e19 {
                return Err(out_of_range(from, to, &write_double(number)));
            }
            rounded as i128
        }
    };
    let (low, high) = match to {
        Type::Tinyint => (i128::from(i8::MIN), i128::from(i8::MAX)),
        Type::Smallint => (i128::from(i16::MIN), i128::from(i16::MAX)),
        Type::Integer => (i128::from(i32::MIN), i128::from(i32::MAX)),
        _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
    };
    if wide < low || wide > high {
        let shown = match value {
            Value::Integer(it) => it.to_string(),
            Value::Decimal(it, scale) => write(*it, *scale),
            other => write_double(other.as_f64()?),
        };
        return Err(out_of_range(from, to, &shown));
    }
    // INVARIANT: it was compared with the bounds.
    Ok(Value::Integer(i64::try_from(wide).unwrap_or_default()))
}

fn out_of_range(from: &Type, to: &Type, shown: &str) -> SqlError {
    match from {
        Type::Decimal(..) => SqlError::cast(format!("Cannot cast '{shown}' to {}", to.to_string().to_uppercase())),
        from if from.is_float() => SqlError::cast(format!("Cannot cast {from} value {shown} to {to}: out of range")),
        _ => SqlError::range(format!("Out of range for {to}: {shown}")),
    }
}
