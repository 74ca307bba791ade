//! The columns of a table whose rows a schema describes, in Hive's types:
//! <https://cwiki.apache.org/confluence/display/Hive/AvroSerDe>

use super::super::Fault;
use super::{Logical, Ref, Schema, Type};
use crate::descriptor::Column;

/// Deepest nesting of a column's type.
const DEEPEST: usize = 32;

impl Schema {
    /// A column for each field of the record.
    ///
    /// # Errors
    /// It is no record, or has what Hive has no type for.
    pub(in super::super) fn columns(&self) -> Result<Vec<Column>, Fault> {
        let Type::Record { fields, .. } = self.get(self.root) else {
            return Err("a table's rows are described by a record".to_owned());
        };
        let column = |field: &super::Field| {
            let kind = Some(self.hive_type(field.kind, 0)?);
            Ok(Column { name: field.name.clone(), kind, comment: field.doc.clone(), parameters: None })
        };
        fields.iter().map(column).collect()
    }

    fn hive_type(&self, at: Ref, depth: usize) -> Result<String, Fault> {
        if depth > DEEPEST {
            return Err("a type that holds itself has no columns".to_owned());
        }
        Ok(match self.get(at) {
            Type::Boolean => "boolean".to_owned(),
            Type::Int(Some(Logical::Date)) => "date".to_owned(),
            Type::Int(_) => "int".to_owned(),
            Type::Long(Some(Logical::Timestamp)) => "timestamp".to_owned(),
            Type::Long(_) => "bigint".to_owned(),
            Type::Float => "float".to_owned(),
            Type::Double => "double".to_owned(),
            Type::Bytes(Some(Logical::Decimal { precision, scale }))
            | Type::Fixed { logical: Some(Logical::Decimal { precision, scale }), .. } => {
                format!("decimal({precision},{scale})")
            }
            Type::Bytes(_) | Type::Fixed { .. } => "binary".to_owned(),
            Type::String | Type::Enum { .. } => "string".to_owned(),
            Type::Array(items) => format!("array<{}>", self.hive_type(*items, depth + 1)?),
            Type::Map(values) => format!("map<string,{}>", self.hive_type(*values, depth + 1)?),
            Type::Union(branches) => self.union_type(branches, depth)?,
            Type::Record { fields, .. } => {
                let field = |field: &super::Field| {
                    Ok::<_, Fault>(format!("{}:{}", field.name, self.hive_type(field.kind, depth + 1)?))
                };
                let fields: Result<Vec<String>, Fault> = fields.iter().map(field).collect();
                format!("struct<{}>", fields?.join(","))
            }
            Type::Null | Type::Unfinished => return Err("Hive has no type for null".to_owned()),
        })
    }

    /// "Unions of a type and null are treated as that type."
    fn union_type(&self, branches: &[Ref], depth: usize) -> Result<String, Fault> {
        let mut kinds = Vec::new();
        for branch in branches.iter().filter(|branch| *self.get(**branch) != Type::Null) {
            kinds.push(self.hive_type(*branch, depth + 1)?);
        }
        match kinds.as_slice() {
            [kind] => Ok(kind.clone()),
            _ => Ok(format!("uniontype<{}>", kinds.join(","))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_become_columns() {
        let schema = json!({"type": "record", "name": "R", "fields": [
            {"name": "id", "type": "long", "doc": "who"},
            {"name": "name", "type": ["null", "string"]},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "day", "type": {"type": "int", "logicalType": "date"}},
            {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
            {"name": "tags", "type": {"type": "map", "values": {"type": "array", "items": "int"}}},
            {"name": "in", "type": {"type": "record", "name": "I", "fields": [{"name": "x", "type": "double"}]}},
        ]});
        let columns = Schema::parse(&schema).expect("a schema").columns().expect("columns");
        let found: Vec<String> =
            columns.iter().map(|one| format!("{} {}", one.name, one.kind.as_deref().unwrap_or_default())).collect();
        assert_eq!(
            found,
            [
                "id bigint",
                "name string",
                "at timestamp",
                "day date",
                "price decimal(9,2)",
                "tags map<string,array<int>>",
                "in struct<x:double>",
            ]
        );
        assert_eq!(columns.first().and_then(|column| column.comment.as_deref()), Some("who"));
    }
}
