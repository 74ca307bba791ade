//! Limits of numbers, lengths and counts, and whether those of a reader take in those of a writer.

use serde_json::{Map, Value};

/// A limit of numbers: its value, and whether the value itself is out.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Limit {
    value: f64,
    exclusive: bool,
}

/// The limit that a schema sets, in the form of any draft: the tighter of the two of the later ones.
fn limit(schema: &Map<String, Value>, plain: &str, exclusive: &str, lower: bool) -> Option<Limit> {
    let number = |name: &str| schema.get(name).and_then(Value::as_f64);
    let excluded = schema.get(exclusive) == Some(&Value::Bool(true));
    let inclusive = number(plain).map(|value| Limit { value, exclusive: excluded });
    let own = number(exclusive).map(|value| Limit { value, exclusive: true });
    match (inclusive, own) {
        (Some(one), Some(other)) => Some(if takes_in(one, other, lower) { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// Whether all that `inner` lets through is let through by `outer`.
fn takes_in(outer: Limit, inner: Limit, lower: bool) -> bool {
    let (outer_value, inner_value) = if lower { (outer.value, inner.value) } else { (-outer.value, -inner.value) };
    outer_value < inner_value || (outer_value == inner_value && (!outer.exclusive || inner.exclusive))
}

/// Whether numbers within the writer's limits are within the reader's.
pub(super) fn numbers(reader: &Map<String, Value>, writer: &Map<String, Value>) -> bool {
    let sides = [("minimum", "exclusiveMinimum", true), ("maximum", "exclusiveMaximum", false)];
    let within = sides.into_iter().all(|(plain, exclusive, lower)| {
        let outer = limit(reader, plain, exclusive, lower);
        match (outer, limit(writer, plain, exclusive, lower)) {
            (None, _) => true,
            (Some(outer), Some(inner)) => takes_in(outer, inner, lower),
            (Some(_), None) => false,
        }
    });
    within && multiples(reader.get("multipleOf"), writer.get("multipleOf"))
}

fn multiples(reader: Option<&Value>, writer: Option<&Value>) -> bool {
    match (reader.and_then(Value::as_f64), writer.and_then(Value::as_f64)) {
        (None, _) => true,
        (Some(reader), Some(writer)) => (writer / reader).fract() == 0.0,
        (Some(_), None) => false,
    }
}

/// Whether a count that is at least and at most what the writer says is so for the reader.
pub(super) fn counts(reader: &Map<String, Value>, writer: &Map<String, Value>, least: &str, most: &str) -> bool {
    let number = |schema: &Map<String, Value>, name: &str| schema.get(name).and_then(Value::as_f64);
    let enough = number(reader, least).is_none_or(|least_read| {
        least_read <= 0.0 || number(writer, least).is_some_and(|written| written >= least_read)
    });
    let few =
        number(reader, most).is_none_or(|most_read| number(writer, most).is_some_and(|written| written <= most_read));
    enough && few
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn wider_limits_take_in_tighter_ones() {
        for (reader, writer, yes) in [
            (json!({}), json!({"minimum": 1}), true),
            (json!({"minimum": 1}), json!({}), false),
            (json!({"minimum": 1}), json!({"minimum": 1}), true),
            (json!({"minimum": 1}), json!({"minimum": 2}), true),
            (json!({"minimum": 1}), json!({"minimum": 0}), false),
            (json!({"exclusiveMinimum": 1}), json!({"minimum": 1}), false),
            (json!({"minimum": 1}), json!({"exclusiveMinimum": 1}), true),
            (json!({"minimum": 1, "exclusiveMinimum": true}), json!({"minimum": 1}), false),
            (json!({"maximum": 9}), json!({"maximum": 8}), true),
            (json!({"maximum": 9}), json!({"maximum": 10}), false),
            (json!({"multipleOf": 2}), json!({"multipleOf": 4}), true),
            (json!({"multipleOf": 4}), json!({"multipleOf": 2}), false),
        ] {
            assert_eq!(numbers(&object(reader.clone()), &object(writer.clone())), yes, "{reader} of {writer}");
        }
        let length = |value| object(value);
        assert!(counts(&length(json!({"minLength": 1})), &length(json!({"minLength": 2})), "minLength", "maxLength"));
        assert!(!counts(&length(json!({"maxLength": 1})), &length(json!({"maxLength": 2})), "minLength", "maxLength"));
    }
}
