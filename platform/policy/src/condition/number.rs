//! Decimal numbers of any length, compared exactly.

use std::cmp::Ordering;

/// A decimal number without exponent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Without leading zeros.
    whole: Box<str>,
    /// Without trailing zeros.
    fraction: Box<str>,
}

impl Decimal {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole: whole.into(), fraction: fraction.into() })
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        let whole = self.whole.len().cmp(&other.whole.len()).then_with(|| self.whole.cmp(&other.whole));
        // Digits after the point compare as text: "5" is more than "49", and "" less than "1".
        whole.then_with(|| self.fraction.cmp(&other.fraction))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_refuses() {
        for (a, b, order) in [
            ("10", "9", Ordering::Greater),
            ("0010", "10.0", Ordering::Equal),
            ("-1", "0", Ordering::Less),
            ("-0", "0", Ordering::Equal),
            ("-2", "-1", Ordering::Less),
            ("1.5", "1.49", Ordering::Greater),
            (".5", "0.50", Ordering::Equal),
            ("9007199254740993", "9007199254740992", Ordering::Greater),
        ] {
            assert_eq!(Decimal::parse(a).unwrap().cmp(&Decimal::parse(b).unwrap()), order, "{a} {b}");
        }
        for text in ["", "-", ".", "1e3", "ten", "1.2.3", "0x10", " 1", "١"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_integers(a: i64, b: i64) {
            let ours = Decimal::parse(&a.to_string()).unwrap().cmp(&Decimal::parse(&b.to_string()).unwrap());
            prop_assert_eq!(ours, a.cmp(&b));
        }
    }
}
