//! Patterns: parsed, weighed, indexed, and held against documents, themselves among them.

use serde_json::{Value, json};
use welkin_patterns::{Dialect, Index, Pattern};

use super::{Seed, Target};
use crate::chance::Chance;

pub(crate) struct Patterns;

const FIELDS: &[&str] = &[
    r#""a":["x",1,true,null]"#,
    r#""b":[{"prefix":"p"},{"suffix":"s"},{"equals-ignore-case":"É"}]"#,
    r#""c":[{"wildcard":"*a*b\\*"},{"anything-but":{"wildcard":["x*","*y"]}}]"#,
    r#""d":[{"numeric":[">",-1.5,"<=",1e8]},{"anything-but":[1,"2"]}]"#,
    r#""e":{"f":{"g":[{"exists":false}],"h":[{"cidr":"10.0.0.0/8"},{"cidr":"2001:db8::/32"}]}}"#,
    r#""$or":[{"a":["x"]},{"b":[{"exists":true}],"$or":[{"c":["y"]},{"d":[2]}]}]"#,
];

impl Target for Patterns {
    fn seed(&self, chance: &mut Chance) -> Seed {
        let count = 1 + chance.below(4);
        let mut fields: Vec<&str> = (0..count).map(|_| *chance.pick(FIELDS)).collect();
        fields.sort_unstable();
        fields.dedup();
        format!("{{{}}}", fields.join(",")).into_bytes().into()
    }

    fn run(&self, input: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(input);
        let event_pattern = Pattern::parse_in(&text, Dialect::EventPattern);
        let pattern = Pattern::parse(&text).map_err(|fault| fault.to_string())?;
        assert!(pattern.complexity().combinations <= pattern.complexity().nested_combinations);
        let itself: Value = serde_json::from_str(&text).unwrap_or_default();
        let document = json!({ "a": ["x"], "b": "ps", "c": "aab", "d": 7, "e": [{ "f": { "h": "10.1.2.3" } }, 1] });
        for document in [itself, document, Value::Null] {
            let first = pattern.matches(&document);
            assert_eq!(first, pattern.matches(&document), "the same question has the same answer");
            let index = Index::new([(pattern.clone(), ())]);
            assert_eq!(first, index.matching(&document).next().is_some(), "an index finds what asking finds");
            if let Ok(pattern) = &event_pattern {
                pattern.matches(&document);
            }
        }
        Ok(())
    }
}
