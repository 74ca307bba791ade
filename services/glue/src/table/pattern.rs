//! Regular expressions over names.

use fancy_regex::{Regex, RegexBuilder};
use welkin_kernel::Result;

use crate::errors::invalid;

/// Steps back that a match may take.
const PATIENCE: usize = 100_000;

/// A pattern that whole names match.
pub(crate) struct Pattern(Option<Regex>);

impl Pattern {
    /// "A regular expression pattern. If present, only those tables whose names match the pattern are returned":
    /// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetTables.html>
    ///
    /// # Errors
    /// `InvalidInputException`
    // UNVERIFIED: that whole names must match; and `*` alone, which Hive's clients send for all names.
    pub(crate) fn new(expression: Option<&str>) -> Result<Self> {
        let Some(expression) = expression.filter(|text| !text.is_empty() && *text != "*") else {
            return Ok(Self(None));
        };
        let regex = RegexBuilder::new(&format!(r"\A(?:{expression})\z")).backtrack_limit(PATIENCE).build();
        // UNVERIFIED: the wording.
        regex.map(|regex| Self(Some(regex))).map_err(|_| invalid(format!("Invalid pattern: {expression}")))
    }

    /// Whether a name matches.
    ///
    /// # Errors
    /// `InvalidInputException`: it takes too long to tell.
    pub(crate) fn matches(&self, name: &str) -> Result<bool> {
        match &self.0 {
            None => Ok(true),
            Some(regex) => regex.is_match(name).map_err(|_| invalid("The pattern takes too long to match.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn whole_names_match() {
        for (pattern, name, expected) in [
            ("", "a", true),
            ("*", "a", true),
            (".*", "abc", true),
            ("ab.*", "abc", true),
            ("ab", "abc", false),
            ("bc", "abc", false),
            ("a|abc", "abc", true),
            ("[a-c]+", "abc", true),
            ("(?!tmp_).*", "tmp_a", false),
            ("(?!tmp_).*", "a", true),
            (r"\w+_\d{4}", "sales_2020", true),
        ] {
            let pattern_of = Pattern::new(Some(pattern)).expect("it is one");
            assert_eq!(pattern_of.matches(name).expect("it is told"), expected, "{pattern} {name}");
        }
        assert!(Pattern::new(Some("(")).is_err());
    }
}
