//! Reading a schema, and holding it against the rules of the specification.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::super::Fault;
use super::{Field, Logical, Name, Ref, Schema, Type};

/// Deepest nesting of types.
const DEEPEST: usize = 100;

/// Members of an object.
type Members = Map<String, Value>;

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(in super::super) fn parse(value: &Value) -> Result<Self, Fault> {
        let mut parser = Parser { types: Vec::new(), named: HashMap::new(), depth: 0 };
        let root = parser.read(value, "")?;
        let schema = Self { types: parser.types, root };
        schema.check_defaults()?;
        Ok(schema)
    }
}

struct Parser {
    types: Vec<Type>,
    /// Named types by their full names.
    named: HashMap<String, Ref>,
    depth: usize,
}

impl Parser {
    fn add(&mut self, kind: Type) -> Ref {
        self.types.push(kind);
        Ref(self.types.len() - 1)
    }

    /// Reads a type in a name space.
    fn read(&mut self, value: &Value, space: &str) -> Result<Ref, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("types are nested too deeply".to_owned());
        }
        let read = match value {
            Value::String(name) => self.by_name(name, space),
            Value::Array(branches) => self.union(branches, space),
            Value::Object(members) => self.object(members, space),
            other => Err(format!("{other} is not a type")),
        };
        self.depth -= 1;
        read
    }

    fn by_name(&mut self, name: &str, space: &str) -> Result<Ref, Fault> {
        if let Some(kind) = primitive(name, None) {
            return Ok(self.add(kind));
        }
        let found = self.named.get(&full_name(name, space)).or_else(|| self.named.get(name));
        found.copied().ok_or_else(|| format!("Undefined name: \"{name}\""))
    }

    fn union(&mut self, branches: &[Value], space: &str) -> Result<Ref, Fault> {
        let mut kinds = Vec::with_capacity(branches.len());
        let mut seen = HashSet::new();
        for branch in branches {
            let at = self.read(branch, space)?;
            let identity = match self.types.get(at.0) {
                Some(Type::Union(_)) => return Err("Nested union".to_owned()),
                _ => self.identity(at),
            };
            if !seen.insert(identity.clone()) {
                return Err(format!("Duplicate in union: {identity}"));
            }
            kinds.push(at);
        }
        Ok(self.add(Type::Union(kinds)))
    }

    /// What tells the branches of a union apart: "Unions may not contain more than one schema with the same type, except
    /// for the named types".
    fn identity(&self, at: Ref) -> String {
        let unnamed = match self.types.get(at.0) {
            Some(Type::Null) => "null",
            Some(Type::Boolean) => "boolean",
            Some(Type::Int(_)) => "int",
            Some(Type::Long(_)) => "long",
            Some(Type::Float) => "float",
            Some(Type::Double) => "double",
            Some(Type::Bytes(_)) => "bytes",
            Some(Type::String) => "string",
            Some(Type::Array(_)) => "array",
            Some(Type::Map(_)) => "map",
            _ => "",
        };
        if !unnamed.is_empty() {
            return unnamed.to_owned();
        }
        self.named.iter().find(|(_, named)| **named == at).map(|(name, _)| name.clone()).unwrap_or_default()
    }

    fn object(&mut self, members: &Members, space: &str) -> Result<Ref, Fault> {
        let kind = members.get("type").ok_or_else(|| format!("No type: {}", Value::from(members.clone())))?;
        let Value::String(kind) = kind else { return self.read(kind, space) };
        match kind.as_str() {
            "record" | "error" => self.record(members, space),
            "enum" => self.enumeration(members, space),
            "fixed" => self.fixed(members, space),
            "array" => {
                let items = members.get("items").ok_or("Array has no items type")?;
                let items = self.read(items, space)?;
                Ok(self.add(Type::Array(items)))
            }
            "map" => {
                let values = members.get("values").ok_or("Map has no values type")?;
                let values = self.read(values, space)?;
                Ok(self.add(Type::Map(values)))
            }
            name => match primitive(name, Some(members)) {
                Some(kind) => Ok(self.add(kind)),
                None => self.by_name(name, space),
            },
        }
    }

    /// The name that a type defines, and the name space for what is in it.
    fn define(&mut self, members: &Members, space: &str) -> Result<(Name, String, Ref), Fault> {
        let name = text(members, "name")?.ok_or("No name in schema")?;
        let space = if name.contains('.') { space } else { text(members, "namespace")?.unwrap_or(space) };
        let full = full_name(name, space);
        for part in full.split('.') {
            check_name(part)?;
        }
        if primitive(&full, None).is_some() {
            return Err(format!("Schemas may not be named after primitives: {full}"));
        }
        let inner = full.rsplit_once('.').map(|(space, _)| space.to_owned()).unwrap_or_default();
        let aliases = texts(members, "aliases")?.into_iter().map(|alias| full_name(&alias, &inner)).collect();
        let at = self.add(Type::Unfinished);
        if self.named.insert(full.clone(), at).is_some() {
            return Err(format!("Can't redefine: {full}"));
        }
        Ok((Name { full, aliases }, inner, at))
    }

    fn finish(&mut self, at: Ref, kind: Type) -> Ref {
        if let Some(place) = self.types.get_mut(at.0) {
            *place = kind;
        }
        at
    }

    fn record(&mut self, members: &Members, space: &str) -> Result<Ref, Fault> {
        let (name, inner, at) = self.define(members, space)?;
        let Some(Value::Array(listed)) = members.get("fields") else {
            return Err(format!("Record has no fields: {}", name.full));
        };
        let mut fields = Vec::<Field>::with_capacity(listed.len());
        for field in listed {
            let field = self.field(field, &inner)?;
            if fields.iter().any(|before| before.name == field.name) {
                return Err(format!("Duplicate field {} in record {}", field.name, name.full));
            }
            fields.push(field);
        }
        Ok(self.finish(at, Type::Record { name, fields }))
    }

    fn field(&mut self, value: &Value, space: &str) -> Result<Field, Fault> {
        let Value::Object(members) = value else { return Err(format!("{value} is not a field")) };
        let name = text(members, "name")?.ok_or("No field name")?;
        check_name(name)?;
        let kind = members.get("type").ok_or_else(|| format!("No field type: {name}"))?;
        let order = text(members, "order")?;
        if order.is_some_and(|order| !matches!(order, "ascending" | "descending" | "ignore")) {
            return Err(format!("The order of field {name} is not valid"));
        }
        Ok(Field {
            name: name.to_owned(),
            aliases: texts(members, "aliases")?,
            doc: members.get("doc").and_then(Value::as_str).map(str::to_owned),
            kind: self.read(kind, space)?,
            default: members.get("default").cloned(),
        })
    }

    fn enumeration(&mut self, members: &Members, space: &str) -> Result<Ref, Fault> {
        let (name, _, at) = self.define(members, space)?;
        if !matches!(members.get("symbols"), Some(Value::Array(_))) {
            return Err(format!("Enum has no symbols: {}", name.full));
        }
        let symbols = texts(members, "symbols")?;
        let mut seen = HashSet::new();
        for symbol in &symbols {
            check_name(symbol)?;
            if !seen.insert(symbol) {
                return Err(format!("Duplicate enum symbol: {symbol}"));
            }
        }
        let default = text(members, "default")?.map(str::to_owned);
        if default.as_ref().is_some_and(|default| !symbols.contains(default)) {
            return Err(format!("The Enum Default of {} is not in the enum symbol set", name.full));
        }
        Ok(self.finish(at, Type::Enum { name, symbols, default }))
    }

    fn fixed(&mut self, members: &Members, space: &str) -> Result<Ref, Fault> {
        let (name, _, at) = self.define(members, space)?;
        let size = members.get("size").and_then(Value::as_u64);
        let size = size.ok_or_else(|| format!("Invalid or no size: {}", name.full))?;
        let logical = decimal(members);
        Ok(self.finish(at, Type::Fixed { name, size, logical }))
    }
}

