//! Dates and times from text and as text.
//!
//! <https://trino.io/docs/current/functions/datetime.html#mysql-date-functions>,
//! <https://trino.io/docs/current/functions/datetime.html#java-date-functions>

use super::List;
use super::datetime::{checked, date, local};
use crate::civil::{self, DAY, HOUR, MINUTE, SECOND, from_local};
use crate::error::{Result, SqlError};
use crate::types::Type;
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    for of in ["timestamp", "timestamp with time zone"] {
        list.plain("date_format", &format!("({of}, varchar) -> varchar"), |args| {
            mysql(local(&args[0])?, args[1].as_str()?)
        });
        list.plain("format_datetime", &format!("({of}, varchar) -> varchar"), |args| joda(&args[0], args[1].as_str()?));
    }
    list.plain("date_parse", "(varchar, varchar) -> timestamp", |args| {
        Ok(Value::Timestamp(parse_mysql(args[0].as_str()?, args[1].as_str()?)?))
    });
    list.plain("parse_datetime", "(varchar, varchar) -> timestamp with time zone", |args| {
        parse_joda(args[0].as_str()?, args[1].as_str()?)
    });
    list.plain("to_iso8601", "(date) -> varchar", |args| Ok(Value::text(super::cast::show(&Type::Date, &args[0]))));
    list.plain("to_iso8601", "(timestamp) -> varchar", |args| {
        Ok(Value::text(civil::write_timestamp(local(&args[0])?, 3).replace(' ', "T")))
    });
    list.plain("to_iso8601", "(timestamp with time zone) -> varchar", |args| {
        let Value::TimestampTz(instant, _) = &args[0] else { return Ok(Value::Null) };
        let shown = local(&args[0])?;
        Ok(Value::text(format!(
            "{}{}",
            civil::write_timestamp(shown, 3).replace(' ', "T"),
            offset(shown - instant, true)
        )))
    });
    list.plain("from_iso8601_date", "(varchar) -> date", |args| {
        let text = args[0].as_str()?;
        date(iso_date(text).ok_or_else(|| SqlError::argument(format!("Invalid format: \"{text}\"")))?)
    });
    list.plain("from_iso8601_timestamp", "(varchar) -> timestamp with time zone", |args| {
        let text = args[0].as_str()?;
        iso_timestamp(text)?.ok_or_else(|| SqlError::argument(format!("Invalid format: \"{text}\"")))
    });
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn offset(micros: i64, zulu: bool) -> String {
    let minutes = micros / MINUTE;
    if minutes == 0 && zulu {
        return "Z".into();
    }
    format!("{}{:02}:{:02}", if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60)
}

fn name(names: &'static [&'static str], n: i64) -> &'static str {
    usize::try_from(n - 1).ok().and_then(|n| names.get(n)).copied().unwrap_or_default()
}

fn mysql(at: i64, format: &str) -> Result<Value> {
    let day = at.div_euclid(DAY);
    let ((year, month, date), time) = (civil::civil(day), at.rem_euclid(DAY));
    let (hour, minute, second, micros) = (time / HOUR, time / MINUTE % 60, time / SECOND % 60, time % SECOND);
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let half = if hour < 12 { "AM" } else { "PM" };
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let Some(c) = chars.next() else { return Err(SqlError::argument("Invalid date format string")) };
        out.push_str(&match c {
            'a' => name(&DAYS, civil::weekday(day))[..3].to_owned(),
            'b' => name(&MONTHS, month)[..3].to_owned(),
            'c' => month.to_string(),
            'd' => format!("{date:02}"),
            'e' => date.to_string(),
            'f' => format!("{micros:06}"),
            'H' => format!("{hour:02}"),
            'h' | 'I' => format!("{twelve:02}"),
            'i' => format!("{minute:02}"),
            'j' => format!("{:03}", civil::year_day(day)),
            'k' => hour.to_string(),
            'l' => twelve.to_string(),
            'M' => name(&MONTHS, month).to_owned(),
            'm' => format!("{month:02}"),
            'p' => half.to_owned(),
            'r' => format!("{twelve:02}:{minute:02}:{second:02} {half}"),
            'S' | 's' => format!("{second:02}"),
            'T' => format!("{hour:02}:{minute:02}:{second:02}"),
            'v' => format!("{:02}", civil::iso_week(day).1),
            'x' => format!("{:04}", civil::iso_week(day).0),
            'W' => name(&DAYS, civil::weekday(day)).to_owned(),
            'Y' => format!("{year:04}"),
            'y' => format!("{:02}", year.rem_euclid(100)),
            '%' => "%".to_owned(),
            'D' | 'U' | 'u' | 'V' | 'w' | 'X' => return Err(unsupported(c)),
            other => other.to_string(),
        });
    }
    Ok(Value::text(out))
}

