//! JSON.
//!
//! <https://trino.io/docs/current/functions/json.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/extracting-data-from-JSON.html>

use serde_json::Value as Json;

use super::List;
use super::cast::json_text;
use super::json_path::follow;
use crate::error::Result;
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.plain("json_parse", "(varchar) -> json", |args| {
        Ok(Value::text(sorted(json_text(args[0].as_str()?)?).to_string()))
    });
    list.plain("json_format", "(json) -> varchar", |args| Ok(args[0].clone()));
    for of in ["json", "varchar"] {
        // UNVERIFIED: that a `null` that is found is JSON's and not SQL's.
        list.plain("json_extract", &format!("({of}, varchar) -> json"), |args| {
            Ok(found(args)?.map_or(Value::Null, |json| Value::text(json.to_string())))
        });
        list.plain("json_extract_scalar", &format!("({of}, varchar) -> varchar"), |args| {
            Ok(match found(args)? {
                Some(Json::String(text)) => Value::text(text),
                Some(json @ (Json::Bool(_) | Json::Number(_))) => Value::text(json.to_string()),
                _ => Value::Null,
            })
        });
        list.plain("json_size", &format!("({of}, varchar) -> bigint"), |args| {
            Ok(match found(args)? {
                Some(Json::Array(all)) => Value::Integer(all.len() as i64),
                Some(Json::Object(all)) => Value::Integer(all.len() as i64),
                Some(_) => Value::Integer(0),
                None => Value::Null,
            })
        });
        list.plain("json_array_length", &format!("({of}) -> bigint"), |args| {
            Ok(array(&args[0])?.map_or(Value::Null, |all| Value::Integer(all.len() as i64)))
        });
        list.plain("json_array_get", &format!("({of}, bigint) -> json"), |args| {
            let (all, at) = (array(&args[0])?, args[1].as_int()?);
            let place = |length: usize| if at < 0 { length as i64 + at } else { at };
            let one = all.and_then(|all| usize::try_from(place(all.len())).ok().and_then(|n| all.get(n).cloned()));
            Ok(one.map_or(Value::Null, |json| Value::text(json.to_string())))
        });
        for (name, kind) in [("bigint", 0), ("double", 1), ("boolean", 2), ("varchar", 3)] {
            let run: fn(&[Value]) -> Result<Value> = match kind {
                0 => |args| {
                    contains(args, |json, wanted| json.as_i64().is_some() && json.as_i64() == wanted.as_int().ok())
                },
                1 => |args| contains(args, |json, wanted| json.is_f64() && json.as_f64() == wanted.as_f64().ok()),
                2 => |args| {
                    contains(args, |json, wanted| json.as_bool().is_some() && json.as_bool() == wanted.as_bool().ok())
                },
                _ => |args| {
                    contains(args, |json, wanted| json.as_str().is_some() && json.as_str() == wanted.as_str().ok())
                },
            };
            list.plain("json_array_contains", &format!("({of}, {name}) -> boolean"), run);
        }
    }
    list.plain("is_json_scalar", "(varchar) -> boolean", |args| {
        Ok(Value::Boolean(!matches!(json_text(args[0].as_str()?)?, Json::Array(_) | Json::Object(_))))
    });
    list.plain("is_json_scalar", "(json) -> boolean", |args| {
        Ok(Value::Boolean(!matches!(json_text(args[0].as_str()?)?, Json::Array(_) | Json::Object(_))))
    });
}

/// Text that is no JSON has nothing in it; a path that is none is an error.
fn found(args: &[Value]) -> Result<Option<Json>> {
    let path = args[1].as_str()?;
    match serde_json::from_str::<Json>(args[0].as_str()?) {
        Ok(json) => follow(&json, path),
        Err(_) => follow(&Json::Null, path).map(|_| None),
    }
}

fn array(value: &Value) -> Result<Option<Vec<Json>>> {
    match serde_json::from_str(value.as_str()?) {
        Ok(Json::Array(all)) => Ok(Some(all)),
        _ => Ok(None),
    }
}

fn contains(args: &[Value], is: fn(&Json, &Value) -> bool) -> Result<Value> {
    Ok(array(&args[0])?.map_or(Value::Null, |all| Value::Boolean(all.iter().any(|one| is(one, &args[1])))))
}

/// Trino keeps the members of objects sorted, so that equal objects are equal texts.
fn sorted(json: Json) -> Json {
    match json {
        Json::Object(members) => {
            let mut all: Vec<(String, Json)> = members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            all.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(all.into_iter().collect())
        }
        Json::Array(all) => Json::Array(all.into_iter().map(sorted).collect()),
        other => other,
    }
}
