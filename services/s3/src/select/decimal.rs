//! Numbers with digits after the point, exact.

use std::cmp::Ordering;
use std::fmt;

/// `digits / 10^scale`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal {
    digits: i128,
    scale: u32,
}

/// Digits at most, in all: "a base-10 number with maximum precision of 38" in
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-data-types.html>
const PRECISION: u32 = 38;

/// Digits after the point of a quotient that does not end.
// UNVERIFIED: how many S3 keeps.
const QUOTIENT: u32 = 16;

fn power(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

impl Decimal {
    pub(super) fn from_int(int: i64) -> Self {
        Self { digits: int.into(), scale: 0 }
    }

    /// Reads `-12.30`; `None` for anything else, such as an exponent.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        if whole.len() + fraction.len() == 0 || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let significant = whole.trim_start_matches('0').len() + fraction.len();
        let scale = u32::try_from(fraction.len()).ok()?;
        if u32::try_from(significant).ok()? > PRECISION {
            return None;
        }
        let mut digits: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            digits = digits.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
        }
        Some(Self { digits: if negative { -digits } else { digits }, scale })
    }

    /// The same number with more digits after the point.
    fn scaled(self, scale: u32) -> Option<i128> {
        self.digits.checked_mul(power(scale.checked_sub(self.scale)?)?)
    }

    /// Rounded to so many digits after the point, half away from zero.
    pub(super) fn round(self, scale: u32) -> Option<Self> {
        if scale >= self.scale {
            return Some(Self { digits: self.scaled(scale)?, scale });
        }
        let unit = power(self.scale - scale)?;
        let half = if self.digits < 0 { -unit / 2 } else { unit / 2 };
        Some(Self { digits: self.digits.checked_add(half)? / unit, scale })
    }

    /// Whether it has at most so many digits before the point.
    pub(super) fn fits(self, whole: u32) -> bool {
        power(self.scale + whole).is_none_or(|limit| self.digits.abs() < limit)
    }

    pub(super) fn add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        Some(Self { digits: self.scaled(scale)?.checked_add(other.scaled(scale)?)?, scale })
    }

    pub(super) fn negate(self) -> Self {
        Self { digits: -self.digits, ..self }
    }

    pub(super) fn multiply(self, other: Self) -> Option<Self> {
        Some(Self { digits: self.digits.checked_mul(other.digits)?, scale: self.scale + other.scale })
    }

    /// The quotient, without zeros at its end; `None` if it is none.
    pub(super) fn divide(self, other: Self) -> Option<Self> {
        let scale = QUOTIENT.max(self.scale);
        // One digit more, to round by.
        let dividend = self.digits.checked_mul(power((scale + 1 + other.scale).checked_sub(self.scale)?)?)?;
        let quotient = Self { digits: dividend.checked_div(other.digits)?, scale: scale + 1 };
        Some(quotient.round(scale)?.plain())
    }

    /// What is left after division into a whole number.
    pub(super) fn remainder(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        Some(Self { digits: self.scaled(scale)?.checked_rem(other.scaled(scale)?)?, scale })
    }

    /// Without zeros at its end.
    fn plain(mut self) -> Self {
        while self.scale > 0 && self.digits % 10 == 0 {
            self = Self { digits: self.digits / 10, scale: self.scale - 1 };
        }
        self
    }

    /// Its whole part, if that is an integer of 64 bits.
    pub(super) fn to_int(self) -> Option<i64> {
        i64::try_from(self.digits / power(self.scale)?).ok()
    }

    pub(super) fn to_float(self) -> f64 {
        // The text is what rounds rightly.
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    pub(super) fn compare(self, other: Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        match (self.scaled(scale), other.scaled(scale)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => self.to_float().total_cmp(&other.to_float()),
        }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.compare(*other) == Ordering::Equal
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = self.scale as usize;
        let digits = format!("{:0>width$}", self.digits.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        f.write_str(if self.digits < 0 { "-" } else { "" })?;
        f.write_str(whole)?;
        if scale > 0 { write!(f, ".{fraction}") } else { Ok(()) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn numbers_are_read_and_shown() {
        for text in ["0", "1.10", "-0.05", "123456789012345678901234567890.12345678"] {
            assert_eq!(of(text).to_string(), text);
        }
        for text in ["", "-", ".", "1e5", "1.2.3", "a", &"9".repeat(39)] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(of("0.1").add(of("0.2")).unwrap().to_string(), "0.3");
        assert_eq!(of("1.5").multiply(of("-2.50")).unwrap().to_string(), "-3.750");
        assert_eq!(of("3").divide(of("2")).unwrap().to_string(), "1.5");
        assert_eq!(of("2").divide(of("3")).unwrap().to_string(), "0.6666666666666667");
        assert_eq!(of("7.5").remainder(of("2")).unwrap().to_string(), "1.5");
        assert!(of("1").divide(of("0")).is_none());
        assert_eq!(of("2.345").round(2).unwrap().to_string(), "2.35");
        assert_eq!(of("-2.5").round(0).unwrap().to_string(), "-3");
        assert!(of("1.0") == of("1") && of("-1").compare(of("0.5")) == Ordering::Less);
        assert!(of("999.9").fits(3) && !of("1000").fits(3));
    }
}
