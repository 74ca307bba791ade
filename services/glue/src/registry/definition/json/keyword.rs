//! What the words of a schema may have as values:
//! <https://json-schema.org/draft-07/draft-handrews-json-schema-validation-01>

use std::collections::HashSet;

use serde_json::Value;

use super::super::Fault;
use super::Draft;

/// The names of types.
const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// Holds the value of a word against what it can be. Words that the draft does not know can have any.
pub(super) fn check(draft: Draft, name: &str, value: &Value) -> Result<(), Fault> {
    match name {
        "type" => is_type(value),
        "enum" => demand(value.as_array().is_some_and(|values| !values.is_empty()), value, "an array of values"),
        "multipleOf" => demand(value.as_f64().is_some_and(|number| number > 0.0), value, "a number above 0"),
        "maximum" | "minimum" => demand(value.is_number(), value, "a number"),
        "exclusiveMaximum" | "exclusiveMinimum" if draft == Draft::Four => {
            demand(value.is_boolean(), value, "true or false")
        }
        "exclusiveMaximum" | "exclusiveMinimum" => demand(value.is_number(), value, "a number"),
        "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties" | "minProperties" => {
            demand(is_count(value), value, "a whole number of 0 or more")
        }
        "uniqueItems" => demand(value.is_boolean(), value, "true or false"),
        "pattern" => is_pattern(value),
        "required" => {
            let enough = draft > Draft::Four || value.as_array().is_some_and(|names| !names.is_empty());
            demand(enough && are_names(value), value, "an array of different names")
        }
        "allOf" | "anyOf" | "oneOf" => {
            demand(value.as_array().is_some_and(|schemas| !schemas.is_empty()), value, "an array of schemas")
        }
        "properties" | "definitions" => demand(value.is_object(), value, "an object of schemas"),
        "patternProperties" => {
            demand(value.is_object(), value, "an object of schemas")?;
            let mut names = value.as_object().into_iter().flatten();
            names.try_for_each(|(name, _)| is_pattern(&Value::from(name.as_str())))
        }
        "dependencies" => {
            let each = value.as_object().is_some_and(|members| {
                members.values().all(|value| are_names(value) || value.is_object() || value.is_boolean())
            });
            demand(each, value, "an object of schemas and of arrays of names")
        }
        "$ref" | "$schema" | "title" | "description" | "format" | "$comment" => {
            demand(value.is_string(), value, "a string")
        }
        "id" if draft == Draft::Four => demand(value.is_string(), value, "a string"),
        "$id" if draft > Draft::Four => demand(value.is_string(), value, "a string"),
        _ => Ok(()),
    }
}

fn demand(holds: bool, value: &Value, what: &str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(format!("{value} is not {what}")) }
}

fn is_type(value: &Value) -> Result<(), Fault> {
    let known = |value: &Value| value.as_str().is_some_and(|name| TYPES.contains(&name));
    match value {
        Value::Array(_) => {
            let named = value.as_array().is_some_and(|names| !names.is_empty() && names.iter().all(known));
            demand(named && are_names(value), value, "an array of different types")
        }
        value => demand(known(value), value, "a type"),
    }
}

fn is_count(value: &Value) -> bool {
    value.as_u64().is_some() || value.as_f64().is_some_and(|number| number >= 0.0 && number.fract() == 0.0)
}

fn is_pattern(value: &Value) -> Result<(), Fault> {
    let valid = value.as_str().is_some_and(|pattern| fancy_regex::Regex::new(pattern).is_ok());
    demand(valid, value, "a regular expression")
}

fn are_names(value: &Value) -> bool {
    let mut seen = HashSet::new();
    let Some(values) = value.as_array() else { return false };
    values.iter().all(|value| value.as_str().is_some_and(|name| seen.insert(name)))
}

/// The schemas that the value of a word holds, with their paths in it.
pub(super) fn schemas_in<'a>(draft: Draft, name: &str, value: &'a Value) -> Vec<(String, &'a Value)> {
    let named = |keep: fn(&Value) -> bool| {
        let members = value.as_object().into_iter().flatten().filter(move |(_, value)| keep(value));
        members.map(|(name, value)| (format!("/{name}"), value)).collect()
    };
    let listed = || {
        let values = value.as_array().into_iter().flatten().enumerate();
        values.map(|(at, value)| (format!("/{at}"), value)).collect()
    };
    match name {
        "properties" | "patternProperties" | "definitions" => named(|_| true),
        "dependencies" => named(|value| !value.is_array()),
        "allOf" | "anyOf" | "oneOf" => listed(),
        "items" if value.is_array() => listed(),
        "additionalItems" | "additionalProperties" if value.is_boolean() => Vec::new(),
        "items" | "additionalItems" | "additionalProperties" | "not" => vec![(String::new(), value)],
        "contains" | "propertyNames" if draft > Draft::Four => vec![(String::new(), value)],
        "if" | "then" | "else" if draft == Draft::Seven => vec![(String::new(), value)],
        _ => Vec::new(),
    }
}
