//! Schemas: columns that are known by their ids, whatever they are called.
//!
//! <https://iceberg.apache.org/spec/#schemas-and-data-types>

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value as Json, json};

use crate::error::{Code, Result, SqlError};
use crate::types::Type;

/// How deep types nest.
const DEPTH: usize = 64;

/// A schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Schema {
    #[serde(rename = "type", default = "structure")]
    ty: String,
    /// Its number in the table.
    #[serde(default)]
    pub schema_id: i32,
    /// The columns.
    pub fields: Vec<Field>,
    /// Ids of the columns that identify rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifier_field_ids: Vec<i32>,
}

fn structure() -> String {
    "struct".to_owned()
}

/// A column, or a field of a structure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// What it is known by.
    pub id: i32,
    /// What it is called.
    pub name: String,
    /// Whether it is never NULL.
    pub required: bool,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
}

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// One without parts.
    Primitive(Primitive),
    /// Fields.
    Struct(Vec<Field>),
    /// Elements of one type.
    List(Box<Field>),
    /// Keys and values.
    Map(Box<Field>, Box<Field>),
}

/// A type without parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Primitive {
    /// True or false.
    Boolean,
    /// 32 bits.
    Int,
    /// 64 bits.
    Long,
    /// 32-bit floating point.
    Float,
    /// 64-bit floating point.
    Double,
    /// Digits in all, digits after the point.
    Decimal(u8, u8),
    /// A day.
    Date,
    /// A time of day, in microseconds.
    Time,
    /// A local date and time, in microseconds.
    Timestamp,
    /// An instant, in microseconds.
    Timestamptz,
    /// Characters.
    String,
    /// 16 bytes.
    Uuid,
    /// So many bytes.
    Fixed(u32),
    /// Bytes.
    Binary,
}

impl Primitive {
    /// The engine's type.
    pub(super) fn ty(self) -> Type {
        match self {
            Primitive::Boolean => Type::Boolean,
            Primitive::Int => Type::Integer,
            Primitive::Long => Type::Bigint,
            Primitive::Float => Type::Real,
            Primitive::Double => Type::Double,
            Primitive::Decimal(precision, scale) => Type::Decimal(precision, scale),
            Primitive::Date => Type::Date,
            Primitive::Time => Type::Time(6),
            Primitive::Timestamp => Type::Timestamp(6),
            Primitive::Timestamptz => Type::TimestampTz(6),
            Primitive::String => Type::VARCHAR,
            Primitive::Uuid => Type::Uuid,
            Primitive::Fixed(_) | Primitive::Binary => Type::Varbinary,
        }
    }

    fn parse(name: &str) -> Option<Primitive> {
        let inner = |open: &str, close: char| name.strip_prefix(open)?.strip_suffix(close);
        Some(match name {
            "boolean" => Primitive::Boolean,
            "int" => Primitive::Int,
            "long" => Primitive::Long,
            "float" => Primitive::Float,
            "double" => Primitive::Double,
            "date" => Primitive::Date,
            "time" => Primitive::Time,
            "timestamp" => Primitive::Timestamp,
            "timestamptz" => Primitive::Timestamptz,
            "string" => Primitive::String,
            "uuid" => Primitive::Uuid,
            "binary" => Primitive::Binary,
            _ => {
                if let Some(size) = inner("fixed[", ']') {
                    return size.trim().parse().ok().map(Primitive::Fixed);
                }
                let (precision, scale) = inner("decimal(", ')')?.split_once(',')?;
                let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
                if precision == 0 || precision > 38 || scale > precision {
                    return None;
                }
                Primitive::Decimal(precision, scale)
            }
        })
    }

    /// Whether a column of this type may become one of the other: what files have is read as that.
    ///
    /// <https://iceberg.apache.org/spec/#schema-evolution>
    pub(super) fn becomes(self, other: Primitive) -> bool {
        match (self, other) {
            (a, b) if a == b => true,
            (Primitive::Int, Primitive::Long) | (Primitive::Float, Primitive::Double) => true,
            (Primitive::Decimal(p, s), Primitive::Decimal(wider, same)) => s == same && wider >= p,
            _ => false,
        }
    }
}

impl fmt::Display for Primitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Primitive::Boolean => f.write_str("boolean"),
            Primitive::Int => f.write_str("int"),
            Primitive::Long => f.write_str("long"),
            Primitive::Float => f.write_str("float"),
            Primitive::Double => f.write_str("double"),
            Primitive::Decimal(precision, scale) => write!(f, "decimal({precision}, {scale})"),
            Primitive::Date => f.write_str("date"),
            Primitive::Time => f.write_str("time"),
            Primitive::Timestamp => f.write_str("timestamp"),
            Primitive::Timestamptz => f.write_str("timestamptz"),
            Primitive::String => f.write_str("string"),
            Primitive::Uuid => f.write_str("uuid"),
            Primitive::Fixed(size) => write!(f, "fixed[{size}]"),
            Primitive::Binary => f.write_str("binary"),
        }
    }
}

