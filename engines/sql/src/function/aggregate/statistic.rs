//! Numbers about numbers: percentiles, means, moments, checksums, bits.

use super::{List, Row, Skip};
use crate::error::{Result, SqlError};
use crate::function::Types;
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    for of in ["bigint", "double", "real"] {
        let one = format!("({of}, double) -> {of}");
        list.add("approx_percentile", &one, Skip::Any, |types, rows| percentile(types, rows, None, 1));
        list.add("approx_percentile", &format!("({of}, array(double)) -> array({of})"), Skip::Any, |types, rows| {
            percentile(types, rows, None, 1)
        });
        list.add("approx_percentile", &format!("({of}, double, double) -> {of}"), Skip::Any, |types, rows| {
            percentile(types, rows, Some(1), 2)
        });
        let weighed = format!("({of}, double, array(double)) -> array({of})");
        list.add("approx_percentile", &weighed, Skip::Any, |types, rows| percentile(types, rows, Some(1), 2));
    }
    for of in ["interval day to second", "interval year to month"] {
        list.add("sum", &format!("({of}) -> {of}"), Skip::Any, |_, rows| interval(rows, false));
        list.add("avg", &format!("({of}) -> {of}"), Skip::Any, |_, rows| interval(rows, true));
    }
    list.add("geometric_mean", "(double) -> double", Skip::Any, |_, rows| {
        let logs = numbers(rows)?.into_iter().map(f64::ln);
        if rows.is_empty() { Ok(Value::Null) } else { Ok(Value::Double((logs.sum::<f64>() / rows.len() as f64).exp())) }
    });
    list.add("skewness", "(double) -> double", Skip::Any, |_, rows| {
        let (n, m2, m3, _) = moments(rows)?;
        if n < 3.0 { Ok(Value::Null) } else { Ok(Value::Double(n.sqrt() * m3 / m2.powf(1.5))) }
    });
    list.add("kurtosis", "(double) -> double", Skip::Any, |_, rows| {
        let (n, m2, _, m4) = moments(rows)?;
        if n < 4.0 {
            return Ok(Value::Null);
        }
        let first = n * (n + 1.0) / ((n - 1.0) * (n - 2.0) * (n - 3.0));
        let variance = m2 / (n - 1.0);
        Ok(Value::Double(first * m4 / (variance * variance) - 3.0 * (n - 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0))))
    });
    list.add("entropy", "(bigint) -> double", Skip::Any, |_, rows| {
        let counts = numbers(rows)?;
        if counts.iter().any(|count| *count < 0.0) {
            return Err(SqlError::argument("Entropy count argument must be non-negative"));
        }
        let total: f64 = counts.iter().sum();
        let parts = counts.iter().filter(|count| **count > 0.0).map(|count| count / total);
        Ok(Value::Double(if total == 0.0 { 0.0 } else { -parts.map(|p| p * p.log2()).sum::<f64>() }))
    });
    list.add("bitwise_and_agg", "(bigint) -> bigint", Skip::Any, |_, rows| fold(rows, -1, |a, b| a & b));
    list.add("bitwise_or_agg", "(bigint) -> bigint", Skip::Any, |_, rows| fold(rows, 0, |a, b| a | b));
    list.add("bitwise_xor_agg", "(bigint) -> bigint", Skip::Any, |_, rows| fold(rows, 0, |a, b| a ^ b));
    list.add("numeric_histogram", "(bigint, double) -> map(double, double)", Skip::Any, histogram);
    list.add("numeric_histogram", "(bigint, double, double) -> map(double, double)", Skip::Any, histogram);
}

fn numbers(rows: &[Row]) -> Result<Vec<f64>> {
    rows.iter().map(|row| row[0].as_f64()).collect()
}

