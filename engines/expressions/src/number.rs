//! Numbers of up to 38 significant digits, exact.
//!
//! Reference: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number>

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Significant digits at most.
const DIGITS: usize = 38;
/// Exponents of the first digit: numbers lie between 1E-130 and 9.99…E+125.
const EXPONENTS: std::ops::RangeInclusive<i32> = -130..=125;

/// A decimal number: 0, or `±0.d₁d₂… × 10^exponent` with d₁ and the last digit not 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    negative: bool,
    exponent: i32,
    digits: Vec<u8>,
}

impl Number {
    /// Holds digits against the limits, without zeros at either end.
    fn of(negative: bool, mut exponent: i32, mut digits: Vec<u8>) -> Result<Self, Invalid> {
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..zeros);
        exponent = exponent.saturating_sub(i32::try_from(zeros).unwrap_or(i32::MAX));
        while digits.last() == Some(&0) {
            digits.pop();
        }
        if digits.is_empty() {
            return Ok(Self { negative: false, exponent: 0, digits });
        }
        if digits.len() > DIGITS {
            return Err(Invalid::new("Attempting to store more than 38 significant digits in a Number"));
        }
        if exponent.saturating_sub(1) > *EXPONENTS.end() {
            let text = "Number overflow. Attempting to store a number with magnitude larger than supported range";
            return Err(Invalid::new(text));
        }
        if exponent.saturating_sub(1) < *EXPONENTS.start() {
            let text = "Number underflow. Attempting to store a number with magnitude smaller than supported range";
            return Err(Invalid::new(text));
        }
        Ok(Self { negative, exponent, digits })
    }

    /// The sum.
    ///
    /// # Errors
    /// It has more than 38 digits, or is too large.
    pub fn plus(&self, other: &Self) -> Result<Self, Invalid> {
        let low = self.lowest().min(other.lowest());
        let (mine, others) = (self.scaled(low), other.scaled(low));
        let width = mine.len().max(others.len()) + 1;
        let (mine, others) = (padded(&mine, width), padded(&others, width));
        let (negative, digits) = if self.negative == other.negative {
            (self.negative, add(&mine, &others))
        } else if mine >= others {
            (self.negative, subtract(&mine, &others))
        } else {
            (other.negative, subtract(&others, &mine))
        };
        Self::of(negative, low + i32::try_from(width).unwrap_or(i32::MAX), digits)
    }

    /// The difference.
    ///
    /// # Errors
    /// As [`plus`](Self::plus).
    pub fn minus(&self, other: &Self) -> Result<Self, Invalid> {
        self.plus(&Self { negative: !other.negative && !other.digits.is_empty(), ..other.clone() })
    }

    /// The power of ten that the last digit counts.
    fn lowest(&self) -> i32 {
        self.exponent - i32::try_from(self.digits.len()).unwrap_or(0)
    }

    /// The digits down to the power `low`.
    fn scaled(&self, low: i32) -> Vec<u8> {
        let mut digits = self.digits.clone();
        if !digits.is_empty() {
            digits.resize(digits.len() + usize::try_from(self.lowest() - low).unwrap_or(0), 0);
        }
        digits
    }

    /// Bytes that sort as the numbers do.
    pub fn sort_bytes(&self) -> Vec<u8> {
        if self.digits.is_empty() {
            return vec![0x80];
        }
        let biased = u16::try_from(self.exponent + 1000).unwrap_or(u16::MAX);
        let mut bytes = vec![0xC0];
        bytes.extend(biased.to_be_bytes());
        bytes.extend(self.digits.iter().map(|digit| digit + 1));
        if self.negative {
            bytes.iter_mut().for_each(|byte| *byte = !*byte);
            bytes.push(0xFF);
        }
        bytes
    }

    /// Size in bytes as items count it: a byte for two digits and one more.
    pub fn size(&self) -> usize {
        if self.digits.is_empty() { 1 } else { self.digits.len().div_ceil(2) + 1 + usize::from(self.negative) }
    }
}

