//! Whether a reader understands what a writer writes:
//! <https://avro.apache.org/docs/1.11.4/specification/#schema-resolution>

use std::collections::HashSet;

use super::{Field, Name, Ref, Schema, Type};

impl Schema {
    /// Whether a reader with this schema understands whatever a writer with the other one writes.
    pub(in super::super) fn reads(&self, writer: &Self) -> bool {
        Resolution { reader: self, writer, assumed: HashSet::new() }.reads(self.root, writer.root)
    }
}

struct Resolution<'a> {
    reader: &'a Schema,
    writer: &'a Schema,
    /// Pairs that are being looked at: types may hold themselves.
    assumed: HashSet<(Ref, Ref)>,
}

impl Resolution<'_> {
    fn reads(&mut self, reader: Ref, writer: Ref) -> bool {
        if !self.assumed.insert((reader, writer)) {
            return true;
        }
        let reads = self.compare(reader, writer);
        if !reads {
            self.assumed.remove(&(reader, writer));
        }
        reads
    }

    fn compare(&mut self, at: Ref, from: Ref) -> bool {
        let (reader_schema, writer_schema) = (self.reader, self.writer);
        let (reader, writer) = (reader_schema.get(at), writer_schema.get(from));
        if let Type::Union(branches) = writer {
            return branches.iter().all(|branch| self.reads(at, *branch));
        }
        if let Type::Union(branches) = reader {
            return branches.iter().any(|branch| self.reads(*branch, from));
        }
        match (reader, writer) {
            (Type::Null, Type::Null) | (Type::Boolean, Type::Boolean) => true,
            (Type::Int(_), Type::Int(_)) => true,
            (Type::Long(_), Type::Int(_) | Type::Long(_)) => true,
            (Type::Float, Type::Int(_) | Type::Long(_) | Type::Float) => true,
            (Type::Double, Type::Int(_) | Type::Long(_) | Type::Float | Type::Double) => true,
            (Type::Bytes(_) | Type::String, Type::Bytes(_) | Type::String) => true,
            (Type::Array(reader), Type::Array(writer)) | (Type::Map(reader), Type::Map(writer)) => {
                self.reads(*reader, *writer)
            }
            (Type::Fixed { name, size, .. }, Type::Fixed { name: written, size: bytes, .. }) => {
                size == bytes && is_same(name, written)
            }
            (Type::Enum { name, symbols, default }, Type::Enum { name: written, symbols: others, .. }) => {
                is_same(name, written) && (default.is_some() || others.iter().all(|symbol| symbols.contains(symbol)))
            }
            (Type::Record { name, fields }, Type::Record { name: written, fields: others }) => {
                is_same(name, written) && fields.iter().all(|field| self.reads_field(field, others))
            }
            _ => false,
        }
    }

    /// A field that was not written has its default.
    fn reads_field(&mut self, field: &Field, written: &[Field]) -> bool {
        let named = |other: &&Field| other.name == field.name || field.aliases.contains(&other.name);
        match written.iter().find(named) {
            Some(other) => self.reads(field.kind, other.kind),
            None => field.default.is_some(),
        }
    }
}

/// "Both schemas are … with the same (unqualified) name", or the reader's has the writer's among its aliases.
fn is_same(reader: &Name, writer: &Name) -> bool {
    reader.simple() == writer.simple() || reader.aliases.contains(&writer.full)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn reads(reader: &Value, writer: &Value) -> bool {
        let parse = |value| Schema::parse(value).expect("a schema");
        parse(reader).reads(&parse(writer))
    }

    fn record(fields: Value) -> Value {
        json!({"type": "record", "name": "R", "fields": fields})
    }

    #[test]
    fn numbers_are_promoted_and_not_demoted() {
        for (reader, writer, yes) in [
            ("long", "int", true),
            ("int", "long", false),
            ("double", "float", true),
            ("float", "double", false),
            ("float", "long", true),
            ("string", "bytes", true),
            ("bytes", "string", true),
            ("string", "int", false),
            ("null", "null", true),
        ] {
            assert_eq!(reads(&json!(reader), &json!(writer)), yes, "{reader} of {writer}");
        }
    }

    #[test]
    fn fields_may_go_and_come_with_a_default() {
        let one = record(json!([{"name": "a", "type": "int"}]));
        let required = record(json!([{"name": "a", "type": "int"}, {"name": "b", "type": "int"}]));
        let optional = record(json!([{"name": "a", "type": "int"}, {"name": "b", "type": "int", "default": 0}]));
        assert!(reads(&one, &required) && reads(&one, &optional) && reads(&optional, &one));
        assert!(!reads(&required, &one));
        let renamed = record(json!([{"name": "c", "type": "int", "aliases": ["a"]}]));
        assert!(reads(&renamed, &one));
        let other = json!({"type": "record", "name": "Other", "fields": [{"name": "a", "type": "int"}]});
        assert!(!reads(&other, &one));
    }

    #[test]
    fn unions_enums_and_fixed_widen() {
        assert!(reads(&json!(["null", "int"]), &json!("int")));
        assert!(!reads(&json!("int"), &json!(["null", "int"])));
        let symbols = |symbols: Value| json!({"type": "enum", "name": "E", "symbols": symbols});
        assert!(reads(&symbols(json!(["A", "B"])), &symbols(json!(["A"]))));
        assert!(!reads(&symbols(json!(["A"])), &symbols(json!(["A", "B"]))));
        let default = json!({"type": "enum", "name": "E", "symbols": ["A"], "default": "A"});
        assert!(reads(&default, &symbols(json!(["A", "B"]))));
        let fixed = |size: u64| json!({"type": "fixed", "name": "F", "size": size});
        assert!(reads(&fixed(4), &fixed(4)) && !reads(&fixed(4), &fixed(8)));
    }

    #[test]
    fn types_that_hold_themselves_are_compared() {
        let list = |kind: &str| {
            record(json!([{"name": "value", "type": kind}, {"name": "next", "type": ["null", "R"], "default": null}]))
        };
        assert!(reads(&list("long"), &list("int")));
        assert!(!reads(&list("int"), &list("long")));
    }
}
