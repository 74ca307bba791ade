//! Whether a reader accepts all that a writer may write.
//!
//! Word by word, as the words of a schema hold together. Optional properties may come and go: a writer of an open object
//! is not thought to write under a name that it does not know. Where the words are too involved to tell, the answer is
//! no, unless reader and writer say the same.
// UNVERIFIED: AWS does not document its rules for JSON; that optional properties may come and go is what its maintainers
// say is meant: https://github.com/awslabs/aws-glue-schema-registry/issues/172

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Schema, bounds, members};

/// Words that say nothing of what is valid.
const NOTES: [&str; 9] =
    ["$schema", "$id", "id", "title", "description", "default", "examples", "$comment", "definitions"];

/// Comparisons that one question may take; schemas refer to each other in as many ways as their writers like.
const MOST: usize = 20_000;

impl Schema {
    /// Whether all that is valid for the writer is so for this schema.
    pub(in super::super) fn accepts(&self, writer: &Self) -> bool {
        let mut question = Question { reader: self, writer, assumed: HashSet::new(), left: MOST };
        question.accepts(&self.root, &writer.root)
    }
}

struct Question<'a> {
    reader: &'a Schema,
    writer: &'a Schema,
    /// Pairs that are being looked at, by where they are: schemas may refer to themselves.
    assumed: HashSet<(*const Value, *const Value)>,
    left: usize,
}

type Members = Map<String, Value>;