fn parse(json: &Json, depth: usize) -> std::result::Result<Kind, String> {
    if depth > DEPTH {
        return Err("a type is nested too deeply".into());
    }
    if let Json::String(name) = json {
        return Primitive::parse(name).map(Kind::Primitive).ok_or_else(|| format!("the type {name} is not supported"));
    }
    let id = |key: &str| {
        let id = json.get(key).and_then(Json::as_i64).and_then(|id| i32::try_from(id).ok());
        id.ok_or_else(|| format!("a type has no {key}"))
    };
    let part = |name: &str, id_key: &str, key: &str, required: &str| {
        let inner = json.get(key).ok_or_else(|| format!("a type has no {key}"))?;
        let required = json.get(required).and_then(Json::as_bool).unwrap_or(name == "key");
        let kind = parse(inner, depth + 1)?;
        Ok::<_, String>(Box::new(Field { id: id(id_key)?, name: name.into(), required, kind, doc: None }))
    };
    match json.get("type").and_then(Json::as_str) {
        Some("struct") => {
            let mut fields = Vec::new();
            for field in json.get("fields").and_then(Json::as_array).into_iter().flatten() {
                let inner = field.get("type").ok_or("a field has no type")?;
                let kind = parse(inner, depth + 1)?;
                let text = |key: &str| field.get(key).and_then(Json::as_str).map(str::to_owned);
                let id = field.get("id").and_then(Json::as_i64).and_then(|id| i32::try_from(id).ok());
                fields.push(Field {
                    id: id.ok_or("a field has no id")?,
                    name: text("name").ok_or("a field has no name")?,
                    required: field.get("required").and_then(Json::as_bool).unwrap_or(false),
                    kind,
                    doc: text("doc"),
                });
            }
            Ok(Kind::Struct(fields))
        }
        Some("list") => Ok(Kind::List(part("element", "element-id", "element", "element-required")?)),
        Some("map") => {
            Ok(Kind::Map(part("key", "key-id", "key", "")?, part("value", "value-id", "value", "value-required")?))
        }
        other => Err(format!("the type {other:?} is not supported")),
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        parse(&Json::deserialize(deserializer)?, 0).map_err(D::Error::custom)
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Kind::Primitive(primitive) => serializer.collect_str(primitive),
            Kind::Struct(fields) => json!({ "type": "struct", "fields": fields }).serialize(serializer),
            Kind::List(element) => json!({
                "type": "list",
                "element-id": element.id,
                "element": element.kind,
                "element-required": element.required,
            })
            .serialize(serializer),
            Kind::Map(key, value) => json!({
                "type": "map",
                "key-id": key.id,
                "key": key.kind,
                "value-id": value.id,
                "value": value.kind,
                "value-required": value.required,
            })
            .serialize(serializer),
        }
    }
}

impl Kind {
    /// The engine's type. Names of fields are in lower case, as Athena has them.
    pub fn ty(&self) -> Type {
        match self {
            Kind::Primitive(primitive) => primitive.ty(),
            Kind::Struct(fields) => {
                Type::Row(fields.iter().map(|field| (Some(field.name.to_lowercase()), field.kind.ty())).collect())
            }
            Kind::List(element) => Type::array(element.kind.ty()),
            Kind::Map(key, value) => Type::map(key.kind.ty(), value.kind.ty()),
        }
    }

    /// The type for values of one of the engine's; new ids are drawn for what is in it.
    ///
    /// # Errors
    /// `NOT_SUPPORTED`: Iceberg has no such type.
    pub fn of(ty: &Type, next: &mut impl FnMut() -> i32) -> Result<Kind> {
        Ok(Kind::Primitive(match ty {
            Type::Boolean => Primitive::Boolean,
            Type::Integer => Primitive::Int,
            Type::Bigint => Primitive::Long,
            Type::Real => Primitive::Float,
            Type::Double => Primitive::Double,
            Type::Decimal(precision, scale) => Primitive::Decimal(*precision, *scale),
            Type::Date => Primitive::Date,
            Type::Time(6) => Primitive::Time,
            Type::Timestamp(_) => Primitive::Timestamp,
            Type::TimestampTz(_) => Primitive::Timestamptz,
            Type::Varchar(_) => Primitive::String,
            Type::Uuid => Primitive::Uuid,
            Type::Varbinary => Primitive::Binary,
            Type::Array(element) => {
                let id = next();
                return Ok(Kind::List(Box::new(part(id, "element", false, Kind::of(element, next)?))));
            }
            Type::Map(key, value) => {
                let (of_key, of_value) = (next(), next());
                let key = part(of_key, "key", true, Kind::of(key, next)?);
                return Ok(Kind::Map(Box::new(key), Box::new(part(of_value, "value", false, Kind::of(value, next)?))));
            }
            Type::Row(fields) => {
                let ids: Vec<i32> = fields.iter().map(|_| next()).collect();
                let mut all = Vec::new();
                for (id, (name, ty)) in ids.into_iter().zip(fields) {
                    let name = name.clone().ok_or_else(|| {
                        SqlError::new(Code::NotSupported, format!("Row type field does not have a name: {ty}"))
                    })?;
                    all.push(part(id, &name, false, Kind::of(ty, next)?));
                }
                return Ok(Kind::Struct(all));
            }
            other => {
                return Err(SqlError::new(Code::NotSupported, format!("Type not supported for Iceberg: {other}")));
            }
        }))
    }

