//! Types of partition keys, and values in them.

use std::cmp::Ordering;

use jiff::civil::{Date, DateTime, Time};

use super::Wrong;

/// A type of a partition key that expressions can ask for.
///
/// Source: "Supported Partition Key Types":
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html>; `char` and `varchar` are strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyType {
    Text,
    Integer,
    Decimal,
    Date,
    Timestamp,
}

/// A value in the type of a key; values of one type have an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Datum {
    Text(String),
    Number(Number),
    Date(Date),
    Timestamp(DateTime),
}

impl KeyType {
    /// The type that a table declares by this text.
    ///
    /// # Errors
    /// It is one that expressions cannot ask for.
    pub(super) fn of(declared: &str) -> Result<Self, Wrong> {
        let declared = declared.trim().to_ascii_lowercase();
        let name = declared.split('(').next().unwrap_or_default().trim();
        match name {
            "string" | "char" | "varchar" => Ok(Self::Text),
            "int" | "integer" | "bigint" | "long" | "tinyint" | "smallint" => Ok(Self::Integer),
            "decimal" => Ok(Self::Decimal),
            "date" => Ok(Self::Date),
            "timestamp" => Ok(Self::Timestamp),
            // UNVERIFIED: the wording.
            _ => Err(Wrong(format!("Unsupported partition key type: {declared}"))),
        }
    }

    /// A text as a value of the type.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn datum(self, text: &str) -> Result<Datum, Wrong> {
        let trimmed = text.trim();
        match self {
            Self::Text => Some(Datum::Text(text.to_owned())),
            Self::Integer => trimmed.parse::<i64>().ok().and_then(|_| Number::parse(trimmed)).map(Datum::Number),
            Self::Decimal => Number::parse(trimmed).map(Datum::Number),
            Self::Date => date(trimmed).map(Datum::Date),
            Self::Timestamp => timestamp(trimmed).map(Datum::Timestamp),
        }
        .ok_or_else(|| self.wrong(text))
    }

    /// A number of the expression as a value of the type: a key of integers may be compared with a fraction.
    ///
    /// # Errors
    /// The type has no such value.
    pub(super) fn number(self, text: &str) -> Result<Datum, Wrong> {
        match self {
            Self::Integer => Number::parse(text).map(Datum::Number).ok_or_else(|| self.wrong(text)),
            // UNVERIFIED: that a key of strings may be compared with a number, as the text that it is.
            other => other.datum(text),
        }
    }

    /// Source of the wording for integers, with the text cut: <https://github.com/trinodb/trino/pull/13138>,
    /// <https://github.com/aws/aws-sdk/issues/670>
    fn wrong(self, text: &str) -> Wrong {
        let start: String = text.chars().take(8).collect();
        let kind = match self {
            Self::Text => "a string",
            Self::Integer => "an integer",
            // UNVERIFIED: the wording of the others.
            Self::Decimal => "a decimal",
            Self::Date => "a date",
            Self::Timestamp => "a timestamp",
        };
        Wrong(format!("For input string: \"{start}\" is not {kind}."))
    }
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let mut part = |longest: usize| {
        let part = parts.next()?;
        let plain = !part.is_empty() && part.len() <= longest && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse::<i16>().ok()).flatten()
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    if parts.next().is_some() {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `yyyy-MM-dd HH:mm:ss`, with a fraction of up to nine digits, or a date alone.
// UNVERIFIED: that a date alone is its midnight.
fn timestamp(text: &str) -> Option<DateTime> {
    let Some((day, time)) = text.split_once(' ') else {
        return date(text).map(|date| date.to_datetime(Time::midnight()));
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut parts = time.split(':');
    let mut part = || {
        let part = parts.next().filter(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))?;
        part.parse::<i8>().ok()
    };
    let (hour, minute, second) = (part()?, part()?, part()?);
    let nanoseconds = format!("{fraction:0<9}").parse().ok()?;
    let whole = parts.next().is_none();
    let time = Time::new(hour, minute, second, nanoseconds).ok().filter(|_| whole)?;
    Some(date(day)?.to_datetime(time))
}

/// A decimal number of any length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    negative: bool,
    /// Digits before the point, without zeros before them.
    whole: String,
    /// Digits after the point, without zeros after them.
    fraction: String,
}

impl Number {
    fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
        if !plain || whole.len() + fraction.len() == 0 {
            return None;
        }
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole, fraction })
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |one: &Self, two: &Self| {
            let whole = one.whole.len().cmp(&two.whole.len()).then_with(|| one.whole.cmp(&two.whole));
            whole.then_with(|| one.fraction.cmp(&two.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => size(self, other),
            (true, true) => size(other, self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_order_whatever_their_length() {
        let sorted = ["-100", "-10.5", "-10.25", "-9", "0", "0.05", "0.5", "1", "9", "10", "99999999999999999999999"];
        for pair in sorted.windows(2) {
            assert!(Number::parse(pair[0]) < Number::parse(pair[1]), "{pair:?}");
        }
        for (one, two) in [("-0", "0"), ("007", "7"), ("1.50", "1.5"), ("+3", "3"), (".5", "0.5")] {
            assert_eq!(Number::parse(one), Number::parse(two), "{one}");
        }
        for text in ["", "-", "1.2.3", "1e5", "x", ".", "--1"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }

    #[test]
    fn dates_and_times_are_real_ones() {
        for text in ["2020-02-29", "1999-1-1"] {
            assert!(date(text).is_some(), "{text}");
        }
        for text in ["2021-02-29", "2020-13-01", "20200101", "2020-01", "2020-01-01-01", "a-b-c"] {
            assert!(date(text).is_none(), "{text}");
        }
        for text in ["2020-01-01", "2020-01-01 23:59:59", "2020-01-01 00:00:00.123456789"] {
            assert!(timestamp(text).is_some(), "{text}");
        }
        for text in ["2020-01-01 24:00:00", "2020-01-01 1:00:00", "2020-01-01 01:00", "2020-01-01 00:00:00.x"] {
            assert!(timestamp(text).is_none(), "{text}");
        }
    }

    #[test]
    fn types_are_known_by_their_names_without_their_sizes() {
        for (declared, expected) in [
            ("string", KeyType::Text),
            ("VARCHAR(20)", KeyType::Text),
            ("smallint", KeyType::Integer),
            ("decimal(38, 10)", KeyType::Decimal),
            ("date", KeyType::Date),
        ] {
            assert_eq!(KeyType::of(declared), Ok(expected), "{declared}");
        }
        assert!(KeyType::of("double").is_err());
    }
}
