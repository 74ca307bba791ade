//! Vectors: distances and similarities.
//!
//! <https://trino.io/docs/current/functions/math.html#geometric-functions>,
//! <https://trino.io/docs/current/functions/array.html>

use super::List;
use crate::error::{Result, SqlError};
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.plain("euclidean_distance", "(array(double), array(double)) -> double", |args| {
        Ok(pairs(args)?
            .map_or(Value::Null, |all| Value::Double(all.iter().map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt())))
    });
    list.plain("dot_product", "(array(double), array(double)) -> double", |args| {
        Ok(pairs(args)?.map_or(Value::Null, |all| Value::Double(all.iter().map(|(a, b)| a * b).sum())))
    });
    list.plain("cosine_similarity", "(array(double), array(double)) -> double", |args| {
        Ok(pairs(args)?.map_or(Value::Null, |all| cosine(&all).map_or(Value::Null, Value::Double)))
    });
    list.plain("cosine_distance", "(array(double), array(double)) -> double", |args| {
        Ok(pairs(args)?.map_or(Value::Null, |all| cosine(&all).map_or(Value::Null, |it| Value::Double(1.0 - it))))
    });
    list.plain("cosine_similarity", "(map(varchar, double), map(varchar, double)) -> double", |args| {
        Ok(sparse(args)?.map_or(Value::Null, Value::Double))
    });
    list.plain("cosine_distance", "(map(varchar, double), map(varchar, double)) -> double", |args| {
        Ok(sparse(args)?.map_or(Value::Null, |it| Value::Double(1.0 - it)))
    });
}

/// The elements of both, side by side; nothing when one is NULL.
fn pairs(args: &[Value]) -> Result<Option<Vec<(f64, f64)>>> {
    let (a, b) = (args[0].as_array()?, args[1].as_array()?);
    if a.len() != b.len() {
        return Err(SqlError::argument("The arguments must have the same length"));
    }
    if a.iter().chain(b).any(Value::is_null) {
        return Ok(None);
    }
    a.iter().zip(b).map(|(a, b)| Ok((a.as_f64()?, b.as_f64()?))).collect::<Result<_>>().map(Some)
}

/// Nothing when one of the vectors has no direction.
fn cosine(pairs: &[(f64, f64)]) -> Option<f64> {
    let sum = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>();
    let norms = sum(|(a, _)| a * a).sqrt() * sum(|(_, b)| b * b).sqrt();
    (norms != 0.0).then(|| sum(|(a, b)| a * b) / norms)
}

/// Maps are vectors whose other elements are 0.
fn sparse(args: &[Value]) -> Result<Option<f64>> {
    let (a, b) = (args[0].as_map()?, args[1].as_map()?);
    if a.iter().chain(b).any(|(_, value)| value.is_null()) {
        return Ok(None);
    }
    let find = |all: &[(Value, Value)], key: &Value| match all.iter().find(|(own, _)| own.same(key)) {
        Some((_, value)) => value.as_f64(),
        None => Ok(0.0),
    };
    let mut pairs = Vec::new();
    for (key, value) in a {
        pairs.push((value.as_f64()?, find(b, key)?));
    }
    for (key, value) in b {
        if !a.iter().any(|(own, _)| own.same(key)) {
            pairs.push((0.0, value.as_f64()?));
        }
    }
    Ok(cosine(&pairs))
}
