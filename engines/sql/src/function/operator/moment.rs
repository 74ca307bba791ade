//! Dates, times and intervals with `+`, `-`, `*` and `/`.
//!
//! <https://trino.io/docs/current/functions/datetime.html#date-and-time-operators>

use datafusion::logical_expr::Expr;

use crate::civil::{DAY, add_months, from_local, to_local};
use crate::error::{Code, Result, SqlError};
use crate::function::cast::cast;
use crate::function::udf::{Kernel, RowUdf};
use crate::function::{Run, Types};
use crate::syntax::ast::BinaryOp;
use crate::types::Type;
use crate::value::Value;

type Compute = fn(&Types, &[Value]) -> Result<Value>;

pub(super) fn arithmetic(
    op: BinaryOp,
    (left, from): (&Expr, &Type),
    (right, of): (&Expr, &Type),
) -> Option<(Expr, Type)> {
    use Type::*;
    let interval = |of: &Type| matches!(of, IntervalDayToSecond | IntervalYearToMonth);
    let moment = |of: &Type| matches!(of, Date | Timestamp(_) | TimestampTz(_)) || matches!(of, Time(_));
    // The moment comes first, and so does the interval that is multiplied.
    let swap = (op == BinaryOp::Add && interval(from) && moment(of))
        || (op == BinaryOp::Multiply && interval(of) && from.is_numeric());
    let ((left, from), (right, of)) = if swap { ((right, of), (left, from)) } else { ((left, from), (right, of)) };
    let (result, run, right, of): (Type, Compute, Expr, Type) = match op {
        BinaryOp::Add if moment(from) && interval(of) => (moved(from, of), sum, right.clone(), of.clone()),
        BinaryOp::Subtract if moment(from) && interval(of) => (moved(from, of), minus, right.clone(), of.clone()),
        BinaryOp::Add if interval(from) && from == of => (from.clone(), sum, right.clone(), of.clone()),
        BinaryOp::Subtract if interval(from) && from == of => (from.clone(), minus, right.clone(), of.clone()),
        BinaryOp::Subtract
            if moment(from) && moment(of) && std::mem::discriminant(from) == std::mem::discriminant(of) =>
        {
            (IntervalDayToSecond, between, right.clone(), of.clone())
        }
        BinaryOp::Multiply if interval(from) && of.is_numeric() => {
            (from.clone(), times, cast(right.clone(), of, &Double), Double)
        }
        BinaryOp::Divide if interval(from) && of.is_numeric() => {
            (from.clone(), divided, cast(right.clone(), of, &Double), Double)
        }
        _ => return None,
    };
    let name = match op {
        BinaryOp::Add => "moment+",
        BinaryOp::Subtract => "moment-",
        BinaryOp::Multiply => "interval*",
        _ => "interval/",
    };
    let types = Types { args: vec![from.clone(), of], result: result.clone() };
    Some((RowUdf::call(name, Kernel::Row(Run::Typed(run)), types, false, true, vec![left.clone(), right]), result))
}

/// The type of a moment that an interval moves: intervals of days have milliseconds, so their results have too.
// UNVERIFIED: of `time` and `timestamp` of fewer digits; the examples of the documentation show `.000`.
fn moved(moment: &Type, by: &Type) -> Type {
    match (moment, by) {
        (Type::Time(digits), Type::IntervalDayToSecond) => Type::Time(*digits.max(&3)),
        (Type::Timestamp(digits), Type::IntervalDayToSecond) => Type::Timestamp(*digits.max(&3)),
        (Type::TimestampTz(digits), Type::IntervalDayToSecond) => Type::TimestampTz(*digits.max(&3)),
        _ => moment.clone(),
    }
}

/// A moment and an interval.
pub(crate) fn plus(moment: &Value, interval: &Value) -> Result<Value> {
    add(moment, interval, 1)
}

fn sum(_: &Types, args: &[Value]) -> Result<Value> {
    add(&args[0], &args[1], 1)
}

fn minus(_: &Types, args: &[Value]) -> Result<Value> {
    add(&args[0], &args[1], -1)
}

fn overflow() -> SqlError {
    SqlError::range("date or interval out of range")
}

fn narrow(days: i64) -> Result<Value> {
    Ok(Value::Date(i32::try_from(days).map_err(|_| overflow())?))
}

fn add(moment: &Value, interval: &Value, sign: i64) -> Result<Value> {
    let by = |millis: i64| millis.checked_mul(1000 * sign).ok_or_else(overflow);
    let shift = |micros: i64, months: i32| {
        add_months(micros.div_euclid(DAY), i64::from(months) * sign) * DAY + micros.rem_euclid(DAY)
    };
    Ok(match (moment, interval) {
        (Value::Date(days), Value::Months(months)) => narrow(add_months(i64::from(*days), i64::from(*months) * sign))?,
        (Value::Date(days), Value::Millis(millis)) => {
            if millis % 86_400_000 != 0 {
                return Err(SqlError::argument("Cannot add hour, minutes or seconds to a date"));
            }
            narrow(i64::from(*days) + millis / 86_400_000 * sign)?
        }
        (Value::Timestamp(it), Value::Months(months)) => Value::Timestamp(shift(*it, *months)),
        (Value::Timestamp(it), Value::Millis(millis)) => {
            Value::Timestamp(it.checked_add(by(*millis)?).ok_or_else(overflow)?)
        }
        (Value::TimestampTz(it, zone), Value::Months(months)) => {
            Value::TimestampTz(from_local(shift(to_local(*it, zone)?, *months), zone)?, zone.clone())
        }
        (Value::TimestampTz(it, zone), Value::Millis(millis)) => {
            Value::TimestampTz(it.checked_add(by(*millis)?).ok_or_else(overflow)?, zone.clone())
        }
        (Value::Time(it), Value::Millis(millis)) => Value::Time((it + by(*millis)?).rem_euclid(DAY)),
        (Value::Time(it), Value::Months(_)) => Value::Time(*it),
        (Value::Months(a), Value::Months(b)) => {
            Value::Months(i32::try_from(i64::from(*a) + i64::from(*b) * sign).map_err(|_| overflow())?)
        }
        (Value::Millis(a), Value::Millis(b)) => Value::Millis(a.checked_add(b * sign).ok_or_else(overflow)?),
        (a, b) => return Err(SqlError::internal(format!("{a:?} + {b:?}"))),
    })
}

fn between(_: &Types, args: &[Value]) -> Result<Value> {
    let micros = |value: &Value| match value {
        Value::Date(days) => i64::from(*days) * DAY,
        Value::Timestamp(it) | Value::TimestampTz(it, _) | Value::Time(it) => *it,
        _ => 0,
    };
    Ok(Value::Millis((micros(&args[0]) - micros(&args[1])).div_euclid(1000)))
}

fn scale(interval: &Value, factor: f64) -> Result<Value> {
    match interval {
        Value::Months(it) => Ok(Value::Months((f64::from(*it) * factor) as i32)),
        Value::Millis(it) => Ok(Value::Millis((*it as f64 * factor) as i64)),
        other => Err(SqlError::internal(format!("{other:?} is no interval"))),
    }
}

fn times(_: &Types, args: &[Value]) -> Result<Value> {
    scale(&args[0], args[1].as_f64()?)
}

fn divided(_: &Types, args: &[Value]) -> Result<Value> {
    match args[1].as_f64()? {
        0.0 => Err(SqlError::new(Code::DivisionByZero, "Division by zero")),
        divisor => scale(&args[0], 1.0 / divisor),
    }
}
