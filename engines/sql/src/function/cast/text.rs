//! Text from values, and values from text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{ZONE, time};
use crate::civil::{read_date, write_date, write_time, write_timestamp};
use crate::error::{Result, SqlError};
use crate::geometry::tile::Tile;
use crate::geometry::{binary, text as wkt};
use crate::number::{fits, read as read_decimal, rescale, write, write_double, write_real};
use crate::types::Type;
use crate::value::Value;

/// Reads a value of a type.
pub(super) fn read(text: &str, to: &Type) -> Result<Value> {
    let fail = || cannot(text, to);
    let trimmed = text.trim();
    Ok(match to {
        Type::Varchar(bound) => Value::text(cut(text, *bound)),
        Type::Char(length) => Value::text(pad(text, *length)),
        Type::Boolean => match trimmed.to_ascii_lowercase().as_str() {
            "t" | "true" | "1" => Value::Boolean(true),
            "f" | "false" | "0" => Value::Boolean(false),
            _ => return Err(fail()),
        },
        Type::Tinyint => Value::Integer(trimmed.parse::<i8>().map_err(|_| fail())?.into()),
        Type::Smallint => Value::Integer(trimmed.parse::<i16>().map_err(|_| fail())?.into()),
        Type::Integer => Value::Integer(trimmed.parse::<i32>().map_err(|_| fail())?.into()),
        Type::Bigint => Value::Integer(trimmed.parse::<i64>().map_err(|_| fail())?),
        Type::Real => Value::Real(float(trimmed).ok_or_else(fail)? as f32),
        Type::Double => Value::Double(float(trimmed).ok_or_else(fail)?),
        Type::Decimal(precision, scale) => {
            let fail = || SqlError::cast(format!("Cannot cast VARCHAR '{text}' to DECIMAL({precision}, {scale})"));
            let (digits, of) = read_decimal(trimmed).ok_or_else(fail)?;
            let digits = rescale(digits, of, *scale).filter(|digits| fits(*digits, *precision)).ok_or_else(fail)?;
            Value::Decimal(digits, *scale)
        }
        Type::Date => {
            let days =
                read_date(trimmed).ok_or_else(|| SqlError::cast(format!("Value cannot be cast to date: {text}")))?;
            Value::Date(i32::try_from(days).map_err(|_| fail())?)
        }
        Type::Time(precision) => time::read_time(text, *precision)?,
        Type::Timestamp(precision) => time::read_timestamp(text, *precision)?,
        Type::TimestampTz(precision) => time::read_zoned(text, *precision, ZONE)?,
        Type::IntervalYearToMonth => {
            let (years, months) = trimmed.rsplit_once('-').ok_or_else(fail)?;
            let (years, months): (i32, i32) = (years.parse().map_err(|_| fail())?, months.parse().map_err(|_| fail())?);
            Value::Months(years * 12 + if trimmed.starts_with('-') { -months } else { months })
        }
        Type::IntervalDayToSecond => Value::Millis(read_millis(trimmed).ok_or_else(fail)?),
        Type::Uuid => uuid(trimmed).ok_or_else(fail)?,
        Type::Ipaddress => match trimmed.parse::<IpAddr>() {
            Ok(IpAddr::V4(it)) => Value::bytes(it.to_ipv6_mapped().octets()),
            Ok(IpAddr::V6(it)) => Value::bytes(it.octets()),
            Err(_) => return Err(SqlError::cast(format!("Cannot cast value to IPADDRESS: {text}"))),
        },
        _ => return Err(fail()),
    })
}

fn cannot(text: &str, to: &Type) -> SqlError {
    let name = match to {
        Type::Integer => "INT".to_owned(),
        Type::Tinyint | Type::Smallint | Type::Bigint | Type::Real | Type::Double => to.to_string().to_uppercase(),
        _ => to.to_string(),
    };
    SqlError::cast(format!("Cannot cast '{text}' to {name}"))
}

fn cut(text: &str, bound: Option<u32>) -> &str {
    let end = bound.and_then(|bound| text.char_indices().nth(bound as usize)).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

fn pad(text: &str, length: u32) -> String {
    let cut = cut(text, Some(length)).trim_end_matches(' ');
    let missing = (length as usize).saturating_sub(cut.chars().count());
    format!("{cut}{}", " ".repeat(missing))
}

fn float(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" | "+Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
            text.trim_end_matches(['d', 'f', 'D', 'F']).parse().ok().filter(|number: &f64| !number.is_nan())
        }
        _ => None,
    }
}

