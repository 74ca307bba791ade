//! Timestamps as text: RFC 3339, RFC 7231 dates, decimal epoch seconds.

use std::fmt::Write;

use welkin_model::TimestampFormat;

use super::Timestamp;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// How many digits of a fraction are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fraction {
    /// As many as the value has: none, three or six.
    AsNeeded,
    /// Three, as S3 and EC2 answer.
    Millis,
}

impl Timestamp {
    /// RFC 3339 in UTC, e.g. `2024-02-29T12:00:00Z`.
    pub fn to_iso8601(self, fraction: Fraction) -> String {
        let (date, time) = (self.micros().div_euclid(MICROS_PER_DAY), self.micros().rem_euclid(MICROS_PER_DAY));
        let (year, month, day) = civil_from_days(date);
        let (secs, micros) = (time / 1_000_000, time % 1_000_000);
        let mut text = String::with_capacity(27);
        let (h, m, s) = (secs / 3600, secs / 60 % 60, secs % 60);
        let _ = write!(text, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}");
        let _ = match fraction {
            Fraction::AsNeeded if micros == 0 => Ok(()),
            Fraction::AsNeeded if micros % 1000 != 0 => write!(text, ".{micros:06}"),
            _ => write!(text, ".{:03}", micros / 1000),
        };
        text.push('Z');
        text
    }

    /// RFC 7231 date, whole seconds, e.g. `Thu, 29 Feb 2024 12:00:00 GMT`.
    pub fn to_http_date(self) -> String {
        let (date, time) = (self.secs().div_euclid(86_400), self.secs().rem_euclid(86_400));
        let (year, month, day) = civil_from_days(date);
        let weekday = DAYS[(date + 3).rem_euclid(7) as usize];
        let month = MONTHS[(month - 1) as usize];
        let (h, m, s) = (time / 3600, time / 60 % 60, time % 60);
        format!("{weekday}, {day:02} {month} {year:04} {h:02}:{m:02}:{s:02} GMT")
    }

    /// Seconds since the epoch with the fraction it has, e.g. `1709208000.25`.
    pub fn to_epoch(self) -> String {
        let micros = self.micros();
        if micros % 1_000_000 == 0 {
            return (micros / 1_000_000).to_string();
        }
        let sign = if micros < 0 { "-" } else { "" };
        let micros = micros.unsigned_abs();
        let text = format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        text.trim_end_matches('0').to_owned()
    }

    /// Text in `format`.
    pub fn format(self, format: TimestampFormat, fraction: Fraction) -> String {
        match format {
            TimestampFormat::Iso8601 => self.to_iso8601(fraction),
            TimestampFormat::Rfc822 => self.to_http_date(),
            TimestampFormat::UnixTimestamp => self.to_epoch(),
        }
    }

    /// Reads text in `format`; `None` if it is not that.
    pub fn parse(format: TimestampFormat, text: &str) -> Option<Self> {
        match format {
            TimestampFormat::Iso8601 => Self::parse_iso8601(text),
            TimestampFormat::Rfc822 => Self::parse_http_date(text),
            TimestampFormat::UnixTimestamp => Self::parse_epoch(text),
        }
    }

    /// Reads an RFC 3339 date and time, or a date alone (midnight UTC).
    pub fn parse_iso8601(text: &str) -> Option<Self> {
        let b = text.as_bytes();
        let (year, month, day) = (digits(b, 0, 4)?, digits(b, 5, 2)?, digits(b, 8, 2)?);
        if b.get(4) != Some(&b'-') || b.get(7) != Some(&b'-') {
            return None;
        }
        let days = days_from_civil(year, month, day)?;
        let Some(separator) = b.get(10) else { return Some(Self::from_secs(days * 86_400)) };
        if !matches!(separator, b'T' | b't' | b' ') || b.get(13) != Some(&b':') {
            return None;
        }
        let (hour, minute) = (digits(b, 11, 2)?, digits(b, 14, 2)?);
        let (second, mut at) = if b.get(16) == Some(&b':') { (digits(b, 17, 2)?, 19) } else { (0, 16) };
        let mut micros = 0;
        if b.get(at) == Some(&b'.') {
            let fraction: Vec<u8> = b.get(at + 1..)?.iter().copied().take_while(u8::is_ascii_digit).collect();
            if fraction.is_empty() {
                return None;
            }
            micros = fraction_micros(&fraction);
            at += 1 + fraction.len();
        }
        let offset = offset_secs(b.get(at..)?)?;
        let secs = days * 86_400 + time_secs(hour, minute, second)? - offset;
        Some(Self::from_micros(secs * 1_000_000 + micros))
    }