    /// The type as Glue's catalog has it.
    pub fn hive(&self) -> String {
        match self {
            Kind::Primitive(primitive) => match primitive {
                Primitive::Long => "bigint".into(),
                Primitive::Decimal(precision, scale) => format!("decimal({precision},{scale})"),
                // As Iceberg's own catalog for Glue has them.
                Primitive::Time | Primitive::Uuid => "string".into(),
                Primitive::Timestamptz => "timestamp".into(),
                Primitive::Fixed(_) => "binary".into(),
                other => other.to_string(),
            },
            Kind::Struct(fields) => {
                let fields: Vec<_> =
                    fields.iter().map(|field| format!("{}:{}", field.name, field.kind.hive())).collect();
                format!("struct<{}>", fields.join(","))
            }
            Kind::List(element) => format!("array<{}>", element.kind.hive()),
            Kind::Map(key, value) => format!("map<{},{}>", key.kind.hive(), value.kind.hive()),
        }
    }

    /// What is in it, if it is one without parts.
    pub(super) fn primitive(&self) -> Option<Primitive> {
        if let Kind::Primitive(primitive) = self { Some(*primitive) } else { None }
    }
}

fn part(id: i32, name: &str, required: bool, kind: Kind) -> Field {
    Field { id, name: name.to_owned(), required, kind, doc: None }
}

impl Schema {
    /// A schema of these columns.
    pub fn new(schema_id: i32, fields: Vec<Field>) -> Self {
        Self { ty: structure(), schema_id, fields, identifier_field_ids: Vec::new() }
    }

    /// A column by its name, in whatever case.
    pub fn column(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.to_lowercase() == name.to_lowercase())
    }

    /// A column or a field within one by its id, but for those in lists and maps.
    pub(super) fn field(&self, id: i32) -> Option<&Field> {
        within(&self.fields, id)
    }

    /// The way to a field, of places in structures.
    pub(super) fn way(&self, id: i32) -> Option<Vec<usize>> {
        way(&self.fields, id)
    }
}

fn within(fields: &[Field], id: i32) -> Option<&Field> {
    fields.iter().find_map(|field| match &field.kind {
        _ if field.id == id => Some(field),
        Kind::Struct(inner) => within(inner, id),
        _ => None,
    })
}

fn way(fields: &[Field], id: i32) -> Option<Vec<usize>> {
    fields.iter().enumerate().find_map(|(n, field)| match &field.kind {
        _ if field.id == id => Some(vec![n]),
        Kind::Struct(inner) => way(inner, id).map(|rest| [vec![n], rest].concat()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_and_written_as_the_specification_has_them() {
        let text = r#"{"type":"struct","schema-id":1,"fields":[
            {"id":1,"name":"A","required":true,"type":"decimal(9, 2)","doc":"x"},
            {"id":2,"name":"m","required":false,"type":{"type":"map","key-id":3,"key":"string","value-id":4,
             "value":{"type":"list","element-id":5,"element":"fixed[3]","element-required":false},"value-required":true}}]}"#;
        let schema: Schema = serde_json::from_str(text).expect("schema");
        assert_eq!(schema.fields[1].kind.ty().to_string(), "map(varchar, array(varbinary))");
        assert_eq!(schema.fields[1].kind.hive(), "map<string,array<binary>>");
        assert_eq!(schema.column("a").map(|field| field.id), Some(1));
        let back = serde_json::to_value(&schema).expect("json");
        assert_eq!(back, serde_json::from_str::<Json>(text).expect("json"));
        for bad in [r#""variant""#, r#""decimal(39,1)""#, r#"{"type":"list"}"#] {
            assert!(serde_json::from_str::<Kind>(bad).is_err(), "{bad}");
        }
    }
}
