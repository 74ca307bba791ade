//! Functions that take lambdas.
//!
//! <https://trino.io/docs/current/functions/array.html>,
//! <https://trino.io/docs/current/functions/map.html>

use super::List;
use crate::error::{Result, SqlError};
use crate::value::{Ordered, Value};

pub(super) fn register(list: &mut List) {
    list.plain("transform", "(array(T), function(T, U)) -> array(U)", |args| Ok(Value::array(each(args, 1)?)));
    list.plain("filter", "(array(T), function(T, boolean)) -> array(T)", |args| {
        let keep = each(args, 1)?;
        let all = args[0].as_array()?.iter().zip(keep).filter(|(_, keep)| matches!(keep, Value::Boolean(true)));
        Ok(Value::Array(all.map(|(one, _)| one.clone()).collect()))
    });
    list.plain("any_match", "(array(T), function(T, boolean)) -> boolean", |args| Ok(matched(&each(args, 1)?, true)));
    list.plain("all_match", "(array(T), function(T, boolean)) -> boolean", |args| Ok(matched(&each(args, 1)?, false)));
    list.plain("none_match", "(array(T), function(T, boolean)) -> boolean", |args| {
        Ok(match matched(&each(args, 1)?, true) {
            Value::Boolean(any) => Value::Boolean(!any),
            other => other,
        })
    });
    list.plain("reduce", "(array(T), S, function(S, T, S), function(S, R)) -> R", |args| {
        // NULL is a state like others, but no array.
        if args[0].is_null() {
            return Ok(Value::Null);
        }
        let mut state = args[1].clone();
        for one in args[0].as_array()? {
            state = call(&args[2], vec![state, one.clone()])?;
        }
        call(&args[3], vec![state])
    })
    .with_nulls();
    list.plain("array_sort", "(array(T), function(T, T, integer)) -> array(T)", |args| {
        let mut sorted: Vec<Value> = Vec::new();
        // Insertion keeps equal ones in their order, whatever the lambda says about itself.
        for one in args[0].as_array()? {
            let (mut low, mut high) = (0, sorted.len());
            while low < high {
                let middle = (low + high) / 2;
                match call(&args[1], vec![one.clone(), sorted[middle].clone()])? {
                    Value::Integer(it) if (-1..=1).contains(&it) => {
                        if it < 0 {
                            high = middle
                        } else {
                            low = middle + 1
                        }
                    }
                    _ => return Err(SqlError::argument("Lambda comparator must return either -1, 0, or 1")),
                }
            }
            sorted.insert(low, one.clone());
        }
        Ok(Value::array(sorted))
    });
    list.plain("zip_with", "(array(T), array(U), function(T, U, R)) -> array(R)", |args| {
        let (a, b) = (args[0].as_array()?, args[1].as_array()?);
        let at = |all: &[Value], n: usize| all.get(n).cloned().unwrap_or(Value::Null);
        let rows: Vec<Vec<Value>> = (0..a.len().max(b.len())).map(|n| vec![at(a, n), at(b, n)]).collect();
        Ok(Value::array((args[2].as_lambda()?.0)(&rows)?))
    });
    list.plain("map_filter", "(map(K, V), function(K, V, boolean)) -> map(K, V)", |args| {
        let keep = entries(args)?;
        let all = args[0].as_map()?.iter().zip(keep).filter(|(_, keep)| matches!(keep, Value::Boolean(true)));
        Ok(Value::Map(all.map(|(entry, _)| entry.clone()).collect()))
    });
    list.plain("transform_values", "(map(K, V), function(K, V, W)) -> map(K, W)", |args| {
        let values = entries(args)?;
        Ok(Value::Map(args[0].as_map()?.iter().zip(values).map(|((key, _), value)| (key.clone(), value)).collect()))
    });
    list.plain("transform_keys", "(map(K, V), function(K, V, W)) -> map(W, V)", |args| {
        let mut seen = std::collections::BTreeSet::new();
        let mut all = Vec::new();
        for ((_, value), key) in args[0].as_map()?.iter().zip(entries(args)?) {
            if key.is_null() {
                return Err(SqlError::argument("map key cannot be null"));
            }
            if !seen.insert(Ordered(key.clone())) {
                return Err(SqlError::argument("Duplicate map keys are not allowed"));
            }
            all.push((key, value.clone()));
        }
        Ok(Value::Map(all.into()))
    });
    list.plain("map_zip_with", "(map(K, V), map(K, W), function(K, V, W, R)) -> map(K, R)", |args| {
        let (a, b) = (args[0].as_map()?, args[1].as_map()?);
        let find = |all: &[(Value, Value)], key: &Value| {
            all.iter().find(|(own, _)| own.same(key)).map_or(Value::Null, |(_, value)| value.clone())
        };
        let mut keys: Vec<Value> = a.iter().map(|(key, _)| key.clone()).collect();
        keys.extend(b.iter().filter(|(key, _)| !a.iter().any(|(own, _)| own.same(key))).map(|(key, _)| key.clone()));
        let rows: Vec<Vec<Value>> = keys.iter().map(|key| vec![key.clone(), find(a, key), find(b, key)]).collect();
        Ok(Value::Map(keys.into_iter().zip((args[2].as_lambda()?.0)(&rows)?).collect()))
    });
}

fn call(lambda: &Value, args: Vec<Value>) -> Result<Value> {
    let mut result = (lambda.as_lambda()?.0)(&[args])?;
    result.pop().ok_or_else(|| SqlError::internal("a lambda without a result"))
}

/// The lambda's results for each element.
fn each(args: &[Value], lambda: usize) -> Result<Vec<Value>> {
    let rows: Vec<Vec<Value>> = args[0].as_array()?.iter().map(|one| vec![one.clone()]).collect();
    (args[lambda].as_lambda()?.0)(&rows)
}

fn entries(args: &[Value]) -> Result<Vec<Value>> {
    let rows: Vec<Vec<Value>> = args[0].as_map()?.iter().map(|(key, value)| vec![key.clone(), value.clone()]).collect();
    (args[1].as_lambda()?.0)(&rows)
}

/// Whether one is this; NULL when none is, but some are NULL. Of `false`, whether none is.
fn matched(all: &[Value], wanted: bool) -> Value {
    if all.iter().any(|one| matches!(one, Value::Boolean(it) if *it == wanted)) {
        return Value::Boolean(wanted);
    }
    if all.iter().any(Value::is_null) { Value::Null } else { Value::Boolean(!wanted) }
}
