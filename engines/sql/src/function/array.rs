//! Arrays.
//!
//! <https://trino.io/docs/current/functions/array.html>

use std::collections::{BTreeMap, BTreeSet};

use super::{List, Types};
use crate::error::{Result, SqlError};
use crate::types::Type;
use crate::value::{Ordered, Value, distinct};

pub(super) fn register(list: &mut List) {
    list.plain("subscript", "(array(E), bigint) -> E", subscript);
    list.plain("element_at", "(array(E), bigint) -> E", |args| {
        let (all, at) = (args[0].as_array()?, args[1].as_int()?);
        if at == 0 {
            return Err(SqlError::argument("SQL array indices start at 1"));
        }
        Ok(from_end(all, at).cloned().unwrap_or(Value::Null))
    });
    list.plain("cardinality", "(array(E)) -> bigint", |args| Ok(length(args[0].as_array()?)));
    list.plain("contains", "(array(E), E) -> boolean", |args| {
        let mut null = false;
        for one in args[0].as_array()? {
            match one.equals(&args[1]) {
                Some(true) => return Ok(Value::Boolean(true)),
                None => null = true,
                Some(false) => (),
            }
        }
        Ok(if null { Value::Null } else { Value::Boolean(false) })
    });
    list.plain("array_position", "(array(E), E) -> bigint", |args| {
        let at = args[0].as_array()?.iter().position(|one| one.equals(&args[1]) == Some(true));
        Ok(Value::Integer(at.map_or(0, |at| at as i64 + 1)))
    });
    list.plain("array_remove", "(array(E), E) -> array(E)", |args| {
        Ok(Value::Array(args[0].as_array()?.iter().filter(|one| one.equals(&args[1]) != Some(true)).cloned().collect()))
    });
    list.plain("array_distinct", "(array(E)) -> array(E)", |args| {
        Ok(Value::array(distinct(args[0].as_array()?.to_vec())))
    });
    list.plain("array_sort", "(array(O)) -> array(O)", |args| {
        let mut all = args[0].as_array()?.to_vec();
        all.sort_by(Value::order);
        Ok(Value::array(all))
    });
    list.plain("array_max", "(array(O)) -> O", |args| extreme(args, std::cmp::Ordering::Greater));
    list.plain("array_min", "(array(O)) -> O", |args| extreme(args, std::cmp::Ordering::Less));
    list.plain("array_union", "(array(E), array(E)) -> array(E)", |args| {
        Ok(Value::array(distinct(args[0].as_array()?.iter().chain(args[1].as_array()?).cloned())))
    });
    list.plain("array_intersect", "(array(E), array(E)) -> array(E)", |args| {
        let other = set(args[1].as_array()?);
        Ok(Value::array(distinct(
            args[0].as_array()?.iter().filter(|one| other.contains(&Ordered((*one).clone()))).cloned(),
        )))
    });
    list.plain("array_except", "(array(E), array(E)) -> array(E)", |args| {
        let other = set(args[1].as_array()?);
        Ok(Value::array(distinct(
            args[0].as_array()?.iter().filter(|one| !other.contains(&Ordered((*one).clone()))).cloned(),
        )))
    });
    list.plain("arrays_overlap", "(array(E), array(E)) -> boolean", |args| {
        let (a, b) = (args[0].as_array()?, args[1].as_array()?);
        let other = set(b);
        if a.iter().any(|one| !one.is_null() && other.contains(&Ordered(one.clone()))) {
            return Ok(Value::Boolean(true));
        }
        let null = a.iter().chain(b).any(Value::is_null) && !a.is_empty() && !b.is_empty();
        Ok(if null { Value::Null } else { Value::Boolean(false) })
    });
    list.typed("array_join", "(array(E), varchar) -> varchar", |types, args| join(types, args, None));
    list.typed("array_join", "(array(E), varchar, varchar) -> varchar", |types, args| {
        join(types, args, Some(args[2].as_str()?))
    });
    list.plain("array_first", "(array(E)) -> E", |args| {
        Ok(args[0].as_array()?.first().cloned().unwrap_or(Value::Null))
    });
    list.plain("array_last", "(array(E)) -> E", |args| Ok(args[0].as_array()?.last().cloned().unwrap_or(Value::Null)));
    list.plain("concat", "(array(E), array(E)...) -> array(E)", |args| {
        let mut all = Vec::new();
        for arg in args {
            all.extend(arg.as_array()?.iter().cloned());
        }
        Ok(Value::array(all))
    });
    list.plain("concat", "(array(E), E) -> array(E)", |args| {
        let mut all = args[0].as_array()?.to_vec();
        all.push(args[1].clone());
        Ok(Value::array(all))
    })
    .with_nulls();
    list.plain("concat", "(E, array(E)) -> array(E)", |args| {
        let mut all = vec![args[0].clone()];
        all.extend(args[1].as_array()?.iter().cloned());
        Ok(Value::array(all))
    })
    .with_nulls();
    list.plain("flatten", "(array(array(E))) -> array(E)", |args| {
        let mut all = Vec::new();
        for one in args[0].as_array()?.iter().filter(|one| !one.is_null()) {
            all.extend(one.as_array()?.iter().cloned());
        }
        Ok(Value::array(all))
    });
    list.plain("reverse", "(array(E)) -> array(E)", |args| {
        Ok(Value::Array(args[0].as_array()?.iter().rev().cloned().collect()))
    });
    list.plain("repeat", "(E, bigint) -> array(E)", |args| {
        if args[1].is_null() {
            return Ok(Value::Null);
        }
        match args[1].as_int()? {
            count @ 0..=10_000 => Ok(Value::array(vec![args[0].clone(); count as usize])),
            count if count < 0 => {
                Err(SqlError::argument("count argument of repeat function must be greater than or equal to 0"))
            }
            _ => Err(SqlError::argument("count argument of repeat function must be less than or equal to 10000")),
        }
    })
    .with_nulls();
    list.plain("slice", "(array(E), bigint, bigint) -> array(E)", slice);
    list.plain("trim_array", "(array(E), bigint) -> array(E)", |args| {
        let (all, count) = (args[0].as_array()?, args[1].as_int()?);
        match usize::try_from(count) {
            Ok(count) if count <= all.len() => Ok(Value::Array(all[..all.len() - count].into())),
            Ok(_) => Err(SqlError::argument(format!("size must not exceed array cardinality {}: {count}", all.len()))),
            Err(_) => Err(SqlError::argument(format!("size must not be negative: {count}"))),
        }
    });
    list.plain("sequence", "(bigint, bigint) -> array(bigint)", |args| {
        let (start, stop) = (args[0].as_int()?, args[1].as_int()?);
        sequence(start, stop, if stop >= start { 1 } else { -1 })
    });
    list.plain("sequence", "(bigint, bigint, bigint) -> array(bigint)", |args| {
        sequence(args[0].as_int()?, args[1].as_int()?, args[2].as_int()?)
    });
    list.plain("sequence", "(date, date) -> array(date)", |args| moments(args, &Value::Millis(86_400_000)));
    list.plain("sequence", "(date, date, interval day to second) -> array(date)", |args| moments(args, &args[2]));
    list.plain("sequence", "(date, date, interval year to month) -> array(date)", |args| moments(args, &args[2]));
    list.plain("sequence", "(timestamp, timestamp, interval day to second) -> array(timestamp)", |args| {
        moments(args, &args[2])
    });
    list.plain("sequence", "(timestamp, timestamp, interval year to month) -> array(timestamp)", |args| {
        moments(args, &args[2])
    });
    list.plain("ngrams", "(array(E), bigint) -> array(array(E))", |args| {
        let (all, n) = (args[0].as_array()?, args[1].as_int()?);
        let n = usize::try_from(n).ok().filter(|n| *n > 0).ok_or_else(|| SqlError::argument("N must be positive"))?;
        if all.len() <= n {
            return Ok(Value::array(vec![args[0].clone()]));
        }
        Ok(Value::Array(all.windows(n).map(|window| Value::Array(window.into())).collect()))
    });
    list.plain("array_histogram", "(array(E)) -> map(E, bigint)", |args| {
        let mut counts: Vec<(Value, i64)> = Vec::new();
        let mut places: BTreeMap<Ordered, usize> = BTreeMap::new();
        for one in args[0].as_array()?.iter().filter(|one| !one.is_null()) {
            let place = *places.entry(Ordered(one.clone())).or_insert(counts.len());
            match counts.get_mut(place) {
                Some((_, count)) => *count += 1,
                None => counts.push((one.clone(), 1)),
            }
        }
        Ok(Value::Map(counts.into_iter().map(|(one, count)| (one, Value::Integer(count))).collect()))
    });
    list.plain("contains_sequence", "(array(E), array(E)) -> boolean", |args| {
        let (all, part) = (args[0].as_array()?, args[1].as_array()?);
        let same = |window: &[Value]| window.iter().zip(part).all(|(a, b)| a.same(b));
        Ok(Value::Boolean(part.is_empty() || all.windows(part.len()).any(same)))
    });
    for letters in ["AB", "ABC", "ABCF", "ABCFG"] {
        let arrays: Vec<String> = letters.chars().map(|letter| format!("array({letter})")).collect();
        list.plain("zip", &format!("({}) -> array(row)", arrays.join(", ")), zip);
    }
    list.plain("combinations", "(array(E), bigint) -> array(array(E))", |args| {
        let n = args[1].as_int()?;
        match usize::try_from(n) {
            Ok(n) if n <= 5 => {
                let mut out = Vec::new();
                combine(args[0].as_array()?, n, &mut Vec::new(), &mut out)?;
                Ok(Value::array(out))
            }
            Ok(_) => Err(SqlError::argument("combination size must not exceed 5")),
            Err(_) => Err(SqlError::argument(format!("combination size must not be negative: {n}"))),
        }
    });
}