/// A part of a moment, as `%tA` and its like of Java's Formatter write it.
pub(super) fn java_time(at: i64, part: char) -> Option<String> {
    let day = at.div_euclid(DAY);
    let ((year, month, date), time) = (civil::civil(day), at.rem_euclid(DAY));
    let (hour, minute, second, micros) = (time / HOUR, time / MINUTE % 60, time / SECOND % 60, time % SECOND);
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    Some(match part {
        'A' => name(&DAYS, civil::weekday(day)).to_owned(),
        'a' => name(&DAYS, civil::weekday(day)).get(..3)?.to_owned(),
        'B' => name(&MONTHS, month).to_owned(),
        'b' | 'h' => name(&MONTHS, month).get(..3)?.to_owned(),
        'D' => format!("{month:02}/{date:02}/{:02}", year.rem_euclid(100)),
        'd' => format!("{date:02}"),
        'e' => date.to_string(),
        'F' => format!("{year:04}-{month:02}-{date:02}"),
        'H' => format!("{hour:02}"),
        'I' => format!("{twelve:02}"),
        'j' => format!("{:03}", civil::year_day(day)),
        'k' => hour.to_string(),
        'L' => format!("{:03}", micros / 1000),
        'l' => twelve.to_string(),
        'M' => format!("{minute:02}"),
        'm' => format!("{month:02}"),
        'N' => format!("{:09}", micros * 1000),
        'p' => if hour < 12 { "am" } else { "pm" }.to_owned(),
        'R' => format!("{hour:02}:{minute:02}"),
        'S' => format!("{second:02}"),
        'T' => format!("{hour:02}:{minute:02}:{second:02}"),
        'Y' => format!("{year:04}"),
        'y' => format!("{:02}", year.rem_euclid(100)),
        _ => return None,
    })
}

fn unsupported(c: char) -> SqlError {
    SqlError::argument(format!("%{c} not supported in date format string"))
}

/// What has been read of a moment.
#[derive(Default)]
struct Read {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: Option<i64>,
    minute: i64,
    second: i64,
    micros: i64,
    afternoon: Option<bool>,
    zone: Option<String>,
}

impl Read {
    fn local(&self) -> Option<i64> {
        let year = self.year.unwrap_or(1970);
        let day = match self.year_day {
            Some(day) => civil::checked_days(year, 1, 1)? + day - 1,
            None => civil::checked_days(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?,
        };
        let hour = match (self.hour.unwrap_or(0), self.afternoon) {
            (hour, Some(afternoon)) => hour % 12 + if afternoon { 12 } else { 0 },
            (hour, None) => hour,
        };
        let there = hour < 24 && self.minute < 60 && self.second < 60;
        there.then_some(day * DAY + hour * HOUR + self.minute * MINUTE + self.second * SECOND + self.micros)
    }
}

/// Takes digits from the front.
fn digits<'t>(rest: &mut &'t str, most: usize) -> Option<&'t str> {
    let end = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (taken, after) = rest.split_at(end);
    *rest = after;
    (end > 0).then_some(taken)
}

fn number(rest: &mut &str, most: usize) -> Option<i64> {
    digits(rest, most)?.parse().ok()
}

/// Takes one of these names, or its first three letters.
fn named(rest: &mut &str, names: &[&str]) -> Option<i64> {
    for (n, name) in names.iter().enumerate() {
        for form in [*name, &name[..3]] {
            if rest.get(..form.len()).is_some_and(|start| start.eq_ignore_ascii_case(form)) {
                *rest = &rest[form.len()..];
                return Some(n as i64 + 1);
            }
        }
    }
    None
}