fn padded(digits: &[u8], width: usize) -> Vec<u8> {
    let mut padded = vec![0; width.saturating_sub(digits.len())];
    padded.extend(digits);
    padded
}

/// The sum of two numbers of one width, the first digit of which is 0.
fn add(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let mut sum: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let digit = a + b + carry;
            carry = digit / 10;
            digit % 10
        })
        .collect();
    sum.reverse();
    sum
}

/// The difference of two numbers of one width, the first of which is not smaller.
fn subtract(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut difference: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let digit = 10 + a - b - borrow;
            borrow = u8::from(digit < 10);
            digit % 10
        })
        .collect();
    difference.reverse();
    difference
}

impl FromStr for Number {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || {
            if text.is_empty() {
                return Invalid::new("The parameter cannot be converted to a numeric value");
            }
            Invalid::new(format!("The parameter cannot be converted to a numeric value: {text}"))
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| invalid())?),
            None => (text, 0),
        };
        let negative = mantissa.starts_with('-');
        let plain = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|byte| byte.wrapping_sub(b'0')).collect();
        if digits.is_empty() || digits.iter().any(|digit| *digit > 9) {
            return Err(invalid());
        }
        let places = i32::try_from(whole.len()).map_err(|_| invalid())?;
        Self::of(negative, exponent.saturating_add(places), digits)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        if self.negative {
            f.write_str("-")?;
        }
        let text: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        match usize::try_from(self.exponent) {
            Ok(places) if places >= text.len() => write!(f, "{text}{}", "0".repeat(places - text.len())),
            Ok(places) if places > 0 => write!(f, "{}.{}", &text[..places], &text[places..]),
            _ => write!(f, "0.{}{text}", "0".repeat(usize::try_from(-self.exponent).unwrap_or(0))),
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sort_bytes().cmp(&other.sort_bytes())
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_written_plainly() {
        for (text, plain) in [("1e2", "100"), ("-0.50", "-0.5"), ("000", "0"), ("1E-3", "0.001"), ("12.340", "12.34")] {
            assert_eq!(number(text).to_string(), plain);
        }
    }

    #[test]
    fn what_is_too_long_too_large_or_no_number_is_refused() {
        assert!("1e126".parse::<Number>().is_err());
        assert!("1e-131".parse::<Number>().is_err());
        assert!("9".repeat(39).parse::<Number>().is_err());
        assert!(["", ".", "a", "1e", "--1", "1.2.3", "NaN"].iter().all(|text| text.parse::<Number>().is_err()));
    }

    #[test]
    fn the_least_digit_of_thirty_eight_counts() {
        let nines = "9".repeat(38);
        assert_eq!(number(&nines).minus(&number("1")).unwrap().to_string(), format!("{}8", "9".repeat(37)));
        assert_eq!(number("0.1").plus(&number("0.2")).unwrap().to_string(), "0.3");
    }

    proptest! {
        #[test]
        fn sums_differences_and_order_are_those_of_integers(a in -1_000_000_000_000_i64..1_000_000_000_000, b in -1_000_000_000_000_i64..1_000_000_000_000) {
            let (x, y) = (number(&a.to_string()), number(&b.to_string()));
            prop_assert_eq!(x.plus(&y).unwrap().to_string(), (a + b).to_string());
            prop_assert_eq!(x.minus(&y).unwrap().to_string(), (a - b).to_string());
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        }

        #[test]
        fn fractions_sort_as_they_count(a in -100_000_i64..100_000, b in -100_000_i64..100_000, scale in 0_u32..9) {
            let scaled = |n: i64| number(&format!("{n}e-{scale}"));
            prop_assert_eq!(scaled(a).cmp(&scaled(b)), a.cmp(&b));
            prop_assert_eq!(scaled(a).to_string().parse::<Number>().unwrap(), scaled(a));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = text.parse::<Number>();
        }
    }
}
