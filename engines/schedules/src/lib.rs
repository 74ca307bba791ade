//! When something recurs: `rate(5 minutes)`, `cron(0 12 * * ? *)`, as rules, crawlers and the like have it; or comes once:
//! `at(2030-01-31T12:00:00)`. In UTC.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>
//!
//! ```
//! let schedule: welkin_schedules::Schedule = "cron(0 12 ? * MON-FRI *)".parse()?;
//! // From Saturday, 2024-01-06T00:00:00Z, the next time is Monday at noon.
//! assert_eq!(schedule.next(1_704_499_200, 0), Some(1_704_715_200));
//! # Ok::<(), welkin_schedules::NotASchedule>(())
//! ```

mod cron;
mod rate;

use std::str::FromStr;

pub use cron::Cron;
pub use rate::Rate;

/// When something recurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Every so often.
    Rate(Rate),
    /// At times of the calendar.
    Cron(Cron),
    /// Once, at this time in seconds since 1970.
    At(i64),
}

/// A text that is not a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a schedule expression")]
pub struct NotASchedule;

impl Schedule {
    /// The first time after `after`; both in seconds since 1970. Rates count from `since`. `None` if there is none any
    /// more.
    pub fn next(&self, after: i64, since: i64) -> Option<i64> {
        match self {
            Self::Rate(rate) => rate.next(after, since),
            Self::Cron(cron) => cron.next(after),
            Self::At(time) => Some(*time).filter(|time| *time > after),
        }
    }
}

impl FromStr for Schedule {
    type Err = NotASchedule;

    fn from_str(text: &str) -> Result<Self, NotASchedule> {
        let inner = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(rate) = inner("rate") {
            return rate.parse().map(Self::Rate);
        }
        if let Some(time) = inner("at") {
            let time: jiff::civil::DateTime = time.parse().map_err(|_| NotASchedule)?;
            let is_plain = text.len() == "at(2030-01-31T12:00:00)".len() && text.as_bytes().get(13) == Some(&b'T');
            let zoned = time.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| NotASchedule)?;
            return if is_plain { Ok(Self::At(zoned.timestamp().as_second())) } else { Err(NotASchedule) };
        }
        inner("cron").ok_or(NotASchedule)?.parse().map(Self::Cron)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_once_comes_at_its_time_and_no_more() {
        let schedule: Schedule = "at(2022-11-20T13:00:00)".parse().expect("a schedule");
        assert_eq!(schedule, Schedule::At(1_668_949_200));
        assert_eq!((schedule.next(0, 0), schedule.next(1_668_949_200, 0)), (Some(1_668_949_200), None));
        for text in
            ["at(2022-11-20)", "at(2022-11-20T13:00)", "at(2022-13-20T13:00:00)", "at()", "at(2022-11-20 13:00:00)"]
        {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }
}