fn read_millis(text: &str) -> Option<i64> {
    let (days, clock) = text.split_once(' ')?;
    let (micros, _) = crate::civil::read_time(clock)?;
    let days: i64 = days.parse().ok()?;
    Some(days * 86_400_000 + if text.starts_with('-') { -micros / 1000 } else { micros / 1000 })
}

fn uuid(text: &str) -> Option<Value> {
    let digits = text.replace('-', "").to_ascii_lowercase();
    let right =
        digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()) && (text.len() == 36 || text.len() == 32);
    right.then(|| hyphened(&digits))
}

fn hyphened(digits: &str) -> Value {
    Value::text(format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    ))
}

pub(super) fn uuid_of_bytes(bytes: &[u8]) -> Result<Value> {
    match bytes.len() {
        16 => Ok(hyphened(&hex::encode(bytes))),
        other => Err(SqlError::cast(format!("Invalid UUID binary length: {other}"))),
    }
}

pub(super) fn address_of_bytes(bytes: &[u8]) -> Result<Value> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Ok(Value::bytes(Ipv4Addr::from(four).to_ipv6_mapped().octets()));
    }
    match bytes.len() {
        16 => Ok(Value::bytes(bytes)),
        other => Err(SqlError::cast(format!("Invalid IP address binary length: {other}"))),
    }
}

pub(super) fn bytes_of_address(bytes: &[u8]) -> Result<Value> {
    match address(bytes) {
        Some(IpAddr::V4(four)) => Ok(Value::bytes(four.octets())),
        _ => Ok(Value::bytes(bytes)),
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let six = Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?);
    Some(six.to_ipv4_mapped().map_or(IpAddr::V6(six), IpAddr::V4))
}

/// A value as text, as CAST(… AS varchar) has it; of arrays, maps and rows as Athena shows them in results.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/querying-arrays.html>
pub(crate) fn show(of: &Type, value: &Value) -> String {
    match (of, value) {
        (_, Value::Null) => "null".into(),
        (_, Value::Boolean(it)) => it.to_string(),
        (Type::Spatial(_), Value::Integer(it)) => Tile::of_number(*it).show(),
        (Type::Spatial(_), Value::Bytes(it)) => binary::read(it).map(|it| wkt::write(&it)).unwrap_or_default(),
        (_, Value::Integer(it)) => it.to_string(),
        (_, Value::Real(it)) => write_real(*it),
        (_, Value::Double(it)) => write_double(*it),
        (_, Value::Decimal(it, scale)) => write(*it, *scale),
        (_, Value::Text(it)) => it.to_string(),
        (Type::Ipaddress, Value::Bytes(it)) => address(it).map(|it| it.to_string()).unwrap_or_default(),
        (_, Value::Bytes(it)) => it.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" "),
        (_, Value::Date(it)) => write_date(i64::from(*it)),
        (Type::Time(precision), Value::Time(it)) => write_time(*it, *precision),
        (_, Value::Time(it)) => write_time(*it, 3),
        (Type::Timestamp(precision), Value::Timestamp(it)) => write_timestamp(*it, *precision),
        (_, Value::Timestamp(it)) => write_timestamp(*it, 3),
        (of, Value::TimestampTz(it, zone)) => {
            let precision = if let Type::TimestampTz(precision) = of { *precision } else { 3 };
            let local = crate::civil::to_local(*it, zone).unwrap_or(*it);
            format!("{} {zone}", write_timestamp(local, precision))
        }
        (_, Value::Months(it)) => {
            format!("{}{}-{}", if *it < 0 { "-" } else { "" }, it.unsigned_abs() / 12, it.unsigned_abs() % 12)
        }
        (_, Value::Millis(it)) => {
            let (sign, all) = (if *it < 0 { "-" } else { "" }, it.unsigned_abs());
            let clock = i64::try_from(all % 86_400_000).unwrap_or_default();
            format!("{sign}{} {}", all / 86_400_000, write_time(clock * 1000, 3))
        }
        (Type::Array(element), Value::Array(all)) => {
            format!("[{}]", all.iter().map(|one| show(element, one)).collect::<Vec<_>>().join(", "))
        }
        (Type::Map(key, item), Value::Map(all)) => {
            let entries = all.iter().map(|(k, v)| format!("{}={}", show(key, k), show(item, v)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        (Type::Row(fields), Value::Row(all)) => {
            let shown = fields.iter().zip(all.iter()).enumerate().map(|(n, ((name, of), one))| {
                format!("{}={}", name.clone().unwrap_or_else(|| format!("field{n}")), show(of, one))
            });
            format!("{{{}}}", shown.collect::<Vec<_>>().join(", "))
        }
        (of, value) => format!("{of} {value:?}"),
    }
}
