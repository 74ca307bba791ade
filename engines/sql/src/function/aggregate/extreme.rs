//! The greatest and the least: `max_by`, `min_by`, and `max`, `min` with a number.

use std::cmp::Ordering;

use super::{List, Row, Skip};
use crate::error::{Result, SqlError};
use crate::function::Types;
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.add("max_by", "(V, K) -> V", Skip::At(1), |_, rows| {
        Ok(best(rows, 1, Ordering::Greater).map_or(Value::Null, |row| row[0].clone()))
    })
    .reduce = Some(|_, rows| Ok(best(&rows, 1, Ordering::Greater).cloned().into_iter().collect()));
    list.add("min_by", "(V, K) -> V", Skip::At(1), |_, rows| {
        Ok(best(rows, 1, Ordering::Less).map_or(Value::Null, |row| row[0].clone()))
    })
    .reduce = Some(|_, rows| Ok(best(&rows, 1, Ordering::Less).cloned().into_iter().collect()));
    list.add("max_by", "(V, K, bigint) -> array(V)", Skip::At(1), |_, rows| several(rows, 1, 2, Ordering::Greater));
    list.add("min_by", "(V, K, bigint) -> array(V)", Skip::At(1), |_, rows| several(rows, 1, 2, Ordering::Less));
    list.add("max", "(T) -> T", Skip::Any, |_, rows| {
        Ok(best(rows, 0, Ordering::Greater).map_or(Value::Null, |row| row[0].clone()))
    })
    .reduce = Some(|_, rows| Ok(best(&rows, 0, Ordering::Greater).cloned().into_iter().collect()));
    list.add("min", "(T) -> T", Skip::Any, |_, rows| {
        Ok(best(rows, 0, Ordering::Less).map_or(Value::Null, |row| row[0].clone()))
    })
    .reduce = Some(|_, rows| Ok(best(&rows, 0, Ordering::Less).cloned().into_iter().collect()));
    list.add("max", "(T, bigint) -> array(T)", Skip::At(0), |_, rows| several(rows, 0, 1, Ordering::Greater));
    list.add("min", "(T, bigint) -> array(T)", Skip::At(0), |_, rows| several(rows, 0, 1, Ordering::Less));
    list.add("single value", "(T) -> T", Skip::None, single);
}

fn best(rows: &[Row], key: usize, wanted: Ordering) -> Option<&Row> {
    rows.iter().reduce(|best, row| if row[key].order(&best[key]) == wanted { row } else { best })
}

fn several(rows: &[Row], key: usize, count: usize, wanted: Ordering) -> Result<Value> {
    let Some(first) = rows.first() else { return Ok(Value::Null) };
    let n = match &first[count] {
        Value::Integer(n) if *n > 0 && *n <= 10_000 => *n as usize,
        Value::Integer(n) if *n > 10_000 => {
            return Err(SqlError::argument(format!(
                "third argument of max_by/min_by must be less than or equal to 10000; found {n}"
            )));
        }
        _ => return Err(SqlError::argument("third argument of max_by/min_by must be a positive integer")),
    };
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by(|a, b| if wanted == Ordering::Greater { b[key].order(&a[key]) } else { a[key].order(&b[key]) });
    Ok(Value::array(sorted.into_iter().take(n).map(|row| row[0].clone()).collect()))
}

/// The value of a scalar subquery.
fn single(_: &Types, rows: &[Row]) -> Result<Value> {
    match rows {
        [] => Ok(Value::Null),
        [row] => Ok(row[0].clone()),
        _ => {
            Err(SqlError::new(crate::error::Code::SubqueryMultipleRows, "Scalar sub-query has returned multiple rows"))
        }
    }
}
