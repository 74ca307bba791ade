//! Statistics: what is asked of samples.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>.

use crate::summary::Summary;

/// A statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// The value below which so many percent of the samples are.
    Percentile(f64),
    /// Something of the samples within bounds.
    Within(Part, Bounds),
    /// Percent of the samples that are within values.
    Rank(f64, f64),
}

/// What is asked of the samples within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `tm`: their mean.
    Mean,
    /// `wm`: the mean of all, those outside taken for the bounds.
    Winsorized,
    /// `tc`: how many they are.
    Count,
    /// `ts`: their sum.
    Sum,
}

/// Bounds of samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bounds {
    /// From a percentile to another.
    Percents(f64, f64),
    /// Above a value, up to another.
    Values(f64, f64),
}

impl Statistic {
    /// The statistic of this name, e.g. `Average`, `p99.9`, `tm90`, `TM(10%:90%)`, `PR(:300)`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "SampleCount" => Self::SampleCount,
            "Average" => Self::Average,
            "Sum" => Self::Sum,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            "IQM" => Self::Within(Part::Mean, Bounds::Percents(25.0, 75.0)),
            _ => match text.strip_suffix(')') {
                Some(rest) => Self::with_bounds(rest)?,
                None => Self::short(text)?,
            },
        })
    }

    /// `p90`, `tm90`, `wm90`, `tc90`, `ts90`.
    fn short(text: &str) -> Option<Self> {
        let digits = text.find(|c: char| c.is_ascii_digit())?;
        let (name, number) = text.split_at_checked(digits)?;
        let upto = percent(number)?;
        let bounds = Bounds::Percents(0.0, upto);
        Some(match name {
            "p" => Self::Percentile(upto),
            "tm" => Self::Within(Part::Mean, bounds),
            "wm" => Self::Within(Part::Winsorized, bounds),
            "tc" => Self::Within(Part::Count, bounds),
            "ts" => Self::Within(Part::Sum, bounds),
            _ => return None,
        })
    }

    /// `TM(10%:90%` and the like, without the end.
    fn with_bounds(text: &str) -> Option<Self> {
        let (name, bounds) = text.split_once('(')?;
        let (low, high) = bounds.split_once(':')?;
        if low.is_empty() && high.is_empty() {
            return None;
        }
        let part = match name {
            "TM" => Part::Mean,
            "WM" => Part::Winsorized,
            "TC" => Part::Count,
            "TS" => Part::Sum,
            "PR" => return Some(Self::Rank(bound(low, f64::NEG_INFINITY)?, bound(high, f64::INFINITY)?)),
            _ => return None,
        };
        let bounds = if low.ends_with('%') || high.ends_with('%') {
            let percent_of = |text: &str, open| match text {
                "" => Some(open),
                text => percent(text.strip_suffix('%')?),
            };
            Bounds::Percents(percent_of(low, 0.0)?, percent_of(high, 100.0)?)
        } else {
            Bounds::Values(bound(low, f64::NEG_INFINITY)?, bound(high, f64::INFINITY)?)
        };
        let (Bounds::Percents(from, to) | Bounds::Values(from, to)) = bounds;
        (from < to).then_some(Self::Within(part, bounds))
    }

    /// Whether it needs the samples' distribution.
    pub(crate) fn is_extended(self) -> bool {
        matches!(self, Self::Percentile(_) | Self::Within(..) | Self::Rank(..))
    }

    /// Its value; `None` where it needs a distribution that is not known, or there is nothing within the bounds.
    pub(crate) fn of(self, samples: &Summary) -> Option<f64> {
        match self {
            Self::SampleCount => Some(samples.count),
            Self::Average => Some(samples.average()),
            Self::Sum => Some(samples.sum),
            Self::Minimum => Some(samples.min),
            Self::Maximum => Some(samples.max),
            Self::Percentile(percent) => Some(percentile(&samples.distribution()?, samples.count, percent)),
            Self::Rank(low, high) => {
                let values = samples.distribution()?;
                let within = values.iter().filter(|(value, _)| *value > low && *value <= high);
                Some(within.map(|(_, count)| count).sum::<f64>() / samples.count * 100.0)
            }
            Self::Within(part, bounds) => part.of(&samples.distribution()?, samples.count, bounds),
        }
    }
}

