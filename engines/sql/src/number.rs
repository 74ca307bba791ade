//! Decimals: 38 digits with a point somewhere.
//!
//! <https://trino.io/docs/current/functions/decimal.html>

use crate::error::{Result, SqlError};

/// The powers of ten that fit.
static POWERS: [i128; 39] = {
    let mut powers = [1; 39];
    let mut n = 1;
    while n < powers.len() {
        powers[n] = powers[n - 1] * 10;
        n += 1;
    }
    powers
};

/// A power of ten.
pub(crate) fn pow10(exponent: u32) -> i128 {
    // INVARIANT: exponents are differences of scales, at most 38.
    POWERS[exponent.min(38) as usize]
}

/// Whether the digits fit a precision.
pub(crate) fn fits(unscaled: i128, precision: u8) -> bool {
    unscaled.unsigned_abs() < pow10(u32::from(precision)).unsigned_abs()
}

/// Moves the point, rounding half away from zero; `None` if the digits overflow.
pub(crate) fn rescale(unscaled: i128, from: u8, to: u8) -> Option<i128> {
    if to >= from {
        return unscaled.checked_mul(pow10(u32::from(to - from)));
    }
    Some(round_div(unscaled, pow10(u32::from(from - to))))
}

/// Divides, rounding half away from zero.
pub(crate) fn round_div(dividend: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (dividend / divisor, dividend % divisor);
    let up = rest.unsigned_abs() >= divisor.unsigned_abs() - rest.unsigned_abs() && rest != 0;
    if up { quotient + if (dividend < 0) == (divisor < 0) { 1 } else { -1 } } else { quotient }
}

/// Writes digits with the point in its place: `-0.05`.
pub(crate) fn write(unscaled: i128, scale: u8) -> String {
    let scale = usize::from(scale);
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let sign = if unscaled < 0 { "-" } else { "" };
    let (whole, part) = digits.split_at(digits.len() - scale);
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// Reads `-12.340` or `1.5e3`: the digits and how many are after the point.
pub(crate) fn read(text: &str) -> Option<(i128, u8)> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && part.is_empty() {
        return None;
    }
    let mut unscaled: i128 = 0;
    for digit in whole.chars().chain(part.chars()) {
        unscaled = unscaled.checked_mul(10)?.checked_add(i128::from(digit.to_digit(10)?))?;
    }
    let scale = i32::try_from(part.len()).ok()? - exponent;
    let (unscaled, scale) = if scale < 0 {
        (unscaled.checked_mul(10_i128.checked_pow(scale.unsigned_abs())?)?, 0)
    } else {
        (unscaled, scale)
    };
    Some((sign * unscaled, u8::try_from(scale).ok()?))
}

/// Makes a decimal of a type from digits of another scale.
pub(crate) fn into_type(unscaled: i128, scale: u8, to: (u8, u8), shown: impl Fn() -> String) -> Result<i128> {
    match rescale(unscaled, scale, to.1) {
        Some(digits) if fits(digits, to.0) => Ok(digits),
        _ => Err(SqlError::cast(format!("Cannot cast {} to DECIMAL({}, {})", shown(), to.0, to.1))),
    }
}

/// How Trino writes a double as varchar: `1.0E10`, `0.1`, `NaN`.
///
/// <https://trino.io/docs/current/functions/conversion.html>
pub(crate) fn write_double(number: f64) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    if number == 0.0 {
        return if number.is_sign_negative() { "-0.0".into() } else { "0.0".into() };
    }
    scientific(&format!("{number:E}"), &format!("{number}"), number.abs())
}

/// The same for a real.
pub(crate) fn write_real(number: f32) -> String {
    if number.is_finite() && number != 0.0 {
        return scientific(&format!("{number:E}"), &format!("{number}"), f64::from(number.abs()));
    }
    write_double(f64::from(number))
}

fn scientific(exponential: &str, plain: &str, size: f64) -> String {
    if (1e-3..1e7).contains(&size) {
        return if plain.contains('.') { plain.to_owned() } else { format!("{plain}.0") };
    }
    match exponential.split_once('E') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0E{exponent}"),
        _ => exponential.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_written_and_rounded() {
        assert_eq!(read("-12.340"), Some((-12_340, 3)));
        assert_eq!(read("1.5e3"), Some((1500, 0)));
        assert_eq!(read("."), None);
        assert_eq!(write(-5, 2), "-0.05");
        assert_eq!(rescale(-125, 2, 1), Some(-13));
        assert_eq!(round_div(7, 2), 4);
        assert_eq!(round_div(-7, 2), -4);
        assert_eq!(round_div(1, 3), 0);
    }

    #[test]
    fn floats_are_written_as_java_does() {
        assert_eq!(write_double(1e10), "1.0E10");
        assert_eq!(write_double(0.1), "0.1");
        assert_eq!(write_double(100.0), "100.0");
        assert_eq!(write_double(1.5e-5), "1.5E-5");
        assert_eq!(write_real(0.1), "0.1");
    }
}
