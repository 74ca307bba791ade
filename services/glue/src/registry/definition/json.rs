//! JSON Schema of the drafts 4, 6 and 7: <https://json-schema.org/specification-links>

mod bounds;
mod columns;
mod keyword;
mod subset;

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::Fault;

/// Deepest nesting of schemas.
const DEEPEST: usize = 100;

/// A schema that is valid.
#[derive(Debug)]
pub(super) struct Schema {
    root: Value,
    draft: Draft,
}

/// Which edition of the language a schema is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Draft {
    Four,
    Six,
    Seven,
}

impl Draft {
    /// The one that `$schema` names.
    // UNVERIFIED: which one holds if none is named; here the newest, which knows most.
    fn of(root: &Value) -> Result<Self, Fault> {
        let Some(named) = root.get("$schema") else { return Ok(Self::Seven) };
        let named = named.as_str().ok_or("$schema is not a string")?;
        let path = named.trim_start_matches("https").trim_start_matches("http").trim_end_matches('#');
        match path {
            "://json-schema.org/draft-04/schema" => Ok(Self::Four),
            "://json-schema.org/draft-06/schema" => Ok(Self::Six),
            "://json-schema.org/draft-07/schema" => Ok(Self::Seven),
            _ => Err(format!("only Draft-04, Draft-06 and Draft-07 are supported, not {named}")),
        }
    }
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(value: &Value) -> Result<Self, Fault> {
        let draft = Draft::of(value)?;
        let schema = Self { root: value.clone(), draft };
        schema.check(&schema.root, "#", 0)?;
        schema.check_references(&schema.root)?;
        Ok(schema)
    }

    fn check(&self, value: &Value, path: &str, depth: usize) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err("schemas are nested too deeply".to_owned());
        }
        match value {
            Value::Bool(_) if self.draft >= Draft::Six => Ok(()),
            Value::Object(members) => {
                for (name, value) in members {
                    let path = format!("{path}/{name}");
                    keyword::check(self.draft, name, value).map_err(|fault| format!("{path}: {fault}"))?;
                    for (inner, schema) in keyword::schemas_in(self.draft, name, value) {
                        self.check(schema, &format!("{path}{inner}"), depth + 1)?;
                    }
                }
                Ok(())
            }
            other => Err(format!("{path}: {other} is not a schema")),
        }
    }

    /// References lead to what is in the schema.
    fn check_references(&self, value: &Value) -> Result<(), Fault> {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    self.follow(reference, value)?;
                }
                let data = |name: &str| matches!(name, "enum" | "const" | "default" | "examples");
                members.iter().filter(|(name, _)| !data(name)).try_for_each(|(_, value)| self.check_references(value))
            }
            Value::Array(values) => values.iter().try_for_each(|value| self.check_references(value)),
            _ => Ok(()),
        }
    }

    /// What a reference leads to, through further ones.
    fn follow<'a>(&'a self, reference: &'a str, from: &Value) -> Result<&'a Value, Fault> {
        let mut seen = HashSet::new();
        let mut reference = reference;
        loop {
            if !seen.insert(reference) {
                return Err(format!("the reference {reference} leads to itself"));
            }
            let pointer = reference
                .strip_prefix('#')
                .ok_or_else(|| format!("the reference {reference} leads out of the schema, which is not supported"))?;
            let pointer = percent_decoded(pointer);
            let found = self.root.pointer(&pointer);
            let found = found.ok_or_else(|| format!("the reference {reference} of {from} leads nowhere"))?;
            match found.get("$ref") {
                Some(Value::String(next)) => reference = next,
                _ => return Ok(found),
            }
        }
    }

    /// A schema itself, rather than a reference to it.
    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema.get("$ref") {
            // INVARIANT: references have been followed when the schema was read.
            Some(Value::String(reference)) => self.follow(reference, schema).unwrap_or(schema),
            _ => schema,
        }
    }
}

/// A pointer in a URI's fragment may have its characters encoded.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let encoded = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match encoded.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The members of a schema; a schema that is `true` has none.
fn members(schema: &Value) -> Option<&Map<String, Value>> {
    schema.as_object()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FOUR: &str = "http://json-schema.org/draft-04/schema#";
    const SEVEN: &str = "http://json-schema.org/draft-07/schema#";

    #[test]
    fn schemas_of_each_draft_are_read() {
        for schema in [
            json!({}),
            json!(true),
            json!({"$schema": FOUR, "type": "number", "minimum": 1, "exclusiveMinimum": true}),
            json!({"$schema": SEVEN, "type": ["number", "null"], "exclusiveMinimum": 1, "const": {"$ref": "x"}}),
            json!({"properties": {"a": {"$ref": "#/definitions/a%25b"}}, "definitions": {"a%b": {"type": "string"}}}),
            json!({"properties": {"next": {"$ref": "#"}}}),
            json!({"items": [{"type": "string"}, true], "additionalItems": false}),
            json!({"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}),
        ] {
            assert_eq!(Schema::parse(&schema).map(|_| ()), Ok(()), "{schema}");
        }
    }

    #[test]
    fn what_is_no_schema_is_refused() {
        for (schema, fault) in [
            (json!([]), "not a schema"),
            (json!({"$schema": FOUR, "properties": {"a": true}}), "#/properties/a: true is not a schema"),
            (json!({"$schema": "https://json-schema.org/draft/2020-12/schema"}), "only Draft-04"),
            (json!({"type": "text"}), "#/type"),
            (json!({"type": ["string", "string"]}), "#/type"),
            (json!({"required": "a"}), "#/required"),
            (json!({"$schema": FOUR, "required": []}), "#/required"),
            (json!({"$schema": FOUR, "exclusiveMinimum": 1}), "#/exclusiveMinimum"),
            (json!({"minLength": -1}), "#/minLength"),
            (json!({"multipleOf": 0}), "#/multipleOf"),
            (json!({"pattern": "("}), "#/pattern"),
            (json!({"patternProperties": {"(": {}}}), "#/patternProperties"),
            (json!({"enum": "a"}), "#/enum"),
            (json!({"anyOf": []}), "#/anyOf"),
            (json!({"properties": {"a": {"items": 7}}}), "#/properties/a/items"),
            (json!({"$ref": "#/definitions/none"}), "leads nowhere"),
            (json!({"$ref": "#"}), "leads to itself"),
            (json!({"$ref": "http://elsewhere/schema"}), "leads out"),
        ] {
            let found = Schema::parse(&schema).expect_err(&schema.to_string());
            assert!(found.contains(fault), "{schema}: {found}");
        }
    }
}
