//! Maps.
//!
//! <https://trino.io/docs/current/functions/map.html>

use std::collections::{BTreeMap, BTreeSet};

use super::List;
use crate::error::{Result, SqlError};
use crate::types::Type;
use crate::value::{Ordered, Value};

pub(super) fn register(list: &mut List) {
    list.typed("subscript", "(map(K, V), K) -> V", |types, args| match find(args)? {
        Some(value) => Ok(value.clone()),
        None => {
            let Type::Map(key, _) = &types.args[0] else { return Ok(Value::Null) };
            Err(SqlError::argument(format!("Key not present in map: {}", super::cast::show(key, &args[1]))))
        }
    });
    list.plain("element_at", "(map(K, V), K) -> V", |args| Ok(find(args)?.cloned().unwrap_or(Value::Null)));
    list.plain("cardinality", "(map(K, V)) -> bigint", |args| Ok(Value::Integer(args[0].as_map()?.len() as i64)));
    list.plain("map", "() -> map(K, V)", |_| Ok(Value::Map(Vec::new().into())));
    list.plain("map", "(array(K), array(V)) -> map(K, V)", |args| {
        let (keys, values) = (args[0].as_array()?, args[1].as_array()?);
        if keys.len() != values.len() {
            return Err(SqlError::argument("Key and value arrays must be the same length"));
        }
        unique(keys.iter().cloned().zip(values.iter().cloned()))
    });
    list.plain("map_from_entries", "(array(row)) -> map(K, V)", |args| entries(&args[0]).and_then(unique));
    list.plain("multimap_from_entries", "(array(row)) -> map(K, array(V))", |args| {
        let mut all: Vec<(Value, Vec<Value>)> = Vec::new();
        let mut places: BTreeMap<Ordered, usize> = BTreeMap::new();
        for (key, value) in entries(&args[0])? {
            if key.is_null() {
                return Err(SqlError::argument("map key cannot be null"));
            }
            let place = *places.entry(Ordered(key.clone())).or_insert(all.len());
            match all.get_mut(place) {
                Some((_, values)) => values.push(value),
                None => all.push((key, vec![value])),
            }
        }
        Ok(Value::Map(all.into_iter().map(|(key, values)| (key, Value::array(values))).collect()))
    });
    list.plain("map_entries", "(map(K, V)) -> array(row)", |args| {
        Ok(Value::Array(
            args[0].as_map()?.iter().map(|(key, value)| Value::Row(vec![key.clone(), value.clone()].into())).collect(),
        ))
    });
    list.plain("map_keys", "(map(K, V)) -> array(K)", |args| {
        Ok(Value::Array(args[0].as_map()?.iter().map(|(key, _)| key.clone()).collect()))
    });
    list.plain("map_values", "(map(K, V)) -> array(V)", |args| {
        Ok(Value::Array(args[0].as_map()?.iter().map(|(_, value)| value.clone()).collect()))
    });
    list.plain("map_concat", "(map(K, V), map(K, V)...) -> map(K, V)", |args| {
        let mut all: Vec<(Value, Value)> = Vec::new();
        for arg in args {
            for (key, value) in arg.as_map()? {
                match all.iter_mut().find(|(own, _)| own.same(key)) {
                    Some((_, own)) => *own = value.clone(),
                    None => all.push((key.clone(), value.clone())),
                }
            }
        }
        Ok(Value::Map(all.into()))
    });
}

fn find(args: &[Value]) -> Result<Option<&Value>> {
    Ok(args[0].as_map()?.iter().find(|(key, _)| key.equals(&args[1]) == Some(true)).map(|(_, value)| value))
}

fn entries(value: &Value) -> Result<impl Iterator<Item = (Value, Value)> + use<>> {
    let mut all = Vec::new();
    for entry in value.as_array()? {
        match entry {
            Value::Row(pair) if pair.len() == 2 => all.push((pair[0].clone(), pair[1].clone())),
            _ => return Err(SqlError::argument("map entry cannot be null")),
        }
    }
    Ok(all.into_iter())
}

fn unique(all: impl Iterator<Item = (Value, Value)>) -> Result<Value> {
    let mut seen = BTreeSet::new();
    let mut entries = Vec::new();
    for (key, value) in all {
        if key.is_null() {
            return Err(SqlError::argument("map key cannot be null"));
        }
        if !seen.insert(Ordered(key.clone())) {
            return Err(SqlError::argument("Duplicate map keys are not allowed"));
        }
        entries.push((key, value));
    }
    Ok(Value::Map(entries.into()))
}

/// The types of `map_entries`, `map_from_entries` and their like, which signatures cannot say.
pub(crate) fn entry_types(name: &str, given: &[Type]) -> Option<Type> {
    match (name, given) {
        ("map_entries", [Type::Map(key, value)]) => {
            Some(Type::array(Type::Row(vec![(None, key.as_ref().clone()), (None, value.as_ref().clone())])))
        }
        ("map_from_entries", [Type::Array(element)]) => match element.as_ref() {
            Type::Row(fields) if fields.len() == 2 => Some(Type::map(fields[0].1.clone(), fields[1].1.clone())),
            _ => None,
        },
        ("multimap_from_entries", [Type::Array(element)]) => match element.as_ref() {
            Type::Row(fields) if fields.len() == 2 => {
                Some(Type::map(fields[0].1.clone(), Type::array(fields[1].1.clone())))
            }
            _ => None,
        },
        _ => None,
    }
}
