//! How much work a pattern is, as the services that take patterns count it.

use std::collections::BTreeSet;

use crate::Pattern;
use crate::pattern::{Rule, Rules};

/// What limits of services are about.
///
/// Reference: <https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Complexity {
    /// Different keys of the document's own; those of objects below do not count.
    pub keys: usize,
    /// The product, over the keys, of the number of their matchers.
    pub combinations: u64,
    /// The same, with the depth of each key as a further factor.
    pub nested_combinations: u64,
    /// Points for wildcards: one for a single `*`, three for more, summed over a key and multiplied by the number of its
    /// wildcards; of all keys together.
    pub wildcards: u64,
    /// The product of the numbers of choices of all `$or`.
    pub choices: u64,
}

impl Pattern {
    /// How complex it is.
    pub fn complexity(&self) -> Complexity {
        let mut keys = BTreeSet::new();
        self.rules.collect_keys(&mut keys);
        Complexity {
            keys: keys.len(),
            combinations: self.rules.product(1, |_| 1),
            nested_combinations: self.rules.product(1, |depth| depth),
            wildcards: self.rules.wildcard_points(),
            choices: self.rules.choices(),
        }
    }
}

impl Rules {
    fn collect_keys<'a>(&'a self, keys: &mut BTreeSet<&'a str>) {
        keys.extend(self.fields.iter().map(|(key, _)| key.as_str()));
        self.either.iter().flatten().for_each(|choice| choice.collect_keys(keys));
    }

    /// Products over keys; the choices of an `$or` are added up.
    fn product(&self, depth: u64, weight: fn(u64) -> u64) -> u64 {
        let fields = self.fields.iter().map(|(_, rule)| match rule {
            Rule::AnyOf(matchers) => (matchers.len() as u64).saturating_mul(weight(depth)),
            Rule::Nested(rules) => rules.product(depth + 1, weight),
        });
        let either = self
            .either
            .iter()
            .map(|choices| choices.iter().map(|choice| choice.product(depth, weight)).fold(0, u64::saturating_add));
        fields.chain(either).fold(1, u64::saturating_mul)
    }

    fn choices(&self) -> u64 {
        let fields =
            self.fields.iter().map(|(_, rule)| if let Rule::Nested(rules) = rule { rules.choices() } else { 1 });
        let either = self.either.iter().map(|choices| choices.iter().map(Self::choices).fold(0, u64::saturating_add));
        fields.chain(either).fold(1, u64::saturating_mul)
    }

    fn wildcard_points(&self) -> u64 {
        let fields = self.fields.iter().map(|(_, rule)| match rule {
            Rule::Nested(rules) => rules.wildcard_points(),
            Rule::AnyOf(matchers) => {
                let points: Vec<u64> = matchers
                    .iter()
                    .flat_map(|matcher| matcher.wildcards())
                    .map(|wildcard| if wildcard.stars() > 1 { 3 } else { 1 })
                    .collect();
                points.iter().sum::<u64>().saturating_mul(points.len() as u64)
            }
        });
        let either = self.either.iter().flatten().map(Self::wildcard_points);
        fields.chain(either).fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complexity(pattern: &str) -> Complexity {
        Pattern::parse(pattern).expect("a pattern").complexity()
    }

    #[test]
    fn combinations_are_those_of_the_reference() {
        let flat = complexity(r#"{"key_a":["one","two","three"],"key_b":["one"],"key_c":["one","two"]}"#);
        assert_eq!((flat.keys, flat.combinations), (3, 6));
        let nested =
            complexity(r#"{"key_a":{"key_b":{"key_c":{"key_d":["1","2","3","4"]}},"key_e":{"key_f":["1","2","3"]}}}"#);
        assert_eq!((nested.keys, nested.nested_combinations), (1, 4 * 4 * 3 * 3));
    }

    #[test]
    fn wildcards_count_by_their_stars_and_choices_by_their_product() {
        let points = |pattern| complexity(pattern).wildcards;
        assert_eq!(
            complexity(r#"{"$or":[{"a":[1]},{"b":[1,2]}],"c":{"$or":[{"d":[1]},{"e":[1]},{"f":[1]}]}}"#).choices,
            6
        );
        assert_eq!(points(r#"{"a":[{"wildcard":"x*"}]}"#), 1);
        assert_eq!(points(r#"{"a":[{"wildcard":"*x*"},{"wildcard":"y*"}]}"#), (3 + 1) * 2);
        assert_eq!(points(r#"{"a":[{"anything-but":{"wildcard":["*x*","z"]}}],"b":["c"]}"#), (3 + 1) * 2);
    }
}
