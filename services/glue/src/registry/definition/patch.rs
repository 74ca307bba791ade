//! What differs between two JSON texts, as a JSON Patch (<https://www.rfc-editor.org/rfc/rfc6902>).

use serde_json::{Value, json};

/// Steps that make the second value of the first one.
// UNVERIFIED: how AWS tells a change in the middle of an array; here items after it are told one by one.
pub(crate) fn between(first: &Value, second: &Value) -> Vec<Value> {
    let mut steps = Vec::new();
    compare("", first, second, &mut steps);
    steps
}

fn compare(path: &str, first: &Value, second: &Value, steps: &mut Vec<Value>) {
    match (first, second) {
        (first, second) if first == second => {}
        (Value::Object(first), Value::Object(second)) => {
            for name in first.keys().filter(|name| !second.contains_key(*name)) {
                steps.push(json!({"op": "remove", "path": member(path, name)}));
            }
            for (name, value) in second {
                match first.get(name) {
                    Some(before) => compare(&member(path, name), before, value, steps),
                    None => steps.push(json!({"op": "add", "path": member(path, name), "value": value})),
                }
            }
        }
        (Value::Array(first), Value::Array(second)) => compare_items(path, first, second, steps),
        (_, second) => steps.push(json!({"op": "replace", "path": path, "value": second})),
    }
}

/// What is the same at the beginning and at the end stays; what is between is compared, added or removed.
fn compare_items(path: &str, first: &[Value], second: &[Value], steps: &mut Vec<Value>) {
    let start = first.iter().zip(second).take_while(|(a, b)| a == b).count();
    let (first, second) = (&first[start..], &second[start..]);
    let end = first.iter().rev().zip(second.iter().rev()).take_while(|(a, b)| a == b).count();
    let (first, second) = (&first[..first.len() - end], &second[..second.len() - end]);
    let common = first.len().min(second.len());
    for (at, (before, after)) in first.iter().zip(second).enumerate() {
        compare(&format!("{path}/{}", start + at), before, after, steps);
    }
    for at in (common..first.len()).rev() {
        steps.push(json!({"op": "remove", "path": format!("{path}/{}", start + at)}));
    }
    for (at, value) in second.iter().enumerate().skip(common) {
        steps.push(json!({"op": "add", "path": format!("{path}/{}", start + at), "value": value}));
    }
}

fn member(path: &str, name: &str) -> String {
    format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_where_they_are() {
        let steps = |first, second| between(&first, &second);
        assert_eq!(steps(json!({"a": 1}), json!({"a": 1})), Vec::<Value>::new());
        assert_eq!(
            steps(json!({"a": 1, "b": 2}), json!({"a": 3, "c/d": 4})),
            [
                json!({"op": "remove", "path": "/b"}),
                json!({"op": "replace", "path": "/a", "value": 3}),
                json!({"op": "add", "path": "/c~1d", "value": 4}),
            ]
        );
        assert_eq!(steps(json!([1, 3]), json!([1, 2, 3])), [json!({"op": "add", "path": "/1", "value": 2})]);
        assert_eq!(
            steps(json!([1, 2, 3]), json!([3])),
            [json!({"op": "remove", "path": "/1"}), json!({"op": "remove", "path": "/0"}),]
        );
        assert_eq!(
            steps(json!([{"a": 1}]), json!([{"a": 2}])),
            [json!({"op": "replace", "path": "/0/a", "value": 2}),]
        );
    }
}
