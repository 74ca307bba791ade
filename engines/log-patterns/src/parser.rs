//! A cursor over a pattern.

use crate::NotAPattern;
use crate::regex::Regex;

/// Regular expressions of a pattern at most.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#regex-expressions>
const REGEXES: usize = 2;

/// How deep parentheses may be.
pub(crate) const DEPTH: usize = 32;

pub(crate) struct Parser {
    text: Vec<char>,
    at: usize,
    regexes: usize,
}

impl Parser {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.chars().collect(), at: 0, regexes: 0 }
    }

    pub(crate) fn fault(&self, what: &'static str) -> NotAPattern {
        NotAPattern { what, at: self.at }
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    pub(crate) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    pub(crate) fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Passes `text` if it is next, after space.
    pub(crate) fn pass(&mut self, text: &str) -> bool {
        self.skip_space();
        let mut at = self.at;
        for wanted in text.chars() {
            if self.text.get(at) != Some(&wanted) {
                return false;
            }
            at += 1;
        }
        self.at = at;
        true
    }

    /// Passes a word, whatever its case.
    pub(crate) fn pass_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let end = self.at + word.len();
        let Some(found) = self.text.get(self.at..end) else { return false };
        let same = found.iter().zip(word.chars()).all(|(a, b)| a.eq_ignore_ascii_case(&b));
        if !same || self.text.get(end).is_some_and(|c| c.is_alphanumeric() || *c == '_') {
            return false;
        }
        self.at = end;
        true
    }

    /// Demands `text`.
    pub(crate) fn expect(&mut self, text: &str, what: &'static str) -> Result<(), NotAPattern> {
        if self.pass(text) { Ok(()) } else { Err(self.fault(what)) }
    }

    /// Characters as long as `belongs` says so.
    pub(crate) fn run(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let mut run = String::new();
        while let Some(next) = self.peek().filter(|next| belongs(*next)) {
            run.push(next);
            self.at += 1;
        }
        run
    }

    /// A text between quotes, which are next; a backslash stands before a quote or a backslash that is meant.
    pub(crate) fn quoted(&mut self) -> Result<String, NotAPattern> {
        let quote = self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(self.fault("a quote is not closed")),
                next if next == quote => return Ok(text),
                Some('\\') => match self.next() {
                    Some(escaped @ ('"' | '\'' | '\\')) => text.push(escaped),
                    Some(other) => text.extend(['\\', other]),
                    None => return Err(self.fault("a quote is not closed")),
                },
                Some(other) => text.push(other),
            }
        }
    }

    /// A regular expression between percent signs, the first of which is next.
    pub(crate) fn regex(&mut self) -> Result<Regex, NotAPattern> {
        self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(self.fault("a regular expression is not closed")),
                Some('%') => break,
                Some('\\') => {
                    text.push('\\');
                    text.extend(self.next());
                }
                Some(other) => text.push(other),
            }
        }
        self.regexes += 1;
        if self.regexes > REGEXES {
            return Err(self.fault("a pattern can have no more than two regular expressions"));
        }
        Regex::new(&text).ok_or_else(|| self.fault("a regular expression that is not supported"))
    }

    /// The name of a field that has no condition, passed if it is next: `,` or `]` follows it.
    pub(crate) fn peek_field(&mut self) -> Option<String> {
        let before = self.at;
        self.skip_space();
        let name = self.run(|c| c.is_alphanumeric() || c == '_' || c == '-');
        self.skip_space();
        if !name.is_empty() && matches!(self.peek(), Some(',' | ']')) {
            return Some(name);
        }
        self.at = before;
        None
    }
}