impl<'a> Question<'a> {
    fn accepts(&mut self, reader: &'a Value, writer: &'a Value) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        let (reader, writer) = (self.reader.resolve(reader), self.writer.resolve(writer));
        if !self.assumed.insert((std::ptr::from_ref(reader), std::ptr::from_ref(writer))) {
            return true;
        }
        let accepts = self.compare(reader, writer);
        if !accepts {
            self.assumed.remove(&(std::ptr::from_ref(reader), std::ptr::from_ref(writer)));
        }
        accepts
    }

    fn compare(&mut self, reader: &'a Value, writer: &'a Value) -> bool {
        let (reader, writer) = match (reader, writer) {
            (Value::Bool(true), _) | (_, Value::Bool(false)) => return true,
            (Value::Bool(false), _) => return false,
            (reader, writer) => (members(reader), members(writer)),
        };
        static OPEN: std::sync::LazyLock<Members> = std::sync::LazyLock::new(Map::new);
        let (reader, writer) = (reader.unwrap_or(&OPEN), writer.unwrap_or(&OPEN));
        self.combined(reader, writer) && self.plain(reader, writer)
    }

    /// What a reader says by combining schemas.
    fn combined(&mut self, reader: &'a Members, writer: &'a Members) -> bool {
        for name in ["allOf", "anyOf", "oneOf", "not", "if", "then", "else"] {
            let Some(read) = reader.get(name) else { continue };
            if writer.get(name) == Some(read) && self.reader.draft == self.writer.draft && !has_reference(read) {
                continue;
            }
            let holds = match (name, read, writer.get(name)) {
                ("allOf", Value::Array(read), _) => read.iter().all(|one| self.whole(one, writer)),
                ("anyOf" | "oneOf", Value::Array(read), written) => self.one_of(read, written, writer),
                ("not", read, Some(written)) => self.turned(read, written),
                _ => false,
            };
            if !holds {
                return false;
            }
        }
        true
    }

    /// Whether one schema of a reader accepts what a writer with these members writes.
    fn whole(&mut self, reader: &'a Value, writer: &'a Members) -> bool {
        match self.reader.resolve(reader) {
            Value::Bool(accepts) => *accepts,
            Value::Object(reader) => {
                let Some(left) = self.left.checked_sub(1) else { return false };
                self.left = left;
                let branches = writer.get("allOf").and_then(Value::as_array);
                (self.combined(reader, writer) && self.plain(reader, writer))
                    || branches.is_some_and(|branches| branches.iter().any(|one| self.within(reader, one)))
            }
            _ => true,
        }
    }

    fn within(&mut self, reader: &'a Members, writer: &'a Value) -> bool {
        match self.writer.resolve(writer) {
            Value::Object(writer) => self.combined(reader, writer) && self.plain(reader, writer),
            _ => false,
        }
    }

    /// Each branch of the writer is accepted by a branch of the reader; a writer without branches is one itself.
    fn one_of(&mut self, read: &'a [Value], written: Option<&'a Value>, writer: &'a Members) -> bool {
        match written.and_then(Value::as_array) {
            Some(written) => written.iter().all(|writer| read.iter().any(|reader| self.accepts(reader, writer))),
            None => read.iter().any(|reader| self.whole(reader, writer)),
        }
    }

    /// What a reader does not want is among what the writer does not write.
    fn turned(&mut self, reader: &'a Value, writer: &'a Value) -> bool {
        let mut question =
            Question { reader: self.writer, writer: self.reader, assumed: HashSet::new(), left: self.left };
        let accepts = question.accepts(writer, reader);
        self.left = question.left;
        accepts
    }

    /// What a reader says without combining schemas.
    fn plain(&mut self, reader: &'a Members, writer: &'a Members) -> bool {
        types(reader, writer)
            && values(reader, writer)
            && bounds::numbers(reader, writer)
            && bounds::counts(reader, writer, "minLength", "maxLength")
            && bounds::counts(reader, writer, "minItems", "maxItems")
            && bounds::counts(reader, writer, "minProperties", "maxProperties")
            && ["pattern", "format", "contains", "propertyNames"].iter().all(|name| same(reader, writer, name))
            && (reader.get("uniqueItems") != Some(&Value::Bool(true)) || same(reader, writer, "uniqueItems"))
            && self.items(reader, writer)
            && required(reader, writer)
            && self.properties(reader, writer)
            && dependencies(reader, writer)
    }

    fn items(&mut self, reader: &'a Members, writer: &'a Members) -> bool {
        static ANY: Value = Value::Bool(true);
        let count = |schema: &Members| schema.get("items").and_then(Value::as_array).map_or(0, Vec::len);
        // The schema of the item at a position; behind those that are listed, that of all further ones.
        let at = |schema: &'a Members, position: usize| match schema.get("items") {
            Some(Value::Array(listed)) => {
                listed.get(position).or_else(|| schema.get("additionalItems")).unwrap_or(&ANY)
            }
            Some(all) => all,
            None => &ANY,
        };
        let last = count(reader).max(count(writer));
        (0..=last).all(|position| self.accepts(at(reader, position), at(writer, position)))
    }

    fn properties(&mut self, reader: &'a Members, writer: &'a Members) -> bool {
        let named = |schema: &'a Members, name: &str| schema.get(name).and_then(Value::as_object);
        let (read, written) = (named(reader, "properties"), named(writer, "properties"));
        for (name, reader) in read.into_iter().flatten() {
            let known = written.and_then(|written| written.get(name));
            // An open writer does not write under names that it does not know.
            let writes = known.or_else(|| writer.get("additionalProperties").filter(|rest| rest.is_object()));
            if writes.is_some_and(|writer| !self.accepts(reader, writer)) {
                return false;
            }
        }
        for (name, writer) in written.into_iter().flatten() {
            if read.is_some_and(|read| read.contains_key(name)) || *writer == Value::Bool(false) {
                continue;
            }
            if let Some(rest) = rest_of(reader, name)
                && !self.accepts(rest, writer)
            {
                return false;
            }
        }
        let closed = writer.get("additionalProperties") == Some(&Value::Bool(false));
        let patterns = named(writer, "patternProperties");
        for (pattern, reader) in named(reader, "patternProperties").into_iter().flatten() {
            let accepted = match patterns.and_then(|patterns| patterns.get(pattern)) {
                Some(writer) => self.accepts(reader, writer),
                None => closed,
            };
            if !accepted {
                return false;
            }
        }
        match (reader.get("additionalProperties"), writer.get("additionalProperties")) {
            (None | Some(Value::Bool(true)), _) | (_, Some(Value::Bool(false))) => true,
            (Some(reader), Some(writer)) => self.accepts(reader, writer),
            (Some(_), None) => false,
        }
    }
}

/// The schema of a property that a reader does not name, if it restricts it.
fn rest_of<'a>(reader: &'a Members, name: &str) -> Option<&'a Value> {
    let patterns = reader.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
    let matches = |pattern: &str| {
        fancy_regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(name).unwrap_or_default())
    };
    for (pattern, schema) in patterns {
        if matches(pattern) {
            return Some(schema);
        }
    }
    reader.get("additionalProperties")
}

fn has_reference(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.contains_key("$ref") || members.values().any(has_reference),
        Value::Array(values) => values.iter().any(has_reference),
        _ => false,
    }
}

/// Whether the writer says the same by a word, if the reader has it.
fn same(reader: &Members, writer: &Members, name: &str) -> bool {
    reader.get(name).is_none_or(|read| writer.get(name).is_some_and(|written| bare(read) == bare(written)))
}

/// A value without notes.
fn bare(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| !NOTES.contains(&name.as_str()));
            Value::Object(kept.map(|(name, value)| (name.clone(), bare(value))).collect())
        }
        other => other.clone(),
    }
}

