//! What is kept of samples: how many, their sum, extremes and distribution.

use serde::{Deserialize, Serialize};

/// Samples of one metric in one span of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub(crate) struct Summary {
    pub(crate) count: f64,
    pub(crate) sum: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// Values with their numbers, in ascending order; `None` if only statistics were given. Samples that are all the
    /// same are not repeated here: it is empty then.
    values: Option<Vec<(f64, f64)>>,
}

/// The stored form: without names, as there are many.
type Row = (f64, f64, f64, f64, Option<Vec<(f64, f64)>>);

impl From<Row> for Summary {
    fn from((count, sum, min, max, values): Row) -> Self {
        Self { count, sum, min, max, values }
    }
}

impl From<Summary> for Row {
    fn from(it: Summary) -> Self {
        (it.count, it.sum, it.min, it.max, it.values)
    }
}

/// Values that a distribution has at most; above, those within a percent (two, four, …) of one another are one.
const MOST: usize = 256;

impl Summary {
    /// `count` samples of one value.
    pub(crate) fn of(value: f64, count: f64) -> Self {
        Self { count, sum: value * count, min: value, max: value, values: Some(Vec::new()) }
    }

    /// Of statistics alone. The distribution is known only where there is but one value.
    pub(crate) fn of_statistics(count: f64, sum: f64, min: f64, max: f64) -> Self {
        #[allow(clippy::float_cmp)] // The very same value is what is meant.
        let values = (count == 1.0 || min == max).then(Vec::new);
        let max = if values.is_some() { min } else { max };
        Self { count, sum, min, max, values }
    }

    /// Its values with their numbers, ascending; `None` if they are not known.
    pub(crate) fn distribution(&self) -> Option<Vec<(f64, f64)>> {
        let values = self.values.as_ref()?;
        if values.is_empty() { Some(vec![(self.min, self.count)]) } else { Some(values.clone()) }
    }

    /// Adds the samples of another.
    pub(crate) fn add(&mut self, other: &Self) {
        self.values = match (self.distribution(), other.distribution()) {
            (Some(own), Some(others)) => {
                let merged = merge(&own, &others);
                Some(if merged.len() == 1 { Vec::new() } else { merged })
            }
            _ => None,
        };
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Their mean.
    pub(crate) fn average(&self) -> f64 {
        self.sum / self.count
    }
}

fn merge(own: &[(f64, f64)], others: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut all: Vec<(f64, f64)> = own.iter().chain(others).copied().collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    #[allow(clippy::float_cmp)] // The very same value is what is meant.
    all.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    let mut width = 1.01_f64;
    while all.len() > MOST {
        all.dedup_by(|next, kept| {
            let same = bucket(next.0, width) == bucket(kept.0, width);
            if same {
                let count = kept.1 + next.1;
                *kept = ((kept.0 * kept.1 + next.0 * next.1) / count, count);
            }
            same
        });
        width *= width;
    }
    all
}

/// The bucket of a value among those whose ends are `width` times their beginnings.
fn bucket(value: f64, width: f64) -> (bool, i64) {
    #[allow(clippy::cast_possible_truncation)] // Logarithms of doubles are small.
    let magnitude = if value == 0.0 { i64::MIN } else { (value.abs().ln() / width.ln()).floor() as i64 };
    (value < 0.0, magnitude)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn samples_add_up() {
        let mut it = Summary::of(2.0, 3.0);
        it.add(&Summary::of(5.0, 1.0));
        assert_eq!((it.count, it.sum, it.min, it.max), (4.0, 11.0, 2.0, 5.0));
        assert_eq!(it.distribution().unwrap(), [(2.0, 3.0), (5.0, 1.0)]);
        it.add(&Summary::of_statistics(10.0, 100.0, 1.0, 50.0));
        assert_eq!((it.count, it.min, it.max, it.distribution()), (14.0, 1.0, 50.0, None));
    }

    #[test]
    fn a_distribution_of_many_values_stays_small_and_near() {
        let mut it = Summary::of(1.0, 1.0);
        for value in 2..=5000 {
            it.add(&Summary::of(f64::from(value), 1.0));
        }
        let values = it.distribution().unwrap();
        assert!(values.len() <= MOST);
        assert!((values.iter().map(|(_, count)| count).sum::<f64>() - 5000.0).abs() < 1e-6);
        let mut seen = 0.0;
        let median = values
            .iter()
            .find(|(_, count)| {
                seen += count;
                seen >= 2500.0
            })
            .unwrap()
            .0;
        assert!((median / 2500.0 - 1.0).abs() < 0.1, "{median}");
    }
}