fn half(rest: &mut &str) -> Option<bool> {
    let start = rest.get(..2)?.to_ascii_uppercase();
    *rest = &rest[2..];
    match start.as_str() {
        "AM" => Some(false),
        "PM" => Some(true),
        _ => None,
    }
}

/// Digits of a second as microseconds.
fn fraction(rest: &mut &str, most: usize) -> Option<i64> {
    format!("{:0<6}", digits(rest, most)?).get(..6)?.parse().ok()
}

fn parse_mysql(text: &str, format: &str) -> Result<i64> {
    let fail = || SqlError::argument(format!("Invalid format: \"{text}\""));
    let mut read = Read::default();
    let mut rest = text;
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            rest = rest.strip_prefix(c).ok_or_else(fail)?;
            continue;
        }
        let Some(c) = chars.next() else { return Err(SqlError::argument("Invalid date format string")) };
        mysql_field(c, &mut rest, &mut read)?.ok_or_else(fail)?;
    }
    if !rest.is_empty() {
        return Err(SqlError::argument(format!("Invalid format: \"{text}\" is malformed at \"{rest}\"")));
    }
    read.local().ok_or_else(fail)
}

fn mysql_field(c: char, rest: &mut &str, read: &mut Read) -> Result<Option<()>> {
    let two = |rest: &mut &str| number(rest, 2);
    Ok(match c {
        'Y' => number(rest, 4).map(|it| read.year = Some(it)),
        // As Joda reads two digits: 1970 to 2069.
        'y' => two(rest).map(|it| read.year = Some(if it < 70 { 2000 + it } else { 1900 + it })),
        'm' | 'c' => two(rest).map(|it| read.month = Some(it)),
        'd' | 'e' => two(rest).map(|it| read.day = Some(it)),
        'H' | 'k' => two(rest).map(|it| read.hour = Some(it)),
        'h' | 'I' | 'l' => two(rest).map(|it| {
            read.hour = Some(it);
            read.afternoon.get_or_insert(false);
        }),
        'i' => two(rest).map(|it| read.minute = it),
        's' | 'S' => two(rest).map(|it| read.second = it),
        'f' => fraction(rest, 9).map(|it| read.micros = it),
        'j' => number(rest, 3).map(|it| read.year_day = Some(it)),
        'p' => half(rest).map(|it| read.afternoon = Some(it)),
        'b' | 'M' => named(rest, &MONTHS).map(|it| read.month = Some(it)),
        'a' | 'W' => named(rest, &DAYS).map(|_| ()),
        'T' => clock(rest, read),
        'r' => {
            let done = clock(rest, read);
            *rest = rest.trim_start();
            done.and(half(rest).map(|it| read.afternoon = Some(it)))
        }
        '%' => strip(rest, '%'),
        'D' | 'U' | 'u' | 'V' | 'w' | 'X' => return Err(unsupported(c)),
        'v' | 'x' => return Err(unsupported(c)),
        other => strip(rest, other),
    })
}

fn strip(rest: &mut &str, c: char) -> Option<()> {
    *rest = rest.strip_prefix(c)?;
    Some(())
}

fn clock(rest: &mut &str, read: &mut Read) -> Option<()> {
    read.hour = Some(number(rest, 2)?);
    strip(rest, ':')?;
    read.minute = number(rest, 2)?;
    strip(rest, ':')?;
    read.second = number(rest, 2)?;
    Some(())
}

/// The runs of one letter, and the texts between them, of a Joda pattern.
fn runs(pattern: &str) -> Result<Vec<(char, String)>> {
    let mut all: Vec<(char, String)> = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\'' {
            let mut text = String::new();
            if chars.peek() == Some(&'\'') {
                chars.next();
                text.push('\'');
            } else {
                loop {
                    match chars.next() {
                        Some('\'') if chars.peek() == Some(&'\'') => text.push(chars.next().unwrap_or('\'')),
                        Some('\'') => break,
                        Some(c) => text.push(c),
                        None => return Err(SqlError::argument(format!("Invalid pattern: {pattern}"))),
                    }
                }
            }
            all.push(('\'', text));
        } else if c.is_ascii_alphabetic() {
            let mut run = c.to_string();
            while chars.peek() == Some(&c) {
                run.extend(chars.next());
            }
            all.push((c, run));
        } else {
            all.push(('\'', c.to_string()));
        }
    }
    Ok(all)
}