/// Rows of the elements at the same places; NULL for those that are missing.
fn zip(args: &[Value]) -> Result<Value> {
    let arrays = args.iter().map(Value::as_array).collect::<Result<Vec<_>>>()?;
    let longest = arrays.iter().map(|all| all.len()).max().unwrap_or(0);
    let row = |n: usize| Value::Row(arrays.iter().map(|all| all.get(n).cloned().unwrap_or(Value::Null)).collect());
    Ok(Value::Array((0..longest).map(row).collect()))
}

fn length(all: &[Value]) -> Value {
    Value::Integer(all.len() as i64)
}

/// The element at a place, from the end if it is negative.
fn from_end(all: &[Value], at: i64) -> Option<&Value> {
    let n = if at > 0 { at - 1 } else { all.len() as i64 + at };
    usize::try_from(n).ok().and_then(|n| all.get(n))
}

fn subscript(args: &[Value]) -> Result<Value> {
    let (all, at) = (args[0].as_array()?, args[1].as_int()?);
    match at {
        0 => Err(SqlError::argument("SQL array indices start at 1")),
        at if at < 0 => Err(SqlError::argument(format!("Array subscript is negative: {at}"))),
        at => all.get(at as usize - 1).cloned().ok_or_else(|| {
            SqlError::argument(format!(
                "Array subscript must be less than or equal to array length: {at} > {}",
                all.len()
            ))
        }),
    }
}

