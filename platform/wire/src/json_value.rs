//! Values as people and scripts write them: JSON by the model, with blobs in base64 and timestamps as
//! RFC 3339 text or epoch seconds.

use serde_json::Value as Json;
use welkin_model::{Kind, Member, Service, Shape, ShapeId};

use crate::serialise_error::{Problem, SerialiseError};
use crate::{Fraction, MAX_DEPTH, Map, Name, Stream, Timestamp, Value, scalar};

/// Makes a value of `shape` from JSON. Members that the model does not know, and values of other kinds,
/// are errors that name the place; null is no member.
pub fn value_from_json(service: &'static Service, shape: ShapeId, json: &Json) -> Result<Value, SerialiseError> {
    read(service, service.shape(shape), None, json, 0)
}

fn read(
    service: &'static Service,
    shape: &'static Shape,
    member: Option<&'static Member>,
    json: &Json,
    depth: usize,
) -> Result<Value, SerialiseError> {
    if depth > MAX_DEPTH {
        return Err(SerialiseError::new(Problem::TooDeep));
    }
    let wrong = || SerialiseError::new(Problem::Kind { shape: shape.name, found: json_kind(json) });
    Ok(match (&shape.kind, json) {
        (Kind::Structure(s), json) if s.document => Value::Document(Box::new(document(json))),
        (_, Json::Null) => Value::Null,
        (Kind::Structure(s), Json::Object(entries)) => {
            let mut map = Map::with_capacity(entries.len());
            for (name, json) in entries {
                let member = s.member(name).ok_or_else(|| SerialiseError::unknown(name))?;
                let value = read(service, service.shape(member.shape), Some(member), json, depth + 1);
                let value = value.map_err(|e| e.within(name))?;
                if !value.is_null() {
                    map.push(member.name, value);
                }
            }
            Value::Map(map)
        }
        (Kind::List { member, .. }, Json::Array(items)) => {
            let shape = service.shape(member.shape);
            let items = items.iter().enumerate();
            let items = items.map(|(i, json)| read(service, shape, Some(member), json, depth + 1).map_err(|e| e.at(i)));
            Value::List(items.collect::<Result<_, _>>()?)
        }
        (Kind::Map { value: member, .. }, Json::Object(entries)) => {
            let shape = service.shape(member.shape);
            let entries = entries.iter().map(|(name, json)| {
                let value = read(service, shape, Some(member), json, depth + 1).map_err(|e| e.within(name))?;
                Ok((Name::Owned(name.clone()), value))
            });
            Value::Map(entries.collect::<Result<_, SerialiseError>>()?)
        }
        (Kind::String { .. }, Json::String(text)) => Value::String(text.clone()),
        (Kind::String { .. }, json) if member.is_some_and(|m| m.json_value) => Value::String(json.to_string()),
        (Kind::Boolean, Json::Bool(bool)) => Value::Bool(*bool),
        (Kind::Integer | Kind::Long, Json::Number(number)) => {
            Value::Int(scalar::integer(&shape.kind, &number.to_string()).map_err(|_| wrong())?)
        }
        (Kind::Float | Kind::Double, Json::Number(number)) => Value::Float(number.as_f64().ok_or_else(wrong)?),
        (Kind::Float | Kind::Double, Json::String(text)) => {
            Value::Float(scalar::special_float(text).ok_or_else(wrong)?)
        }
        (Kind::Timestamp { .. }, Json::Number(number)) => {
            Value::Timestamp(Timestamp::parse_epoch(&number.to_string()).ok_or_else(wrong)?)
        }
        (Kind::Timestamp { .. }, Json::String(text)) => Value::Timestamp(any_time(text).ok_or_else(wrong)?),
        (Kind::Blob { .. }, Json::String(text)) => {
            let bytes = scalar::decode_base64_lines(text).map_err(|_| wrong())?;
            let streams = member.is_some_and(|m| m.streaming);
            if streams { Value::Stream(Stream::new(bytes.into())) } else { Value::Blob(bytes) }
        }
        _ => return Err(wrong()),
    })
}

fn any_time(text: &str) -> Option<Timestamp> {
    Timestamp::parse_iso8601(text).or_else(|| Timestamp::parse_http_date(text)).or_else(|| Timestamp::parse_epoch(text))
}

fn json_kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "list",
        Json::Object(_) => "object",
    }
}

/// Makes a value of JSON without a model.
fn document(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(*bool),
        Json::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None if number.is_f64() => number.as_f64().map_or(Value::Null, Value::Float),
            None => Value::Decimal(number.to_string().into()),
        },
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(document).collect()),
        Json::Object(entries) => {
            Value::Map(entries.iter().map(|(name, json)| (Name::Owned(name.clone()), document(json))).collect())
        }
    }
}

/// Makes JSON of a value: blobs in base64, timestamps in RFC 3339, floats that JSON lacks as text, a
/// body that streams as null.
pub fn value_to_json(value: &Value) -> Json {
    match value {
        Value::Null | Value::Stream(_) => Json::Null,
        Value::Bool(bool) => Json::Bool(*bool),
        Value::Int(int) => Json::from(*int),
        Value::Float(float) if float.is_finite() => Json::from(*float),
        Value::Float(float) => Json::String(scalar::float_text(*float)),
        Value::Decimal(text) => serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_string())),
        Value::String(text) => Json::String(text.clone()),
        Value::Blob(bytes) => Json::String(scalar::encode_base64(bytes)),
        Value::Timestamp(timestamp) => Json::String(timestamp.to_iso8601(Fraction::AsNeeded)),
        Value::List(list) => Json::Array(list.iter().map(value_to_json).collect()),
        Value::Map(map) => {
            Json::Object(map.iter().map(|(name, value)| (name.to_owned(), value_to_json(value))).collect())
        }
        Value::Document(value) => value_to_json(value),
    }
}
