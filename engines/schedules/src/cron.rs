//! Times of the calendar: minutes, hours, day of month, month, day of week, year.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-cron-expressions>

use std::str::FromStr;

use jiff::civil::{Date, Weekday};

use crate::NotASchedule;

/// `0 12 * * ? *`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: Set,
    hours: Set,
    months: Set,
    years: Set,
    days: Days,
}

/// Which days of a month: by one of the two fields, the other one being `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Days {
    OfMonth(Vec<DayOfMonth>),
    OfWeek(Vec<DayOfWeek>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum DayOfMonth {
    Among(Set),
    /// `L`
    Last,
    /// `15W`: the weekday of the same month that is nearest to the day.
    NearestWeekday(i8),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum DayOfWeek {
    /// Sunday is 1.
    Among(Set),
    /// `5L`: the last Thursday.
    Last(i8),
    /// `3#2`: the second Tuesday.
    Nth(i8, i8),
}

/// Numbers that fit a field.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Set {
    least: i16,
    fits: Vec<bool>,
}

/// What a field may have.
#[derive(Clone, Copy)]
struct Field {
    least: i16,
    most: i16,
    names: &'static [&'static str],
}

const MINUTES: Field = Field { least: 0, most: 59, names: &[] };
const HOURS: Field = Field { least: 0, most: 23, names: &[] };
const DAYS: Field = Field { least: 1, most: 31, names: &[] };
const MONTHS: Field = Field {
    least: 1,
    most: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
const WEEKDAYS: Field = Field { least: 1, most: 7, names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] };
const YEARS: Field = Field { least: 1970, most: 2199, names: &[] };

impl Cron {
    /// The first time after `after`, in seconds since 1970.
    pub fn next(&self, after: i64) -> Option<i64> {
        // Whole minutes; the one that has begun is past.
        let minute = after.div_euclid(60).checked_add(1)?;
        let (day, of_day) = (minute.div_euclid(1_440), minute.rem_euclid(1_440));
        let mut date = date(day)?;
        let mut from = i16::try_from(of_day).ok()?;
        loop {
            if date.year() > YEARS.most {
                return None;
            }
            if !self.years.has(date.year()) {
                date = Date::new(date.year() + 1, 1, 1).ok()?;
                from = 0;
            } else if !self.months.has(i16::from(date.month())) {
                date = date.last_of_month().tomorrow().ok()?;
                from = 0;
            } else {
                if self.days.have(date)
                    && let Some(minute) = self.minute_from(from)
                {
                    return Some(days_since_1970(date).checked_mul(86_400)? + i64::from(minute) * 60);
                }
                date = date.tomorrow().ok()?;
                from = 0;
            }
        }
    }