fn set(all: &[Value]) -> BTreeSet<Ordered> {
    all.iter().cloned().map(Ordered).collect()
}

fn extreme(args: &[Value], wanted: std::cmp::Ordering) -> Result<Value> {
    let all = args[0].as_array()?;
    if all.iter().any(Value::is_null) {
        return Ok(Value::Null);
    }
    let best = all.iter().reduce(|best, one| if one.order(best) == wanted { one } else { best });
    Ok(best.cloned().unwrap_or(Value::Null))
}

fn join(types: &Types, args: &[Value], null: Option<&str>) -> Result<Value> {
    let Type::Array(element) = &types.args[0] else { return Err(SqlError::internal("an array")) };
    let separator = args[1].as_str()?;
    let shown = args[0].as_array()?.iter().filter_map(|one| match one.is_null() {
        true => null.map(str::to_owned),
        false => Some(super::cast::show(element, one)),
    });
    Ok(Value::text(shown.collect::<Vec<_>>().join(separator)))
}

fn slice(args: &[Value]) -> Result<Value> {
    let (all, start, length) = (args[0].as_array()?, args[1].as_int()?, args[2].as_int()?);
    if start == 0 {
        return Err(SqlError::argument("SQL array indices start at 1"));
    }
    let Ok(length) = usize::try_from(length) else {
        return Err(SqlError::argument("length must be greater than or equal to 0"));
    };
    let from = if start > 0 { start - 1 } else { all.len() as i64 + start };
    match usize::try_from(from) {
        Ok(from) if from < all.len() => Ok(Value::Array(all[from..from.saturating_add(length).min(all.len())].into())),
        _ => Ok(Value::array(Vec::new())),
    }
}

