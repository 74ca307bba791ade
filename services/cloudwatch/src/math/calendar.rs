//! Parts of times: `MINUTE`, `HOUR`, `DAY` and so on, in UTC.

/// The part of a time that a function of this name gives.
pub(crate) fn part(function: &str, at: i64) -> Option<f64> {
    let time = jiff::Timestamp::from_second(at).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    Some(match function {
        "MINUTE" => f64::from(time.minute()),
        "HOUR" => f64::from(time.hour()),
        // 1 is Monday.
        "DAY" => f64::from(time.weekday().to_monday_one_offset()),
        "DATE" => f64::from(time.day()),
        "MONTH" => f64::from(time.month()),
        "YEAR" => f64::from(time.year()),
        #[allow(clippy::cast_precision_loss)] // Seconds are below 2^53.
        "EPOCH" => at as f64,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_time() {
        // Thursday, 2026-01-01T13:45:00Z.
        let at = 1_767_275_100;
        let of = |function| part(function, at);
        assert_eq!(of("MINUTE"), Some(45.0));
        assert_eq!(of("HOUR"), Some(13.0));
        assert_eq!(of("DAY"), Some(4.0));
        assert_eq!(of("DATE"), Some(1.0));
        assert_eq!(of("MONTH"), Some(1.0));
        assert_eq!(of("YEAR"), Some(2026.0));
        assert_eq!(of("EPOCH"), Some(1_767_275_100.0));
        assert_eq!(of("WEEK"), None);
    }
}
