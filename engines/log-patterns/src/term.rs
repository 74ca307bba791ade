//! Patterns of terms, for messages without structure.

use crate::NotAPattern;
use crate::parser::Parser;
use crate::regex::Regex;

/// What a message must have, may have and must not have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    required: Vec<Term>,
    optional: Vec<Term>,
    excluded: Vec<Term>,
}

#[derive(Clone, Debug)]
enum Term {
    Text(String),
    Regex(Regex),
}

impl Term {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => message.contains(text.as_str()),
            Self::Regex(regex) => regex.is_match(message),
        }
    }
}

impl Terms {
    /// Optional terms count only where there are no others, as documented.
    pub(crate) fn match_text(&self, message: &str) -> bool {
        let is_in = |term: &Term| term.is_in(message);
        let alone = self.required.is_empty() && self.excluded.is_empty() && !self.optional.is_empty();
        self.required.iter().all(is_in)
            && !self.excluded.iter().any(is_in)
            && (!alone || self.optional.iter().any(is_in))
    }

    pub(crate) fn has_regex(&self) -> bool {
        let mut all = self.required.iter().chain(&self.optional).chain(&self.excluded);
        all.any(|term| matches!(term, Term::Regex(_)))
    }
}

pub(crate) fn parse(parser: &mut Parser) -> Result<Terms, NotAPattern> {
    let mut terms = Terms::default();
    loop {
        parser.skip_space();
        let kind = match parser.peek() {
            None => return Ok(terms),
            Some('?') => &mut terms.optional,
            Some('-') => &mut terms.excluded,
            Some(_) => &mut terms.required,
        };
        if matches!(parser.peek(), Some('?' | '-')) {
            parser.next();
        }
        kind.push(term(parser)?);
    }
}

fn term(parser: &mut Parser) -> Result<Term, NotAPattern> {
    match parser.peek() {
        Some('"') => parser.quoted().map(Term::Text),
        Some('%') => parser.regex().map(Term::Regex),
        _ => {
            // Terms with other characters must be in quotes.
            let text = parser.run(|c| c.is_alphanumeric() || c == '_');
            let ends = parser.peek().is_none_or(char::is_whitespace);
            if text.is_empty() || !ends {
                return Err(parser.fault("a term with other characters than letters, digits and _ must be in quotes"));
            }
            Ok(Term::Text(text))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::Pattern;

    /// The examples of
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>.
    #[test]
    fn documented_examples_match_what_they_are_said_to() {
        let bad = "[ERROR 400] BAD REQUEST";
        let unauthorized = "[ERROR 401] UNAUTHORIZED REQUEST";
        let missing = "[ERROR 419] MISSING ARGUMENTS";
        let invalid = "[ERROR 420] INVALID ARGUMENTS";
        let all = [bad, unauthorized, missing, invalid];
        let cases: [(&str, &[&str]); 11] = [
            ("", &all),
            ("ERROR", &all),
            ("ERROR ARGUMENTS", &[missing, invalid]),
            ("?ERROR ?ARGUMENTS", &all),
            ("?UNAUTHORIZED ?MISSING", &[unauthorized, missing]),
            ("ERROR -ARGUMENTS", &[bad, unauthorized]),
            ("\"INVALID ARGUMENTS\"", &[invalid]),
            ("?BAD REQUEST", &[bad, unauthorized]),
            ("%4[01]0%", &[bad]),
            ("-%AUTH|BAD%", &[missing, invalid]),
            ("error", &[]),
        ];
        for (pattern, expected) in cases {
            let read = Pattern::parse(pattern).unwrap();
            let matched: Vec<&str> = all.into_iter().filter(|message| read.matches(message)).collect();
            assert_eq!(matched, expected, "{pattern}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in ["a.b", "\"open", "%open", "%(a)%", "%a!%", "%a% %b% %c%", "?", "- a", "%%"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
