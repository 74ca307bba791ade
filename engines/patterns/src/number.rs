//! Numbers as patterns compare them: with so many digits behind the point.

use serde_json::Number;

use crate::Dialect;

/// A number in the dialect's smallest parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Decimal(i64);

impl Decimal {
    /// The number, unless it is out of the range that patterns know.
    pub(crate) fn of(number: &Number, dialect: Dialect) -> Option<Self> {
        let value = number.as_f64().filter(|value| value.abs() <= dialect.greatest())?;
        // At most 5e15, which an i64 holds, and an f64 exactly.
        Some(Self((value * dialect.parts()).round() as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_behind_the_point_count_as_far_as_the_dialect_says() {
        let of = |text: &str| Decimal::of(&text.parse().expect("a number"), Dialect::FilterPolicy);
        assert_eq!(of("301.5"), of("3.015e2"));
        assert_eq!(of("0.000001"), of("0"));
        assert!(of("0.00001") > of("0"));
        assert!(of("1e9").is_some() && of("-1000000000").is_some());
        assert_eq!(of("1000000000.1"), None);
        let of = |text: &str| Decimal::of(&text.parse().expect("a number"), Dialect::EventPattern);
        assert!(of("0.000001") > of("0") && of("0.0000001") == of("0"));
        assert!(of("5e9").is_some() && of("-5000000000.1").is_none());
    }
}
