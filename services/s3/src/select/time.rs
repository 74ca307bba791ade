//! Timestamps, as precise as they were written: `2007T`, `2007-02-23T12:14:33.079-08:00`.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-date.html>

use std::cmp::Ordering;
use std::fmt::{self, Write as _};

use jiff::civil::{Date, DateTime};
use jiff::{Span, Unit};

use super::error::{Result, SelectError};

/// A timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time {
    local: DateTime,
    /// Minutes ahead of UTC; `None` is not known, and counts as none.
    offset: Option<i32>,
    precision: Precision,
    /// Digits of the second's fraction.
    digits: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    Year,
    Month,
    Day,
    Minute,
    Second,
}

/// A part of a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    TimezoneHour,
    TimezoneMinute,
}

impl Part {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "year" => Self::Year,
            "month" => Self::Month,
            "day" => Self::Day,
            "hour" => Self::Hour,
            "minute" => Self::Minute,
            "second" => Self::Second,
            "timezone_hour" => Self::TimezoneHour,
            "timezone_minute" => Self::TimezoneMinute,
            _ => return None,
        })
    }
}

/// So many digits, and what follows them.
fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let (digits, rest) = (text.get(..count)?, text.get(count..)?);
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten().map(|number| (number, rest))
}

fn read_offset(text: &str) -> Option<Option<i32>> {
    match text {
        "" | "Z" | "z" => Some(Some(0)),
        "-00:00" => Some(None),
        _ => {
            let sign = if text.starts_with('-') { -1 } else { 1 };
            let (hours, rest) = digits(text.strip_prefix(['-', '+'])?, 2)?;
            let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
            let all = i32::try_from(hours * 60 + minutes).ok().filter(|all| *all < 24 * 60 && minutes < 60)?;
            rest.is_empty().then_some(Some(sign * all))
        }
    }
}

impl Time {
    /// The moment, in milliseconds since 1970, in UTC.
    pub(super) fn at(millis: i64) -> Self {
        let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let local = jiff::tz::Offset::UTC.to_datetime(moment);
        Self { local, offset: Some(0), precision: Precision::Second, digits: 3 }
    }

