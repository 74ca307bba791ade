//! Numbers as patterns compare them: with five digits behind the point.

use serde_json::Number;

/// A number in hundred-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decimal(i64);

const SCALE: f64 = 100_000.0;

/// The greatest absolute value.
const MOST: f64 = 1e9;

impl Decimal {
    /// The number, unless it is out of the range that patterns know.
    pub(crate) fn of(number: &Number) -> Option<Self> {
        let value = number.as_f64().filter(|value| value.abs() <= MOST)?;
        // At most 1e14, which an i64 holds.
        Some(Self((value * SCALE).round() as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_digits_behind_the_point_count() {
        let of = |text: &str| Decimal::of(&text.parse().expect("a number"));
        assert_eq!(of("301.5"), of("3.015e2"));
        assert_eq!(of("0.000001"), of("0"));
        assert!(of("0.00001") > of("0"));
        assert!(of("1e9").is_some() && of("-1000000000").is_some());
        assert_eq!(of("1000000000.1"), None);
    }
}
