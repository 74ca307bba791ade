//! Regular expressions, of which the language has a part.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#regex-expressions>

/// A regular expression that may match anywhere.
#[derive(Clone, Debug)]
pub(crate) struct Regex(regex::Regex);

/// Bytes of a compiled expression at most.
const SIZE: usize = 1 << 20;

impl Regex {
    /// The expression, if all of it is supported: letters, digits and some signs, and the operators, of which groups
    /// are none.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_-#=@/;,: ^$?[]{}|*+.\\".contains(c);
        let mut chars = text.chars();
        while let Some(next) = chars.next() {
            if next == '\\' {
                let escaped = chars.next()?;
                if escaped.is_ascii_alphanumeric() && !"dDsSwWx".contains(escaped) {
                    return None;
                }
            } else if !allowed(next) {
                return None;
            }
        }
        if text.is_empty() {
            return None;
        }
        regex::RegexBuilder::new(text).size_limit(SIZE).build().ok().map(Self)
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}
