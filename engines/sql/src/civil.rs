//! Days, clocks and zones: the proleptic Gregorian calendar, and the time zone database.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use crate::error::{Result, SqlError};

pub(crate) const DAY: i64 = 86_400_000_000;
pub(crate) const HOUR: i64 = 3_600_000_000;
pub(crate) const MINUTE: i64 = 60_000_000;
pub(crate) const SECOND: i64 = 1_000_000;

/// Year, month and day of days since 1970-01-01.
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

/// Days since 1970-01-01 of a year, a month and a day that exist.
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let yoe = year.rem_euclid(400);
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of a date, if there is such a date.
pub(crate) fn checked_days(year: i64, month: i64, day: i64) -> Option<i64> {
    let there = (1..=12).contains(&month) && (1..=month_days(year, month)).contains(&day) && year.abs() < 300_000;
    there.then(|| days(year, month, day))
}

/// Adds months to a date; the day is cut to the month's end.
pub(crate) fn add_months(day: i64, months: i64) -> i64 {
    let (year, month, date) = civil(day);
    let total = year * 12 + month - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    days(year, month, date.min(month_days(year, month)))
}

/// Day of the week from Monday, 1, to Sunday, 7.
pub(crate) fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7) + 1
}

/// Day of the year from 1.
pub(crate) fn year_day(day: i64) -> i64 {
    day - days(civil(day).0, 1, 1) + 1
}

/// ISO year and week.
pub(crate) fn iso_week(day: i64) -> (i64, i64) {
    let thursday = day - (weekday(day) - 1) + 3;
    let year = civil(thursday).0;
    (year, (thursday - days(year, 1, 1)) / 7 + 1)
}

/// A zone by its name (`Europe/Paris`, `UTC`) or offset (`+02:00`, `-08`, `UTC+3`).
pub(crate) fn zone(name: &str) -> Result<TimeZone> {
    let unknown = || SqlError::argument(format!("Time zone not supported: {name}"));
    if name.eq_ignore_ascii_case("utc") || name.eq_ignore_ascii_case("z") || name.eq_ignore_ascii_case("gmt") {
        return Ok(TimeZone::UTC);
    }
    if let Some(minutes) = offset_minutes(name) {
        let offset = Offset::from_seconds(minutes * 60).map_err(|_| unknown())?;
        return Ok(TimeZone::fixed(offset));
    }
    TimeZone::get(name).map_err(|_| unknown())
}

/// The minutes of `+02:00` and the like.
pub(crate) fn offset_minutes(name: &str) -> Option<i32> {
    let text = ["UTC", "GMT", "UT"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some(parts) => parts,
        None if rest.len() == 4 && rest.is_ascii() => rest.split_at(2),
        None => (rest, "0"),
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes)).then_some(sign * (hours * 60 + minutes))
}

/// How Trino names a zone: `UTC` for zero, `+02:00` for offsets.
pub(crate) fn zone_name(name: &str) -> String {
    match offset_minutes(name) {
        Some(0) => "UTC".into(),
        Some(minutes) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
        }
        None if name.eq_ignore_ascii_case("z") || name.eq_ignore_ascii_case("utc") => "UTC".into(),
        None => name.to_owned(),
    }
}

/// What a clock in the zone shows at an instant, both in microseconds since 1970.
pub(crate) fn to_local(instant: i64, zone_name: &str) -> Result<i64> {
    let zone = zone(zone_name)?;
    let at = Timestamp::from_microsecond(instant).map_err(|_| SqlError::range("timestamp out of range"))?;
    Ok(instant + i64::from(zone.to_offset(at).seconds()) * SECOND)
}

/// The instant at which a clock in the zone shows this; what a change of clocks leaves out is after it.
pub(crate) fn from_local(local: i64, zone_name: &str) -> Result<i64> {
    let range = || SqlError::range("timestamp out of range");
    let zone = zone(zone_name)?;
    let (day, time) = (local.div_euclid(DAY), local.rem_euclid(DAY));
    let (year, month, date) = civil(day);
    let narrow = |n: i64| i8::try_from(n).map_err(|_| range());
    let date =
        Date::new(i16::try_from(year).map_err(|_| range())?, narrow(month)?, narrow(date)?).map_err(|_| range())?;
    let nanos = i32::try_from(time % SECOND * 1000).map_err(|_| range())?;
    let local = date.at(narrow(time / HOUR)?, narrow(time / MINUTE % 60)?, narrow(time / SECOND % 60)?, nanos);
    let zoned = zone.to_ambiguous_zoned(local).compatible().map_err(|_| range())?;
    Ok(zoned.timestamp().as_microsecond())
}

