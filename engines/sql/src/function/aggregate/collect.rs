//! Aggregates that keep what they are given: `array_agg`, `map_agg`, `listagg`, `histogram` …

use std::collections::BTreeMap;

use super::{List, Row, Skip};
use crate::error::{Code, Result, SqlError};
use crate::function::Types;
use crate::value::{Ordered, Value, distinct};

pub(super) fn register(list: &mut List) {
    list.add("array_agg", "(T) -> array(T)", Skip::None, |_, rows| {
        if rows.is_empty() { Ok(Value::Null) } else { Ok(Value::array(first(rows))) }
    });
    list.add("set_agg", "(T) -> array(T)", Skip::None, |_, rows| {
        if rows.is_empty() { Ok(Value::Null) } else { Ok(Value::array(distinct(first(rows)))) }
    });
    list.add("set_union", "(array(T)) -> array(T)", Skip::Any, |_, rows| {
        let mut all = Vec::new();
        for row in rows {
            all.extend(row[0].as_array()?.iter().cloned());
        }
        if rows.is_empty() { Ok(Value::Null) } else { Ok(Value::array(distinct(all))) }
    });
    list.add("map_agg", "(K, V) -> map(K, V)", Skip::At(0), |_, rows| {
        let mut seen = BTreeMap::new();
        let mut entries = Vec::new();
        for row in rows {
            if seen.insert(Ordered(row[0].clone()), ()).is_none() {
                entries.push((row[0].clone(), row[1].clone()));
            }
        }
        if entries.is_empty() { Ok(Value::Null) } else { Ok(Value::Map(entries.into())) }
    });
    list.add("multimap_agg", "(K, V) -> map(K, array(V))", Skip::At(0), |_, rows| {
        let mut places: BTreeMap<Ordered, usize> = BTreeMap::new();
        let mut entries: Vec<(Value, Vec<Value>)> = Vec::new();
        for row in rows {
            let place = *places.entry(Ordered(row[0].clone())).or_insert(entries.len());
            if place == entries.len() {
                entries.push((row[0].clone(), Vec::new()));
            }
            entries[place].1.push(row[1].clone());
        }
        if entries.is_empty() {
            return Ok(Value::Null);
        }
        Ok(Value::Map(entries.into_iter().map(|(key, all)| (key, Value::array(all))).collect()))
    });
    list.add("map_union", "(map(K, V)) -> map(K, V)", Skip::Any, |_, rows| {
        let mut seen = BTreeMap::new();
        let mut entries = Vec::new();
        for row in rows {
            for (key, value) in row[0].as_map()? {
                if seen.insert(Ordered(key.clone()), ()).is_none() {
                    entries.push((key.clone(), value.clone()));
                }
            }
        }
        if rows.is_empty() { Ok(Value::Null) } else { Ok(Value::Map(entries.into())) }
    });
    list.add("histogram", "(T) -> map(T, bigint)", Skip::Any, |_, rows| {
        let mut counts: BTreeMap<Ordered, i64> = BTreeMap::new();
        for value in first(rows) {
            *counts.entry(Ordered(value)).or_default() += 1;
        }
        if counts.is_empty() {
            return Ok(Value::Null);
        }
        Ok(Value::Map(counts.into_iter().map(|(key, count)| (key.0, Value::Integer(count))).collect()))
    });
    list.add("approx_most_frequent", "(bigint, T, bigint) -> map(T, bigint)", Skip::Any, most_frequent);
    list.add("arbitrary", "(T) -> T", Skip::Any, any).reduce = Some(|_, rows| Ok(rows.into_iter().take(1).collect()));
    list.add("any_value", "(T) -> T", Skip::Any, any).reduce = Some(|_, rows| Ok(rows.into_iter().take(1).collect()));
}

fn first(rows: &[Row]) -> Vec<Value> {
    rows.iter().map(|row| row[0].clone()).collect()
}

fn any(_: &Types, rows: &[Row]) -> Result<Value> {
    Ok(rows.first().map_or(Value::Null, |row| row[0].clone()))
}

fn most_frequent(_: &Types, rows: &[Row]) -> Result<Value> {
    let Some(buckets) = rows.first().map(|row| row[0].as_int()) else { return Ok(Value::Null) };
    let mut counts: BTreeMap<Ordered, i64> = BTreeMap::new();
    for row in rows {
        *counts.entry(Ordered(row[1].clone())).or_default() += 1;
    }
    let mut all: Vec<_> = counts.into_iter().collect();
    all.sort_by_key(|(_, count)| -count);
    all.truncate(usize::try_from(buckets?).unwrap_or(0));
    Ok(Value::Map(all.into_iter().map(|(key, count)| (key.0, Value::Integer(count))).collect()))
}

/// What `listagg` puts between, and what it does when the text gets too long.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Overflow {
    pub(crate) separator: String,
    /// Filler, and whether to count what was left out.
    pub(crate) truncate: Option<(String, bool)>,
}

/// The longest text of `listagg`, in bytes.
const LONGEST: usize = 1_048_576;

/// Texts, one after the other.
///
/// <https://trino.io/docs/current/functions/aggregate.html#listagg>
///
/// # Errors
/// `EXCEEDED_FUNCTION_MEMORY_LIMIT` when the text is longer than 1,048,576 bytes and is not to be cut.
pub(crate) fn listagg(overflow: &Overflow, rows: &[Row]) -> Result<Value> {
    if rows.is_empty() {
        return Ok(Value::Null);
    }
    let mut out = String::new();
    for (n, row) in rows.iter().enumerate() {
        let text = row[0].as_str()?;
        let between = if n > 0 { overflow.separator.as_str() } else { "" };
        if out.len() + between.len() + text.len() > LONGEST {
            let Some((filler, count)) = &overflow.truncate else {
                let message = format!(
                    "Concatenated string has the length in bytes larger than the maximum output length {LONGEST}"
                );
                return Err(SqlError::new(Code::ExceededFunctionMemoryLimit, message));
            };
            out.push_str(between);
            out.push_str(filler);
            if *count {
                out.push_str(&format!("({})", rows.len() - n));
            }
            break;
        }
        out.push_str(between);
        out.push_str(text);
    }
    Ok(Value::text(out))
}
