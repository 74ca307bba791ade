//! Dates in the W3C profile of ISO 8601 (<https://www.w3.org/TR/NOTE-datetime>) or in Unix seconds.

/// A moment in nanoseconds since 1970, as a span that holds every four-digit year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(i128);

impl Moment {
    /// UNVERIFIED: four digits are a year, as in the W3C profile, not Unix seconds.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if !text.is_ascii() {
            return None;
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.len() != 4 && digits.split('.').all(|part| !part.is_empty() && is_number(part)) {
            return epoch(text);
        }
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let days = days(date)?;
        let (seconds, nanos) = match time {
            Some(time) if date.len() == 10 => time_of_day(time)?,
            Some(_) => return None,
            None => (0, 0),
        };
        Some(Self((i128::from(days) * 86_400 + i128::from(seconds)) * 1_000_000_000 + i128::from(nanos)))
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn epoch(text: &str) -> Option<Moment> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok()?;
    let nanos = nanos(fraction)?;
    let nanos = if text.starts_with('-') { -nanos } else { nanos };
    Some(Moment(i128::from(seconds) * 1_000_000_000 + i128::from(nanos)))
}

/// The digits after the decimal point of a second, as nanoseconds; more than nine are cut off.
fn nanos(fraction: &str) -> Option<i64> {
    if !is_number(fraction) {
        return None;
    }
    let mut nanos = 0;
    for at in 0..9 {
        nanos = nanos * 10 + fraction.as_bytes().get(at).map_or(0, |digit| i64::from(digit - b'0'));
    }
    Some(nanos)
}

/// A number of exactly `length` digits within `range`.
fn field(text: &str, length: usize, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let number = (text.len() == length && is_number(text)).then(|| text.parse().ok()).flatten()?;
    range.contains(&number).then_some(number)
}

/// Days since 1970 of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let year = field(parts.next()?, 4, 0..=9999)?;
    let month = parts.next().map_or(Some(1), |month| field(month, 2, 1..=12))?;
    let day = parts.next().map_or(Some(1), |day| field(day, 2, 1..=days_in(year, month)))?;
    if parts.next().is_some() {
        return None;
    }
    // Days from civil: years begin in March, so that the leap day comes last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Seconds since midnight UTC and nanoseconds of `hh:mmZ`, `hh:mm:ssZ`, `hh:mm:ss.sZ`, with `Z` or an offset.
fn time_of_day(time: &str) -> Option<(i64, i64)> {
    let zone_at = time.find(['Z', '+', '-'])?;
    let (clock, zone) = (time.get(..zone_at)?, time.get(zone_at..)?);
    let mut parts = clock.splitn(3, ':');
    let hour = field(parts.next()?, 2, 0..=23)?;
    let minute = field(parts.next()?, 2, 0..=59)?;
    let (second, fraction) = match parts.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (field(whole, 2, 0..=60)?, nanos(fraction)?),
            Some(_) => return None,
            None => (field(seconds, 2, 0..=60)?, 0),
        },
    };
    Some((hour * 3600 + minute * 60 + second - offset(zone)?, fraction))
}

/// Seconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let seconds = field(hours, 2, 0..=23)? * 3600 + field(minutes, 2, 0..=59)? * 60;
    Some(if zone.starts_with('-') { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_refuses() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("0", 0),
            ("1972", 730 * 86_400),
            ("2000-03", 951_868_800),
            ("2024-02-29", 1_709_164_800),
            ("2024-02-29T12:34Z", 1_709_210_040),
            ("2024-02-29T12:34:56+02:00", 1_709_202_896),
            ("2024-02-29T12:34:56-02:00", 1_709_217_296),
            ("1709210096", 1_709_210_096),
            ("-86400", -86_400),
            ("1969-12-31", -86_400),
            ("9999-12-31T23:59:59Z", 253_402_300_799_i64),
        ] {
            assert_eq!(Moment::parse(text), Some(Moment(i128::from(seconds) * 1_000_000_000)), "{text}");
        }
        assert_eq!(Moment::parse("1970-01-01T00:00:00.25Z"), Some(Moment(250_000_000)));
        assert_eq!(Moment::parse("-1.5"), Some(Moment(-1_500_000_000)));
        for text in [
            "",
            "today",
            "2024-13-01",
            "2023-02-29",
            "2024-02-29T12:34:56",
            "2024-02T12:34Z",
            "2024-02-29T24:00Z",
            "2024-02-29T12:34:56+2",
            "2024-1-1",
            "2024-01-01-01",
            "2024-01-01T00:00:00.Z",
            "１９７０",
            "1.2.x",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