fn joda(value: &Value, pattern: &str) -> Result<Value> {
    let at = local(value)?;
    let (zone, ahead) = match value {
        Value::TimestampTz(instant, zone) => (zone.to_string(), at - instant),
        _ => ("UTC".into(), 0),
    };
    let day = at.div_euclid(DAY);
    let ((year, month, date), time) = (civil::civil(day), at.rem_euclid(DAY));
    let (hour, minute, second, micros) = (time / HOUR, time / MINUTE % 60, time / SECOND % 60, time % SECOND);
    let mut out = String::new();
    for (letter, run) in runs(pattern)? {
        let width = run.len();
        let padded = |n: i64| format!("{n:0width$}");
        out.push_str(&match letter {
            '\'' => run.clone(),
            'y' | 'Y' if width == 2 => format!("{:02}", year.rem_euclid(100)),
            'y' | 'Y' => padded(year),
            'x' => padded(civil::iso_week(day).0),
            'w' => padded(civil::iso_week(day).1),
            'M' if width >= 4 => name(&MONTHS, month).to_owned(),
            'M' if width == 3 => name(&MONTHS, month)[..3].to_owned(),
            'M' => padded(month),
            'd' => padded(date),
            'D' => padded(civil::year_day(day)),
            'e' => padded(civil::weekday(day)),
            'E' if width >= 4 => name(&DAYS, civil::weekday(day)).to_owned(),
            'E' => name(&DAYS, civil::weekday(day))[..3].to_owned(),
            'a' => if hour < 12 { "AM" } else { "PM" }.to_owned(),
            'H' => padded(hour),
            'k' => padded(if hour == 0 { 24 } else { hour }),
            'K' => padded(hour % 12),
            'h' => padded(if hour % 12 == 0 { 12 } else { hour % 12 }),
            'm' => padded(minute),
            's' => padded(second),
            'S' => format!("{micros:06}000000").chars().take(width).collect(),
            'Z' if width == 1 => offset(ahead, false).replace(':', ""),
            'Z' if width == 2 => offset(ahead, false),
            'Z' | 'z' => zone.clone(),
            'G' => if year > 0 { "AD" } else { "BC" }.to_owned(),
            other => return Err(SqlError::argument(format!("Illegal pattern component: {other}"))),
        });
    }
    Ok(Value::text(out))
}

fn parse_joda(text: &str, pattern: &str) -> Result<Value> {
    let fail = || SqlError::argument(format!("Invalid format: \"{text}\""));
    let mut read = Read::default();
    let mut rest = text;
    for (letter, run) in runs(pattern)? {
        let width = run.len();
        let most = |least: usize| width.max(least);
        let done = match letter {
            '\'' => rest.strip_prefix(run.as_str()).map(|after| rest = after),
            'y' | 'Y' if width == 2 => {
                number(&mut rest, 2).map(|it| read.year = Some(if it < 70 { 2000 + it } else { 1900 + it }))
            }
            'y' | 'Y' => number(&mut rest, most(4)).map(|it| read.year = Some(it)),
            'M' if width >= 3 => named(&mut rest, &MONTHS).map(|it| read.month = Some(it)),
            'M' => number(&mut rest, most(2)).map(|it| read.month = Some(it)),
            'd' => number(&mut rest, most(2)).map(|it| read.day = Some(it)),
            'D' => number(&mut rest, most(3)).map(|it| read.year_day = Some(it)),
            'E' => named(&mut rest, &DAYS).map(|_| ()),
            'H' => number(&mut rest, most(2)).map(|it| read.hour = Some(it)),
            'h' | 'K' => number(&mut rest, most(2)).map(|it| {
                read.hour = Some(it);
                read.afternoon.get_or_insert(false);
            }),
            'm' => number(&mut rest, most(2)).map(|it| read.minute = it),
            's' => number(&mut rest, most(2)).map(|it| read.second = it),
            'S' => fraction(&mut rest, most(1)).map(|it| read.micros = it),
            'a' => half(&mut rest).map(|it| read.afternoon = Some(it)),
            'Z' | 'z' => {
                let end = rest.find([' ', ']', ')']).unwrap_or(rest.len());
                let zone = checked(&rest[..end]).map_err(|_| fail())?;
                rest = &rest[end..];
                read.zone = Some(zone.to_string());
                Some(())
            }
            other => return Err(SqlError::argument(format!("Illegal pattern component: {other}"))),
        };
        done.ok_or_else(fail)?;
    }
    if !rest.is_empty() {
        return Err(SqlError::argument(format!("Invalid format: \"{text}\" is malformed at \"{rest}\"")));
    }
    let zone = read.zone.clone().unwrap_or_else(|| "UTC".into());
    Ok(Value::TimestampTz(from_local(read.local().ok_or_else(fail)?, &zone)?, zone.into()))
}