/// The types that a schema permits; `None` are all.
fn type_names(schema: &Members) -> Option<Vec<&str>> {
    match schema.get("type")? {
        Value::String(name) => Some(vec![name]),
        Value::Array(names) => Some(names.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

fn types(reader: &Members, writer: &Members) -> bool {
    let Some(read) = type_names(reader) else { return true };
    let accepts = |name: &str| read.contains(&name) || (name == "integer" && read.contains(&"number"));
    match type_names(writer) {
        Some(written) => written.into_iter().all(accepts),
        // Values of a list have their types.
        None => listed(writer).is_some_and(|values| values.iter().all(|value| accepts(type_of(value)))),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.as_f64().is_some_and(|number| number.fract() == 0.0) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The values that a schema lists.
fn listed(schema: &Members) -> Option<Vec<&Value>> {
    let values = schema.get("enum").and_then(Value::as_array).map(|values| values.iter().collect());
    schema.get("const").map(|value| vec![value]).or(values)
}

fn values(reader: &Members, writer: &Members) -> bool {
    let Some(read) = listed(reader) else { return true };
    listed(writer).is_some_and(|written| written.iter().all(|value| read.contains(value)))
}

fn names<'a>(schema: &'a Members, word: &str) -> Vec<&'a str> {
    schema.get(word).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn required(reader: &Members, writer: &Members) -> bool {
    let written = names(writer, "required");
    names(reader, "required").iter().all(|name| written.contains(name))
}

/// What the reader's dependencies demand is what the writer's do.
fn dependencies(reader: &Members, writer: &Members) -> bool {
    let read = reader.get("dependencies").and_then(Value::as_object).into_iter().flatten();
    read.into_iter().all(|(name, demand)| writer.get("dependencies").and_then(|all| all.get(name)) == Some(demand))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn accepts(reader: &Value, writer: &Value) -> bool {
        let parse = |value| Schema::parse(value).expect("a schema");
        parse(reader).accepts(&parse(writer))
    }

    #[test]
    fn a_wider_schema_accepts_a_tighter_one() {
        for (reader, writer, yes) in [
            (json!({"type": "number"}), json!({"type": "integer"}), true),
            (json!({"type": "integer"}), json!({"type": "number"}), false),
            (json!({"type": ["string", "null"]}), json!({"type": "string"}), true),
            (json!({"type": "string"}), json!({}), false),
            (json!({"type": "string"}), json!({"enum": ["a"]}), true),
            (json!({"enum": ["a", "b"]}), json!({"enum": ["a"]}), true),
            (json!({"enum": ["a"]}), json!({"const": "a"}), true),
            (json!({"enum": ["a"]}), json!({"enum": ["a", "b"]}), false),
            (json!({"pattern": "a"}), json!({"pattern": "a"}), true),
            (json!({"pattern": "a"}), json!({"pattern": "b"}), false),
            (json!({"maxLength": 5}), json!({"maxLength": 4}), true),
            (json!({"items": {"type": "number"}}), json!({"items": {"type": "integer"}}), true),
            (json!({"items": {"type": "string"}}), json!({"items": {"type": "integer"}}), false),
            (json!({"items": [{"type": "string"}]}), json!({"items": {"type": "string"}}), true),
            (json!({"anyOf": [{"type": "string"}, {"type": "null"}]}), json!({"type": "null"}), true),
            (json!({"oneOf": [{"type": "string"}]}), json!({"oneOf": [{"type": "null"}]}), false),
            (json!({"allOf": [{"type": "string"}]}), json!({"type": "string"}), true),
            (json!({"not": {"type": "string"}}), json!({"not": {"type": ["string", "null"]}}), true),
            (json!({"not": {"type": "string"}}), json!({"type": "null"}), false),
            (json!(true), json!({}), true),
            (json!(false), json!({}), false),
        ] {
            assert_eq!(accepts(&reader, &writer), yes, "{reader} of {writer}");
        }
    }

    #[test]
    fn optional_properties_come_and_go() {
        let one = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let two = json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}});
        assert!(accepts(&one, &two) && accepts(&two, &one));
        let required = json!({"type": "object", "properties": two["properties"], "required": ["b"]});
        assert!(accepts(&one, &required) && !accepts(&required, &one));
        let closed = json!({"type": "object", "properties": one["properties"], "additionalProperties": false});
        assert!(!accepts(&closed, &two) && !accepts(&closed, &one) && accepts(&two, &closed));
        let other = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
        assert!(!accepts(&other, &one));
    }

    #[test]
    fn schemas_that_refer_to_themselves_are_compared() {
        let tree = |kind: &str| {
            json!({
                "$ref": "#/definitions/node",
                "definitions": {"node": {"properties": {"value": {"type": kind}, "next": {"$ref": "#/definitions/node"}}}},
            })
        };
        assert!(accepts(&tree("number"), &tree("integer")));
        assert!(!accepts(&tree("integer"), &tree("number")));
    }
}