    /// The first minute of a day, not before `from`, that fits.
    fn minute_from(&self, from: i16) -> Option<i16> {
        (from..1_440).find(|minute| self.hours.has(minute / 60) && self.minutes.has(minute % 60))
    }
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

fn date(days: i64) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

fn days_since_1970(date: Date) -> i64 {
    date.since((jiff::Unit::Day, EPOCH)).map_or(0, |span| i64::from(span.get_days()))
}

impl Days {
    fn have(&self, date: Date) -> bool {
        match self {
            Self::OfMonth(days) => days.iter().any(|day| day.is(date)),
            Self::OfWeek(days) => days.iter().any(|day| day.is(date)),
        }
    }
}

impl DayOfMonth {
    fn is(&self, date: Date) -> bool {
        match self {
            Self::Among(days) => days.has(i16::from(date.day())),
            Self::Last => date.day() == date.days_in_month(),
            Self::NearestWeekday(day) => nearest_weekday(date, *day) == Some(date.day()),
        }
    }
}

/// The weekday of the month of `date` that is nearest to its day `day`.
fn nearest_weekday(date: Date, day: i8) -> Option<i8> {
    let last = date.days_in_month();
    let wanted = Date::new(date.year(), date.month(), day.min(last)).ok()?;
    Some(match wanted.weekday() {
        Weekday::Saturday if wanted.day() == 1 => 3,
        Weekday::Saturday => wanted.day() - 1,
        Weekday::Sunday if wanted.day() == last => last - 2,
        Weekday::Sunday => wanted.day() + 1,
        _ => wanted.day(),
    })
}

impl DayOfWeek {
    fn is(&self, date: Date) -> bool {
        let weekday = date.weekday().to_sunday_one_offset();
        match self {
            Self::Among(days) => days.has(i16::from(weekday)),
            Self::Last(day) => weekday == *day && date.day() > date.days_in_month() - 7,
            Self::Nth(day, nth) => weekday == *day && (date.day() - 1) / 7 + 1 == *nth,
        }
    }
}

impl Set {
    fn has(&self, number: i16) -> bool {
        let at = usize::try_from(number - self.least).ok();
        at.and_then(|at| self.fits.get(at)).copied().unwrap_or(false)
    }
}

impl Field {
    /// A list of numbers, ranges and steps: `1,3-5,*/10`.
    fn parse(self, text: &str) -> Option<Set> {
        let length = usize::try_from(self.most - self.least + 1).ok()?;
        let mut set = Set { least: self.least, fits: vec![false; length] };
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(number(step).filter(|step| *step > 0)?)),
                None => (part, None),
            };
            let (first, last) = match range.split_once('-') {
                Some((first, last)) => (self.value(first)?, self.value(last)?),
                None if range == "*" => (self.least, self.most),
                // `5/10` goes on from 5.
                None => (self.value(range)?, if step.is_some() { self.most } else { self.value(range)? }),
            };
            // `20-2` goes over the end and on from the beginning.
            let last = if first > last { last + self.most - self.least + 1 } else { last };
            for value in (first..=last).step_by(usize::try_from(step.unwrap_or(1)).ok()?) {
                let at = usize::try_from(value - self.least).ok()? % length;
                *set.fits.get_mut(at)? = true;
            }
        }
        Some(set)
    }

    fn value(self, text: &str) -> Option<i16> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let value = match named {
            Some(at) => self.least + i16::try_from(at).ok()?,
            None => number(text)?,
        };
        (self.least..=self.most).contains(&value).then_some(value)
    }
}

fn number(text: &str) -> Option<i16> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

impl FromStr for Cron {
    type Err = NotASchedule;

    fn from_str(text: &str) -> Result<Self, NotASchedule> {
        parse(text).ok_or(NotASchedule)
    }
}

fn parse(text: &str) -> Option<Cron> {
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    let [minutes, hours, day_of_month, month, day_of_week, year] = fields.as_slice() else { return None };
    // One of the two must be `?`: days are told by the other one.
    let days = match (*day_of_month, *day_of_week) {
        ("?", "?") => return None,
        (days, "?") => Days::OfMonth(days.split(',').map(self::day_of_month).collect::<Option<_>>()?),
        ("?", days) => Days::OfWeek(days.split(',').map(self::day_of_week).collect::<Option<_>>()?),
        _ => return None,
    };
    Some(Cron {
        minutes: MINUTES.parse(minutes)?,
        hours: HOURS.parse(hours)?,
        months: MONTHS.parse(month)?,
        years: YEARS.parse(year)?,
        days,
    })
}

fn day_of_month(text: &str) -> Option<DayOfMonth> {
    if text == "L" {
        return Some(DayOfMonth::Last);
    }
    match text.strip_suffix('W') {
        Some(day) => Some(DayOfMonth::NearestWeekday(i8::try_from(DAYS.value(day)?).ok()?)),
        None => DAYS.parse(text).map(DayOfMonth::Among),
    }
}

