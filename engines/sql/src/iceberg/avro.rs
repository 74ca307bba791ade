//! Avro's container files, as far as manifests need them: records whose fields have ids.
//!
//! <https://avro.apache.org/docs/1.12.0/specification/>, <https://iceberg.apache.org/spec/#avro>

mod read;
mod write;

use serde_json::Value as Json;

use super::invalid;
use crate::error::Result;

pub(super) use read::read;
pub(super) use write::write;

/// How deep schemas nest.
const DEPTH: usize = 32;

/// What each file begins with.
const MAGIC: &[u8; 4] = b"Obj\x01";

/// A value. Fields of records are told by their ids; the branch of a union is the value itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Avro {
    Null,
    Boolean(bool),
    /// `int` and `long`.
    Long(i64),
    Float(f32),
    Double(f64),
    /// `bytes` and `fixed`.
    Bytes(Vec<u8>),
    String(String),
    Array(Vec<Avro>),
    Record(Vec<(i32, Avro)>),
}

impl Avro {
    /// A field of a record; NULL if there is none.
    pub(super) fn field(&self, id: i32) -> &Avro {
        match self {
            Avro::Record(fields) => fields.iter().find(|(own, _)| *own == id).map_or(&Avro::Null, |(_, value)| value),
            _ => &Avro::Null,
        }
    }

    pub(super) fn as_long(&self) -> Option<i64> {
        if let Avro::Long(it) = self { Some(*it) } else { None }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        if let Avro::String(it) = self { Some(it) } else { None }
    }

    pub(super) fn as_bytes(&self) -> Option<&[u8]> {
        if let Avro::Bytes(it) = self { Some(it) } else { None }
    }

    pub(super) fn as_array(&self) -> &[Avro] {
        if let Avro::Array(it) = self { it } else { &[] }
    }
}

/// How values are written.
#[derive(Clone, Debug, PartialEq)]
enum Schema {
    Null,
    Boolean,
    /// `int` and `long`, which are written alike.
    Long,
    Float,
    Double,
    Bytes,
    String,
    Fixed(usize),
    Array(Box<Schema>),
    Map(Box<Schema>),
    Union(Vec<Schema>),
    Record(Vec<(i32, Schema)>),
}

impl Schema {
    /// # Errors
    /// It is none.
    fn parse(json: &Json) -> Result<Schema> {
        parse(json, &mut Vec::new(), 0)
    }
}

fn parse(json: &Json, named: &mut Vec<(String, Schema)>, depth: usize) -> Result<Schema> {
    if depth > DEPTH {
        return Err(invalid("an Avro schema is nested too deeply"));
    }
    let (name, of) = match json {
        Json::String(name) => (name.as_str(), None),
        Json::Array(branches) => {
            let branches = branches.iter().map(|branch| parse(branch, named, depth + 1));
            return Ok(Schema::Union(branches.collect::<Result<_>>()?));
        }
        Json::Object(of) => match of.get("type") {
            Some(Json::String(name)) => (name.as_str(), Some(of)),
            Some(inner) => return parse(inner, named, depth + 1),
            None => return Err(invalid("an Avro schema has no type")),
        },
        _ => return Err(invalid("an Avro schema is no schema")),
    };
    let inner =
        |key: &str| of.and_then(|of| of.get(key)).ok_or_else(|| invalid(format!("an Avro {name} has no {key}")));
    let schema = match name {
        "null" => Schema::Null,
        "boolean" => Schema::Boolean,
        "int" | "long" => Schema::Long,
        "float" => Schema::Float,
        "double" => Schema::Double,
        "bytes" => Schema::Bytes,
        "string" => Schema::String,
        "array" => Schema::Array(Box::new(parse(inner("items")?, named, depth + 1)?)),
        "map" => Schema::Map(Box::new(parse(inner("values")?, named, depth + 1)?)),
        "fixed" => {
            let size = inner("size")?.as_u64().and_then(|size| usize::try_from(size).ok());
            Schema::Fixed(size.ok_or_else(|| invalid("an Avro fixed has no size"))?)
        }
        "record" => {
            let mut fields = Vec::new();
            for field in inner("fields")?.as_array().into_iter().flatten() {
                let id = field.get("field-id").and_then(Json::as_i64).and_then(|id| i32::try_from(id).ok());
                let ty = field.get("type").ok_or_else(|| invalid("a field of an Avro record has no type"))?;
                fields.push((id.unwrap_or(-1), parse(ty, named, depth + 1)?));
            }
            Schema::Record(fields)
        }
        other => {
            let known = named.iter().find(|(name, _)| name == other).map(|(_, schema)| schema.clone());
            return known.ok_or_else(|| invalid(format!("the Avro type {other} is not known")));
        }
    };
    if let Some(name) = of.and_then(|of| of.get("name")).and_then(Json::as_str) {
        named.push((name.to_owned(), schema.clone()));
    }
    Ok(schema)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read() {
        let schema = json!({"type": "record", "name": "r", "fields": [
            {"name": "a", "type": ["null", "long"], "field-id": 1},
            {"name": "b", "type": {"type": "array", "items": "string"}, "field-id": 2},
            {"name": "c", "type": {"type": "fixed", "size": 2, "name": "f"}, "field-id": 3},
            {"name": "d", "type": ["null", "f"], "field-id": 4},
        ]});
        let row = |n: i64| {
            let text = vec![Avro::String("x".into()), Avro::String(String::new())];
            let fixed = Avro::Bytes(vec![1, 2]);
            Avro::Record(vec![(1, Avro::Long(n)), (2, Avro::Array(text)), (3, fixed.clone()), (4, fixed)])
        };
        let rows = [row(-1), row(i64::MIN), row(300)];
        let file = write(&schema, &[("k", "v".to_owned())], &rows).expect("written");
        let (metadata, back) = read(&file).expect("read");
        assert_eq!(back, rows);
        assert_eq!(metadata.get("k").map(Vec::as_slice), Some(b"v".as_slice()));
        for end in 0..file.len() {
            let cut = read(&file[..end]);
            assert!(cut.is_err() || cut.is_ok_and(|(_, rows)| rows.is_empty()), "{end}");
        }
    }
}