/// A type that has no name of its own, with what it stands for. Logical types that are not valid are none.
fn primitive(name: &str, members: Option<&Members>) -> Option<Type> {
    let logical = members.and_then(|members| members.get("logicalType")).and_then(Value::as_str);
    Some(match name {
        "null" => Type::Null,
        "boolean" => Type::Boolean,
        "int" => Type::Int((logical == Some("date")).then_some(Logical::Date)),
        "long" => {
            let timestamp = matches!(logical, Some("timestamp-millis" | "timestamp-micros"));
            Type::Long(timestamp.then_some(Logical::Timestamp))
        }
        "float" => Type::Float,
        "double" => Type::Double,
        "bytes" => Type::Bytes(members.and_then(decimal)),
        "string" => Type::String,
        _ => return None,
    })
}

fn decimal(members: &Members) -> Option<Logical> {
    if members.get("logicalType").and_then(Value::as_str) != Some("decimal") {
        return None;
    }
    let precision = members.get("precision").and_then(Value::as_u64).filter(|precision| *precision > 0)?;
    let scale = members.get("scale").map_or(Some(0), Value::as_u64).filter(|scale| *scale <= precision)?;
    Some(Logical::Decimal { precision, scale })
}

fn full_name(name: &str, space: &str) -> String {
    if name.contains('.') || space.is_empty() { name.to_owned() } else { format!("{space}.{name}") }
}

