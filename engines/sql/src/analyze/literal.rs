//! Literals: numbers by their size, `DATE '…'` and the like, intervals.
//!
//! <https://trino.io/docs/current/language/types.html>

use datafusion::logical_expr::Expr;

use super::Typed;
use crate::arrow::scalar;
use crate::civil;
use crate::error::{Code, Position, Result, SqlError};
use crate::function::cast::convert;
use crate::number;
use crate::syntax::ast::Unit;
use crate::types::Type;
use crate::value::Value;

/// A constant.
pub(super) fn constant(ty: Type, value: &Value) -> Result<Typed> {
    Ok(Typed::new(Expr::Literal(scalar(&ty, value)?, None), ty))
}

fn invalid(at: Position, message: impl Into<String>) -> SqlError {
    SqlError::at(Code::InvalidLiteral, at, message)
}

pub(super) fn integer(digits: &str, negative: bool, at: Position) -> Result<Typed> {
    let text = format!("{}{digits}", if negative { "-" } else { "" });
    let number: i64 = text.parse().map_err(|_| invalid(at, format!("Invalid numeric literal: {text}")))?;
    let ty = if i32::try_from(number).is_ok() { Type::Integer } else { Type::Bigint };
    constant(ty, &Value::Integer(number))
}

pub(super) fn decimal(text: &str, at: Position) -> Result<Typed> {
    let (unscaled, scale) =
        number::read(text).ok_or_else(|| invalid(at, format!("Invalid decimal literal '{text}'")))?;
    let digits = u8::try_from(unscaled.unsigned_abs().to_string().len()).unwrap_or(u8::MAX);
    let digits = if unscaled == 0 { 1 } else { digits };
    let written = text.trim_start_matches(['-', '+', '0']).bytes().filter(u8::is_ascii_digit).count();
    let precision = digits.max(scale).max(u8::try_from(written).unwrap_or(u8::MAX)).max(1);
    if precision > 38 {
        return Err(invalid(at, format!("Invalid decimal literal '{text}'")));
    }
    constant(Type::Decimal(precision, scale), &Value::Decimal(unscaled, scale))
}

pub(super) fn double(text: &str, at: Position) -> Result<Typed> {
    let number: f64 = text.parse().map_err(|_| invalid(at, format!("Invalid numeric literal: {text}")))?;
    constant(Type::Double, &Value::Double(number))
}

pub(super) fn text(text: &str) -> Result<Typed> {
    let length = u32::try_from(text.chars().count()).ok();
    constant(Type::Varchar(length), &Value::text(text))
}

/// `DATE '2020-01-01'`, `DECIMAL '1.0'`, `JSON '{}'`: the type is what comes first.
pub(super) fn typed(name: &str, text: &str, at: Position) -> Result<Typed> {
    let ty = match name {
        "decimal" => return decimal(text.trim(), at),
        "json" => {
            let json = crate::function::cast::json_text(text)?;
            return constant(Type::Json, &Value::text(json.to_string()));
        }
        "timestamp" => {
            let written = civil::read_timestamp(text)
                .ok_or_else(|| invalid(at, format!("'{text}' is not a valid TIMESTAMP literal")))?;
            if written.digits > 6 {
                return Err(SqlError::unsupported(at, format!("Precision {} of time types", written.digits)));
            }
            if written.zone.is_some() { Type::TimestampTz(written.digits) } else { Type::Timestamp(written.digits) }
        }
        "time" => match civil::read_time(text.trim()) {
            Some((_, digits)) => Type::Time(digits.min(6)),
            None => return Err(invalid(at, format!("'{text}' is not a valid TIME literal"))),
        },
        "char" => Type::Char(u32::try_from(text.chars().count()).unwrap_or(u32::MAX).max(1)),
        other => crate::syntax::parse_type(other)
            .map_err(|_| SqlError::at(Code::TypeNotFound, at, format!("Unknown type: {other}")))?,
    };
    let value = convert(&Type::VARCHAR, &ty, &Value::text(text))
        .map_err(|_| invalid(at, format!("'{text}' is not a valid {} literal", name.to_uppercase())))?;
    constant(ty, &value)
}

/// `INTERVAL '2-3' YEAR TO MONTH`, `INTERVAL '5' DAY`.
pub(super) fn interval(negative: bool, text: &str, from: Unit, to: Option<Unit>, at: Position) -> Result<Typed> {
    let fail = || invalid(at, format!("Invalid INTERVAL literal: {text}"));
    let (negative, body) = match text.trim().strip_prefix('-') {
        Some(rest) => (!negative, rest),
        None => (negative, text.trim().trim_start_matches('+')),
    };
    let sign: i64 = if negative { -1 } else { 1 };
    let end = to.unwrap_or(from);
    if from <= Unit::Month {
        let parts: Vec<i64> =
            body.split('-').map(|part| part.trim().parse().map_err(|_| fail())).collect::<Result<_>>()?;
        let months = match (from, end, parts.as_slice()) {
            (Unit::Year, Unit::Year, [years]) => years * 12,
            (Unit::Year, Unit::Month, [years]) => years * 12,
            (Unit::Year, Unit::Month, [years, months]) => years * 12 + months,
            (Unit::Month, Unit::Month, [months]) => *months,
            _ => return Err(fail()),
        };
        let months = i32::try_from(months * sign).map_err(|_| fail())?;
        return constant(Type::IntervalYearToMonth, &Value::Months(months));
    }
    let units = [(Unit::Day, 86_400_000), (Unit::Hour, 3_600_000), (Unit::Minute, 60_000), (Unit::Second, 1000_i64)];
    let wanted: Vec<_> = units.iter().filter(|(unit, _)| *unit >= from && *unit <= end).collect();
    let (whole, fraction) = if end == Unit::Second { body.split_once('.').unwrap_or((body, "")) } else { (body, "") };
    let parts: Vec<&str> = whole.split([' ', ':']).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() || parts.len() > wanted.len() || (to.is_none() && parts.len() != 1) {
        return Err(fail());
    }
    let mut millis: i64 = format!("{fraction:0<3}").get(..3).and_then(|digits| digits.parse().ok()).ok_or_else(fail)?;
    for (part, (_, size)) in parts.iter().zip(wanted) {
        let number: i64 = part.parse().map_err(|_| fail())?;
        millis = number.checked_mul(*size).and_then(|more| millis.checked_add(more)).ok_or_else(fail)?;
    }
    constant(Type::IntervalDayToSecond, &Value::Millis(millis * sign))
}
