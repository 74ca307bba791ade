//! Dates, times and instants into each other, and from text.

use std::sync::Arc;

use super::ZONE;
use crate::civil::{self, DAY, from_local, to_local, zone_name};
use crate::error::{Result, SqlError};
use crate::types::Type;
use crate::value::Value;

/// Rounds microseconds to so many digits of a second.
pub(crate) fn rounded(micros: i64, precision: u8) -> i64 {
    if precision >= 6 {
        return micros;
    }
    let step = 10_i64.pow(u32::from(6 - precision));
    (micros + step / 2).div_euclid(step) * step
}

pub(super) fn convert(to: &Type, value: &Value) -> Result<Value> {
    match (value, to) {
        (Value::Date(days), Type::Timestamp(_)) => Ok(Value::Timestamp(i64::from(*days) * DAY)),
        (Value::Date(days), Type::TimestampTz(_)) => {
            Ok(Value::TimestampTz(from_local(i64::from(*days) * DAY, ZONE)?, ZONE.into()))
        }
        (Value::Timestamp(it), Type::Date) => Ok(Value::Date(i32::try_from(it.div_euclid(DAY)).unwrap_or_default())),
        (Value::Timestamp(it), Type::Timestamp(precision)) => Ok(Value::Timestamp(rounded(*it, *precision))),
        (Value::Timestamp(it), Type::Time(precision)) => Ok(Value::Time(rounded(it.rem_euclid(DAY), *precision) % DAY)),
        (Value::Timestamp(it), Type::TimestampTz(precision)) => {
            Ok(Value::TimestampTz(from_local(rounded(*it, *precision), ZONE)?, ZONE.into()))
        }
        (Value::TimestampTz(it, zone), Type::TimestampTz(precision)) => {
            Ok(Value::TimestampTz(rounded(*it, *precision), zone.clone()))
        }
        (Value::TimestampTz(it, zone), to) => convert(to, &Value::Timestamp(to_local(*it, zone)?)),
        (Value::Time(it), Type::Time(precision)) => Ok(Value::Time(rounded(*it, *precision) % DAY)),
        (value, to) => Err(SqlError::internal(format!("no cast of {value:?} to {to}"))),
    }
}

pub(super) fn read_time(text: &str, precision: u8) -> Result<Value> {
    let fail = || SqlError::cast(format!("Value cannot be cast to time: {text}"));
    let (micros, _) = civil::read_time(text.trim()).ok_or_else(fail)?;
    Ok(Value::Time(rounded(micros, precision) % DAY))
}

pub(super) fn read_timestamp(text: &str, precision: u8) -> Result<Value> {
    let fail = || SqlError::cast(format!("Value cannot be cast to timestamp: {text}"));
    let written = civil::read_timestamp(text).ok_or_else(fail)?;
    if let Some(zone) = written.zone {
        civil::zone(zone).map_err(|_| fail())?;
    }
    Ok(Value::Timestamp(rounded(written.local, precision)))
}

pub(super) fn read_zoned(text: &str, precision: u8, default: &str) -> Result<Value> {
    let fail = || SqlError::cast(format!("Value cannot be cast to timestamp with time zone: {text}"));
    let written = civil::read_timestamp(text).ok_or_else(fail)?;
    let zone = zone_name(written.zone.unwrap_or(default));
    let instant = from_local(rounded(written.local, precision), &zone).map_err(|_| fail())?;
    Ok(Value::TimestampTz(instant, Arc::from(zone)))
}
