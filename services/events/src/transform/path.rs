//! Paths to parts of an event: dots, names, indices of arrays, `*`.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>

use serde_json::Value;

/// `$.detail.items[0].name`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    All,
}

impl Path {
    /// Reads a path; `None` if it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (name, after) = after.split_at(end);
                steps.push(match name {
                    "*" => Step::All,
                    _ => Step::Name(name_of(name)?.to_owned()),
                });
                rest = after;
            } else {
                let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
                let quoted = index.strip_prefix('\'').and_then(|name| name.strip_suffix('\''));
                steps.push(match (index, quoted) {
                    ("*", _) => Step::All,
                    (_, Some(name)) => Step::Name(name_of(name)?.to_owned()),
                    _ => Step::Index(index.parse().ok()?),
                });
                rest = after;
            }
        }
        Some(Self { steps })
    }

    /// What is there in a document: one value, or an array of all that a path with `*` leads to.
    pub(crate) fn find(&self, document: &Value) -> Option<Value> {
        let mut found = vec![document];
        for step in &self.steps {
            found = found.into_iter().flat_map(|value| step.from(value)).collect();
        }
        if self.steps.contains(&Step::All) {
            return Some(Value::Array(found.into_iter().cloned().collect()));
        }
        found.first().map(|value| (*value).clone())
    }
}

/// A name without anything that paths do not know.
fn name_of(name: &str) -> Option<&str> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | ':' | ' ' | '@' | '$');
    (!name.is_empty() && name.chars().all(fits)).then_some(name)
}

impl Step {
    fn from<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match self {
            Self::Name(name) => value.get(name).into_iter().collect(),
            Self::Index(index) => value.get(index).into_iter().collect(),
            Self::All => match value {
                Value::Array(values) => values.iter().collect(),
                Value::Object(members) => members.values().collect(),
                _ => Vec::new(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_to_what_they_say() {
        let document = json!({ "detail": { "a-b": [{ "c_d": 1 }, { "c_d": 2 }], "x/y": "z" } });
        let find = |path: &str| Path::parse(path).expect("a path").find(&document);
        assert_eq!(find("$"), Some(document.clone()));
        assert_eq!(find("$.detail.a-b[1].c_d"), Some(json!(2)));
        assert_eq!(find("$.detail.a-b[*].c_d"), Some(json!([1, 2])));
        assert_eq!(find("$.detail.x/y"), Some(json!("z")));
        assert_eq!(find("$['detail']['x/y']"), Some(json!("z")));
        assert_eq!((find("$.detail.none"), find("$.detail.a-b[2]")), (None, None));
        for text in ["", "detail", "$detail", "$.", "$..a", "$.a[", "$.a[x]", "$.a[?(@.b)]"] {
            assert_eq!(Path::parse(text), None, "{text}");
        }
    }
}