/// `2020-02-29`, `2020-W09-6`, `2020-060`, `2020-02`, `2020`.
fn iso_date(text: &str) -> Option<i64> {
    if let Some((year, week)) = text.split_once("-W") {
        let (week, day) = week.split_once('-').unwrap_or((week, "1"));
        let (year, week, day): (i64, i64, i64) = (year.parse().ok()?, week.parse().ok()?, day.parse().ok()?);
        let first = civil::checked_days(year, 1, 4)?;
        return ((1..=53).contains(&week) && (1..=7).contains(&day))
            .then(|| first - civil::weekday(first) + 1 + (week - 1) * 7 + day - 1);
    }
    let parts: Vec<&str> = text.split('-').collect();
    let n = |at: usize| -> Option<i64> { parts.get(at)?.parse().ok() };
    match parts.as_slice() {
        [_, day] if day.len() == 3 => Some(civil::checked_days(n(0)?, 1, 1)? + n(1)? - 1),
        [_] => civil::checked_days(n(0)?, 1, 1),
        [_, _] => civil::checked_days(n(0)?, n(1)?, 1),
        [_, _, _] => civil::checked_days(n(0)?, n(1)?, n(2)?),
        _ => None,
    }
}

fn iso_timestamp(text: &str) -> Result<Option<Value>> {
    let (day, rest) = text.split_once('T').unwrap_or((text, ""));
    let Some(day) = iso_date(day) else { return Ok(None) };
    let end = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(end);
    let time = match time.len() {
        0 => "00:00".to_owned(),
        2 => format!("{time}:00"),
        _ => time.to_owned(),
    };
    let Some((micros, _)) = civil::read_time(&time) else { return Ok(None) };
    let zone = checked(if zone.is_empty() { "UTC" } else { zone })?;
    // UNVERIFIED: digits beyond milliseconds are cut, as the result is a timestamp(3) with time zone.
    let micros = micros / 1000 * 1000;
    Ok(Some(Value::TimestampTz(from_local(day * DAY + micros, &zone)?, zone)))
}

/// Writes a local time by a pattern of Java's.
///
/// <https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html>
pub(crate) fn write_java(local: i64, pattern: &str) -> Result<String> {
    Ok(joda(&Value::Timestamp(local), &years(pattern))?.as_str()?.to_owned())
}

/// Reads a local time by a pattern of Java's: what the pattern does not have is the first of its kind.
pub(crate) fn read_java(text: &str, pattern: &str) -> Result<i64> {
    match parse_joda(text, &years(pattern))? {
        Value::TimestampTz(instant, zone) => civil::to_local(instant, &zone),
        _ => Err(SqlError::internal("no time was read")),
    }
}

/// Java's `u` is Joda's `y`.
fn years(pattern: &str) -> String {
    let mut quoted = false;
    let letter = |c| {
        quoted ^= c == '\'';
        if c == 'u' && !quoted { 'y' } else { c }
    };
    pattern.chars().map(letter).collect()
}
