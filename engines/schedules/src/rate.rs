//! Every so often.

use std::str::FromStr;

use crate::NotASchedule;

/// `5 minutes`, `1 hour`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    seconds: i64,
}

impl Rate {
    /// The first time after `after`, counted from `since`; a rate does not begin at once.
    pub fn next(self, after: i64, since: i64) -> Option<i64> {
        let passed = after.checked_sub(since)?.max(0) / self.seconds;
        since.checked_add(passed.checked_add(1)?.checked_mul(self.seconds)?)
    }
}

impl FromStr for Rate {
    type Err = NotASchedule;

    fn from_str(text: &str) -> Result<Self, NotASchedule> {
        let (value, unit) = text.split_once(' ').ok_or(NotASchedule)?;
        let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        let value: i64 = value.parse().ok().filter(|value| is_number && *value > 0).ok_or(NotASchedule)?;
        let unit = match (unit, value) {
            ("minute", 1) => 60,
            ("hour", 1) => 3_600,
            ("day", 1) => 86_400,
            ("minutes", 2..) => 60,
            ("hours", 2..) => 3_600,
            ("days", 2..) => 86_400,
            _ => return Err(NotASchedule),
        };
        Ok(Self { seconds: value.checked_mul(unit).ok_or(NotASchedule)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_agree_with_their_number() {
        for text in ["1 minute", "5 minutes", "1 hour", "2 hours", "1 day", "7 days"] {
            assert!(text.parse::<Rate>().is_ok(), "{text}");
        }
        for text in
            ["1 minutes", "5 minute", "0 minutes", "-1 hours", "1.5 hours", "+2 days", "2 weeks", "5", "", "5  minutes"]
        {
            assert_eq!(text.parse::<Rate>(), Err(NotASchedule), "{text}");
        }
    }

    #[test]
    fn a_rate_counts_from_its_beginning() {
        let rate: Rate = "5 minutes".parse().expect("a rate");
        assert_eq!(rate.next(1_000, 1_000), Some(1_300));
        assert_eq!((rate.next(1_299, 1_000), rate.next(1_300, 1_000)), (Some(1_300), Some(1_600)));
        assert_eq!(rate.next(0, 1_000), Some(1_300));
        assert_eq!(rate.next(i64::MAX, 0), None);
    }
}
