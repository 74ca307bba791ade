//! Whether the defaults of fields are values of their types.

use serde_json::Value;

use super::super::Fault;
use super::{Ref, Schema, Type};

impl Schema {
    /// # Errors
    /// The first default that is not.
    pub(super) fn check_defaults(&self) -> Result<(), Fault> {
        for kind in &self.types {
            let Type::Record { name, fields } = kind else { continue };
            for field in fields {
                if let Some(default) = field.default.as_ref().filter(|default| !self.is_default(field.kind, default)) {
                    let (record, field) = (&name.full, &field.name);
                    return Err(format!("Invalid default for field {field} of {record}: {default}"));
                }
            }
        }
        Ok(())
    }

    /// Whether a value is one of the type: "Default values for union fields correspond to the first schema in the
    /// union. Default values for bytes and fixed fields are JSON strings".
    fn is_default(&self, kind: Ref, value: &Value) -> bool {
        match self.get(kind) {
            Type::Null => value.is_null(),
            Type::Boolean => value.is_boolean(),
            Type::Int(_) => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            Type::Long(_) => value.as_i64().is_some(),
            Type::Float | Type::Double => value.is_number(),
            Type::Bytes(_) | Type::String | Type::Fixed { .. } => value.is_string(),
            Type::Enum { symbols, .. } => value.as_str().is_some_and(|symbol| symbols.iter().any(|one| one == symbol)),
            Type::Array(items) => {
                value.as_array().is_some_and(|values| values.iter().all(|value| self.is_default(*items, value)))
            }
            Type::Map(values) => {
                value.as_object().is_some_and(|members| members.values().all(|value| self.is_default(*values, value)))
            }
            Type::Union(branches) => branches.first().is_some_and(|first| self.is_default(*first, value)),
            Type::Record { fields, .. } => value.as_object().is_some_and(|members| {
                fields.iter().all(|field| match members.get(&field.name).or(field.default.as_ref()) {
                    Some(value) => self.is_default(field.kind, value),
                    None => false,
                })
            }),
            Type::Unfinished => false,
        }
    }
}
