//! Schemas of Avro.
//!
//! <https://avro.apache.org/docs/1.11.1/specification/#schema-declaration>

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::Bad;
use crate::types::Type;

/// Schemas within schemas deeper than this are refused.
const DEPTH: usize = 100;

/// What a value is written as.
#[derive(Debug)]
pub(super) enum Schema {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    Text,
    Date,
    /// Microseconds in a unit of the time.
    Timestamp(i64),
    /// Digits as bytes, as many as told or with their length before them, how many there may be, and how many are after
    /// the point.
    Decimal(Option<usize>, u8, u8),
    Fixed(usize),
    Enum(Vec<String>),
    Array(Arc<Schema>),
    Map(Arc<Schema>),
    Union(Vec<Arc<Schema>>),
    Record(Vec<Field>),
}

/// A field of a record.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) schema: Arc<Schema>,
    pub(super) aliases: Vec<String>,
    pub(super) default: Option<Json>,
}

/// What has been declared by name, and how deep it is.
#[derive(Default)]
struct Names(HashMap<String, (Arc<Schema>, usize)>);

impl Schema {
    pub(super) fn parse(text: &str) -> Result<Arc<Schema>, Bad> {
        let json: Json = serde_json::from_str(text).map_err(|why| Bad(why.to_string()))?;
        Names::default().of(&json, "").map(|(schema, _)| schema)
    }
}

impl Schema {
    /// The type of a column of these, as Glue's crawlers have it.
    // UNVERIFIED: of unions of several types, which become strings here.
    pub(super) fn ty(&self) -> Type {
        match self {
            Schema::Null | Schema::Text | Schema::Enum(_) => Type::VARCHAR,
            Schema::Boolean => Type::Boolean,
            Schema::Int => Type::Integer,
            Schema::Long => Type::Bigint,
            Schema::Float => Type::Real,
            Schema::Double => Type::Double,
            Schema::Bytes | Schema::Fixed(_) => Type::Varbinary,
            Schema::Date => Type::Date,
            Schema::Timestamp(_) => Type::Timestamp(3),
            Schema::Decimal(_, precision, scale) => Type::Decimal(*precision, *scale),
            Schema::Array(of) => Type::array(of.ty()),
            Schema::Map(of) => Type::map(Type::VARCHAR, of.ty()),
            Schema::Union(all) => {
                let mut others = all.iter().filter(|one| !matches!(***one, Schema::Null));
                match (others.next(), others.next()) {
                    (Some(one), None) => one.ty(),
                    _ => Type::VARCHAR,
                }
            }
            Schema::Record(fields) => {
                Type::Row(fields.iter().map(|field| (Some(field.name.clone()), field.schema.ty())).collect())
            }
        }
    }
}

fn texts(json: Option<&Json>) -> Vec<String> {
    let all = json.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    all.iter().filter_map(Json::as_str).map(str::to_owned).collect()
}

impl Names {
    /// A schema and how deep it is.
    fn of(&mut self, json: &Json, space: &str) -> Result<(Arc<Schema>, usize), Bad> {
        let (schema, depth) = match json {
            Json::String(name) => match simple(name) {
                Some(schema) => (Arc::new(schema), 0),
                None => {
                    let found = self.0.get(&full(name, space)).or_else(|| self.0.get(name));
                    found.cloned().ok_or_else(|| Bad(format!("Undefined name: {name}")))?
                }
            },
            Json::Array(all) => {
                let all = all.iter().map(|one| self.of(one, space)).collect::<Result<Vec<_>, Bad>>()?;
                let depth = all.iter().map(|(_, depth)| depth + 1).max().unwrap_or(0);
                (Arc::new(Schema::Union(all.into_iter().map(|(schema, _)| schema).collect())), depth)
            }
            Json::Object(_) => self.complex(json, space)?,
            _ => return Err(Bad::new("no schema")),
        };
        if depth > DEPTH { Err(Bad::new("schemas within schemas are too deep")) } else { Ok((schema, depth)) }
    }