    /// Reads an RFC 7231 date (`Thu, 29 Feb 2024 12:00:00 GMT`), with or without the day of the week.
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let rest = text.split_once(',').map_or(text, |(_, rest)| rest);
        let mut words = rest.split([' ', '-']).filter(|w| !w.is_empty());
        let day = small_number(words.next()?)?;
        let month_name = words.next()?;
        let month = 1 + MONTHS.iter().position(|m| m.eq_ignore_ascii_case(month_name))? as i64;
        let year = words.next().filter(|y| y.len() == 4).and_then(small_number)?;
        let mut clock = words.next()?.split(':');
        let (hour, minute) = (small_number(clock.next()?)?, small_number(clock.next()?)?);
        let seconds = clock.next()?;
        let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
        if !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (second, micros) = (small_number(second)?, fraction_micros(fraction.as_bytes()));
        if !matches!(words.next()?, "GMT" | "UTC" | "Z" | "+0000") || words.next().is_some() || clock.next().is_some() {
            return None;
        }
        let secs = days_from_civil(year, month, day)? * 86_400 + time_secs(hour, minute, second)?;
        Some(Self::from_micros(secs * 1_000_000 + micros))
    }

    /// Reads decimal seconds since the epoch, also in exponent form (`1.7092E9`).
    pub fn parse_epoch(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let simple = whole.strip_prefix('-').unwrap_or(whole).bytes().all(|b| b.is_ascii_digit())
            && fraction.bytes().all(|b| b.is_ascii_digit());
        if !simple {
            return Self::from_epoch_f64(text.parse().ok()?);
        }
        let secs: i64 = whole.parse().ok()?;
        let micros = fraction_micros(fraction.as_bytes());
        let micros = if whole.starts_with('-') { -micros } else { micros };
        secs.checked_mul(1_000_000)?.checked_add(micros).map(Self::from_micros)
    }

    /// From fractional seconds since the epoch, rounded to the microsecond; `None` out of range.
    pub fn from_epoch_f64(secs: f64) -> Option<Self> {
        let micros = (secs * 1e6).round();
        (micros.is_finite() && micros.abs() < 9.2e18).then(|| Self::from_micros(micros as i64))
    }
}

fn time_secs(hour: i64, minute: i64, second: i64) -> Option<i64> {
    // A leap second is read as the first second of the next minute.
    (hour < 24 && minute < 60 && second <= 60).then(|| hour * 3600 + minute * 60 + second)
}

fn small_number(text: &str) -> Option<i64> {
    (!text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn digits(bytes: &[u8], at: usize, n: usize) -> Option<i64> {
    let slice = bytes.get(at..at + n)?;
    slice.iter().try_fold(0, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0')))
}

/// The first six digits of a fraction, as microseconds.
fn fraction_micros(digits: &[u8]) -> i64 {
    (0..6).fold(0, |sum, i| sum * 10 + digits.get(i).map_or(0, |b| i64::from(b.wrapping_sub(b'0'))))
}

fn offset_secs(zone: &[u8]) -> Option<i64> {
    let sign = match zone.first() {
        None => return Some(0),
        Some(b'Z' | b'z') if zone.len() == 1 => return Some(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let minutes_at = if zone.get(3) == Some(&b':') { 4 } else { 3 };
    if zone.len() != minutes_at + 2 {
        return None;
    }
    let (hours, minutes) = (digits(zone, 1, 2)?, digits(zone, minutes_at, 2)?);
    (hours < 24 && minutes < 60).then(|| sign * (hours * 3600 + minutes * 60))
}

/// Days since 1970-01-01 of a date of the Gregorian calendar; `None` if there is no such date.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day < 1 || day > last {
        return None;
    }
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Year, month and day of a count of days since 1970-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn writes_and_reads_the_three_formats() {
        let t = Timestamp::from_micros(1_709_208_000_250_000);
        assert_eq!(t.to_iso8601(Fraction::AsNeeded), "2024-02-29T12:00:00.250Z");
        assert_eq!(t.whole_secs().to_iso8601(Fraction::AsNeeded), "2024-02-29T12:00:00Z");
        assert_eq!(t.whole_secs().to_iso8601(Fraction::Millis), "2024-02-29T12:00:00.000Z");
        assert_eq!(t.to_http_date(), "Thu, 29 Feb 2024 12:00:00 GMT");
        assert_eq!(t.to_epoch(), "1709208000.25");
        assert_eq!(Timestamp::from_secs(-1).to_iso8601(Fraction::AsNeeded), "1969-12-31T23:59:59Z");
        assert_eq!(Timestamp::from_micros(-250_000).to_epoch(), "-0.25");
    }

    #[test]
    fn reads_what_clients_send() {
        let t = Timestamp::from_secs(1_709_208_000);
        for text in
            ["2024-02-29T12:00:00Z", "2024-02-29T13:30:00+01:30", "2024-02-29T12:00:00.0000Z", "2024-02-29T12:00Z"]
        {
            assert_eq!(Timestamp::parse_iso8601(text), Some(t), "{text}");
        }
        assert_eq!(Timestamp::parse_epoch("1.709208E9"), Some(t));
        assert_eq!(Timestamp::parse_http_date("29 Feb 2024 12:00:00 GMT"), Some(t));
        assert_eq!(
            Timestamp::parse_http_date("Thu, 29 Feb 2024 12:00:00.250 GMT").unwrap().micros() % 1_000_000,
            250_000
        );
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in
            ["", "2024", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00X"]
        {
            assert_eq!(Timestamp::parse_iso8601(text), None, "{text}");
        }
        for text in ["NaN", "inf", "1e30", "99999999999999999999", "x"] {
            assert_eq!(Timestamp::parse_epoch(text), None, "{text}");
        }
        assert_eq!(Timestamp::parse_http_date("Thu, 31 Feb 2024 12:00:00 GMT"), None);
    }

    proptest! {
        #[test]
        fn round_trips(micros in -62_135_596_800_000_000i64..253_402_300_799_999_999) {
            let t = Timestamp::from_micros(micros);
            prop_assert_eq!(Timestamp::parse_iso8601(&t.to_iso8601(Fraction::AsNeeded)), Some(t));
            prop_assert_eq!(Timestamp::parse_epoch(&t.to_epoch()), Some(t));
            prop_assert_eq!(Timestamp::parse_http_date(&t.to_http_date()), Some(t.whole_secs()));
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = (Timestamp::parse_iso8601(&text), Timestamp::parse_epoch(&text), Timestamp::parse_http_date(&text));
        }
    }
}
