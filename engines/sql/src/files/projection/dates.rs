//! Projected dates: `2020/01/01,NOW` by days, `NOW-3YEARS,NOW+1DAY` by hours.

use super::super::provider::partition_value;
use super::{Candidate, Properties, invalid};
use crate::catalog::Column;
use crate::civil::{DAY, HOUR, MINUTE, SECOND, add_months};
use crate::error::{Result, SqlError};
use crate::function::datetime_format::{read_java, write_java};
use crate::types::Type;
use crate::value::Value;

/// The dates of a column.
pub(super) struct Dates {
    from: i64,
    to: i64,
    step: Step,
    format: String,
}

/// How far it is from one to the next.
#[derive(Clone, Copy)]
enum Step {
    Months(i64),
    Micros(i64),
}

impl Step {
    /// So many of a unit, whose name may end in S.
    fn of(count: i64, unit: &str) -> Option<Step> {
        let unit = unit.trim().to_ascii_uppercase();
        let micros = |of: i64| count.checked_mul(of).map(Step::Micros);
        match unit.strip_suffix('S').unwrap_or(&unit) {
            "YEAR" => count.checked_mul(12).map(Step::Months),
            "MONTH" => Some(Step::Months(count)),
            "WEEK" => micros(7 * DAY),
            "DAY" => micros(DAY),
            "HOUR" => micros(HOUR),
            "MINUTE" => micros(MINUTE),
            "SECOND" => micros(SECOND),
            "MILLI" => micros(1000),
            _ => None,
        }
    }

    /// A time so many steps after another one.
    fn after(self, from: i64, steps: i64) -> Option<i64> {
        /// What is further away than this is not a date that a location has.
        const YEARS: i64 = 20_000;
        let bound = YEARS * 366 * DAY;
        let at = match self {
            Step::Micros(micros) => from.checked_add(micros.checked_mul(steps)?)?,
            Step::Months(months) => {
                let months = months.checked_mul(steps).filter(|months| months.abs() < YEARS * 12)?;
                add_months(from.div_euclid(DAY), months) * DAY + from.rem_euclid(DAY)
            }
        };
        (at.abs() < bound).then_some(at)
    }
}

impl Dates {
    pub(super) fn of(properties: &Properties<'_>, now: i64) -> Result<Dates> {
        let format = properties.need("format")?;
        let bad = |why: &str| invalid(&properties.key("range"), why);
        let end = |text: &str| -> Result<i64> {
            let at = match relative(text, now) {
                Some(at) => at.ok_or_else(|| bad("it is out of range"))?,
                None => read_java(text, format).map_err(|why| bad(&why.message))?,
            };
            // What the format does not show is cut.
            write_java(at, format).and_then(|text| read_java(&text, format)).map_err(|why| bad(&why.message))
        };
        let (from, to) = properties.range()?;
        let (from, to) = (end(from)?, end(to)?);
        let unit = match (properties.find("interval.unit"), precision(format)) {
            (Some(unit), _) => unit,
            (None, Some(unit)) => unit,
            (None, None) => return Err(invalid(&properties.key("interval.unit"), "it is missing")),
        };
        let count = match (properties.positive("interval")?, precision(format)) {
            (Some(count), _) => count,
            (None, Some(_)) => 1,
            (None, None) => return Err(invalid(&properties.key("interval"), "it is missing")),
        };
        let wrong = || invalid(&properties.key("interval.unit"), "it is no unit of time");
        Ok(Dates { from, to, step: Step::of(count, unit).ok_or_else(wrong)?, format: format.to_owned() })
    }

    /// All of them, unless there are more than so many.
    pub(super) fn all(&self, most: usize) -> Option<Vec<i64>> {
        let mut all = Vec::new();
        for steps in 0.. {
            match self.step.after(self.from, steps) {
                Some(at) if at <= self.to => all.push(at),
                _ => break,
            }
            if all.len() > most {
                return None;
            }
        }
        // Steps that are smaller than what the format shows make the same value again.
        all.dedup_by_key(|at| write_java(*at, &self.format).unwrap_or_default());
        Some(all)
    }

    /// A date as the value of a column, and as a location has it.
    pub(super) fn candidate(&self, at: i64, column: &Column) -> Result<Candidate> {
        let text = write_java(at, &self.format)?;
        let value = match column.ty {
            _ if column.is_text() => Value::text(&text),
            Type::Date => {
                let day = i32::try_from(at.div_euclid(DAY)).map_err(|_| SqlError::range("date out of range"))?;
                Value::Date(day)
            }
            Type::Timestamp(_) => Value::Timestamp(at),
            _ => partition_value(&text, &column.ty, &column.name)?,
        };
        Ok((value, text))
    }
}

/// `NOW`, `NOW-3YEARS`: nothing if it is none of these, and nothing in it if it is out of range.
fn relative(text: &str, now: i64) -> Option<Option<i64>> {
    let rest = text.trim().strip_prefix("NOW")?.trim();
    if rest.is_empty() {
        return Some(Some(now));
    }
    let (sign, rest) = match rest.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, rest.strip_prefix('+')?),
    };
    let rest = rest.trim_start();
    let (count, unit) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
    let count: i64 = count.parse().ok()?;
    Some(Step::of(sign * count, unit)?.after(now, 1))
}

/// The unit of a format that shows days or months.
fn precision(format: &str) -> Option<&'static str> {
    let mut quoted = false;
    let shown: String = format
        .chars()
        .filter(|c| {
            quoted ^= *c == '\'';
            !quoted
        })
        .collect();
    if shown.contains(['H', 'h', 'k', 'K', 'm', 's', 'S', 'a', 'n', 'A', 'N']) {
        return None;
    }
    if shown.contains(['d', 'D']) {
        return Some("DAYS");
    }
    shown.contains(['M', 'L']).then_some("MONTHS")
}