    fn complex(&mut self, json: &Json, space: &str) -> Result<(Arc<Schema>, usize), Bad> {
        let kind = json.get("type").ok_or(Bad::new("a schema without type"))?;
        let Some(kind) = kind.as_str() else { return self.of(kind, space) };
        let within = |key: &str| json.get(key).ok_or_else(|| Bad(format!("a schema without {key}")));
        let name = json.get("name").and_then(Json::as_str).unwrap_or_default();
        let space = match (json.get("namespace").and_then(Json::as_str), name.rsplit_once('.')) {
            (_, Some((space, _))) => space,
            (Some(space), None) => space,
            (None, None) => space,
        };
        let (schema, depth) = match kind {
            "record" => {
                let (mut fields, mut depth) = (Vec::new(), 0);
                for field in within("fields")?.as_array().ok_or(Bad::new("fields that are no list"))? {
                    let of = field.get("type").ok_or(Bad::new("a field without type"))?;
                    let (schema, own) = self.of(of, space)?;
                    depth = depth.max(own + 1);
                    fields.push(Field {
                        name: field.get("name").and_then(Json::as_str).unwrap_or_default().to_owned(),
                        schema,
                        aliases: texts(field.get("aliases")),
                        default: field.get("default").cloned(),
                    });
                }
                (Schema::Record(fields), depth)
            }
            "enum" => (Schema::Enum(texts(json.get("symbols"))), 0),
            "array" => {
                let (of, depth) = self.of(within("items")?, space)?;
                (Schema::Array(of), depth + 1)
            }
            "map" => {
                let (of, depth) = self.of(within("values")?, space)?;
                (Schema::Map(of), depth + 1)
            }
            "fixed" => {
                let size = within("size")?.as_u64().and_then(|size| usize::try_from(size).ok());
                let size = size.ok_or(Bad::new("a size that is no number"))?;
                (logical(json, "fixed", Some(size)).unwrap_or(Schema::Fixed(size)), 0)
            }
            kind => match logical(json, kind, None).or_else(|| simple(kind)) {
                Some(schema) => (schema, 0),
                None => return self.of(&Json::String(kind.to_owned()), space),
            },
        };
        let schema = Arc::new(schema);
        if !name.is_empty() {
            self.0.insert(full(name, space), (Arc::clone(&schema), depth));
        }
        Ok((schema, depth))
    }
}

/// A name with the space that it is in.
fn full(name: &str, space: &str) -> String {
    if name.contains('.') || space.is_empty() { name.to_owned() } else { format!("{space}.{name}") }
}

fn simple(name: &str) -> Option<Schema> {
    Some(match name {
        "null" => Schema::Null,
        "boolean" => Schema::Boolean,
        "int" => Schema::Int,
        "long" => Schema::Long,
        "float" => Schema::Float,
        "double" => Schema::Double,
        "bytes" => Schema::Bytes,
        "string" => Schema::Text,
        _ => return None,
    })
}

fn logical(json: &Json, kind: &str, size: Option<usize>) -> Option<Schema> {
    let digits = |key: &str, default: u64| {
        u8::try_from(json.get(key).and_then(Json::as_u64).unwrap_or(default)).ok().filter(|it| *it <= 38)
    };
    Some(match (json.get("logicalType")?.as_str()?, kind) {
        ("date", "int") => Schema::Date,
        ("timestamp-millis" | "local-timestamp-millis", "long") => Schema::Timestamp(1000),
        ("timestamp-micros" | "local-timestamp-micros", "long") => Schema::Timestamp(1),
        ("decimal", "bytes" | "fixed") => {
            let scale = digits("scale", 0)?;
            Schema::Decimal(size, digits("precision", 38).unwrap_or(38).max(scale).max(1), scale)
        }
        _ => return None,
    })
}
