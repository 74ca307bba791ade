//! JSON from values, and values from JSON.
//!
//! <https://trino.io/docs/current/functions/json.html#cast-to-json>

use serde_json::{Map, Number, Value as Json};
use std::sync::Arc;

use super::{convert, show};
use crate::error::{Result, SqlError};
use crate::types::Type;
use crate::value::Value;

/// Whether values of the type can be cast from JSON.
pub(super) fn reads(to: &Type) -> bool {
    match to {
        Type::Boolean | Type::Json => true,
        Type::Varchar(_) => true,
        Type::Array(element) => reads(element),
        Type::Map(key, value) => {
            reads(value) && (key.is_numeric() || matches!(**key, Type::Boolean | Type::Varchar(_)))
        }
        Type::Row(fields) => fields.iter().all(|(_, field)| reads(field)),
        to => to.is_numeric(),
    }
}

/// Whether values of the type can be cast to JSON.
pub(super) fn writes(from: &Type) -> bool {
    match from {
        Type::Boolean | Type::Json | Type::Date | Type::Timestamp(_) | Type::Unknown => true,
        Type::Varchar(_) => true,
        Type::Array(element) => writes(element),
        Type::Map(key, value) => {
            writes(value) && (key.is_numeric() || matches!(**key, Type::Boolean | Type::Varchar(_)))
        }
        Type::Row(fields) => fields.iter().all(|(_, field)| writes(field)),
        from => from.is_numeric(),
    }
}

/// Reads a JSON text.
pub(crate) fn text(text: &str) -> Result<Json> {
    serde_json::from_str(text).map_err(|_| SqlError::argument(format!("Cannot convert value to JSON: '{text}'")))
}

pub(super) fn from_typed(from: &Type, value: &Value) -> Result<Value> {
    Ok(Value::text(from_value(from, value)?.to_string()))
}

/// A value as JSON. Objects have their members sorted, as Trino keeps them.
pub(crate) fn from_value(of: &Type, value: &Value) -> Result<Json> {
    Ok(match (of, value) {
        (_, Value::Null) => Json::Null,
        (_, Value::Boolean(it)) => Json::Bool(*it),
        (_, Value::Integer(it)) => Json::from(*it),
        (_, Value::Real(it)) => number(&crate::number::write_real(*it)),
        (_, Value::Double(it)) => number(&crate::number::write_double(*it)),
        (_, Value::Decimal(it, scale)) => number(&crate::number::write(*it, *scale)),
        (Type::Json, Value::Text(it)) => text(it)?,
        (Type::Array(element), Value::Array(all)) => {
            Json::Array(all.iter().map(|one| from_value(element, one)).collect::<Result<_>>()?)
        }
        (Type::Map(key, item), Value::Map(all)) => {
            let mut entries: Vec<(String, Json)> =
                all.iter().map(|(k, v)| Ok((show(key, k), from_value(item, v)?))).collect::<Result<_>>()?;
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(entries.into_iter().collect())
        }
        (Type::Row(fields), Value::Row(all)) => {
            let mut object = Map::new();
            for ((name, of), one) in fields.iter().zip(all.iter()) {
                object.insert(name.clone().unwrap_or_default(), from_value(of, one)?);
            }
            Json::Object(object)
        }
        (of, value) => Json::String(show(of, value)),
    })
}

fn number(text: &str) -> Json {
    match text.parse::<i64>() {
        Ok(whole) => Json::from(whole),
        Err(_) => text.parse().ok().and_then(Number::from_f64).map_or_else(|| Json::String(text.into()), Json::Number),
    }
}

pub(super) fn to_value(value: &Value, to: &Type) -> Result<Value> {
    let source = value.as_str()?;
    read(&text(source)?, to).map_err(|error| match error.code {
        crate::error::Code::InvalidCastArgument => SqlError::cast(format!("Cannot cast to {to}.\n{source}")),
        _ => error,
    })
}

fn read(json: &Json, to: &Type) -> Result<Value> {
    let fail = || SqlError::cast(String::new());
    let scalar = |to: &Type| -> Result<Value> {
        match json {
            Json::String(it) => convert(&Type::VARCHAR, to, &Value::text(it)),
            Json::Bool(it) => convert(&Type::Boolean, to, &Value::Boolean(*it)),
            Json::Number(it) => match (it.as_i64(), it.as_f64()) {
                (Some(whole), _) => convert(&Type::Bigint, to, &Value::Integer(whole)),
                (None, Some(float)) => convert(&Type::Double, to, &Value::Double(float)),
                _ => Err(fail()),
            },
            _ => Err(fail()),
        }
    };
    match (to, json) {
        (Type::Json, json) => Ok(Value::text(json.to_string())),
        (_, Json::Null) => Ok(Value::Null),
        (Type::Array(element), Json::Array(all)) => {
            Ok(Value::Array(all.iter().map(|one| read(one, element)).collect::<Result<_>>()?))
        }
        (Type::Map(key, item), Json::Object(all)) => {
            let entries = all.iter().map(|(k, v)| Ok((convert(&Type::VARCHAR, key, &Value::text(k))?, read(v, item)?)));
            Ok(Value::Map(entries.collect::<Result<Arc<[_]>>>()?))
        }
        (Type::Row(fields), Json::Array(all)) if all.len() == fields.len() => {
            Ok(Value::Row(fields.iter().zip(all).map(|((_, of), one)| read(one, of)).collect::<Result<_>>()?))
        }
        (Type::Row(fields), Json::Object(all)) => {
            let find = |name: &Option<String>| {
                let name = name.as_deref()?;
                all.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
            };
            Ok(Value::Row(
                fields
                    .iter()
                    .map(|(name, of)| find(name).map_or(Ok(Value::Null), |one| read(one, of)))
                    .collect::<Result<_>>()?,
            ))
        }
        (Type::Array(_) | Type::Map(..) | Type::Row(_), _) => Err(fail()),
        (to, _) => scalar(to),
    }
}
