//! Patterns of LIKE.

/// A pattern: `%` stands for any characters, `_` for one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Like(Vec<Part>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Any,
    One,
    This(char),
}

impl Like {
    pub(super) fn new(pattern: &str) -> Self {
        // UNVERIFIED: that there is no escape; JSqlParser's ESCAPE clause is not among the documented operators.
        let part = |c| match c {
            '%' => Part::Any,
            '_' => Part::One,
            other => Part::This(other),
        };
        Self(pattern.chars().map(part).collect())
    }

    /// Whether a whole text fits. Takes time in proportion to both lengths at most.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut at, mut part) = (0, 0);
        // Where to go on after the last `%`: it takes one character more each time.
        let mut back: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.0.get(part) {
                Some(Part::Any) => {
                    back = Some((part + 1, at));
                    part += 1;
                    continue;
                }
                Some(Part::One) => {
                    at += 1;
                    part += 1;
                    continue;
                }
                Some(Part::This(c)) if text.get(at) == Some(c) => {
                    at += 1;
                    part += 1;
                    continue;
                }
                _ => {}
            }
            match back {
                Some((after, taken)) => {
                    back = Some((after, taken + 1));
                    part = after;
                    at = taken + 1;
                }
                None => return false,
            }
        }
        self.0.iter().skip(part).all(|part| *part == Part::Any)
    }
}

#[cfg(test)]
mod tests {
    use super::Like;

    #[test]
    fn percent_is_any_text_and_underscore_one_character() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("%", "", true),
            ("%", "abc", true),
            ("a%", "abc", true),
            ("%c", "abc", true),
            ("%b%", "abc", true),
            ("a_c", "abc", true),
            ("a_c", "ac", false),
            ("_%", "", false),
            ("%a%b", "xaxbxab", true),
            ("%a%b", "xaxbxa", false),
            ("é_", "éà", true),
            ("A%", "abc", false),
        ] {
            assert_eq!(Like::new(pattern).matches(text), expected, "{pattern} {text}");
        }
    }
}