fn day_of_week(text: &str) -> Option<DayOfWeek> {
    let weekday = |text| i8::try_from(WEEKDAYS.value(text)?).ok();
    if text == "L" {
        return WEEKDAYS.parse("7").map(DayOfWeek::Among);
    }
    if let Some((day, nth)) = text.split_once('#') {
        let nth = i8::try_from(number(nth)?).ok().filter(|nth| (1..=5).contains(nth))?;
        return Some(DayOfWeek::Nth(weekday(day)?, nth));
    }
    match text.strip_suffix('L') {
        Some(day) => Some(DayOfWeek::Last(weekday(day)?)),
        None => WEEKDAYS.parse(text).map(DayOfWeek::Among),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().expect("a time").as_second()
    }

    fn times(cron: &str, after: &str, count: usize) -> Vec<String> {
        let cron: Cron = cron.parse().expect("a cron expression");
        let mut last = at(after);
        let mut times = Vec::new();
        for _ in 0..count {
            let Some(next) = cron.next(last) else { break };
            times.push(jiff::Timestamp::from_second(next).expect("a time").to_string());
            last = next;
        }
        times
    }

    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-cron-expressions>
    #[test]
    fn examples_of_the_documentation_come_when_it_says() {
        let after = "2024-01-06T11:59:59Z"; // A Saturday.
        for (cron, expected) in [
            ("0 10 * * ? *", vec!["2024-01-07T10:00:00Z", "2024-01-08T10:00:00Z"]),
            ("15 12 * * ? *", vec!["2024-01-06T12:15:00Z", "2024-01-07T12:15:00Z"]),
            ("0 18 ? * MON-FRI *", vec!["2024-01-08T18:00:00Z", "2024-01-09T18:00:00Z"]),
            ("0 8 1 * ? *", vec!["2024-02-01T08:00:00Z", "2024-03-01T08:00:00Z"]),
            ("0/15 * * * ? *", vec!["2024-01-06T12:00:00Z", "2024-01-06T12:15:00Z"]),
            ("0/10 * ? * MON-FRI *", vec!["2024-01-08T00:00:00Z", "2024-01-08T00:10:00Z"]),
            ("0/5 8-17 ? * MON-FRI *", vec!["2024-01-08T08:00:00Z", "2024-01-08T08:05:00Z"]),
            ("0 9 ? * 2#1 *", vec!["2024-02-05T09:00:00Z", "2024-03-04T09:00:00Z"]),
            ("0/30 20-2 ? * MON-FRI *", vec!["2024-01-08T00:00:00Z", "2024-01-08T00:30:00Z"]),
        ] {
            assert_eq!(times(cron, after, 2), expected, "{cron}");
        }
        assert_eq!(
            times("0 20-2 * * ? *", "2024-01-06T02:00:00Z", 2),
            ["2024-01-06T20:00:00Z", "2024-01-06T21:00:00Z"]
        );
    }

    #[test]
    fn last_days_and_nearest_weekdays_are_found() {
        let after = "2024-01-06T12:00:00Z";
        assert_eq!(times("0 0 L * ? *", after, 2), ["2024-01-31T00:00:00Z", "2024-02-29T00:00:00Z"]);
        assert_eq!(times("0 0 ? * 6L *", after, 2), ["2024-01-26T00:00:00Z", "2024-02-23T00:00:00Z"]);
        assert_eq!(times("0 0 ? * L *", after, 1), ["2024-01-13T00:00:00Z"]);
        // 2024-06-01 is a Saturday, 2024-06-30 a Sunday.
        assert_eq!(times("0 0 1W 6 ? 2024", after, 2), ["2024-06-03T00:00:00Z"]);
        assert_eq!(times("0 0 30W 6 ? 2024", after, 1), ["2024-06-28T00:00:00Z"]);
        assert_eq!(times("30 6 15W JUN ? *", after, 1), ["2024-06-14T06:30:00Z"]);
        assert_eq!(times("0 0 1,15 * ? *", after, 2), ["2024-01-15T00:00:00Z", "2024-02-01T00:00:00Z"]);
        assert_eq!(times("0 0 29 2 ? *", after, 2), ["2024-02-29T00:00:00Z", "2028-02-29T00:00:00Z"]);
    }

    #[test]
    fn what_never_comes_has_no_next_time() {
        assert!(times("0 0 30 2 ? *", "2024-01-06T12:00:00Z", 1).is_empty());
        assert!(times("0 0 * * ? 2023", "2024-01-06T12:00:00Z", 1).is_empty());
        assert_eq!("* * * * ? *".parse::<Cron>().expect("a cron expression").next(i64::MAX), None);
    }

    #[test]
    fn what_is_not_a_cron_expression_is_refused() {
        for text in [
            "",
            "* * * * *",
            "* * * * * *",
            "* * ? * ? *",
            "60 * * * ? *",
            "* 24 * * ? *",
            "* * 0 * ? *",
            "* * 32 * ? *",
            "* * * 13 ? *",
            "* * ? * 8 *",
            "* * ? * 2#6 *",
            "* * * * ? 1969",
            "* * * * ? 2200",
            "*/0 * * * ? *",
            "a * * * ? *",
            "* * LL * ? *",
            "-1 * * * ? *",
        ] {
            assert_eq!(text.parse::<Cron>(), Err(NotASchedule), "{text}");
        }
    }
}
