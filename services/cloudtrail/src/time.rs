//! Points in time as CloudTrail writes them.

use welkin_kernel::Timestamp;

/// `2023-07-19T21:33:41Z`: fields of events, and the status of a trail.
pub(crate) fn iso(time: Timestamp) -> String {
    format(time, "%Y-%m-%dT%H:%M:%SZ")
}

/// As `strftime`, in UTC.
pub(crate) fn format(time: Timestamp, pattern: &str) -> String {
    jiff::Timestamp::from_second(time.secs()).map_or_else(|_| String::new(), |time| time.strftime(pattern).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_utc_to_the_second() {
        let time = Timestamp::from_millis(1_689_802_421_999);
        assert_eq!(iso(time), "2023-07-19T21:33:41Z");
        assert_eq!(format(time, "%Y%m%dT%H%MZ"), "20230719T2133Z");
    }
}
