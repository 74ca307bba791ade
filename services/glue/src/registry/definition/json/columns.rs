//! The columns of a table whose rows a schema describes, in Hive's types.

use serde_json::Value;

use super::super::Fault;
use super::{Schema, members};
use crate::descriptor::Column;

/// Deepest nesting of a column's type.
const DEEPEST: usize = 32;

impl Schema {
    /// A column for each property of the object.
    ///
    /// # Errors
    /// It is no object, or has what Hive has no type for.
    // UNVERIFIED: which types AWS takes; here those that hold every value that the schema permits.
    pub(in super::super) fn columns(&self) -> Result<Vec<Column>, Fault> {
        let properties = self.resolve(&self.root).get("properties").and_then(Value::as_object);
        let properties = properties.ok_or("a table's rows are described by an object with properties")?;
        let column = |(name, schema): (&String, &Value)| {
            let kind = Some(self.hive_type(schema, 0)?);
            let comment = schema.get("description").and_then(Value::as_str).map(str::to_owned);
            Ok(Column { name: name.clone(), kind, comment, parameters: None })
        };
        properties.iter().map(column).collect()
    }

    fn hive_type(&self, schema: &Value, depth: usize) -> Result<String, Fault> {
        if depth > DEEPEST {
            return Err("a type that holds itself has no columns".to_owned());
        }
        let schema = self.resolve(schema);
        let kind = match schema.get("type") {
            Some(Value::String(kind)) => kind.as_str(),
            Some(Value::Array(kinds)) => {
                let mut kinds = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
                match (kinds.next(), kinds.next()) {
                    (Some(kind), None) => kind,
                    _ => "string",
                }
            }
            _ => "string",
        };
        Ok(match kind {
            "boolean" => "boolean".to_owned(),
            "integer" => "bigint".to_owned(),
            "number" => "double".to_owned(),
            "array" => match schema.get("items") {
                Some(items @ Value::Object(_)) => format!("array<{}>", self.hive_type(items, depth + 1)?),
                _ => "array<string>".to_owned(),
            },
            "object" => self.object_type(schema, depth)?,
            _ => "string".to_owned(),
        })
    }

    /// A struct of its properties; without them, a map.
    fn object_type(&self, schema: &Value, depth: usize) -> Result<String, Fault> {
        let members = members(schema);
        let properties = members.and_then(|members| members.get("properties")).and_then(Value::as_object);
        if let Some(properties) = properties.filter(|properties| !properties.is_empty()) {
            let field = |(name, schema): (&String, &Value)| {
                Ok::<_, Fault>(format!("{name}:{}", self.hive_type(schema, depth + 1)?))
            };
            let fields: Result<Vec<String>, Fault> = properties.iter().map(field).collect();
            return Ok(format!("struct<{}>", fields?.join(",")));
        }
        match members.and_then(|members| members.get("additionalProperties")) {
            Some(values @ Value::Object(_)) => Ok(format!("map<string,{}>", self.hive_type(values, depth + 1)?)),
            _ => Ok("map<string,string>".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn properties_become_columns() {
        let schema = json!({"type": "object", "properties": {
            "id": {"type": "integer", "description": "who"},
            "name": {"type": ["null", "string"]},
            "in": {"type": "object", "properties": {"x": {"type": "number"}, "y": {"type": "boolean"}}},
            "tags": {"type": "array", "items": {"type": "string"}},
            "more": {"type": "object", "additionalProperties": {"type": "integer"}},
        }});
        let columns = Schema::parse(&schema).expect("a schema").columns().expect("columns");
        let found: Vec<String> =
            columns.iter().map(|one| format!("{} {}", one.name, one.kind.as_deref().unwrap_or_default())).collect();
        assert_eq!(
            found,
            [
                "id bigint",
                "name string",
                "in struct<x:double,y:boolean>",
                "tags array<string>",
                "more map<string,bigint>",
            ]
        );
    }
}