impl Part {
    fn of(self, values: &[(f64, f64)], count: f64, bounds: Bounds) -> Option<f64> {
        let kept = match bounds {
            Bounds::Values(low, high) => {
                values.iter().filter(|(value, _)| *value > low && *value <= high).copied().collect()
            }
            Bounds::Percents(low, high) => between(values, count * low / 100.0, count * high / 100.0),
        };
        let number: f64 = kept.iter().map(|(_, count)| count).sum();
        let sum: f64 = kept.iter().map(|(value, count)| value * count).sum();
        match self {
            Self::Count => Some(number),
            Self::Sum => Some(sum),
            Self::Mean => (number > 0.0).then(|| sum / number),
            Self::Winsorized => {
                let (low, high) = match bounds {
                    Bounds::Values(low, high) => (low, high),
                    Bounds::Percents(..) => (kept.first()?.0, kept.last()?.0),
                };
                let bounded = values.iter().map(|(value, count)| value.clamp(low, high) * count);
                Some(bounded.sum::<f64>() / count)
            }
        }
    }
}

/// The samples whose ranks are between two.
fn between(values: &[(f64, f64)], from: f64, to: f64) -> Vec<(f64, f64)> {
    let mut rank = 0.0;
    let mut kept = Vec::new();
    for (value, count) in values {
        let part = (rank + count).min(to) - rank.max(from);
        if part > 0.0 {
            kept.push((*value, part));
        }
        rank += count;
    }
    kept
}

/// The smallest value of which so many percent of the samples are not above.
///
/// UNVERIFIED: AWS tells only that percentiles are estimates; whether it interpolates is not documented.
fn percentile(values: &[(f64, f64)], count: f64, percent: f64) -> f64 {
    let wanted = count * percent / 100.0;
    let mut rank = 0.0;
    for (value, count) in values {
        rank += count;
        if rank + 1e-9 >= wanted {
            return *value;
        }
    }
    values.last().map_or(f64::NAN, |(value, _)| *value)
}

fn percent(text: &str) -> Option<f64> {
    let ok = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse().ok().filter(|percent| ok && (0.0..=100.0).contains(percent))
}

fn bound(text: &str, open: f64) -> Option<f64> {
    if text.is_empty() { Some(open) } else { text.parse::<f64>().ok().filter(|bound| bound.is_finite()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn hundred() -> Summary {
        let mut it = Summary::of(1.0, 1.0);
        for value in 2..=100 {
            it.add(&Summary::of(f64::from(value), 1.0));
        }
        it
    }

    fn of(name: &str) -> f64 {
        Statistic::parse(name).unwrap().of(&hundred()).unwrap()
    }

    #[test]
    fn statistics_of_the_numbers_to_a_hundred() {
        assert_eq!(of("p95"), 95.0);
        assert_eq!(of("p99.9"), 100.0);
        assert_eq!(of("p0"), 1.0);
        assert_eq!(of("tm90"), 45.5);
        assert_eq!(of("TM(10%:90%)"), 50.5);
        assert_eq!(of("IQM"), 50.5);
        assert_eq!(of("tc90"), 90.0);
        assert_eq!(of("TS(98%:)"), 199.0);
        assert_eq!(of("TM(:10)"), 5.5);
        assert_eq!(of("TC(90:95)"), 5.0);
        assert_eq!(of("PR(:30)"), 30.0);
        assert_eq!(of("WM(10%:90%)"), 50.5);
    }

    #[test]
    fn what_is_no_statistic_is_none() {
        for name in ["", "average", "p", "p101", "p-1", "p1e1", "tm", "TM()", "TM(:)", "TM(90%:10%)", "PR(a:b)", "xx90"]
        {
            assert_eq!(Statistic::parse(name), None, "{name}");
        }
    }

    #[test]
    fn what_came_as_statistics_has_no_percentiles() {
        let p50 = Statistic::parse("p50").unwrap();
        assert_eq!(p50.of(&Summary::of_statistics(3.0, 6.0, 1.0, 3.0)), None);
        assert_eq!(p50.of(&Summary::of_statistics(3.0, 6.0, 2.0, 2.0)), Some(2.0));
    }
}