fn check_name(name: &str) -> Result<(), Fault> {
    let mut letters = name.chars();
    let first = letters.next().ok_or("Empty name")?;
    if !(first.is_ascii_alphabetic() || first == '_') {
        return Err(format!("Illegal initial character: {name}"));
    }
    match letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        true => Ok(()),
        false => Err(format!("Illegal character in: {name}")),
    }
}

fn text<'a>(members: &'a Members, name: &str) -> Result<Option<&'a str>, Fault> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("{name} is not a string: {other}")),
    }
}

fn texts(members: &Members, name: &str) -> Result<Vec<String>, Fault> {
    let Some(value) = members.get(name) else { return Ok(Vec::new()) };
    let listed = value.as_array().ok_or_else(|| format!("{name} is not an array: {value}"))?;
    let each = listed.iter().map(|one| one.as_str().map(str::to_owned));
    each.collect::<Option<Vec<String>>>().ok_or_else(|| format!("{name} has what is not a string: {value}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_specification_forbids_is_refused() {
        let record = |fields: Value| json!({"type": "record", "name": "R", "fields": fields});
        for (schema, fault) in [
            (json!("nothing"), "Undefined name"),
            (json!(7), "not a type"),
            (json!({"name": "R"}), "No type"),
            (json!({"type": "record", "fields": []}), "No name"),
            (json!({"type": "record", "name": "R"}), "no fields"),
            (json!({"type": "record", "name": "1", "fields": []}), "Illegal initial character"),
            (json!({"type": "record", "name": "int", "fields": []}), "primitives"),
            (record(json!([{"name": "a-b", "type": "int"}])), "Illegal character"),
            (record(json!([{"name": "a"}])), "No field type"),
            (record(json!([{"name": "a", "type": "int"}, {"name": "a", "type": "int"}])), "Duplicate field"),
            (record(json!([{"name": "a", "type": "int", "default": "x"}])), "Invalid default"),
            (record(json!([{"name": "a", "type": ["null", "int"], "default": 1}])), "Invalid default"),
            (json!(["int", "int"]), "Duplicate in union"),
            (json!(["int", ["null"]]), "Nested union"),
            (json!({"type": "enum", "name": "E", "symbols": ["A", "A"]}), "Duplicate enum symbol"),
            (json!({"type": "enum", "name": "E", "symbols": ["A"], "default": "B"}), "not in the enum"),
            (json!({"type": "fixed", "name": "F"}), "no size"),
            (json!({"type": "array"}), "no items"),
        ] {
            let found = Schema::parse(&schema).expect_err(&schema.to_string());
            assert!(found.contains(fault), "{schema}: {found}");
        }
    }

    #[test]
    fn a_type_may_refer_to_itself_and_to_those_before() {
        let list = json!({"type": "record", "name": "a.List", "fields": [
            {"name": "next", "type": ["null", "List"], "default": null},
            {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["X"]}, "default": "X"},
            {"name": "other", "type": "a.Kind"},
        ]});
        assert!(Schema::parse(&list).is_ok());
    }
}
