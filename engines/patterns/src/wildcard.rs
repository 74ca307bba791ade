//! Text with `*` for anything.

/// A text with `*` for any characters, also none. `\*` and `\\` stand for themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wildcard {
    /// What must be there, in order; between two of them is anything.
    parts: Vec<String>,
}

impl Wildcard {
    /// Reads a wildcard; `None` if two `*` follow one another or a `\` stands for nothing.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = vec![String::new()];
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '*' if characters.peek() == Some(&'*') => return None,
                '*' => parts.push(String::new()),
                '\\' => {
                    let escaped = characters.next().filter(|next| matches!(next, '*' | '\\'))?;
                    parts.last_mut()?.push(escaped);
                }
                other => parts.last_mut()?.push(other),
            }
        }
        Some(Self { parts })
    }

    /// How many `*` there are.
    pub(crate) fn stars(&self) -> usize {
        self.parts.len() - 1
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.parts.as_slice() else {
            return self.parts.first().is_some_and(|only| only == text);
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for part in middle {
            let Some((_, after)) = rest.split_once(part.as_str()) else { return false };
            rest = after;
        }
        rest.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        let matches = |pattern: &str, text: &str| Wildcard::parse(pattern).expect("a wildcard").matches(text);
        for (pattern, text) in [
            ("*ball", "basketball"),
            ("dir/*/file", "dir/a/b/file"),
            ("a*", "a"),
            ("*", ""),
            ("a*b*a", "abba"),
            (r"a\*\\", r"a*\"),
            ("plain", "plain"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("*ball", "balls"), ("a*a", "a"), ("a*b*a", "aba "), (r"a\*", "ab"), ("plain", "Plain")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
        assert!(Wildcard::parse("a**b").is_none() && Wildcard::parse(r"a\b").is_none());
    }
}