    /// Reads a timestamp.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (year, rest) = digits(text, 4)?;
        let made = |month: i64, day: i64, precision| {
            let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
            Some(Self { local: date.into(), offset: None, precision, digits: 0 })
        };
        if rest == "T" {
            return made(1, 1, Precision::Year);
        }
        let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
        if rest == "T" {
            return made(month, 1, Precision::Month);
        }
        let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
        let date = made(month, day, Precision::Day)?;
        if rest.is_empty() || rest == "T" {
            return Some(date);
        }
        date.with_time(rest.strip_prefix(['T', ' '])?)
    }

    /// With a time of day, `12:14:33.079-08:00`.
    fn with_time(self, text: &str) -> Option<Self> {
        let (hour, rest) = digits(text, 2)?;
        let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
        let (mut second, mut nanos, mut count, mut rest, mut precision) = (0, 0, 0, rest, Precision::Minute);
        if let Some(after) = rest.strip_prefix(':') {
            precision = Precision::Second;
            (second, rest) = digits(after, 2)?;
            if let Some(after) = rest.strip_prefix('.') {
                count = after.bytes().take_while(u8::is_ascii_digit).count();
                let fraction = after.get(..count).filter(|_| (1..=9).contains(&count))?;
                nanos = format!("{fraction:0<9}").parse().ok()?;
                rest = after.get(count..)?;
            }
        }
        let small = |number: i64| i8::try_from(number).ok();
        let time = jiff::civil::Time::new(small(hour)?, small(minute)?, small(second)?, nanos).ok()?;
        let local = self.local.date().to_datetime(time);
        Some(Self { local, offset: read_offset(rest)?, precision, digits: count })
    }

    fn utc(&self) -> DateTime {
        let ahead = Span::new().minutes(i64::from(self.offset.unwrap_or(0)));
        self.local.checked_sub(ahead).unwrap_or(self.local)
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.utc().cmp(&other.utc())
    }

    /// The value of a part.
    pub(super) fn part(&self, part: Part) -> i64 {
        let offset = self.offset.unwrap_or(0);
        match part {
            Part::Year => self.local.year().into(),
            Part::Month => self.local.month().into(),
            Part::Day => self.local.day().into(),
            Part::Hour => self.local.hour().into(),
            Part::Minute => self.local.minute().into(),
            Part::Second => self.local.second().into(),
            Part::TimezoneHour => (offset / 60).into(),
            Part::TimezoneMinute => (offset % 60).into(),
        }
    }

    /// It and so many of a part; as precise as the part at least.
    ///
    /// # Errors
    /// `IllegalSqlFunctionArgument` for parts of the zone, and beyond the calendar.
    pub(super) fn add(&self, part: Part, count: i64) -> Result<Self> {
        let illegal =
            || SelectError::new("IllegalSqlFunctionArgument", "Illegal argument was used in the SQL function.");
        let (span, least) = match part {
            Part::Year => (Span::new().try_years(count), Precision::Year),
            Part::Month => (Span::new().try_months(count), Precision::Month),
            Part::Day => (Span::new().try_days(count), Precision::Day),
            Part::Hour => (Span::new().try_hours(count), Precision::Minute),
            Part::Minute => (Span::new().try_minutes(count), Precision::Minute),
            Part::Second => (Span::new().try_seconds(count), Precision::Second),
            Part::TimezoneHour | Part::TimezoneMinute => return Err(illegal()),
        };
        let local = span.and_then(|span| self.local.checked_add(span)).map_err(|_| illegal())?;
        Ok(Self { local, precision: self.precision.max(least), ..*self })
    }

    /// How many whole parts lie between it and a later one.
    ///
    /// # Errors
    /// `IllegalSqlFunctionArgument` for parts of the zone.
    pub(super) fn until(&self, part: Part, later: &Self) -> Result<i64> {
        let illegal =
            || SelectError::new("IllegalSqlFunctionArgument", "Illegal argument was used in the SQL function.");
        let unit = match part {
            Part::Year => Unit::Year,
            Part::Month => Unit::Month,
            Part::Day => Unit::Day,
            Part::Hour => Unit::Hour,
            Part::Minute => Unit::Minute,
            Part::Second => Unit::Second,
            Part::TimezoneHour | Part::TimezoneMinute => return Err(illegal()),
        };
        let span = self.utc().until((unit, later.utc())).map_err(|_| illegal())?;
        Ok(match part {
            Part::Year => span.get_years().into(),
            Part::Month => span.get_months().into(),
            Part::Day => span.get_days().into(),
            Part::Hour => span.get_hours().into(),
            Part::Minute => span.get_minutes(),
            _ => span.get_seconds(),
        })
    }

    /// As a pattern says, such as `MMMM d, yyyy h:m a`.
    ///
    /// # Errors
    /// `EvaluatorInvalidTimestampFormatPattern…` for symbols that there are not, and quotes without an end.
    pub(super) fn format(&self, pattern: &str) -> Result<String> {
        let mut shown = String::new();
        let mut rest = pattern;
        while let Some(symbol) = rest.chars().next() {
            if symbol == '\'' {
                let (text, after) = rest.get(1..).and_then(|inner| inner.split_once('\'')).ok_or_else(|| {
                    let message = "The time stamp format pattern contains an unterminated token in the SQL expression.";
                    SelectError::new("EvaluatorUnterminatedTimestampFormatPatternToken", message)
                })?;
                shown.push_str(if text.is_empty() { "'" } else { text });
                rest = after;
            } else {
                let count = rest.chars().take_while(|c| *c == symbol).count();
                let text = if symbol.is_ascii_alphabetic() {
                    self.symbol(symbol, count).ok_or_else(|| {
                        let message = format!("The time stamp format pattern contains an invalid symbol: {symbol}");
                        SelectError::new("EvaluatorInvalidTimestampFormatPatternSymbol", message)
                    })?
                } else {
                    std::iter::repeat_n(symbol, count).collect()
                };
                shown.push_str(&text);
                rest = rest.get(count * symbol.len_utf8()..).unwrap_or_default();
            }
        }
        Ok(shown)
    }

    fn symbol(&self, symbol: char, count: usize) -> Option<String> {
        let local = &self.local;
        let padded = |number: i64, width: usize| format!("{number:0width$}");
        let twelve = i64::from((local.hour() + 11).rem_euclid(12) + 1);
        Some(match (symbol, count) {
            ('y', 1) => self.part(Part::Year).to_string(),
            ('y', 2) => padded(self.part(Part::Year) % 100, 2),
            ('y', 3 | 4) => padded(self.part(Part::Year), 4),
            ('M', 1 | 2) => padded(self.part(Part::Month), count),
            ('M', 3) => local.strftime("%b").to_string(),
            ('M', 4) => local.strftime("%B").to_string(),
            ('M', 5) => local.strftime("%b").to_string().chars().take(1).collect(),
            ('d', 1 | 2) => padded(self.part(Part::Day), count),
            ('a', 1) => local.strftime("%p").to_string(),
            ('h', 1 | 2) => padded(twelve, count),
            ('H', 1 | 2) => padded(self.part(Part::Hour), count),
            ('m', 1 | 2) => padded(self.part(Part::Minute), count),
            ('s', 1 | 2) => padded(self.part(Part::Second), count),
            ('S', 1..=9) => format!("{:09}", local.subsec_nanosecond()).get(..count)?.to_owned(),
            ('n', 1) => local.subsec_nanosecond().to_string(),
            ('X', _) if self.offset == Some(0) => "Z".to_owned(),
            ('X' | 'x', 1..=5) => self.zone(count),
            _ => return None,
        })
    }

    /// The offset in one of five ways: `+07`, `+0700`, `+07:00`.
    fn zone(&self, count: usize) -> String {
        let offset = self.offset.unwrap_or(0);
        let (sign, all) = (if offset < 0 { '-' } else { '+' }, offset.abs());
        match count {
            1 if all % 60 == 0 => format!("{sign}{:02}", all / 60),
            1 | 2 | 4 => format!("{sign}{:02}{:02}", all / 60, all % 60),
            _ => format!("{sign}{:02}:{:02}", all / 60, all % 60),
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = &self.local;
        write!(f, "{:04}", local.year())?;
        if self.precision == Precision::Year {
            return f.write_char('T');
        }
        write!(f, "-{:02}", local.month())?;
        if self.precision == Precision::Month {
            return f.write_char('T');
        }
        write!(f, "-{:02}", local.day())?;
        if self.precision == Precision::Day {
            return Ok(());
        }
        write!(f, "T{:02}:{:02}", local.hour(), local.minute())?;
        if self.precision == Precision::Second {
            write!(f, ":{:02}", local.second())?;
            if self.digits > 0 {
                let fraction = format!("{:09}", local.subsec_nanosecond());
                write!(f, ".{}", fraction.get(..self.digits).unwrap_or(&fraction))?;
            }
        }
        match self.offset {
            None => f.write_str("-00:00"),
            Some(0) => f.write_char('Z'),
            Some(_) => f.write_str(&self.zone(3)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn timestamps_are_as_precise_as_they_were_written() {
        for text in ["2007T", "2007-02T", "2007-02-23", "2007-02-23T12:14Z", "2007-02-23T12:14:33.079-08:00"] {
            assert_eq!(of(text).to_string(), text);
        }
        for text in ["2007", "2007-02", "2007-02-30", "2007-02-23T25:00Z", "x", "2007-02-23T12:14:33.Z"] {
            assert!(Time::parse(text).is_none(), "{text}");
        }
    }

    /// The examples of the reference.
    #[test]
    fn dates_are_added_and_taken_apart() {
        for (part, count, text, expected) in [
            (Part::Year, 5, "2010-01-01T", "2015-01-01"),
            (Part::Month, 1, "2010T", "2010-02T"),
            (Part::Month, 13, "2010T", "2011-02T"),
            (Part::Day, -1, "2017-01-10T", "2017-01-09"),
            (Part::Hour, 1, "2017T", "2017-01-01T01:00-00:00"),
            (Part::Hour, 1, "2017-01-02T03:04Z", "2017-01-02T04:04Z"),
            (Part::Minute, 1, "2017-01-02T03:04:05.006Z", "2017-01-02T03:05:05.006Z"),
            (Part::Second, 1, "2017-01-02T03:04:05.006Z", "2017-01-02T03:04:06.006Z"),
        ] {
            assert_eq!(of(text).add(part, count).unwrap().to_string(), expected);
        }
        for (part, from, to, expected) in [
            (Part::Year, "2010-01-01T", "2011-01-01T", 1),
            (Part::Year, "2010-12T", "2011-01T", 0),
            (Part::Month, "2010T", "2010-05T", 4),
            (Part::Month, "2010T", "2011T", 12),
            (Part::Month, "2011T", "2010T", -12),
            (Part::Month, "2010-12-31T", "2011-01-01T", 0),
            (Part::Day, "2010-01-01T23:00Z", "2010-01-02T01:00Z", 0),
        ] {
            assert_eq!(of(from).until(part, &of(to)).unwrap(), expected, "{from} {to}");
        }
        assert_eq!(of("2007-02-23T12:14:33.079-08:00").part(Part::TimezoneHour), -8);
    }

    #[test]
    fn dates_are_shown_by_patterns() {
        let time = of("1969-07-20T20:18Z");
        for (pattern, expected) in [
            ("MMMM d, y", "July 20, 1969"),
            ("MMM d, yyyy", "Jul 20, 1969"),
            ("M-d-yy", "7-20-69"),
            ("MM-d-y", "07-20-1969"),
            ("MMMM d, y h:m a", "July 20, 1969 8:18 PM"),
            ("y-MM-dd'T'H:m:ssX", "1969-07-20T20:18:00Z"),
        ] {
            assert_eq!(time.format(pattern).unwrap(), expected);
        }
        let ahead = of("1969-07-20T20:18+08:00");
        assert_eq!(ahead.format("y-MM-dd'T'H:m:ssX").unwrap(), "1969-07-20T20:18:00+08");
        assert_eq!(ahead.format("XXXX xxxxx").unwrap(), "+0800 +08:00");
        assert_eq!(time.format("q").unwrap_err().code, "EvaluatorInvalidTimestampFormatPatternSymbol");
        assert_eq!(time.format("'x").unwrap_err().code, "EvaluatorUnterminatedTimestampFormatPatternToken");
    }
}
