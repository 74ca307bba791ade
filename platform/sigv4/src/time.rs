//! Points in time as signatures write them.

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// Parses `YYYYMMDDTHHMMSSZ`, ISO 8601's basic format.
pub(crate) fn parse_basic(text: &str) -> Option<Timestamp> {
    let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
    if bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let number = |from: usize, to: usize| {
        let mut n: i16 = 0;
        for byte in bytes.get(from..to)? {
            if !byte.is_ascii_digit() {
                return None;
            }
            n = n * 10 + i16::from(byte - b'0');
        }
        Some(n)
    };
    let small = |from: usize| number(from, from + 2).and_then(|n| i8::try_from(n).ok());
    let time = DateTime::new(number(0, 4)?, small(4)?, small(6)?, small(9)?, small(11)?, small(13)?, 0).ok()?;
    Offset::UTC.to_timestamp(time).ok()
}

/// Parses an HTTP date (`Mon, 09 Sep 2011 23:36:00 GMT`), as the `Date` header has it.
pub(crate) fn parse_http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// Writes `YYYYMMDDTHHMMSSZ`.
pub(crate) fn basic(time: Timestamp) -> String {
    let t = Offset::UTC.to_datetime(time);
    format!("{:04}{:02}{:02}T{:02}{:02}{:02}Z", t.year(), t.month(), t.day(), t.hour(), t.minute(), t.second())
}

/// Writes `YYYY-MM-DDTHH:MM:SSZ`.
pub(crate) fn extended(time: Timestamp) -> String {
    let t = Offset::UTC.to_datetime(time);
    format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.year(), t.month(), t.day(), t.hour(), t.minute(), t.second())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn basic_format_round_trips() {
        let time = parse_basic("20150830T123600Z").unwrap();
        assert_eq!(time.as_second(), 1_440_938_160);
        assert_eq!(basic(time), "20150830T123600Z");
        assert_eq!(extended(time), "2015-08-30T12:36:00Z");
    }

    #[test]
    fn malformed_times_are_refused() {
        for text in
            ["", "20150830T123600", "20151330T123600Z", "20150830T126000Z", "2015-08-30T12:36Z", "+0150830T123600Z"]
        {
            assert!(parse_basic(text).is_none(), "{text}");
        }
        assert_eq!(parse_http_date("Mon, 09 Sep 2011 23:36:00 GMT"), None, "wrong weekday");
        assert!(parse_http_date("Fri, 09 Sep 2011 23:36:00 GMT").is_some());
    }
}