/// Writes a date: `2020-02-29`.
pub(crate) fn write_date(day: i64) -> String {
    let (year, month, date) = civil(day);
    let sign = if year < 0 { "-" } else { "" };
    format!("{sign}{:04}-{month:02}-{date:02}", year.abs())
}

/// Writes a time of day with so many digits of a second.
pub(crate) fn write_time(micros: i64, precision: u8) -> String {
    let (hour, minute, second) = (micros / HOUR, micros / MINUTE % 60, micros / SECOND % 60);
    let base = format!("{hour:02}:{minute:02}:{second:02}");
    let digits = usize::from(precision.min(6));
    if digits == 0 { base } else { format!("{base}.{}", &format!("{:06}", micros % SECOND)[..digits]) }
}

/// Writes a local date and time: `2020-02-29 12:00:00.000`.
pub(crate) fn write_timestamp(micros: i64, precision: u8) -> String {
    format!("{} {}", write_date(micros.div_euclid(DAY)), write_time(micros.rem_euclid(DAY), precision))
}

/// Reads `2020-2-29`.
pub(crate) fn read_date(text: &str) -> Option<i64> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut parts = rest.splitn(3, '-');
    let mut next = || -> Option<i64> {
        let part = parts.next()?;
        (!part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let (year, month, day) = (next()?, next()?, next()?);
    checked_days(if negative { -year } else { year }, month, day)
}

/// Reads `12:30[:15[.123]]`: microseconds, and how many digits of a second were written.
pub(crate) fn read_time(text: &str) -> Option<(i64, u8)> {
    let mut parts = text.splitn(3, ':');
    let number = |part: &str, below: i64| -> Option<i64> {
        let number: i64 =
            (part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())??;
        (number < below).then_some(number)
    };
    let (hour, minute) = (number(parts.next()?, 24)?, number(parts.next()?, 60)?);
    let (second, fraction) = match parts.next() {
        Some(part) => part.split_once('.').unwrap_or((part, "")),
        None => ("0", ""),
    };
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || fraction.len() > 12 {
        return None;
    }
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let whole = hour * HOUR + minute * MINUTE + number(second, 60)? * SECOND;
    Some((whole + micros, u8::try_from(fraction.len()).ok()?))
}

/// A local date and time with what was written after it.
pub(crate) struct Written<'a> {
    pub(crate) local: i64,
    pub(crate) digits: u8,
    pub(crate) zone: Option<&'a str>,
}

/// Reads `2020-02-29[ 12:30[:15[.123]]][ zone]`.
pub(crate) fn read_timestamp(text: &str) -> Option<Written<'_>> {
    let text = text.trim();
    let (date, rest) = match text.find([' ', 'T']) {
        Some(at) => (&text[..at], text[at + 1..].trim_start()),
        None => (text, ""),
    };
    let day = read_date(date)?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(rest.len());
    let (time, zone) = (rest[..end].trim_end(), rest[end..].trim());
    let (micros, digits) = if time.is_empty() { (0, 0) } else { read_time(time)? };
    Some(Written { local: day * DAY + micros, digits, zone: (!zone.is_empty()).then_some(zone) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_each_others_inverse() {
        for day in (-800_000..800_000).step_by(37) {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, month, date), day);
        }
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(weekday(0), 4);
        assert_eq!(iso_week(days(2021, 1, 3)), (2020, 53));
        assert_eq!(add_months(days(2020, 1, 31), 1), days(2020, 2, 29));
    }

    #[test]
    fn zones_are_found_by_name_and_offset() {
        let noon = days(2020, 7, 1) * DAY + 12 * HOUR;
        assert_eq!(to_local(noon, "Europe/Paris").ok(), Some(noon + 2 * HOUR));
        assert_eq!(from_local(noon + 2 * HOUR, "Europe/Paris").ok(), Some(noon));
        assert_eq!(to_local(noon, "-08:30").ok(), Some(noon - 8 * HOUR - 30 * MINUTE));
        assert!(zone("Mars/Base").is_err());
        assert_eq!(zone_name("+00:00"), "UTC");
    }

    #[test]
    fn texts_that_are_no_dates_are_none() {
        assert!(read_date("2020-02-30").is_none());
        assert!(read_date("2020").is_none());
        assert_eq!(read_time("12:30:15.5"), Some((45_015_500_000, 1)));
        assert!(read_time("25:00").is_none());
    }
}
