//! Distributions: normal, beta, Student's t, and the Wilson score interval.
//!
//! <https://trino.io/docs/current/functions/math.html#statistical-functions>,
//! <https://trino.io/docs/current/functions/math.html#cumulative-distribution-functions>

use super::List;
use crate::error::{Result, SqlError};
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.plain("normal_cdf", "(double, double, double) -> double", |args| {
        let [mean, deviation, value] = three(args)?;
        check(deviation > 0.0, "standardDeviation must be > 0")?;
        Ok(Value::Double(normal((value - mean) / deviation)))
    });
    list.plain("inverse_normal_cdf", "(double, double, double) -> double", |args| {
        let [mean, deviation, share] = three(args)?;
        check(share > 0.0 && share < 1.0, "p must be 0 > p > 1")?;
        check(deviation > 0.0, "sd must be > 0")?;
        Ok(Value::Double(mean + deviation * inverse(-40.0, 40.0, share, normal)))
    });
    list.plain("beta_cdf", "(double, double, double) -> double", |args| {
        let [a, b, value] = three(args)?;
        check((0.0..=1.0).contains(&value), "value must be 0 >= v >= 1")?;
        check(a > 0.0 && b > 0.0, "a, b must be > 0")?;
        Ok(Value::Double(beta(a, b, value)))
    });
    list.plain("inverse_beta_cdf", "(double, double, double) -> double", |args| {
        let [a, b, share] = three(args)?;
        check((0.0..=1.0).contains(&share), "p must be 0 >= p >= 1")?;
        check(a > 0.0 && b > 0.0, "a, b must be > 0")?;
        Ok(Value::Double(inverse(0.0, 1.0, share, |x| beta(a, b, x))))
    });
    list.plain("t_cdf", "(double, double) -> double", |args| {
        let (x, freedom) = (args[0].as_f64()?, args[1].as_f64()?);
        check(freedom > 0.0, "df must be greater than 0")?;
        let tail = beta(freedom / 2.0, 0.5, freedom / (freedom + x * x)) / 2.0;
        Ok(Value::Double(if x < 0.0 { tail } else { 1.0 - tail }))
    });
    list.plain("t_pdf", "(double, double) -> double", |args| {
        let (x, freedom) = (args[0].as_f64()?, args[1].as_f64()?);
        check(freedom > 0.0, "df must be greater than 0")?;
        let scale = ln_gamma((freedom + 1.0) / 2.0) - ln_gamma(freedom / 2.0);
        let log = scale - (freedom * std::f64::consts::PI).ln() / 2.0;
        Ok(Value::Double((log - (freedom + 1.0) / 2.0 * (x * x / freedom).ln_1p()).exp()))
    });
    list.plain("wilson_interval_lower", "(bigint, bigint, double) -> double", |args| wilson(args, -1.0));
    list.plain("wilson_interval_upper", "(bigint, bigint, double) -> double", |args| wilson(args, 1.0));
}

fn three(args: &[Value]) -> Result<[f64; 3]> {
    Ok([args[0].as_f64()?, args[1].as_f64()?, args[2].as_f64()?])
}

fn check(holds: bool, otherwise: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(SqlError::argument(otherwise)) }
}

fn wilson(args: &[Value], side: f64) -> Result<Value> {
    let (successes, trials, z) = (args[0].as_int()?, args[1].as_int()?, args[2].as_f64()?);
    check(successes >= 0, "number of successes must not be negative")?;
    check(trials > 0, "number of trials must be positive")?;
    check(successes <= trials, "number of successes must not be larger than number of trials")?;
    check(z >= 0.0, "z-score must not be negative")?;
    let n = trials as f64;
    let share = successes as f64 / n;
    let spread = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    Ok(Value::Double((share + z * z / (2.0 * n) + side * spread) / (1.0 + z * z / n)))
}

/// Where a function that grows reaches a value.
fn inverse(mut low: f64, mut high: f64, wanted: f64, of: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        let found = of(middle);
        if found == wanted {
            return middle;
        }
        if found < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

/// The share of the standard normal distribution below a value, by the incomplete gamma function of a half.
fn normal(z: f64) -> f64 {
    let half = gamma_share(0.5, z * z / 2.0) / 2.0;
    if z < 0.0 { 0.5 - half } else { 0.5 + half }
}

/// The regularised lower incomplete gamma function: a series where it converges fast, a continued fraction elsewhere.
///
/// <https://dlmf.nist.gov/8.11>, <https://dlmf.nist.gov/8.9>
fn gamma_share(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        while term > sum * 1e-17 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        return front * sum;
    }
    let odd = |n: f64| n * (a - n);
    let fraction = continued(x + 1.0 - a, |n| (odd(n), x + 1.0 - a + 2.0 * n));
    1.0 - front / fraction
}

/// The regularised incomplete beta function.
///
/// <https://dlmf.nist.gov/8.17#v>
fn beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    // The fraction converges fast below the mean; above it, the other tail is computed.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta(b, a, 1.0 - x);
    }
    let front = (a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b)).exp() / a;
    let step = |n: f64| {
        let m = (n / 2.0).floor();
        if n % 2.0 == 0.0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        }
    };
    front / continued(1.0, |n| (step(n), 1.0))
}

/// A continued fraction `first + a1 / (b1 + a2 / (b2 + …))`, by Lentz's method.
///
/// <https://dlmf.nist.gov/3.10#iii>
fn continued(first: f64, step: impl Fn(f64) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |x: f64| if x.abs() < TINY { TINY } else { x };
    let mut value = away(first);
    let (mut above, mut below) = (value, 0.0);
    for n in 1..10_000 {
        let (a, b) = step(f64::from(n));
        below = 1.0 / away(b + a * below);
        above = away(b + a / above);
        let change = above * below;
        value *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// The logarithm of the gamma function of a positive number: Stirling's series, moved to where it is exact.
///
/// <https://dlmf.nist.gov/5.11#i>
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 15.0 {
        shift += x.ln();
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0];
    let sum = series.iter().rev().fold(0.0, |sum, term| sum * square + term) / x;
    (x - 0.5) * x.ln() - x + (2.0 * std::f64::consts::PI).ln() / 2.0 + sum - shift
}