/// The sum or the mean of intervals of one kind.
fn interval(rows: &[Row], mean: bool) -> Result<Value> {
    let range = || SqlError::range("interval addition overflow");
    let mut sum: i64 = 0;
    for row in rows {
        let by = match &row[0] {
            Value::Months(it) => i64::from(*it),
            Value::Millis(it) => *it,
            other => return Err(SqlError::internal(format!("{other:?} is no interval"))),
        };
        sum = sum.checked_add(by).ok_or_else(range)?;
    }
    if mean && !rows.is_empty() {
        sum = (sum as f64 / rows.len() as f64).round() as i64;
    }
    match rows.first().map(|row| &row[0]) {
        Some(Value::Months(_)) => i32::try_from(sum).map(Value::Months).map_err(|_| range()),
        Some(_) => Ok(Value::Millis(sum)),
        None => Ok(Value::Null),
    }
}

fn fold(rows: &[Row], start: i64, apply: fn(i64, i64) -> i64) -> Result<Value> {
    if rows.is_empty() {
        return Ok(Value::Null);
    }
    let mut all = start;
    for row in rows {
        all = apply(all, row[0].as_int()?);
    }
    Ok(Value::Integer(all))
}

fn moments(rows: &[Row]) -> Result<(f64, f64, f64, f64)> {
    let all = numbers(rows)?;
    let n = all.len() as f64;
    let mean = all.iter().sum::<f64>() / n;
    let power = |by: i32| all.iter().map(|x| (x - mean).powi(by)).sum::<f64>();
    Ok((n, power(2), power(3), power(4)))
}

/// The value below which a share of the weight lies. Trino approximates; this is exact, so within its error.
///
/// <https://trino.io/docs/current/functions/aggregate.html#approx_percentile>
fn percentile(_: &Types, rows: &[Row], weight: Option<usize>, share: usize) -> Result<Value> {
    let Some(first) = rows.first() else { return Ok(Value::Null) };
    let mut sorted: Vec<(&Value, f64)> = Vec::new();
    for row in rows {
        let weight = weight.map_or(Ok(1.0), |at| row[at].as_f64())?;
        if weight <= 0.0 {
            return Err(SqlError::argument("percentile weight must be > 0"));
        }
        sorted.push((&row[0], weight));
    }
    sorted.sort_by(|a, b| a.0.order(b.0));
    let total: f64 = sorted.iter().map(|(_, weight)| weight).sum();
    let at = |share: &Value| -> Result<Value> {
        let share = share.as_f64()?;
        if !(0.0..=1.0).contains(&share) {
            return Err(SqlError::argument("Percentile must be between 0 and 1"));
        }
        let target = share * total;
        let mut below = 0.0;
        for (value, weight) in &sorted {
            below += weight;
            if below > target || below == total {
                return Ok((*value).clone());
            }
        }
        Ok(Value::Null)
    };
    match &first[share] {
        Value::Array(shares) => Ok(Value::Array(shares.iter().map(at).collect::<Result<_>>()?)),
        share => at(share),
    }
}

/// Values in so many buckets: the two nearest are joined until there are no more than that.
fn histogram(_: &Types, rows: &[Row]) -> Result<Value> {
    let Some(buckets) = rows.first().map(|row| row[0].as_int()) else { return Ok(Value::Null) };
    let buckets = usize::try_from(buckets?)
        .ok()
        .filter(|n| *n >= 2)
        .ok_or_else(|| SqlError::argument("numeric_histogram bucket count must be greater than one"))?;
    let mut all: Vec<(f64, f64)> = rows
        .iter()
        .map(|row| Ok((row[1].as_f64()?, row.get(2).map_or(Ok(1.0), Value::as_f64)?)))
        .collect::<Result<_>>()?;
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    all.dedup_by(|b, a| {
        if a.0 == b.0 {
            a.1 += b.1;
            true
        } else {
            false
        }
    });
    while all.len() > buckets {
        let gap = |n: usize| all[n + 1].0 - all[n].0;
        let nearest = (0..all.len() - 1).min_by(|a, b| gap(*a).total_cmp(&gap(*b))).unwrap_or(0);
        let (a, b) = (all[nearest], all.remove(nearest + 1));
        all[nearest] = ((a.0 * a.1 + b.0 * b.1) / (a.1 + b.1), a.1 + b.1);
    }
    Ok(Value::Map(all.into_iter().map(|(mean, count)| (Value::Double(mean), Value::Double(count))).collect()))
}
