//! Exclude patterns: globs over the path of an object below its target.
//!
//! <https://docs.aws.amazon.com/glue/latest/dg/define-crawler.html#crawler-data-stores-exclude>

/// A pattern such as `*.csv`, `**/_tmp/**`, `data-[0-9]?.{json,xml}`.
#[derive(Clone, Debug)]
pub(crate) struct Glob {
    /// Without braces: the pattern is each of them.
    alternatives: Vec<Vec<Token>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `?`: a character of a name
    Any,
    /// `*`: characters of a name
    Many,
    /// `**`: characters of a path
    ManyDeep,
    /// `[a-z]`, `[!a-z]`
    Class(bool, Vec<(char, char)>),
}

/// A pattern may stand for so many without braces.
const MOST: usize = 1000;

impl Glob {
    /// Reads a pattern; `None` if brackets or braces do not fit.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // An exclude pattern is relative to the include path; a slash before it means nothing.
        let text = text.strip_prefix('/').unwrap_or(text);
        let alternatives = expand(text)?.iter().map(|text| tokens(text)).collect::<Option<_>>()?;
        Some(Self { alternatives })
    }

    /// Whether a path is one of those.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let path: Vec<char> = path.chars().collect();
        self.alternatives.iter().any(|tokens| matches(tokens, &path))
    }
}

/// The patterns that a pattern with braces stands for. "Groups can't be nested."
fn expand(text: &str) -> Option<Vec<String>> {
    let mut all = vec![String::new()];
    let mut rest = text.chars();
    let mut bracket = false;
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                let escaped = rest.next()?;
                all.iter_mut().for_each(|it| it.extend(['\\', escaped]));
            }
            '{' if !bracket => {
                let (inside, after) = rest.as_str().split_once('}')?;
                if inside.contains('{') {
                    return None;
                }
                let all_of = |it: &String| inside.split(',').map(|part| format!("{it}{part}")).collect::<Vec<_>>();
                all = all.iter().flat_map(all_of).take(MOST + 1).collect();
                if all.len() > MOST {
                    return None;
                }
                rest = after.chars();
            }
            '}' if !bracket => return None,
            _ => {
                bracket = (bracket || c == '[') && c != ']';
                all.iter_mut().for_each(|it| it.push(c));
            }
        }
    }
    Some(all)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '\\' => Token::Char(chars.next()?),
            '?' => Token::Any,
            '*' if chars.peek() == Some(&'*') => {
                while chars.next_if_eq(&'*').is_some() {}
                Token::ManyDeep
            }
            '*' => Token::Many,
            '[' => {
                let mut inside = String::new();
                loop {
                    match chars.next()? {
                        ']' if !inside.is_empty() => break,
                        c => inside.push(c),
                    }
                }
                class(&inside)
            }
            c => Token::Char(c),
        });
    }
    Some(tokens)
}

fn class(inside: &str) -> Token {
    let (not, inside) = inside.strip_prefix('!').map_or((false, inside), |rest| (true, rest));
    let chars: Vec<char> = inside.chars().collect();
    let (mut ranges, mut at) = (Vec::new(), 0);
    while let Some(first) = chars.get(at) {
        match (chars.get(at + 1), chars.get(at + 2)) {
            (Some('-'), Some(last)) => {
                ranges.push((*first, *last));
                at += 3;
            }
            _ => {
                ranges.push((*first, *first));
                at += 1;
            }
        }
    }
    Token::Class(not, ranges)
}

/// Marks, token after token, the ends that what was matched so far may have: no pattern takes longer than its length
/// times that of the path.
fn matches(tokens: &[Token], path: &[char]) -> bool {
    let mut ends = vec![false; path.len() + 1];
    ends[0] = true;
    for token in tokens {
        let mut next = vec![false; path.len() + 1];
        for at in 0..=path.len() {
            let here = ends[at];
            let before = at.checked_sub(1).and_then(|before| Some((path.get(before)?, ends[before], next[before])));
            next[at] = match (token, before) {
                (Token::ManyDeep, before) => here || before.is_some_and(|(_, _, grown)| grown),
                (Token::Many, before) => here || before.is_some_and(|(c, _, grown)| grown && *c != '/'),
                (_, None) => false,
                (Token::Any, Some((c, was, _))) => was && *c != '/',
                (Token::Char(own), Some((c, was, _))) => was && c == own,
                (Token::Class(not, ranges), Some((c, was, _))) => {
                    was && *c != '/' && ranges.iter().any(|(first, last)| (first..=last).contains(&c)) != *not
                }
            };
        }
        ends = next;
    }
    ends.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Glob::parse(pattern).expect(pattern).matches(path)
    }

    /// <https://docs.aws.amazon.com/glue/latest/dg/define-crawler.html#crawler-data-stores-exclude>
    #[test]
    fn patterns_match_as_the_documentation_says() {
        for (pattern, yes, no) in [
            ("*.csv", vec!["a.csv", ".csv"], vec!["folder/a.csv", "a.csv.gz"]),
            ("*.*", vec!["a.b", "a."], vec!["ab"]),
            ("*.{csv,avro}", vec!["a.csv", "a.avro"], vec!["a.json"]),
            ("foo.?", vec!["foo.b"], vec!["foo.", "foo.bc", "foo./"]),
            ("myfolder/*", vec!["myfolder/mysubfolder"], vec!["myfolder/mysubfolder2/data"]),
            ("myfolder/*/*", vec!["myfolder/a/b"], vec!["myfolder/a/b/c"]),
            ("myfolder/**", vec!["myfolder/a", "myfolder/a/b"], vec!["myfolder2/a"]),
            ("**/x/**", vec!["a/x/b", "a/b/x/c/d"], vec!["a/y/b"]),
            ("market*", vec!["marketing"], vec!["emarket"]),
            ("2014-0[2-9].csv", vec!["2014-02.csv"], vec!["2014-01.csv", "2014-10.csv"]),
            ("[!abc]x", vec!["dx"], vec!["ax", "/x"]),
            (r"a\*b", vec!["a*b"], vec!["acb"]),
            ("[*?]", vec!["*", "?"], vec!["a"]),
            ("/lead.csv", vec!["lead.csv"], vec![]),
        ] {
            yes.iter().for_each(|path| assert!(matches(pattern, path), "{pattern} {path}"));
            no.iter().for_each(|path| assert!(!matches(pattern, path), "{pattern} {path}"));
        }
    }

    #[test]
    fn what_does_not_fit_is_no_pattern() {
        for text in ["[", "[a", "{a,b", "a}", "{a,{b,c}}", "\\", &"{a,b}".repeat(20)] {
            assert!(Glob::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_long_pattern_is_quick() {
        assert!(!matches(&"*a".repeat(200), &"a".repeat(1000).replace("aaaaaaaaaa", "aaaaaaaaa/")));
    }
}