fn too_long() -> SqlError {
    SqlError::argument("result of sequence function must not have more than 10000 entries")
}

fn sequence(start: i64, stop: i64, step: i64) -> Result<Value> {
    if step == 0 {
        return Err(SqlError::argument("step must not be zero"));
    }
    if (step > 0) != (stop >= start) && stop != start {
        return Err(SqlError::argument(
            "sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start",
        ));
    }
    let count = (i128::from(stop) - i128::from(start)) / i128::from(step) + 1;
    if count > 10_000 {
        return Err(too_long());
    }
    Ok(Value::Array((0..count).map(|n| Value::Integer((i128::from(start) + n * i128::from(step)) as i64)).collect()))
}

fn moments(args: &[Value], step: &Value) -> Result<Value> {
    let forward = match step {
        Value::Millis(it) => *it > 0,
        Value::Months(it) => *it > 0,
        _ => true,
    };
    if matches!(step, Value::Millis(0) | Value::Months(0)) {
        return Err(SqlError::argument("step must not be zero"));
    }
    let past = |one: &Value| if forward { one.order(&args[1]).is_gt() } else { one.order(&args[1]).is_lt() };
    // A backward sequence without a step of its own goes backward day by day.
    let step = match step {
        Value::Millis(86_400_000) if args.len() == 2 && args[0].order(&args[1]).is_gt() => Value::Millis(-86_400_000),
        other => other.clone(),
    };
    if args.len() == 2 && matches!(step, Value::Millis(it) if it < 0) {
        return moments(&[args[0].clone(), args[1].clone(), step.clone()], &step);
    }
    let mut all = Vec::new();
    for n in 0.. {
        let by = match &step {
            Value::Millis(it) => Value::Millis(it.checked_mul(n).ok_or_else(too_long)?),
            Value::Months(it) => Value::Months(it.checked_mul(n as i32).ok_or_else(too_long)?),
            other => other.clone(),
        };
        let one = super::operator::add(&args[0], &by)?;
        if past(&one) {
            break;
        }
        if all.len() == 10_000 {
            return Err(too_long());
        }
        all.push(one);
    }
    Ok(Value::array(all))
}

fn combine(rest: &[Value], n: usize, taken: &mut Vec<Value>, out: &mut Vec<Value>) -> Result<()> {
    if n == 0 {
        if out.len() >= 100_000 {
            return Err(SqlError::argument("combinations exceed max size"));
        }
        out.push(Value::array(taken.clone()));
        return Ok(());
    }
    // The order is that of the places of the last elements.
    for (at, one) in rest.iter().enumerate() {
        taken.push(one.clone());
        combine(&rest[at + 1..], n - 1, taken, out)?;
        taken.pop();
    }
    Ok(())
}
