//! Dates and times.
//!
//! <https://trino.io/docs/current/functions/datetime.html>

use std::sync::Arc;

use super::List;
use crate::civil::{self, DAY, HOUR, MINUTE, SECOND, add_months, from_local, to_local, zone, zone_name};
use crate::error::{Result, SqlError};
use crate::value::Value;

/// The types that fields can be taken from.
const MOMENTS: [&str; 3] = ["date", "timestamp", "timestamp with time zone"];

pub(super) fn register(list: &mut List) {
    fields(list);
    for of in MOMENTS {
        list.plain("date_trunc", &format!("(varchar, {of}) -> {of}"), |args| {
            let unit = args[0].as_str()?;
            let (months, micros) = unit_size(unit)?;
            if matches!(args[1], Value::Date(_)) && months == 0 && micros < DAY {
                return Err(SqlError::argument(format!("'{unit}' is not a valid DATE field")));
            }
            map_local(&args[1], |local| truncate(local, unit))
        });
        list.plain("date_add", &format!("(varchar, bigint, {of}) -> {of}"), |args| {
            add(args[0].as_str()?, args[1].as_int()?, &args[2])
        });
        list.plain("date_diff", &format!("(varchar, {of}, {of}) -> bigint"), |args| {
            let (a, b) = (local(&args[1])?, local(&args[2])?);
            difference(args[0].as_str()?, a, b, &args[1], &args[2])
        });
        list.plain("last_day_of_month", &format!("({of}) -> date"), |args| {
            let (year, month, _) = civil::civil(local(&args[0])?.div_euclid(DAY));
            date(civil::days(year, month, civil::month_days(year, month)))
        });
    }
    list.plain("date_trunc", "(varchar, time) -> time", |args| {
        map_local(&args[1], |local| truncate(local, args[0].as_str()?))
    });
    list.plain("date_add", "(varchar, bigint, time) -> time", |args| {
        add(args[0].as_str()?, args[1].as_int()?, &args[2])
    });
    list.plain("date_diff", "(varchar, time, time) -> bigint", |args| {
        difference(args[0].as_str()?, local(&args[1])?, local(&args[2])?, &args[1], &args[2])
    });
    list.plain("date", "(varchar) -> date", |args| {
        super::cast::convert(&crate::types::Type::VARCHAR, &crate::types::Type::Date, &args[0])
    });
    list.plain("date", "(timestamp) -> date", |args| date(local(&args[0])?.div_euclid(DAY)));
    list.plain("date", "(timestamp with time zone) -> date", |args| date(local(&args[0])?.div_euclid(DAY)));
    zones(list);
    list.plain("from_unixtime", "(double) -> timestamp with time zone", |args| from_unix(args[0].as_f64()?, "UTC"));
    list.plain("from_unixtime", "(double, varchar) -> timestamp with time zone", |args| {
        from_unix(args[0].as_f64()?, args[1].as_str()?)
    });
    list.plain("from_unixtime", "(double, bigint, bigint) -> timestamp with time zone", |args| {
        let minutes = args[1].as_int()? * 60 + args[2].as_int()?;
        let name =
            format!("{}{:02}:{:02}", if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60);
        from_unix(args[0].as_f64()?, &name)
    });
    list.plain("from_unixtime_nanos", "(bigint) -> timestamp with time zone", |args| {
        // UNVERIFIED: Trino answers with nanoseconds; here the rest below a microsecond is cut.
        Ok(Value::TimestampTz(args[0].as_int()?.div_euclid(1000), "UTC".into()))
    });
    list.plain("to_unixtime", "(timestamp) -> double", |args| Ok(Value::Double(local(&args[0])? as f64 / 1e6)));
    list.plain("to_unixtime", "(timestamp with time zone) -> double", |args| match &args[0] {
        Value::TimestampTz(instant, _) => Ok(Value::Double(*instant as f64 / 1e6)),
        other => Ok(Value::Double(local(other)? as f64 / 1e6)),
    });
    list.plain("to_milliseconds", "(interval day to second) -> bigint", |args| match &args[0] {
        Value::Millis(it) => Ok(Value::Integer(*it)),
        _ => Ok(Value::Null),
    });
    list.plain("parse_duration", "(varchar) -> interval day to second", |args| {
        let text = args[0].as_str()?;
        let fail = || SqlError::argument(format!("duration is not a valid data duration string: {text}"));
        let at = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(fail)?;
        let number: f64 = text[..at].trim().parse().map_err(|_| fail())?;
        let unit = match text[at..].trim() {
            "ns" => 1e-6,
            "us" => 1e-3,
            "ms" => 1.0,
            "s" => 1e3,
            "m" => 6e4,
            "h" => 3.6e6,
            "d" => 8.64e7,
            _ => return Err(fail()),
        };
        Ok(Value::Millis((number * unit).round() as i64))
    });
    list.plain("human_readable_seconds", "(double) -> varchar", |args| {
        let total = args[0].as_f64()?.abs() as i64;
        let units = [("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1_i64)];
        let mut rest = total;
        let mut parts = Vec::new();
        for (name, size) in units {
            let count = rest / size;
            rest %= size;
            if count > 0 || (size == 1 && parts.is_empty()) {
                parts.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
            }
        }
        Ok(Value::text(parts.join(", ")))
    });
}

/// What the clock at the value's own place shows, in microseconds since 1970.
pub(super) fn local(value: &Value) -> Result<i64> {
    match value {
        Value::Date(days) => Ok(i64::from(*days) * DAY),
        Value::Timestamp(it) | Value::Time(it) => Ok(*it),
        Value::TimestampTz(it, zone) => to_local(*it, zone),
        other => Err(SqlError::internal(format!("{other:?} is no moment"))),
    }
}

pub(super) fn date(days: i64) -> Result<Value> {
    Ok(Value::Date(i32::try_from(days).map_err(|_| SqlError::range("date out of range"))?))
}

/// The same kind of value with another local time.
fn map_local(value: &Value, with: impl Fn(i64) -> Result<i64>) -> Result<Value> {
    let changed = with(local(value)?)?;
    match value {
        Value::Date(_) => date(changed.div_euclid(DAY)),
        Value::Time(_) => Ok(Value::Time(changed.rem_euclid(DAY))),
        Value::TimestampTz(_, zone) => Ok(Value::TimestampTz(from_local(changed, zone)?, zone.clone())),
        _ => Ok(Value::Timestamp(changed)),
    }
}

fn fields(list: &mut List) {
    type Field = fn(i64) -> i64;
    const DATES: &[(&str, Field)] = &[
        ("year", |it| civil::civil(it.div_euclid(DAY)).0),
        ("quarter", |it| (civil::civil(it.div_euclid(DAY)).1 + 2) / 3),
        ("month", |it| civil::civil(it.div_euclid(DAY)).1),
        ("week", |it| civil::iso_week(it.div_euclid(DAY)).1),
        ("week_of_year", |it| civil::iso_week(it.div_euclid(DAY)).1),
        ("year_of_week", |it| civil::iso_week(it.div_euclid(DAY)).0),
        ("yow", |it| civil::iso_week(it.div_euclid(DAY)).0),
        ("day", |it| civil::civil(it.div_euclid(DAY)).2),
        ("day_of_month", |it| civil::civil(it.div_euclid(DAY)).2),
        ("day_of_week", |it| civil::weekday(it.div_euclid(DAY))),
        ("dow", |it| civil::weekday(it.div_euclid(DAY))),
        ("day_of_year", |it| civil::year_day(it.div_euclid(DAY))),
        ("doy", |it| civil::year_day(it.div_euclid(DAY))),
        ("hour", |it| it.rem_euclid(DAY) / HOUR),
        ("minute", |it| it.rem_euclid(HOUR) / MINUTE),
        ("second", |it| it.rem_euclid(MINUTE) / SECOND),
        ("millisecond", |it| it.rem_euclid(SECOND) / 1000),
    ];
    macro_rules! each {
        ($($n:literal),+) => {
            $(for of in MOMENTS {
                if $n < 13 || of != "date" {
                    list.plain(DATES[$n].0, &format!("({of}) -> bigint"), |args| Ok(Value::Integer(DATES[$n].1(local(&args[0])?))));
                }
            }
            if $n >= 13 {
                list.plain(DATES[$n].0, "(time) -> bigint", |args| Ok(Value::Integer(DATES[$n].1(local(&args[0])?))));
            })+
        };
    }
    each!(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    list.plain("year", "(interval year to month) -> bigint", |args| interval(&args[0], |months, _| months / 12));
    list.plain("month", "(interval year to month) -> bigint", |args| interval(&args[0], |months, _| months % 12));
    list.plain("day", "(interval day to second) -> bigint", |args| interval(&args[0], |_, millis| millis / 86_400_000));
    list.plain("hour", "(interval day to second) -> bigint", |args| {
        interval(&args[0], |_, millis| millis / 3_600_000 % 24)
    });
    list.plain("minute", "(interval day to second) -> bigint", |args| {
        interval(&args[0], |_, millis| millis / 60_000 % 60)
    });
    list.plain("second", "(interval day to second) -> bigint", |args| {
        interval(&args[0], |_, millis| millis / 1000 % 60)
    });
    list.plain("timezone_hour", "(timestamp with time zone) -> bigint", |args| {
        offset(&args[0]).map(|it| Value::Integer(it / 60))
    });
    list.plain("timezone_minute", "(timestamp with time zone) -> bigint", |args| {
        offset(&args[0]).map(|it| Value::Integer(it % 60))
    });
}

fn interval(value: &Value, of: fn(i64, i64) -> i64) -> Result<Value> {
    Ok(Value::Integer(match value {
        Value::Months(it) => of(i64::from(*it), 0),
        Value::Millis(it) => of(0, *it),
        _ => 0,
    }))
}

/// Minutes ahead of UTC.
fn offset(value: &Value) -> Result<i64> {
    match value {
        Value::TimestampTz(it, zone) => Ok((to_local(*it, zone)? - it) / MINUTE),
        _ => Ok(0),
    }
}

fn zones(list: &mut List) {
    list.plain("at_timezone", "(timestamp with time zone, varchar) -> timestamp with time zone", |args| {
        match &args[0] {
            Value::TimestampTz(it, _) => Ok(Value::TimestampTz(*it, checked(args[1].as_str()?)?)),
            other => Ok(other.clone()),
        }
    });
    list.plain("with_timezone", "(timestamp, varchar) -> timestamp with time zone", |args| {
        let zone = checked(args[1].as_str()?)?;
        Ok(Value::TimestampTz(from_local(local(&args[0])?, &zone)?, zone))
    });
    list.plain("timezone", "(timestamp with time zone) -> varchar", |args| match &args[0] {
        Value::TimestampTz(_, zone) => Ok(Value::text(zone)),
        _ => Ok(Value::Null),
    });
}

/// The name of a zone that there is.
pub(super) fn checked(name: &str) -> Result<Arc<str>> {
    zone(name)?;
    Ok(Arc::from(zone_name(name)))
}

fn from_unix(seconds: f64, zone: &str) -> Result<Value> {
    let millis = (seconds * 1000.0).round();
    if !millis.is_finite() || millis.abs() > 2e14 {
        return Err(SqlError::argument(format!("unixtime out of range: {seconds}")));
    }
    Ok(Value::TimestampTz(millis as i64 * 1000, checked(zone)?))
}

fn unit_error(unit: &str) -> SqlError {
    SqlError::argument(format!("'{unit}' is not a valid Timestamp field"))
}

fn truncate(local: i64, unit: &str) -> Result<i64> {
    let day = local.div_euclid(DAY);
    let (year, month, _) = civil::civil(day);
    let size = match unit.to_ascii_lowercase().as_str() {
        "millisecond" => 1000,
        "second" => SECOND,
        "minute" => MINUTE,
        "hour" => HOUR,
        "day" => DAY,
        "week" => return Ok((day - civil::weekday(day) + 1) * DAY),
        "month" => return Ok(civil::days(year, month, 1) * DAY),
        "quarter" => return Ok(civil::days(year, (month - 1) / 3 * 3 + 1, 1) * DAY),
        "year" => return Ok(civil::days(year, 1, 1) * DAY),
        _ => return Err(unit_error(unit)),
    };
    Ok(local.div_euclid(size) * size)
}

/// A unit as months, or as microseconds.
fn unit_size(unit: &str) -> Result<(i64, i64)> {
    Ok(match unit.to_ascii_lowercase().as_str() {
        "millisecond" => (0, 1000),
        "second" => (0, SECOND),
        "minute" => (0, MINUTE),
        "hour" => (0, HOUR),
        "day" => (0, DAY),
        "week" => (0, 7 * DAY),
        "month" => (1, 0),
        "quarter" => (3, 0),
        "year" => (12, 0),
        _ => return Err(unit_error(unit)),
    })
}

fn add(unit: &str, count: i64, to: &Value) -> Result<Value> {
    let (months, micros) = unit_size(unit)?;
    let range = || SqlError::range("timestamp out of range");
    if matches!(to, Value::Date(_)) && micros > 0 && micros < DAY {
        return Err(SqlError::argument(format!("'{unit}' is not a valid DATE field")));
    }
    let by = micros.checked_mul(count).ok_or_else(range)?;
    match to {
        Value::TimestampTz(it, zone) if months == 0 && micros < DAY => {
            Ok(Value::TimestampTz(it.checked_add(by).ok_or_else(range)?, zone.clone()))
        }
        to => map_local(to, |local| {
            let total = months.checked_mul(count).filter(|total| total.abs() < 12_000_000).ok_or_else(range)?;
            let shifted = add_months(local.div_euclid(DAY), total) * DAY + local.rem_euclid(DAY);
            shifted.checked_add(by).ok_or_else(range)
        }),
    }
}

/// Whole units from one to the other.
fn difference(unit: &str, from: i64, to: i64, first: &Value, second: &Value) -> Result<Value> {
    let (months, micros) = unit_size(unit)?;
    if months == 0 {
        // Instants differ by their time, not by what clocks show, in units that clocks do not change.
        let (from, to) = match (first, second) {
            (Value::TimestampTz(a, _), Value::TimestampTz(b, _)) if micros < DAY => (*a, *b),
            _ => (from, to),
        };
        return Ok(Value::Integer((to - from) / micros));
    }
    let (a, b) = (civil::civil(from.div_euclid(DAY)), civil::civil(to.div_euclid(DAY)));
    let mut whole = (b.0 - a.0) * 12 + b.1 - a.1;
    let reached = |months: i64| add_months(from.div_euclid(DAY), months) * DAY + from.rem_euclid(DAY);
    if whole > 0 && reached(whole) > to {
        whole -= 1;
    } else if whole < 0 && reached(whole) < to {
        whole += 1;
    }
    Ok(Value::Integer(whole / months))
}
