//! Many patterns at once: which of them a document matches, without asking each.
//!
//! Of each pattern one key is chosen that demands one of a few texts, the one that the fewest other patterns demand.
//! A document's text under that key leads to the patterns that it can match, which are then asked.

use std::collections::HashMap;

use serde_json::Value;

use crate::Pattern;
use crate::matcher::Matcher;
use crate::pattern::{Rule, Rules};

/// Patterns with what they stand for.
#[derive(Clone, Debug)]
pub struct Index<T> {
    patterns: Vec<(Pattern, T)>,
    /// By the path of a key, and what it demands, which patterns.
    anchored: Vec<(Path, HashMap<String, Vec<usize>>)>,
    /// Patterns that demand no text.
    others: Vec<usize>,
}

/// Keys from the document's own down.
type Path = Vec<String>;

/// A key that a pattern demands to have one of a few texts.
struct Anchor {
    path: Path,
    texts: Vec<String>,
}

impl<T> Index<T> {
    /// An index of these patterns.
    pub fn new(patterns: impl IntoIterator<Item = (Pattern, T)>) -> Self {
        let patterns: Vec<_> = patterns.into_iter().collect();
        let anchors: Vec<Vec<Anchor>> = patterns.iter().map(|(pattern, _)| anchors(pattern)).collect();
        let mut uses: HashMap<(&[String], &str), usize> = HashMap::new();
        for anchor in anchors.iter().flatten() {
            for text in &anchor.texts {
                *uses.entry((&anchor.path, text)).or_default() += 1;
            }
        }
        let cost = |anchor: &&Anchor| -> usize {
            anchor.texts.iter().filter_map(|text| uses.get(&(anchor.path.as_slice(), text.as_str()))).sum()
        };
        let mut by_path: HashMap<&Path, HashMap<String, Vec<usize>>> = HashMap::new();
        let mut others = Vec::new();
        for (at, anchors) in anchors.iter().enumerate() {
            match anchors.iter().min_by_key(cost) {
                None => others.push(at),
                Some(anchor) => {
                    let texts = by_path.entry(&anchor.path).or_default();
                    for text in &anchor.texts {
                        texts.entry(text.clone()).or_default().push(at);
                    }
                }
            }
        }
        let anchored = by_path.into_iter().map(|(path, texts)| (path.clone(), texts)).collect();
        Self { patterns, anchored, others }
    }

    /// What the patterns stand for that a document matches, in the order in which they were given.
    pub fn matching<'a>(&'a self, document: &'a Value) -> impl Iterator<Item = &'a T> {
        let mut candidates = self.others.clone();
        for (path, texts) in &self.anchored {
            visit(document, path, &mut |text| candidates.extend(texts.get(text).into_iter().flatten()));
        }
        candidates.sort_unstable();
        candidates.dedup();
        let found = candidates.into_iter().filter_map(|at| self.patterns.get(at));
        found.filter(|(pattern, _)| pattern.matches(document)).map(|(_, meaning)| meaning)
    }

    /// All that the patterns stand for.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        self.patterns.iter().map(|(_, meaning)| meaning)
    }
}

/// The keys of which a pattern demands texts.
fn anchors(pattern: &Pattern) -> Vec<Anchor> {
    let mut anchors = Vec::new();
    collect(&pattern.rules, &mut Vec::new(), &mut anchors);
    anchors
}

fn collect(rules: &Rules, path: &mut Path, anchors: &mut Vec<Anchor>) {
    for (key, rule) in &rules.fields {
        path.push(key.clone());
        match rule {
            Rule::Nested(rules) => collect(rules, path, anchors),
            Rule::AnyOf(matchers) => {
                let texts = matchers.iter().map(|matcher| match matcher {
                    Matcher::Exact(Value::String(text)) => Some(text.clone()),
                    _ => None,
                });
                if let Some(texts) = texts.collect() {
                    anchors.push(Anchor { path: path.clone(), texts });
                }
            }
        }
        path.pop();
    }
}

/// Shows each text that a document has at a path, also in arrays.
fn visit(value: &Value, path: &[String], show: &mut impl FnMut(&str)) {
    match (value, path) {
        (Value::Array(values), _) => values.iter().for_each(|value| visit(value, path, show)),
        (Value::String(text), []) => show(text),
        (Value::Object(object), [key, rest @ ..]) => {
            if let Some(value) = object.get(key) {
                visit(value, rest, show);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn index(patterns: &[Value]) -> Index<usize> {
        let parse = |pattern: &Value| Pattern::parse(&pattern.to_string()).expect("a pattern");
        Index::new(patterns.iter().map(parse).enumerate().map(|(at, pattern)| (pattern, at)))
    }

    #[test]
    fn an_index_finds_what_asking_each_pattern_finds() {
        let index = index(&[
            json!({ "source": ["a", "b"], "detail": { "kind": ["x"] } }),
            json!({ "source": ["a"] }),
            json!({ "detail": { "kind": [{ "prefix": "x" }] } }),
            json!({ "detail": { "tags": ["t"] } }),
            json!({ "source": ["a", 1] }),
            json!({ "source": ["c"], "$or": [{ "detail": { "kind": ["y"] } }, { "detail": { "tags": ["t"] } }] }),
        ]);
        for (document, expected) in [
            (json!({ "source": "a", "detail": { "kind": "x" } }), vec![0, 1, 2, 4]),
            (json!({ "source": "b", "detail": { "kind": ["w", "x"] } }), vec![0, 2]),
            (json!({ "source": "c", "detail": { "tags": [["s"], ["t"]] } }), vec![3, 5]),
            (json!({ "source": 1, "detail": [{ "tags": "t" }] }), vec![3, 4]),
            (json!({}), vec![]),
        ] {
            assert_eq!(index.matching(&document).copied().collect::<Vec<_>>(), expected, "{document}");
        }
    }

    #[test]
    fn the_key_that_tells_patterns_apart_leads_to_them() {
        let patterns: Vec<Value> =
            (0..100).map(|n| json!({ "source": ["one"], "detail": { "kind": [n.to_string()] } })).collect();
        let index = index(&patterns);
        let (path, texts) = index.anchored.first().expect("an anchor");
        assert_eq!((path.as_slice(), texts.len()), (&["detail".to_owned(), "kind".to_owned()][..], 100));
        let document = json!({ "source": "one", "detail": { "kind": "42" } });
        assert_eq!(index.matching(&document).collect::<Vec<_>>(), [&42]);
    }
}
